package workload

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/pyrand"
)

// Original draws the requests that the synthetic request generator of the
// original simulator, microsoft/vidur, draws from the same flags: the same
// numbers from the same streams in the same order, with its quirks.
//
//   - Poisson intervals are at most 3/QPS, so the load is 5.2 % higher.
//   - Recorded intervals are of whole seconds, and the first row is lost.
//   - Uniform and Zipf lengths are fractions until they are cut to integers, so
//     they can add up to one less than the total. The sum in Zipf is one term
//     short.
//   - A trace of lengths that runs out is an error.
//
// Scrambled Zipf lengths are refused: in the original they depend on a hash that
// changes from process to process.
//
// For the original's trace replay use [ReadRequests]; it draws nothing.
type Original struct {
	Seed       uint64    // synthetic_request_generator_config_seed; 42 there by default
	LengthSeed uint32    // <length generator>_config_seed, for Zipf and Shuffled; 42 there by default
	Intervals  Intervals // Poisson, Gamma, Static or Recorded
	Lengths    Lengths   // Fixed, Uniform, Zipf or Shuffled
	Requests   int       // num_requests; 0 means none is given
	Duration   float64   // s; 0 means none is given; otherwise Requests is ignored
}

// New begins a run of the workload. It is a Config.NewWorkload; the random
// source is not used.
func (o Original) New(*rand.Rand) (vidur.Workload, error) {
	list, _, err := o.Generate()
	if err != nil {
		return nil, err
	}
	return list.New(nil)
}

// Generate draws all requests. The stream it returns is Python's random module as
// the generator leaves it: the original's random router draws from there on,
// Intn(number of replicas) for each request.
func (o Original) Generate() (Replay, *pyrand.Random, error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	d := &originalDraws{python: pyrand.NewRandom(o.Seed), numpy: pyrand.NewRandomState(uint32(o.Seed))}
	interval, err := d.intervals(o.Intervals)
	if err != nil {
		return nil, nil, err
	}
	length, err := d.lengths(o.Lengths, o.LengthSeed)
	if err != nil {
		return nil, nil, err
	}
	var list Replay
	at := 0.0
	for o.wants(len(list), at) {
		s, more := interval()
		if !more {
			break
		}
		at += s
		p, n, err := length()
		if err != nil {
			return nil, nil, fmt.Errorf("request %d: %w", len(list), err)
		}
		list = append(list, vidur.Arrival{At: at, Prefill: p, Decode: n})
	}
	if n := len(list); o.Duration > 0 && n > 0 && list[n-1].At >= o.Duration {
		list = list[:n-1] // intervals are not negative: it is the only one
	}
	return list, d.python, nil
}

func (o Original) check() error {
	err := first(within("Original.Requests", o.Requests, 0, mostTokens), notNegative("Original.Duration", o.Duration),
		within("Original.Seed", int(min(o.Seed, math.MaxInt)), 0, math.MaxUint32))
	if err != nil {
		return err
	}
	switch o.Intervals.(type) {
	case Recorded:
		return nil
	case Static:
		if o.Duration > 0 {
			return errors.New("workload: Static arrivals never get to the end of Original.Duration")
		}
	}
	if o.Requests == 0 && o.Duration == 0 {
		return errors.New("workload: Original.Requests and Original.Duration are both 0, so the requests would not end")
	}
	return nil
}

// wants reports whether another request is drawn after n, the last one at s.
func (o Original) wants(n int, at float64) bool {
	if o.Duration > 0 {
		return at < o.Duration
	}
	return o.Requests == 0 || n < o.Requests
}

// originalDraws are the streams that the original seeds just before it draws.
type originalDraws struct {
	python *pyrand.Random
	numpy  *pyrand.RandomState
}

func (d *originalDraws) intervals(from Intervals) (func() (float64, bool), error) {
	if from == nil {
		return nil, errors.New("workload: Original needs Intervals")
	}
	if _, err := from.Start(rand.New(rand.NewPCG(0, 0))); err != nil {
		return nil, err
	}
	switch from := from.(type) {
	case Poisson:
		return func() (float64, bool) {
			return min(-math.Log(1-d.python.Random())/from.QPS, 3/from.QPS), true
		}, nil
	case Gamma:
		shape := 1 / (from.CV * from.CV)
		scale := 1 / (from.QPS * shape)
		return func() (float64, bool) { return d.numpy.Gamma(shape, scale), true }, nil
	case Static:
		return func() (float64, bool) { return 0, true }, nil
	case Recorded:
		i := 0
		return func() (float64, bool) {
			if i++; i >= len(from.Times) {
				return 0, false
			}
			return math.Floor(from.Times[i])*from.scale() - math.Floor(from.Times[i-1])*from.scale(), true
		}, nil
	}
	return nil, fmt.Errorf("workload: the original simulator has no arrivals like %T", from)
}

func (d *originalDraws) lengths(from Lengths, seed uint32) (func() (int, int, error), error) {
	if from == nil {
		return nil, errors.New("workload: Original needs Lengths")
	}
	if _, err := from.Start(rand.New(rand.NewPCG(0, 0))); err != nil {
		return nil, err
	}
	switch from := from.(type) {
	case Fixed:
		return func() (int, int, error) { return from.Prefill, from.Decode, nil }, nil
	case Uniform:
		return func() (int, int, error) {
			total := d.python.Uniform(float64(from.Min), float64(from.Max))
			decode := math.Ceil(total / (1 + from.Ratio))
			return whole(total-decode, decode)
		}, nil
	case Zipf:
		return originalZipf(from, pyrand.NewRandomState(seed))
	case Shuffled:
		order, i := pyrand.NewRandomState(seed).Permutation(len(from.Trace)), 0
		return func() (int, int, error) {
			if i == len(order) {
				return 0, 0, fmt.Errorf("workload: the trace has only %d lengths, with which the original simulator ends", i)
			}
			t := from.Trace[order[i]]
			i++
			return t.Prefill, t.Decode, nil
		}, nil
	}
	return nil, fmt.Errorf("workload: the original simulator has no lengths like %T", from)
}

// whole cuts fractions of tokens off.
func whole(prefill, decode float64) (int, int, error) {
	if prefill < 1 || decode < 1 {
		return 0, 0, fmt.Errorf("workload: the original simulator draws %g prompt tokens and %g to generate", prefill, decode)
	}
	return int(prefill), int(decode), nil
}

// originalZipf is the approximation of Gray et al. (SIGMOD 1994), as the
// original has it.
func originalZipf(z Zipf, rng *pyrand.RandomState) (func() (int, int, error), error) {
	if z.Scramble {
		return nil, errors.New("workload: scrambled Zipf lengths of the original simulator change from process to process")
	}
	if z.Theta == 1 {
		return nil, errors.New("workload: Zipf lengths of the original simulator need a Theta other than 1")
	}
	items := float64(z.Max - z.Min + 1)
	zeta := func(n float64) float64 {
		sum := 0.0
		for i := 1.0; i < n; i++ {
			sum += 1 / math.Pow(i, z.Theta)
		}
		return sum
	}
	zetaN := zeta(items)
	alpha := 1 / (1 - z.Theta)
	eta := (1 - math.Pow(2/items, 1-z.Theta)) / (1 - zeta(2)/(zetaN+1e-8))
	return func() (int, int, error) {
		u := rng.Random()
		total := float64(z.Min)
		switch uz := u * zetaN; {
		case uz < 1:
		case uz < 1+math.Pow(0.5, z.Theta):
			total++
		default:
			total += math.Trunc(items * math.Pow(eta*u-eta+1, alpha))
		}
		decode := total / (1 + z.Ratio)
		return whole(total-decode, decode)
	}, nil
}
