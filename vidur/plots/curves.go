package plots

import "fmt"

// Curves joins the points of each series, in their order, by a line with
// markers: a percentile over the load, for example. ErrLow and ErrHigh are error
// bars.
func Curves(xlabel, ylabel string, series ...Series) (*Figure, error) {
	return newFigure(xlabel, ylabel).curves(curveStyle{marked: true, bars: true}, series)
}

// Bands is Curves with ErrLow and ErrHigh as a tinted band and no markers.
func Bands(xlabel, ylabel string, series ...Series) (*Figure, error) {
	return newFigure(xlabel, ylabel).curves(curveStyle{}, series)
}

// Lines joins points by lines without markers; ErrLow and ErrHigh are error bars.
func Lines(xlabel, ylabel string, series ...Series) (*Figure, error) {
	return newFigure(xlabel, ylabel).curves(curveStyle{bars: true}, series)
}

// Steps is for values that hold from their X to the next, as a queue's length.
func Steps(xlabel, ylabel string, series ...Series) (*Figure, error) {
	f := newFigure(xlabel, ylabel)
	f.x.tight = true
	return f.curves(curveStyle{step: true, bars: true}, series)
}

type curveStyle struct{ marked, bars, step bool }

func (f *Figure) curves(sty curveStyle, series []Series) (*Figure, error) {
	if len(series) == 0 {
		return nil, fmt.Errorf("plots: there is no series")
	}
	kind := asLine
	if sty.marked {
		kind = asMarked
	}
	var bands, above []layer
	for i, s := range series {
		s, err := f.points(s)
		if err != nil {
			return nil, err
		}
		look := lookOf(i)
		if s.ErrLow != nil && sty.bars {
			above = append(above, &errorBars{look: look, x: s.X, y: s.Y, low: s.ErrLow, high: s.ErrHigh})
		}
		if s.ErrLow != nil && !sty.bars {
			bands = append(bands, &band{look: look, x: s.X, low: sum(s.Y, s.ErrLow, -1), high: sum(s.Y, s.ErrHigh, 1)})
		}
		above = append(above, &line{look: look, x: s.X, y: s.Y, marked: sty.marked, step: sty.step})
		f.entry(s.Name, look, kind)
	}
	for _, l := range append(bands, above...) {
		f.add(l)
	}
	return f, f.fit()
}

// sum is a + k·b.
func sum(a, b []float64, k float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] + k*b[i]
	}
	return out
}
