package workload

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func testRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// drain asks an open-loop workload for all of its requests.
func drain(t testing.TB, w vidur.Workload) Replay {
	t.Helper()
	var list Replay
	now := 0.0
	for {
		a, err := w.Next(now)
		if errors.Is(err, io.EOF) {
			if _, err := w.Next(now); !errors.Is(err, io.EOF) {
				t.Errorf("after the end: %v", err)
			}
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if a.At < now || a.Prefill < 1 || a.Decode < 1 {
			t.Fatalf("request %d after %g s: %+v", len(list), now, a)
		}
		now = a.At
		list = append(list, a)
	}
}

func start(t testing.TB, s Synthetic, seed uint64) vidur.Workload {
	t.Helper()
	w, err := s.New(testRand(seed))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// moments are mean and coefficient of variation of the intervals.
func moments(list Replay) (mean, cv float64) {
	last, sum, squares := 0.0, 0.0, 0.0
	for _, a := range list {
		d := a.At - last
		last, sum, squares = a.At, sum+d, squares+d*d
	}
	n := float64(len(list))
	mean = sum / n
	return mean, math.Sqrt(squares/n-mean*mean) / mean
}

// The rates and variations are those asked for, within five standard errors.
func TestIntervals(t *testing.T) {
	const n = 200_000
	for _, c := range []struct {
		name string
		of   Intervals
		qps  float64
		cv   float64
	}{
		{"Poisson", Poisson{0.85}, 0.85, 1},
		{"Poisson, fast", Poisson{1e6}, 1e6, 1},
		{"Gamma, even", Gamma{2, 0.25}, 2, 0.25},
		{"Gamma, as Poisson", Gamma{2, 1}, 2, 1},
		{"Gamma, bursts", Gamma{2, 2}, 2, 2},
		{"Constant", Constant{4}, 4, 0},
	} {
		list := drain(t, start(t, Synthetic{Intervals: c.of, Lengths: Fixed{1, 1}, Requests: n}, 1))
		mean, cv := moments(list)
		if math.Abs(mean*c.qps-1) > 5*c.cv/math.Sqrt(n)+1e-9 {
			t.Errorf("%s: mean interval %g, want %g", c.name, mean, 1/c.qps)
		}
		if math.Abs(cv-c.cv) > 0.02*c.cv+1e-4 {
			t.Errorf("%s: coefficient of variation %g, want %g", c.name, cv, c.cv)
		}
	}
}

// The tail of Poisson intervals is not cut: e^-3 of them are over three means.
func TestPoissonTail(t *testing.T) {
	list := drain(t, start(t, Synthetic{Intervals: Poisson{1}, Lengths: Fixed{1, 1}, Requests: 100_000}, 2))
	over, last := 0, 0.0
	for _, a := range list {
		if a.At-last > 3 {
			over++
		}
		last = a.At
	}
	if got, want := float64(over)/1e5, math.Exp(-3); math.Abs(got-want) > 0.003 {
		t.Errorf("%g of the intervals are over three means, want %g", got, want)
	}
}

func TestSyntheticEnds(t *testing.T) {
	base := Synthetic{Intervals: Constant{2}, Lengths: Fixed{3, 4}}
	for _, c := range []struct {
		requests int
		duration float64
		want     int
	}{{5, 0, 5}, {0, 2, 3}, {0, 2.1, 4}, {2, 100, 2}, {100, 1.2, 2}, {0, 0.5, 0}} {
		s := base
		s.Requests, s.Duration = c.requests, c.duration
		if got := len(drain(t, start(t, s, 1))); got != c.want {
			t.Errorf("Requests %d, Duration %g: %d requests, want %d", c.requests, c.duration, got, c.want)
		}
	}
	recorded := Synthetic{Intervals: Recorded{Times: []float64{0, 1.5, 1.5, 4}, Scale: 2}, Lengths: Fixed{3, 4}}
	sameRequests(t, drain(t, start(t, recorded, 1)), Replay{
		{At: 0, Prefill: 3, Decode: 4}, {At: 3, Prefill: 3, Decode: 4}, {At: 3, Prefill: 3, Decode: 4}, {At: 8, Prefill: 3, Decode: 4}})
	for _, a := range drain(t, start(t, Synthetic{Intervals: Static{}, Lengths: Fixed{3, 4}, Requests: 9}, 1)) {
		if a.At != 0 {
			t.Errorf("static arrival at %g s", a.At)
		}
	}
}

// The same seed gives the same requests, another one others, and a change of one
// distribution leaves the draws of the other alone.
func TestSyntheticStreams(t *testing.T) {
	a := Synthetic{Intervals: Poisson{1}, Lengths: Uniform{100, 200, 3}, Requests: 1000}
	first, again, other := drain(t, start(t, a, 1)), drain(t, start(t, a, 1)), drain(t, start(t, a, 2))
	b, c := a, a
	b.Intervals = Poisson{2}
	c.Lengths = Zipf{0.6, 100, 200, 3, true}
	faster, shorter := drain(t, start(t, b, 1)), drain(t, start(t, c, 1))
	differ := 0
	for i, r := range first {
		if r.At != again[i].At || r.Prefill != again[i].Prefill || r.Decode != again[i].Decode {
			t.Fatalf("request %d: %+v, then %+v", i, r, again[i])
		}
		if r.At != other[i].At || r.Prefill != other[i].Prefill {
			differ++
		}
		if math.Abs(r.At-2*faster[i].At) > 1e-9*r.At || r.Prefill != faster[i].Prefill {
			t.Fatalf("request %d at twice the rate: %+v, %+v", i, r, faster[i])
		}
		if r.At != shorter[i].At {
			t.Fatalf("request %d with other lengths: at %g, %g", i, r.At, shorter[i].At)
		}
	}
	if differ < 990 {
		t.Errorf("another seed changes %d of 1000 requests only", differ)
	}
}

func TestErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	fixed := Fixed{1, 1}
	for _, c := range []struct {
		s    Synthetic
		want string
	}{
		{Synthetic{Requests: 1}, "needs both Intervals and Lengths"},
		{Synthetic{Intervals: Poisson{1}, Lengths: fixed}, "would not end"},
		{Synthetic{Intervals: Static{}, Lengths: fixed, Duration: 1}, "Synthetic.Requests must be given"},
		{Synthetic{Intervals: Poisson{1}, Lengths: fixed, Requests: -1}, "Synthetic.Requests is -1"},
		{Synthetic{Intervals: Poisson{1}, Lengths: fixed, Duration: nan}, "Synthetic.Duration is NaN"},
		{Synthetic{Intervals: Poisson{1}, Lengths: fixed, Duration: inf}, "Synthetic.Duration is +Inf"},
		{Synthetic{Intervals: Poisson{0}, Lengths: fixed, Requests: 1}, "Poisson.QPS is 0"},
		{Synthetic{Intervals: Poisson{-2}, Lengths: fixed, Requests: 1}, "Poisson.QPS is -2"},
		{Synthetic{Intervals: Poisson{nan}, Lengths: fixed, Requests: 1}, "Poisson.QPS is NaN"},
		{Synthetic{Intervals: Poisson{inf}, Lengths: fixed, Requests: 1}, "Poisson.QPS is +Inf"},
		{Synthetic{Intervals: Gamma{1, 0}, Lengths: fixed, Requests: 1}, "Gamma.CV is 0"},
		{Synthetic{Intervals: Gamma{nan, 1}, Lengths: fixed, Requests: 1}, "Gamma.QPS is NaN"},
		{Synthetic{Intervals: Gamma{1, 1e-200}, Lengths: fixed, Requests: 1}, "1/CV² of Gamma"},
		{Synthetic{Intervals: Constant{0}, Lengths: fixed, Requests: 1}, "Constant.QPS is 0"},
		{Synthetic{Intervals: Recorded{}, Lengths: fixed}, "Recorded.Times is empty"},
		{Synthetic{Intervals: Recorded{Times: []float64{1, 0}}, Lengths: fixed}, "Recorded.Times[1] is 0 s"},
		{Synthetic{Intervals: Recorded{Times: []float64{nan}}, Lengths: fixed}, "Recorded.Times[0] is NaN s"},
		{Synthetic{Intervals: Recorded{Times: []float64{1}, Scale: -1}, Lengths: fixed}, "Recorded.Scale is -1"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Fixed{0, 1}, Requests: 1}, "Fixed.Prefill is 0"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Fixed{1, 1 << 31}, Requests: 1}, "Fixed.Decode is 2147483648"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Uniform{1, 5, 1}, Requests: 1}, "Uniform.Min is 1"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Uniform{6, 5, 1}, Requests: 1}, "Uniform.Max is 5"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Uniform{5, 6, nan}, Requests: 1}, "Uniform.Ratio is NaN"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Zipf{nan, 5, 6, 1, false}, Requests: 1}, "Zipf.Theta is NaN"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Zipf{1, 5, 1 << 29, 1, false}, Requests: 1}, "Zipf.Max-Min+1"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Range{1, 1, 1}, Requests: 1}, "Range.Ratio is 1"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Range{1, 0, 0}, Requests: 1}, "Range.Decode is 0"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Shuffled{}, Requests: 1}, "Shuffled.Trace is empty"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Shuffled{[]Tokens{{1, 1}, {1, 0}}}, Requests: 1}, "Shuffled.Trace[1]"},
		{Synthetic{Intervals: Poisson{1}, Lengths: Model{}, Requests: 1}, "Model.Prefill has 0 Tokens"},
	} {
		_, err := c.s.New(testRand(1))
		wantError(t, err, c.want)
	}
	_, err := Synthetic{Intervals: Poisson{1}, Lengths: fixed, Requests: 1}.New(nil)
	wantError(t, err, "no source of random numbers")
	for _, c := range []struct {
		r    Replay
		want string
	}{
		{Replay{{At: 1, Prefill: 1, Decode: 1}, {Prefill: 1, Decode: 1}}, "Replay[1] is at 0 s"},
		{Replay{{At: inf, Prefill: 1, Decode: 1}}, "Replay[0] is at +Inf s"},
		{Replay{{Decode: 1}}, "Replay[0].Prefill is 0"},
	} {
		_, err := c.r.New(nil)
		wantError(t, err, c.want)
	}
}

// backwards is a broken process of arrivals.
type backwards struct{}

func (backwards) Start(*rand.Rand) (func() (float64, bool), error) {
	return func() (float64, bool) { return -1, true }, nil
}

func TestBrokenIntervals(t *testing.T) {
	_, err := start(t, Synthetic{Intervals: backwards{}, Lengths: Fixed{1, 1}, Requests: 1}, 1).Next(0)
	wantError(t, err, "an interval of -1 s")
}

func TestReplay(t *testing.T) {
	list := Replay{{At: 0, Prefill: 1, Decode: 2, Tenant: 3}, {At: 5, Prefill: 10, Decode: 20}}
	for range 2 { // a recipe can be used again
		w, err := list.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		got := drain(t, w)
		sameRequests(t, got, list)
		if got[0].Tenant != 3 {
			t.Error("the tenant is lost")
		}
	}
	if list.Longest() != 30 {
		t.Error("longest", list.Longest())
	}
}
