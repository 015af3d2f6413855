package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

func mustCapacity(t testing.TB, base *spec.Experiment, options ...Option) *Results {
	t.Helper()
	r, err := Capacity(context.Background(), base, options...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func floats(t testing.TB, r *Results, column string) []float64 {
	t.Helper()
	values, err := r.Floats(column)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// TestCapacityIsOne: a run of its own at the capacity keeps the criterion, one at
// the least rate above it does not, and the figures of the row are those of the
// first.
func TestCapacityIsOne(t *testing.T) {
	base := small()
	base.Requests = 201
	r := mustCapacity(t, base, Schedulers("vllm", "sarathi", "orca"), Over("chunk", 256, 1024), Meet(Percentile("ttft", 90, 1), Percentile("tpot", 90, 0.05)))
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	under, over := floats(t, r, "capacity_qps"), floats(t, r, "over_qps")
	for i, row := range r.Rows() {
		e := *base
		e.Scheduler, e.Chunk = row.Point.Value("scheduler").(string), row.Point.Value("chunk").(int)
		if under[i] == 0 || over[i]/under[i] > 1.02500001 {
			t.Errorf("%v: %g to %g", row.Point, under[i], over[i])
		}
		for _, at := range []struct {
			qps   float64
			under bool
		}{{under[i], true}, {over[i], false}} {
			e.QPS = at.qps
			s := mustSweep(t, &e)
			ttft, tpot := floats(t, s, "ttft_p90_s")[0], floats(t, s, "tpot_p90_s")[0]
			if (ttft <= 1 && tpot <= 0.05) != at.under {
				t.Errorf("%v at %g: TTFT %g, TPOT %g; capacity %g to %g", row.Point, at.qps, ttft, tpot, under[i], over[i])
			}
			if got := floats(t, r, "ttft_p90_s")[i]; at.under && math.Abs(got-ttft) > 1e-6*ttft {
				t.Errorf("%v: the row has a TTFT of %g, alone %g", row.Point, got, ttft)
			}
		}
	}
}

// TestCapacityOnAnyNumberOfWorkers: the same bytes, twice too.
func TestCapacityOnAnyNumberOfWorkers(t *testing.T) {
	sweep := func(workers int) string {
		return dump(t, mustCapacity(t, small(), Over("tp", 1, 2, 3, 4), twoPolicies(), Over("max-batch", 8, 32, 128), Workers(workers), Replications(2)))
	}
	want := sweep(1)
	for _, workers := range []int{1, 2, 7} {
		if sweep(workers) != want {
			t.Errorf("%d workers find something else", workers)
		}
	}
}

// TestLooserIsMore: a looser criterion never has less capacity.
func TestLooserIsMore(t *testing.T) {
	last := 0.0
	for _, limit := range []float64{0.01, 0.05, 0.2, 1, 5, 30} {
		r := mustCapacity(t, small(), Meet(Percentile("ttft", 90, limit)))
		c := floats(t, r, "capacity_qps")[0]
		if c < last {
			t.Errorf("TTFT P90 of %g s: %g requests/s, less than %g with a tighter one", limit, c, last)
		}
		last = c
	}
	if last == 0 {
		t.Error("there is no capacity at all")
	}
}

// TestCapacityOfWhatCannotBe: errors, and zeros.
func TestCapacityOfWhatCannotBe(t *testing.T) {
	e := small()
	e.Model = "llama-2-70b"
	r := mustCapacity(t, e, Over("tp", 1, 3, 4), Meet(Percentile("ttft", 99, 5)))
	wants(t, r.Rows()[0].Err, "does not fit", "needs at least")
	wants(t, r.Rows()[1].Err, "TP 3 does not divide")
	if c := floats(t, r, "capacity_qps"); !math.IsNaN(c[0]) || !(c[2] > 0) {
		t.Errorf("capacities %v", c)
	}
	r = mustCapacity(t, small(), Over("chunk", 256, 512), Meet(Percentile("ttft", 99, 1e-6)))
	for i, c := range floats(t, r, "capacity_qps") {
		if c != 0 || floats(t, r, "qps_per_usd")[i] != 0 || r.Rows()[i].Err != nil || !math.IsNaN(floats(t, r, "ttft_p99_s")[i]) {
			t.Errorf("capacity %g, %v", c, r.Rows()[i].Figures)
		}
	}
	r = mustCapacity(t, small(), Meet(Completed(1)))
	if c := floats(t, r, "over_qps")[0]; !math.IsNaN(c) {
		t.Errorf("everything completes, yet %g is too much", c)
	}
	stuck := small()
	stuck.Blocks = 3
	var why *vidur.StuckError
	if r = mustCapacity(t, stuck); !errors.As(r.Err(), &why) {
		t.Errorf("a request that never fits: %v", r.Err())
	}
}

// TestCapacityRefuses: what it cannot search.
func TestCapacityRefuses(t *testing.T) {
	loop, static, lasting := small(), small(), small()
	loop.Concurrency, static.Arrivals, lasting.Duration = 4, "static", 10
	for want, e := range map[string]*spec.Experiment{"closed loop": loop, "static": static, "duration": lasting} {
		wants(t, mustCapacity(t, e).Err(), want)
	}
	for want, options := range map[string][]Option{
		"qps":            {Over("qps", 1, 2)},
		"Compare":        {Figures("ttft_p99_s")},
		"granularity":    {Granularity(0)},
		"probes":         {Probes(0)},
		"criterion":      {Meet()},
		"unknown metric": {Meet(Percentile("rtt", 99, 1))},
		"share 2":        {Meet(Completed(2))},
		"two columns":    {Over("chunk", 256), Choose("probes", Choice{Label: 1})},
		"one criterion":  {OriginalSearch(), Meet(Completed(1))},
	} {
		_, err := Capacity(context.Background(), small(), options...)
		wants(t, err, want)
	}
	_, err := Sweep(context.Background(), small(), Meet(Completed(1)))
	wants(t, err, "Capacity")
	_, err = Compare(context.Background(), small(), Over("chunk", 256, 512), Granularity(0.1))
	wants(t, err, "Capacity")
	_, err = Capacity(context.Background(), nil)
	wants(t, err, "no base")
	bad := Choose("bad", Choice{Label: 1, Experiment: func(*spec.Experiment) error { return errors.New("mine") }}, Choice{Label: 2})
	r := mustCapacity(t, small(), bad, Workers(2))
	wants(t, r.Rows()[0].Err, "mine")
	if r.Rows()[1].Err != nil {
		t.Error(r.Rows()[1].Err)
	}
}

// TestCancelCapacity: a search ends with its context, and leaves nothing behind.
func TestCancelCapacity(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("enough")
	r, err := Capacity(ctx, small(), Over("chunk", 128, 256, 512, 1024), Over("max-batch", 4, 8, 16, 32), Workers(3), Progress(func(done, _ int, _ Point, _ error) {
		if done == 3 {
			cancel(why)
		}
	}))
	if !errors.Is(err, why) || !errors.Is(r.Err(), ErrNotRun) {
		t.Errorf("the error is %v", err)
	}
	noneLeft(t, before)
}

// TestDonors: each comes before, differs on one axis, and replications follow the
// first.
func TestDonors(t *testing.T) {
	p, err := newPlan([]Option{Over("tp", 1, 2, 4), Over("chunk", 1, 2, 3, 4, 5, 6, 7), Over("max-batch", 1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	p.compare.replications = 3
	points, err := p.grid(small())
	if err != nil {
		t.Fatal(err)
	}
	s := &capacitySearch{plan: p}
	for i := range 3 * points.n {
		d := s.donor(i)
		if d < 0 {
			if i > 0 {
				t.Errorf("%d has no donor", i)
			}
			continue
		}
		different := 0
		for k, c := range points.point(i / 3) {
			if c != points.point(d / 3)[k] {
				different++
			}
		}
		if d >= i || i%3 > 0 && d != i-i%3 || i%3 == 0 && (different != 1 || d%3 != 0) {
			t.Errorf("the donor of %d is %d", i, d)
		}
	}
}

// TestReplicationsOfCapacity: the interval is of what single seeds find.
func TestReplicationsOfCapacity(t *testing.T) {
	r := mustCapacity(t, small(), Replications(5), Meet(Percentile("ttft", 90, 0.5)))
	single := floats(t, mustCapacity(t, small(), Seeds(42, 43, 44, 45, 46), Meet(Percentile("ttft", 90, 0.5))), "capacity_qps")
	mean := 0.0
	for _, c := range single {
		mean += c / 5
	}
	got, low, high := floats(t, r, "capacity_qps")[0], floats(t, r, "low_qps")[0], floats(t, r, "high_qps")[0]
	if math.Abs(got-mean) > 1e-9 || !(low < got && got < high) || r.Len() != 1 {
		t.Errorf("%g (%g to %g) of %v", got, low, high, single)
	}
	if slices.Max(single) == slices.Min(single) {
		t.Errorf("seeds change nothing: %v", single)
	}
}

// TestAgainstTheOriginalSearch: on varied jobs both searches find the same within
// their granularities, or one of two brackets that are both right, and ours with
// fewer probes.
func TestAgainstTheOriginalSearch(t *testing.T) {
	rng := newRand(9)
	ours, theirs, jobs, twice := 0.0, 0.0, 0.0, 0
	for i := range 36 {
		e := small()
		e.Requests, e.Seed, e.Until = 401, uint64(i), 1e9
		e.Scheduler = []string{"vllm", "sarathi", "orca"}[i%3]
		e.Workload = []string{"azure-conv-2023", "azure-code-2023", "fixed", "uniform"}[i%4]
		e.Chunk, e.MaxBatch = 256<<rng.IntN(4), 32<<rng.IntN(3)
		e.Model, e.Device = "llama-2-70b", "a100"
		e.TP, e.PP, e.Replicas = 4<<rng.IntN(2), 1+i%2, 1+rng.IntN(2)
		e.QPS = 0.5 + 8*rng.Float64() // where the original begins
		limit := Percentile([]string{"delay", "ttft", "e2e"}[i/3%3], 99, []float64{1, 2, 40}[i/3%3])
		a := mustCapacity(t, e, Meet(limit))
		b := mustCapacity(t, e, Meet(limit), OriginalSearch())
		if a.Err() != nil || b.Err() != nil {
			t.Fatal(a.Err(), b.Err())
		}
		if floats(t, a, "arrivals_s")[0] < 3*limit.most() {
			continue // a burst, which no rate is too much for
		}
		x, y := floats(t, a, "capacity_qps")[0], floats(t, b, "capacity_qps")[0]
		ours, theirs, jobs = ours+floats(t, a, "probes")[0], theirs+floats(t, b, "probes")[0], jobs+1
		if math.Abs(x-y) <= 0.05*max(x, y) {
			continue
		}
		if twice++; !crosses(t, e, limit, a) || !crosses(t, e, limit, b) {
			t.Errorf("job %d (%s, %s, %v): %.4g, the original's search %.4g", i, e.Scheduler, e.Workload, limit, x, y)
		}
	}
	t.Logf("%g jobs: %.1f probes a job, the original's search %.1f", jobs, ours/jobs, theirs/jobs)
	if ours > 0.8*theirs || jobs < 20 || twice > 4 {
		t.Errorf("%g jobs: %g probes, the original's search %g; %d have two capacities", jobs, ours, theirs, twice)
	}
}

// crosses reports whether a row's bracket is one: a run of its own at its lower
// end keeps the limit, and at the upper end does not. Where a tail jumps with the
// rate there can be two such brackets.
func crosses(t *testing.T, e *spec.Experiment, c Criterion, r *Results) bool {
	run, l, err := prepare(e)
	if err != nil {
		t.Fatal(err)
	}
	pr := &prober{ctx: context.Background(), run: run, load: l, plan: &capacityPlan{criteria: []Criterion{c}}}
	under, err1 := pr.meets(floats(t, r, "capacity_qps")[0])
	over, err2 := pr.meets(floats(t, r, "over_qps")[0])
	return under && !over && err1 == nil && err2 == nil
}

// TestUnfinishedCount: what is not complete when the time is over counts as late.
func TestUnfinishedCount(t *testing.T) {
	e := small()
	e.QPS, e.Until = 1000, 1
	for _, faults := range []bool{false, true} {
		run, l, err := prepare(e)
		if err != nil {
			t.Fatal(err)
		}
		pr := &prober{ctx: context.Background(), run: run, load: l, plan: &capacityPlan{criteria: []Criterion{Percentile("delay", 99, 5)}}}
		latency, err := pr.latency(1000, faults)
		if err != nil || faults && latency > 5 || !faults && len(l.list) > 0 && latency == 0 {
			t.Errorf("faults %t: %g, %v", faults, latency, err)
		}
		pr.plan.criteria = []Criterion{Completed(1)}
		if met, err := pr.meets(1000); met || err != nil {
			t.Errorf("all of them complete within 1 s: %v", err)
		}
	}
}

// TestMemoryIsFlat: ten times as many runs leave nothing more behind.
func TestMemoryIsFlat(t *testing.T) {
	e := small()
	e.Requests = 30
	held := func(points int) uint64 {
		mustCapacity(t, e, Over("max-batch", seeds(points + 1)[1:]))
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	held(10)
	few, many := held(20), held(200)
	if many > few+2<<20 {
		t.Errorf("%d bytes are held after 20 points and %d after 200", few, many)
	}
}

// BenchmarkCapacity200 is a search of 200 deployments of Llama-2-70B at 2,000
// requests a probe.
func BenchmarkCapacity200(b *testing.B) {
	e := spec.Default()
	e.Model, e.Device, e.Requests = "llama-2-70b", "a100", 2000
	probes := 0.0
	for _, criteria := range [][]Criterion{{Percentile("delay", 99, 5)}, {Percentile("ttft", 90, 2), Percentile("tbt", 99, 0.2)}} {
		b.Run(fmt.Sprint(criteria[0]), func(b *testing.B) {
			for b.Loop() {
				r := mustCapacity(b, e, Over("tp", 2, 4, 8, 16), Over("pp", 1, 2), Over("chunk", 256, 512, 1024, 2048, 4096),
					Over("max-batch", 32, 64, 128, 256, 512), Meet(criteria...))
				if r.Err() != nil {
					b.Fatal(r.Err())
				}
				probes = 0
				for _, n := range floats(b, r, "probes") {
					probes += n / float64(r.Len())
				}
			}
			b.ReportMetric(probes, "probes/point")
		})
	}
}
