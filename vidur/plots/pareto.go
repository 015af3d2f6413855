package plots

import (
	"fmt"
	"sort"
)

// Corner says in which corner of a figure the best points are.
type Corner int

// Corners. With throughput to the right and latency upwards, LowerRight is best.
const (
	LowerRight Corner = iota
	LowerLeft
	UpperRight
	UpperLeft
)

// Pareto draws the points of all series and the front of those that no other
// point is at least as good as in both directions and better in one, as a step
// line. ErrLow, ErrHigh, XErrLow and XErrHigh are error bars; the front is that of the
// points alone. Members of the front carry their Labels, if there are any, as far as there is
// room for them.
func Pareto(xlabel, ylabel string, best Corner, series ...Series) (*Figure, error) {
	if best < LowerRight || best > UpperLeft {
		return nil, fmt.Errorf("plots: there is no corner %d", best)
	}
	if len(series) == 0 {
		return nil, fmt.Errorf("plots: there is no series")
	}
	f := newFigure(xlabel, ylabel)
	var all Series
	var clouds []*cloud
	for i, s := range series {
		s, err := f.points(s)
		if err != nil {
			return nil, err
		}
		c := &cloud{look: lookOf(i), x: s.X, y: s.Y, radius: min(markRadius, 1.5*cloudRadius(len(s.X)))}
		clouds = append(clouds, c)
		if s.ErrLow != nil {
			f.add(&errorBars{look: c.look, x: s.X, y: s.Y, low: s.ErrLow, high: s.ErrHigh})
		}
		if s.XErrLow != nil {
			f.add(&errorBars{look: c.look, x: s.X, y: s.Y, low: s.XErrLow, high: s.XErrHigh, level: true})
		}
		all.X, all.Y = append(all.X, s.X...), append(all.Y, s.Y...)
		if s.Labels == nil {
			s.Labels = make([]string, len(s.X))
		}
		all.Labels = append(all.Labels, s.Labels...)
	}
	f.drawFront(all, best, clouds)
	for i, c := range clouds {
		f.add(c)
		f.entry(series[i].Name, c.look, asMark)
	}
	return f, f.fit()
}

// drawFront draws the step line and puts the labels on top of it.
func (f *Figure) drawFront(all Series, best Corner, clouds []*cloud) {
	step := &line{look: look{color: grey}, width: 0.9}
	labels := &pointLabels{avoid: clouds, path: step, refs: &f.refs}
	right := best == LowerRight || best == UpperRight
	for k, i := range front(all.X, all.Y, best) {
		x, y := all.X[i], all.Y[i]
		if k > 0 {
			// The corner is the point that both neighbours dominate.
			px, py := step.x[len(step.x)-1], step.y[len(step.y)-1]
			if right {
				step.x, step.y = append(step.x, px), append(step.y, y)
			} else {
				step.x, step.y = append(step.x, x), append(step.y, py)
			}
		}
		step.x, step.y = append(step.x, x), append(step.y, y)
		if all.Labels[i] != "" {
			labels.x, labels.y = append(labels.x, x), append(labels.y, y)
			labels.labels = append(labels.labels, all.Labels[i])
		}
	}
	f.add(step)
	f.add(labels)
	f.entry("Pareto front", step.look, asLine)
}

// front is the places of the points that no other dominates, by x; of equal
// points the first.
func front(x, y []float64, best Corner) []int {
	sx, sy := 1.0, 1.0 // so that more is better
	if best == LowerLeft || best == UpperLeft {
		sx = -1
	}
	if best == LowerRight || best == LowerLeft {
		sy = -1
	}
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		i, j := order[a], order[b]
		if x[i] != x[j] {
			return sx*x[i] > sx*x[j]
		}
		return sy*y[i] > sy*y[j]
	})
	var out []int
	for _, i := range order {
		if len(out) == 0 || sy*y[i] > sy*y[out[len(out)-1]] {
			out = append(out, i)
		}
	}
	sort.SliceStable(out, func(a, b int) bool { return x[out[a]] < x[out[b]] })
	return out
}
