package fit

import (
	"math"
	"slices"
)

// figure is one of the numbers that are sought.
type figure struct {
	start, low, high float64
}

// problem is a fit: the errors of n measurements for given figures.
type problem struct {
	figures []figure
	weights []float64 // of the measurements
	// errors fills in the logarithm of predicted over measured time.
	errors func(at []float64, out []float64)
}

const (
	outlier  = 0.1  // error beyond which it counts linearly
	pull     = 1e-5 // of the start, in parts of all measurements
	maxSteps = 60
	enough   = 1e-7 // relative gain of the last step
)

// solve finds the figures with the least cost from the starts, of which each
// has a value per figure; none is the start of the figures.
func (p *problem) solve(starts ...[]float64) []float64 {
	if len(starts) == 0 {
		starts = [][]float64{p.first()}
	}
	var best []float64
	least := math.Inf(1)
	for _, s := range starts {
		if at, cost := p.descend(s); cost < least {
			best, least = at, cost
		}
	}
	return best
}

func (p *problem) first() []float64 {
	s := make([]float64, len(p.figures))
	for i, f := range p.figures {
		s[i] = f.start
	}
	return s
}

// descent is the state of one search, in logarithms.
type descent struct {
	*problem
	total   float64 // of the weights
	origin  []float64
	at      []float64
	errs    []float64
	cost    float64
	normal  [][]float64 // matrix of the normal equations
	slope   []float64
	columns [][]float64
}

func (p *problem) descend(start []float64) ([]float64, float64) {
	n, m := len(p.figures), len(p.weights)
	d := &descent{problem: p, origin: logs(p.first()), at: logs(start), errs: make([]float64, m), slope: make([]float64, n)}
	for range n {
		d.normal, d.columns = append(d.normal, make([]float64, n)), append(d.columns, make([]float64, m))
	}
	for _, w := range p.weights {
		d.total += w
	}
	d.clamp(d.at)
	d.cost = d.measure(d.at, d.errs)
	damp := 1e-3
	for range maxSteps {
		d.linearise()
		before := d.cost
		if damp = d.step(damp); damp > 1e9 || before-d.cost < enough*before {
			break
		}
	}
	return exps(d.at), d.cost
}

func logs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = math.Log(max(v[i], 1e-12))
	}
	return out
}

func exps(v []float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = math.Exp(v[i])
	}
	return out
}

func (d *descent) clamp(at []float64) {
	for i, f := range d.figures {
		at[i] = min(max(at[i], math.Log(f.low)), math.Log(f.high))
	}
}

// measure fills in the errors and gives the cost of figures.
func (d *descent) measure(at, errs []float64) float64 {
	d.errors(exps(at), errs)
	cost := 0.0
	for i, e := range errs {
		x := e / outlier
		cost += d.weights[i] * 2 * outlier * outlier * (math.Sqrt(1+x*x) - 1)
	}
	cost /= d.total
	for i := range at {
		x := at[i] - d.origin[i]
		cost += pull * x * x
	}
	if math.IsNaN(cost) {
		return math.Inf(1)
	}
	return cost
}

// linearise computes the normal equations at the present figures: of weighted
// least squares whose weights are those of soft-L1.
func (d *descent) linearise() {
	const h = 1e-4
	n := len(d.figures)
	for j := range n {
		at := slices.Clone(d.at)
		dx := h
		if at[j]+h > math.Log(d.figures[j].high) {
			dx = -h
		}
		at[j] += dx
		d.errors(exps(at), d.columns[j])
		for i := range d.errs {
			d.columns[j][i] = (d.columns[j][i] - d.errs[i]) / dx
		}
	}
	for j := range n {
		clear(d.normal[j])
		d.slope[j] = pull * (d.at[j] - d.origin[j])
	}
	for i, e := range d.errs {
		x := e / outlier
		w := d.weights[i] / math.Sqrt(1+x*x) / d.total
		for j := range n {
			cj := w * d.columns[j][i]
			d.slope[j] += cj * e
			for k := range j + 1 {
				d.normal[j][k] += cj * d.columns[k][i]
			}
		}
	}
	for j := range n {
		d.normal[j][j] += pull
	}
}

// step goes to better figures, with as much damping as that takes, and gives
// the damping to begin the next step with.
func (d *descent) step(damp float64) float64 {
	n, m := len(d.figures), len(d.weights)
	errs := make([]float64, m)
	for ; damp <= 1e9; damp *= 4 {
		move, ok := d.move(damp)
		if !ok {
			continue
		}
		at := make([]float64, n)
		for j := range at {
			at[j] = d.at[j] + min(max(move[j], -1), 1)
		}
		d.clamp(at)
		if cost := d.measure(at, errs); cost < d.cost {
			d.at, d.errs, d.cost = at, errs, cost
			return max(damp/10, 1e-9)
		}
	}
	return damp
}

// held are the figures that stand at a bound and want beyond it.
func (d *descent) held() []bool {
	held := make([]bool, len(d.figures))
	for j, f := range d.figures {
		held[j] = d.at[j] <= math.Log(f.low) && d.slope[j] > 0 || d.at[j] >= math.Log(f.high) && d.slope[j] < 0
	}
	return held
}

// move solves the damped normal equations. Figures that are held stay.
func (d *descent) move(damp float64) ([]float64, bool) {
	held := d.held()
	a, x := make([][]float64, len(held)), make([]float64, len(held))
	for i := range a {
		a[i] = slices.Clone(d.normal[i][:i+1])
		a[i][i] *= 1 + damp
		x[i] = -d.slope[i]
		for j := range a[i] {
			if held[i] || held[j] {
				a[i][j] = 0
			}
		}
		if held[i] {
			a[i][i], x[i] = 1, 0
		}
	}
	return x, cholesky(a, x)
}

// cholesky solves a system in place, given the lower half of a symmetric matrix.
// It reports whether the matrix is positive definite.
func cholesky(l [][]float64, x []float64) bool {
	for i := range l {
		for j := range i + 1 {
			for k := range j {
				l[i][j] -= l[i][k] * l[j][k]
			}
			if i != j {
				l[i][j] /= l[j][j]
			}
		}
		if !(l[i][i] > 0) {
			return false
		}
		l[i][i] = math.Sqrt(l[i][i])
	}
	for i := range l {
		for k := range i {
			x[i] -= l[i][k] * x[k]
		}
		x[i] /= l[i][i]
	}
	for i := len(l) - 1; i >= 0; i-- {
		for k := i + 1; k < len(l); k++ {
			x[i] -= l[k][i] * x[k]
		}
		x[i] /= l[i][i]
	}
	return true
}
