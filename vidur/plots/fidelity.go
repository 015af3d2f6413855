package plots

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
)

// Fidelity is a square scatter of predicted (Y) over measured (X) values with
// the line y = x. The legend has the mean absolute percentage error of each
// series: the mean of |Y - X| / |X| over the points whose X is not 0. ErrLow and
// ErrHigh are error bars; [Figure.ErrorBand] shades what is near enough.
func Fidelity(xlabel, ylabel string, series ...Series) (*Figure, error) {
	named := append([]Series(nil), series...)
	for i, s := range series {
		if e, ok := mape(s); ok {
			named[i].Name = fmt.Sprintf("%s (MAPE %.1f %%)", s.Name, 100*e)
		}
	}
	f := newFigure(xlabel, ylabel)
	f.Height = 3.0
	f.near = &nearby{}
	f.add(f.near)
	if err := f.clouds(named); err != nil {
		return nil, err
	}
	if err := f.Identity(); err != nil {
		return nil, err
	}
	f.add(square{})
	return f, f.fit()
}

// square gives both axes the range of both. It comes last.
type square struct{}

func (square) Plot(draw.Canvas, *plot.Plot) {}

func (square) measure(e *extent) {
	e.xmin, e.xmax = min(e.xmin, e.ymin), max(e.xmax, e.ymax)
	e.ymin, e.ymax = e.xmin, e.xmax
}

// ErrorBand shades where Y is at most percent % above or below X, behind the points
// of a figure by Fidelity, and names that in the legend. Percent is more than 0 and
// less than 100; a second call replaces the first.
func (f *Figure) ErrorBand(percent float64) error {
	if f.near == nil {
		return fmt.Errorf("plots: an error band needs a figure by Fidelity")
	}
	if !(percent > 0 && percent < 100) {
		return fmt.Errorf("plots: an error band of %g %%", percent)
	}
	patch := look{color: tint(grey, 0.25)}
	name := "within ± " + strconv.FormatFloat(percent, 'g', 4, 64) + " %"
	if f.near.share > 0 {
		f.entries[len(f.entries)-1].name = name
	} else {
		f.entry(name, patch, asPatch)
	}
	f.near.share = percent / 100
	return nil
}

// nearby is the area in which Y differs from X by at most a share of it; 0 is none.
// It reaches across the axes, and needs no room of its own.
type nearby struct{ share float64 }

func (n *nearby) measure(*extent) {}

// bends is how many straight pieces stand for an edge that axes of different kinds
// make a curve.
const bends = 64

func (n *nearby) Plot(c draw.Canvas, p *plot.Plot) {
	if n.share == 0 {
		return
	}
	_, log := p.X.Scale.(logScale)
	var x, low, high []float64
	for i := range bends + 1 {
		t := float64(i) / bends
		v := p.X.Min + t*(p.X.Max-p.X.Min)
		if log {
			v = p.X.Min * math.Pow(p.X.Max/p.X.Min, t)
		}
		x, low, high = append(x, v), append(low, v-n.share*math.Abs(v)), append(high, v+n.share*math.Abs(v))
	}
	area := shownOr(&c, p, x, high)
	bottom := shownOr(&c, p, x, low)
	for i := len(bottom) - 1; i >= 0; i-- {
		area = append(area, bottom[i])
	}
	area = c.ClipPolygonXY(area)
	if len(area) > 2 {
		c.FillPolygon(tint(grey, 0.25), area)
	}
}

// mape is the mean absolute percentage error of Y against X.
func mape(s Series) (float64, bool) {
	sum, n := 0.0, 0
	for i := range min(len(s.X), len(s.Y)) {
		if e := math.Abs((s.Y[i] - s.X[i]) / s.X[i]); s.X[i] != 0 && !math.IsNaN(e) {
			sum += e
			n++
		}
	}
	return sum / float64(n), n > 0
}
