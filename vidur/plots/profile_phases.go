package plots

import (
	"fmt"
	"slices"

	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
)

// Phases draws where the GPU time of an engine's steps goes: a bar for each phase
// of a layerwise profile, its parts on each other; the prefills in a panel of their
// own beside the decode steps, which take a fraction of their time. b is what
// (*layerwise.Profile).Bars gives, and ylabel its unit: "GPU time (ms)", or "share
// of GPU time (%)" with BarOptions.Share. Names of kernels are shortened; parts that
// would not be seen, less than a hundredth of every bar, are among the others.
func Phases(ylabel string, b *layerwise.Bars) (*Figure, error) {
	if b == nil || len(b.Bars) == 0 || len(b.Parts) == 0 {
		return nil, fmt.Errorf("plots: phases without bars")
	}
	b, err := visible(b)
	if err != nil {
		return nil, err
	}
	var panels []*Figure
	for _, prefill := range []bool{true, false} {
		var bars []layerwise.Bar
		for _, bar := range b.Bars {
			if bar.Prefill == prefill {
				bars = append(bars, bar)
			}
		}
		if len(bars) == 0 {
			continue
		}
		f, err := phasePanel(ylabel, b.Parts, bars)
		if err != nil {
			return nil, err
		}
		if len(panels) > 0 {
			f.Plot.Y.Label.Text = ""
		}
		panels = append(panels, f)
	}
	f, err := Grid(2, panels...)
	if err != nil {
		return nil, err
	}
	f.letters, f.Legend = false, Above
	f.Width, f.Height = Column, 2.2+float64(len(b.Parts))*float64(entryRow)/72
	f.Notes = append(f.Notes, b.Notes...)
	return f, nil
}

// visible moves parts that are less than a hundredth of every bar to the others.
func visible(b *layerwise.Bars) (*layerwise.Bars, error) {
	sums := make([]float64, len(b.Bars))
	for i, bar := range b.Bars {
		if len(bar.Values) != len(b.Parts) {
			return nil, fmt.Errorf("plots: phase %q has %d values of %d parts", bar.Label, len(bar.Values), len(b.Parts))
		}
		for _, v := range bar.Values {
			sums[i] += v
		}
	}
	out := &layerwise.Bars{Notes: b.Notes, Bars: make([]layerwise.Bar, len(b.Bars))}
	rest := make([]float64, len(b.Bars))
	for i, bar := range b.Bars {
		out.Bars[i] = layerwise.Bar{Label: bar.Label, Prefill: bar.Prefill}
	}
	for k, name := range b.Parts {
		seen := false
		for i, bar := range b.Bars {
			seen = seen || bar.Values[k] >= sums[i]/100
		}
		if seen = seen && name != "others"; seen {
			out.Parts = append(out.Parts, name)
		}
		for i, bar := range b.Bars {
			if seen {
				out.Bars[i].Values = append(out.Bars[i].Values, bar.Values[k])
			} else {
				rest[i] += bar.Values[k]
			}
		}
	}
	if slices.Max(rest) > 0 {
		out.Parts = append(out.Parts, "others")
		for i := range rest {
			out.Bars[i].Values = append(out.Bars[i].Values, rest[i])
		}
	}
	return out, nil
}

// phasePanel is a bar for each phase. A part has the same look in every panel. One
// bar alone is no wider than one of three.
func phasePanel(ylabel string, parts []string, bars []layerwise.Bar) (*Figure, error) {
	f := newFigure("", ylabel)
	groups, first := make([]string, len(bars)), 0
	for i, bar := range bars {
		groups[i] = bar.Label
	}
	if len(bars) == 1 {
		groups, first = []string{"", groups[0], ""}, 1
	}
	f.groupX(groups)
	base := make([]float64, len(bars))
	for k, name := range parts {
		r := &rects{look: partLook(k, name), outline: true}
		for i, bar := range bars {
			top, err := stack(name, base[i], bar.Values[k])
			if err != nil {
				return nil, err
			}
			if at := float64(first + i); top > base[i] {
				r.add(at-0.35, at+0.35, base[i], top)
			}
			base[i] = top
		}
		if len(r.x0) > 0 {
			f.add(r)
		}
		f.entry(layerwise.Short(name), r.look, asPatch)
	}
	f.reverseEntries()
	return f, f.fit()
}

// partLook is that of the k-th part; others are grey.
func partLook(k int, name string) look {
	if name == "others" {
		return look{color: grey}
	}
	return lookOf(k)
}
