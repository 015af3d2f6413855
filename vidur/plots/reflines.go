package plots

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// refLines are lines across a figure with their labels outside the axes.
type refLines struct {
	vertical bool
	at       []float64 // ascending
	labels   []string
}

func (r *refLines) insert(at float64, label string) {
	i := sort.SearchFloat64s(r.at, at)
	r.at = append(r.at[:i:i], append([]float64{at}, r.at[i:]...)...)
	r.labels = append(r.labels[:i:i], append([]string{label}, r.labels[i:]...)...)
}

func (r *refLines) measure(e *extent) {
	for _, v := range r.at {
		if r.vertical && (!e.logX || v > 0) {
			e.xmin, e.xmax = min(e.xmin, v), max(e.xmax, v)
		}
		if !r.vertical && (!e.logY || v > 0) {
			e.ymin, e.ymax = min(e.ymin, v), max(e.ymax, v)
		}
	}
}

// style is that of labels, which are grey as their lines are: above the axes they
// would be taken for a line of the title.
func (r *refLines) style() text.Style {
	sty := aligned(draw.XLeft, draw.YCenter)
	if r.vertical {
		sty = aligned(draw.XCenter, draw.YBottom)
	}
	sty.Color = grey
	return sty
}

// refGap is between the axes and a label.
const refGap = vg.Length(5)

// GlyphBoxes make room for the labels.
func (r *refLines) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	sty := r.style()
	var out []plot.GlyphBox
	for i, v := range r.at {
		if r.labels[i] == "" {
			continue
		}
		box := plot.GlyphBox{X: 1, Y: p.Y.Norm(v), Rectangle: sty.Rectangle(r.labels[i]).Add(vg.Point{X: refGap})}
		if r.vertical {
			box = plot.GlyphBox{X: p.X.Norm(v), Y: 1, Rectangle: sty.Rectangle(r.labels[i]).Add(vg.Point{Y: refGap - 1})}
		}
		out = append(out, box)
	}
	return out
}

func (r *refLines) Plot(c draw.Canvas, p *plot.Plot) {
	dashed := draw.LineStyle{Color: grey, Width: thinWidth, Dashes: []vg.Length{2, 1.5}}
	lead := draw.LineStyle{Color: grey, Width: 0.4}
	sty := r.style()
	at, labels, sizes := r.visible(&c, p)
	spread := spreadOut(at, sizes)
	for i, v := range at {
		if r.vertical {
			c.StrokeLine2(dashed, v, c.Min.Y, v, c.Max.Y)
			if labels[i] != "" {
				c.StrokeLine2(lead, v, c.Max.Y, spread[i], c.Max.Y+refGap-1)
				write(&c, sty, vg.Point{X: spread[i], Y: c.Max.Y + refGap - 1}, labels[i])
			}
			continue
		}
		c.StrokeLine2(dashed, c.Min.X, v, c.Max.X, v)
		if labels[i] != "" {
			c.StrokeLine2(lead, c.Max.X, v, c.Max.X+refGap-1, spread[i])
			write(&c, sty, vg.Point{X: c.Max.X + refGap, Y: spread[i]}, labels[i])
		}
	}
}

// visible are the lines within the axes, with the sizes of labels along the axis.
func (r *refLines) visible(c *draw.Canvas, p *plot.Plot) (at []vg.Length, labels []string, sizes []vg.Length) {
	sty := r.style()
	for i, v := range r.at {
		pos, ok := c.Y(p.Y.Norm(v)), false
		size := vg.Length(8)
		if r.vertical {
			pos = c.X(p.X.Norm(v))
			ok = c.ContainsX(pos)
			size = sty.Width(r.labels[i]) + 4
		} else {
			ok = c.ContainsY(pos)
		}
		if ok {
			at, labels, sizes = append(at, pos), append(labels, r.labels[i]), append(sizes, size)
		}
	}
	return at, labels, sizes
}

// spreadOut moves ascending places apart so that labels of the sizes do not
// touch, as little as it can: the overlap of neighbours goes to both sides.
func spreadOut(at, sizes []vg.Length) []vg.Length {
	out := append([]vg.Length(nil), at...)
	for range 50 {
		moved := false
		for i := 1; i < len(out); i++ {
			if over := (sizes[i-1]+sizes[i])/2 - (out[i] - out[i-1]); over > 0.01 {
				out[i-1] -= over / 2
				out[i] += over / 2
				moved = true
			}
		}
		if !moved {
			break
		}
	}
	return out
}

// HLine draws a thin dashed line at y, as for an objective, with a label to its
// right. The axis grows to have it, unless its range is fixed, as that of a CDF.
func (f *Figure) HLine(y float64, label string) error { return f.ref(0, y, label) }

// VLine draws a thin dashed line at x with a label above it.
func (f *Figure) VLine(x float64, label string) error { return f.ref(1, x, label) }

func (f *Figure) ref(axis int, at float64, label string) error {
	switch {
	case f.Plot == nil:
		return fmt.Errorf("plots: line %q: a figure of panels has no axes of its own", label)
	case math.IsNaN(at) || math.Abs(at) > huge:
		return fmt.Errorf("plots: line %q is at %g", label, at)
	case at <= 0 && (axis == 1 && f.x.log || axis == 0 && f.y.log):
		return fmt.Errorf("plots: line %q is at %g of a logarithmic axis", label, at)
	}
	if f.refs[axis] == nil {
		f.refs[axis] = &refLines{vertical: axis == 1}
		f.add(f.refs[axis])
	}
	f.refs[axis].insert(at, label)
	return f.fit()
}
