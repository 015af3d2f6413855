package workload

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Intervals is an arrival process: a recipe for the times between requests.
type Intervals interface {
	// Start checks the parameters and begins a sequence of intervals (s). more
	// is false when there are no further arrivals.
	Start(rng *rand.Rand) (next func() (s float64, more bool), err error)
}

// Poisson arrivals: intervals are exponential, with coefficient of variation 1.
// The first request comes after one interval. The original simulator cuts
// intervals at 3/QPS, which makes 5.2 % more load than asked for; this does not.
type Poisson struct {
	QPS float64 // mean rate, requests per s, > 0
}

// Start implements [Intervals].
func (p Poisson) Start(rng *rand.Rand) (func() (float64, bool), error) {
	if err := positive("Poisson.QPS", p.QPS); err != nil {
		return nil, err
	}
	return func() (float64, bool) { return rng.ExpFloat64() / p.QPS, true }, nil
}

// Gamma arrivals: intervals have a gamma distribution of mean 1/QPS. A CV above
// 1 makes bursts, one below 1 evens the arrivals out. The first request comes
// after one interval.
type Gamma struct {
	QPS float64 // mean rate, requests per s, > 0
	CV  float64 // coefficient of variation of the intervals, > 0
}

// Start implements [Intervals].
func (g Gamma) Start(rng *rand.Rand) (func() (float64, bool), error) {
	if err := first(positive("Gamma.QPS", g.QPS), positive("Gamma.CV", g.CV)); err != nil {
		return nil, err
	}
	shape := 1 / (g.CV * g.CV)
	if err := positive("1/CV² of Gamma", shape); err != nil {
		return nil, err
	}
	scale := 1 / (g.QPS * shape)
	return func() (float64, bool) { return drawGamma(rng, shape) * scale, true }, nil
}

// drawGamma draws from a gamma distribution of scale 1 by the method of
// Marsaglia and Tsang, "A simple method for generating gamma variables", ACM
// TOMS 26 (2000): section 6 for shapes below one.
func drawGamma(rng *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return drawGamma(rng, shape+1) * math.Pow(rng.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(rng.Float64()) < float64(x*x/2)+float64(d*(1-v+math.Log(v))) {
			return d * v
		}
	}
}

// Constant arrivals: one request every 1/QPS, the first after one interval.
type Constant struct {
	QPS float64 // requests per s, > 0
}

// Start implements [Intervals].
func (c Constant) Start(*rand.Rand) (func() (float64, bool), error) {
	if err := positive("Constant.QPS", c.QPS); err != nil {
		return nil, err
	}
	return func() (float64, bool) { return 1 / c.QPS, true }, nil
}

// Static arrivals: every request is there at time 0.
type Static struct{}

// Start implements [Intervals].
func (Static) Start(*rand.Rand) (func() (float64, bool), error) {
	return func() (float64, bool) { return 0, true }, nil
}

// Recorded arrivals: one request at each of a list of times, such as [ReadTimes]
// reads. It ends with the list.
type Recorded struct {
	Times []float64 // s, in order, the first >= 0
	Scale float64   // of the times, > 0; 0 means 1
}

// Start implements [Intervals].
func (r Recorded) Start(*rand.Rand) (func() (float64, bool), error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	scale, i, last := r.scale(), 0, 0.0
	return func() (float64, bool) {
		if i == len(r.Times) {
			return 0, false
		}
		d := (r.Times[i] - last) * scale
		last = r.Times[i]
		i++
		return d, true
	}, nil
}

func (r Recorded) scale() float64 {
	if r.Scale == 0 {
		return 1
	}
	return r.Scale
}

func (r Recorded) check() error {
	if err := positive("Recorded.Scale", r.scale()); err != nil {
		return err
	}
	if len(r.Times) == 0 {
		return errors.New("workload: Recorded.Times is empty")
	}
	last := 0.0
	for i, t := range r.Times {
		if !(t >= last) || math.IsInf(t, 0) {
			return fmt.Errorf("workload: Recorded.Times[%d] is %g s; it must be finite and not before %g s", i, t, last)
		}
		last = t
	}
	return nil
}
