package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
)

// Place says where a legend goes.
type Place int

// Places of a legend. For a figure of panels Auto leaves it to each panel, Above is
// one for all, with what is alike in several of them once, and None is none at all.
const (
	Auto  Place = iota // an empty corner, else above the axes
	Above              // above the axes
	None               // there is none
)

// Figure is a picture that can be saved. Constructors fill it; it may be changed
// until it is rendered. Rendering changes nothing, so several goroutines may do
// it at once.
type Figure struct {
	Title         string
	Width, Height float64 // inches, more than 0 and at most 100
	Legend        Place
	Notes         []string // what was left out, for a caption or a log

	// Plot is gonum's plot, to which anything can be added; nil for a figure of
	// panels, which are in Panels, row by row.
	Plot   *plot.Plot
	Panels []*Figure

	columns int  // of panels
	letters bool // panels have (a), (b), …
	bare    bool // no labels at the horizontal axis: the panel below has them
	layers  []layer
	entries []entry
	refs    [2]*refLines // horizontal, vertical
	x, y    scale
	lost    int            // values that logarithmic axes cannot show
	sorted  []distribution // of a CDF, for its percentiles
	near    *nearby        // of a Fidelity
}

// scale is how the range of an axis is found.
type scale struct {
	log    bool
	fixed  bool // the range is that of the plot
	tight  bool // the range is that of the data
	groups []string
}

// layer is a plotter that knows what a logarithmic axis cannot show.
type layer interface {
	plot.Plotter
	measure(e *extent)
}

// extent is the range of what is drawn.
type extent struct {
	logX, logY             bool
	xmin, xmax, ymin, ymax float64
	lost                   int // values that a logarithmic axis cannot show
}

func newExtent(logX, logY bool) *extent {
	inf := math.Inf(1)
	return &extent{logX: logX, logY: logY, xmin: inf, xmax: -inf, ymin: inf, ymax: -inf}
}

// add widens the range; it reports false for a point that cannot be shown.
func (e *extent) add(x, y float64) bool {
	if e.logX && x <= 0 || e.logY && y <= 0 {
		return false
	}
	e.xmin, e.xmax = min(e.xmin, x), max(e.xmax, x)
	e.ymin, e.ymax = min(e.ymin, y), max(e.ymax, y)
	return true
}

func newFigure(xlabel, ylabel string) *Figure {
	f := &Figure{Width: Column, Height: 2.1, Plot: newPlot()}
	f.Plot.X.Label.Text, f.Plot.Y.Label.Text = xlabel, ylabel
	f.Plot.Add(gridLines{})
	return f
}

// add puts a layer on top.
func (f *Figure) add(l layer) {
	f.layers = append(f.layers, l)
	f.Plot.Add(l)
}

func (f *Figure) note(format string, args ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, args...))
}

// LogX makes the horizontal axis logarithmic. Points at 0 and below cannot be
// shown: Notes say how many there are. It is an error if no point is left, if
// the axis has groups, or if the figure has panels.
func (f *Figure) LogX() error { return f.setLog("horizontal", true) }

// LogY is LogX for the vertical axis. Bars then begin at the edge.
func (f *Figure) LogY() error { return f.setLog("vertical", false) }

func (f *Figure) setLog(name string, horizontal bool) error {
	if f.Plot == nil {
		return fmt.Errorf("plots: a figure of panels has no %s axis", name)
	}
	before := *f
	s, a := &f.y, &f.Plot.Y
	if horizontal {
		s, a = &f.x, &f.Plot.X
	}
	if s.groups != nil {
		return fmt.Errorf("plots: the %s axis has groups and cannot be logarithmic", name)
	}
	if s.log {
		return nil
	}
	s.log = true
	if err := f.fit(); err != nil {
		f.x, f.y, f.lost, f.Notes = before.x, before.y, before.lost, before.Notes
		return fmt.Errorf("plots: the %s axis cannot be logarithmic: %w", name, err)
	}
	a.Scale = logScale{}
	a.Tick.Marker = ticks{log: true}
	return nil
}

// fit finds the ranges of the axes.
func (f *Figure) fit() error {
	e := newExtent(f.x.log, f.y.log)
	for _, l := range f.layers {
		l.measure(e)
	}
	if e.xmin > e.xmax {
		return fmt.Errorf("no value is positive")
	}
	if e.lost > f.lost {
		f.note("%d values are not positive and left out of a logarithmic axis", e.lost-f.lost)
		f.lost = e.lost
	}
	p := f.Plot
	if !f.x.fixed {
		p.X.Min, p.X.Max = f.x.room(e.xmin, e.xmax)
	}
	if !f.y.fixed {
		p.Y.Min, p.Y.Max = f.y.room(e.ymin, e.ymax)
	} else if f.y.log && p.Y.Min <= 0 {
		p.Y.Min = e.ymin
	}
	return nil
}

// room is the range of an axis for values from lo to hi: a little more, and from
// 0 on if that is not far.
func (s scale) room(lo, hi float64) (float64, float64) {
	if s.groups != nil {
		return -0.5, float64(len(s.groups)) - 0.5
	}
	if s.log {
		if hi <= lo*(1+1e-9) {
			return lo / 2, hi * 2
		}
		k := math.Pow(hi/lo, 0.03)
		return lo / k, hi * k
	}
	if hi-lo <= 1e-12*max(math.Abs(lo), math.Abs(hi)) {
		pad := max(math.Abs(hi)/10, 1e-290)
		if lo == 0 && hi == 0 {
			pad = 1
		}
		return lo - pad, hi + pad
	}
	if s.tight {
		return lo, hi
	}
	pad := 0.04 * (hi - lo)
	if lo >= 0 && lo <= 0.35*hi {
		return 0, hi + pad
	}
	if hi <= 0 && hi >= 0.35*lo {
		return lo - pad, 0
	}
	return lo - pad, hi + pad
}
