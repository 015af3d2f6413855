package aiconf

import "math"

// How says how an answer was obtained.
type How uint8

// The ways, from the best to the worst: a point of the table, between points of
// the table, and by the analytic model from other shapes or from the nearest end.
const (
	Measured How = iota
	Interpolated
	Transferred
)

func (h How) String() string {
	switch h {
	case Measured:
		return "measured"
	case Interpolated:
		return "interpolated"
	}
	return "transferred"
}

// Answer is the time of an operator.
type Answer struct {
	Ms     float64
	How    How
	Raised bool // to what the datasheet allows
}

// atLeast raises an answer to a bound in ms.
func (a Answer) atLeast(ms float64) Answer {
	if a.Ms < ms {
		a.Ms, a.Raised = ms, true
	}
	return a
}

// curve is measured times along one quantity of work.
type curve struct {
	x, logX  []float64 // ascending
	ms, logY []float64
}

// add appends a point beyond the last.
func (c *curve) add(x, ms float64) {
	c.x, c.logX = append(c.x, x), append(c.logX, math.Log(x))
	c.ms, c.logY = append(c.ms, ms), append(c.logY, math.Log(ms))
}

// addRatio is add of a curve between whose points the ratio to a model's time is
// interpolated: at then gives that ratio there.
func (c *curve) addRatio(x, ms, model float64) {
	c.add(x, ms)
	c.logY[len(c.logY)-1] = math.Log(ratio(ms, model))
}

// find is the index of the first point at x or above.
func (c *curve) find(x float64) int {
	lo, hi := 0, len(c.x)
	for lo < hi {
		if mid := (lo + hi) / 2; c.x[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// at is the time at x, inside the curve: between points, the logarithm of the time
// is interpolated in that of x. Outside it is that of the nearer end, Transferred,
// and end is where that is: the caller scales it.
func (c *curve) at(x float64) (a Answer, end float64) {
	i, a, end := c.locate(x)
	if a.How == Interpolated {
		t := (math.Log(x) - c.logX[i-1]) / (c.logX[i] - c.logX[i-1])
		a.Ms = math.Exp(c.logY[i-1] + t*(c.logY[i]-c.logY[i-1]))
	}
	return a, end
}

// line is at with the time itself interpolated in x.
func (c *curve) line(x float64) (a Answer, end float64) {
	i, a, end := c.locate(x)
	if a.How == Interpolated {
		a.Ms = c.ms[i-1] + (x-c.x[i-1])/(c.x[i]-c.x[i-1])*(c.ms[i]-c.ms[i-1])
	}
	return a, end
}

// locate answers at the points and beyond the ends. Between points i-1 and i it
// leaves the time to the caller.
func (c *curve) locate(x float64) (i int, a Answer, end float64) {
	i = c.find(x)
	switch {
	case i == len(c.x):
		return i, Answer{Ms: c.ms[i-1], How: Transferred}, c.x[i-1]
	case c.x[i] == x:
		return i, Answer{Ms: c.ms[i]}, x
	case i == 0:
		return i, Answer{Ms: c.ms[0], How: Transferred}, c.x[0]
	}
	return i, Answer{How: Interpolated}, x
}

// follow is at, with the slope of a model beyond the ends: its time at x over
// that at the end.
func (c *curve) follow(x float64, model func(float64) float64) Answer {
	a, end := c.at(x)
	if end != x {
		a.Ms *= ratio(model(x), model(end))
	}
	return a
}

// ratio is a/b, or 1 where that says nothing.
func ratio(a, b float64) float64 {
	if r := a / b; r > 0 && !math.IsInf(r, 0) {
		return r
	}
	return 1
}

// mean collects a mean of logarithms.
type mean struct{ sum, weight float64 }

func (m *mean) add(v, weight float64) {
	m.sum += weight * math.Log(v)
	m.weight += weight
}

func (m *mean) value() float64 { return math.Exp(m.sum / m.weight) }

// bracket is the entries of an ascending list around v, as indices, and the weight
// of the second, by logarithms. Beyond an end both are that end.
func bracket(list []int, v float64) (lo, hi int, weight float64) {
	for hi < len(list)-1 && float64(list[hi]) < v {
		hi++
	}
	lo = hi
	if hi > 0 && float64(list[hi]) > v {
		lo = hi - 1
	}
	if lo == hi {
		return lo, hi, 0
	}
	a, b := math.Log(float64(list[lo])), math.Log(float64(list[hi]))
	return lo, hi, (math.Log(v) - a) / (b - a)
}

// curveSet is a curve for each shape, in the order in which they came.
type curveSet[S comparable] struct {
	curves map[S]*curve
	order  []S
}

func newCurveSet[S comparable]() *curveSet[S] { return &curveSet[S]{curves: map[S]*curve{}} }

// add adds a point to the curve of a shape.
func (s *curveSet[S]) add(shape S, x, ms float64) {
	c := s.curves[shape]
	if c == nil {
		c = &curve{}
		s.curves[shape] = c
		s.order = append(s.order, shape)
	}
	c.add(x, ms)
}
