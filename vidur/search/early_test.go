package search

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// TestEarlyErrors: near the capacity, where it is hardest, verdicts that are found
// early are those of the whole run as often as the confidence says, over many seeds,
// and they take fewer iterations.
func TestEarlyErrors(t *testing.T) {
	statistics(t)
	const confidence = 0.95
	tried, wrong, far := 0, 0, 0
	early, exact := 0, 0
	for _, c := range []struct {
		device, workload string
		chunk            int
		percent, limit   float64
	}{{"h100", "azure-conv-2023", 512, 99, 0.02}, {"a100", "azure-code-2023", 512, 99, 0.04}, {"a100", "azure-conv-2023", 512, 90, 0.03}} {
		for seed := range uint64(6) {
			e := spec.Default()
			e.Device, e.Workload, e.Chunk, e.Requests, e.Seed = c.device, c.workload, c.chunk, 800, seed
			criteria := []Criterion{Percentile("tbt", c.percent, c.limit)}
			at := floats(t, mustCapacity(t, e, Meet(criteria...)), "capacity_qps")[0]
			for _, steps := range []float64{-12, -5, -2, -1, 0, 1, 2, 5, 12} {
				qps := at * math.Pow(1.025, steps)
				want, all := verdictAt(t, e, &capacityPlan{criteria: criteria}, qps)
				got, some := verdictAt(t, e, &capacityPlan{criteria: criteria, early: confidence}, qps)
				tried, exact, early = tried+1, exact+all, early+some
				if got != want {
					if wrong++; math.Abs(steps) > 2 {
						far++
					}
				}
				if some > all {
					t.Errorf("%d iterations with early ends, %d without", some, all)
				}
			}
		}
	}
	t.Logf("%d of %d verdicts differ, %d of them farther than 2 steps from the capacity; %d of %d iterations", wrong, tried, far, early, exact)
	if float64(wrong) > (1-confidence)*float64(tried) || far > tried/100 {
		t.Errorf("%d of %d verdicts differ, %d of them far from the capacity", wrong, tried, far)
	}
	if float64(early) > 0.9*float64(exact) {
		t.Errorf("%d iterations of %d", early, exact)
	}
}

// verdictAt judges an experiment at a rate and counts iterations.
func verdictAt(t *testing.T, e *spec.Experiment, plan *capacityPlan, qps float64) (met bool, iterations int) {
	t.Helper()
	b := newBuilds(1)
	j := job{experiment: *e, build: b.add(*e)}
	run, err := b.ready(&j)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLoad(run, e)
	if err != nil {
		t.Fatal(err)
	}
	times := run.Config.Replicas[0].Predictor
	run.Config.Replicas[0].Predictor = vidur.PredictorFunc(func(b *vidur.Batch, stage int) (vidur.StageTime, error) {
		iterations++
		return times.StageTime(b, stage)
	})
	pr := &prober{ctx: context.Background(), run: run, load: l, plan: plan}
	if met, err = pr.judge(qps); err != nil {
		t.Fatal(err)
	}
	return met, iterations
}

// TestEarlyStays: what is not of times between tokens is judged as without, too short
// runs are made to the end, and a confidence that is none is refused.
func TestEarlyStays(t *testing.T) {
	if newProspect(0.9, earlyBlocks*leastBlock-1, 0) != nil || newProspect(0, 1<<20, 1<<10) != nil {
		t.Error("a prospect of too few times, or of no confidence")
	}
	if newProspect(0.9, earlyBlocks*leastBlock, 0) == nil {
		t.Error("no prospect of enough times")
	}
	e := small()
	e.Requests = 300
	options := []Option{Over("chunk", 256, 512), Meet(Percentile("ttft", 90, 2))}
	want, got := mustCapacity(t, e, options...), mustCapacity(t, e, append(options, Early(0.9))...)
	if dump(t, want) != dump(t, got) {
		t.Error("limits of TTFT are judged otherwise")
	}
	if got.About().Early != 0.9 || got.About().Grid == want.About().Grid {
		t.Errorf("%+v", got.About())
	}
	for _, bad := range []float64{0, 0.49, 1, math.NaN(), math.Inf(1)} {
		_, err := Capacity(context.Background(), e, Early(bad))
		wants(t, err, "confidence")
	}
}

// TestEarlyOfBursts: where the past of a run says little of the rest, verdicts are
// those of the whole run: with bursts, a changing rate, and an end of the time.
func TestEarlyOfBursts(t *testing.T) {
	criteria := []Criterion{Percentile("tbt", 99, 0.02)}
	for seed := range uint64(3) {
		e := spec.Default()
		e.Requests, e.Seed, e.Arrivals, e.CV = 800, seed, "gamma", 4
		at := floats(t, mustCapacity(t, e, Meet(criteria...)), "capacity_qps")[0]
		for _, steps := range []float64{-2, 0, 1, 2, 3} {
			qps := at * math.Pow(1.025, steps)
			want, _ := verdictAt(t, e, &capacityPlan{criteria: criteria}, qps)
			if got, _ := verdictAt(t, e, &capacityPlan{criteria: criteria, early: 0.95}, qps); got != want {
				t.Errorf("seed %d, %g requests/s: %t, not %t", seed, qps, got, want)
			}
		}
		e.Arrivals, e.Until = "poisson", 60
		if met, _ := verdictAt(t, e, &capacityPlan{criteria: criteria, early: 0.95}, 2); met {
			t.Error("a run that ends before its tokens do has met a limit of nearly all of them")
		}
	}
	rising := &load{}
	for i := range 400 {
		rising.list = append(rising.list, vidur.Arrival{At: math.Sqrt(float64(i))})
	}
	if one := (&load{list: rising.list[:1]}); rising.steady() || one.steady() {
		t.Error("a rate that rises, or that of one request, is steady")
	}
}

// TestEarlyBlocks: blocks have their size, however many times come at once.
func TestEarlyBlocks(t *testing.T) {
	one, many := newProspect(0.95, 9900, 100), newProspect(0.95, 9900, 100)
	rng := newRand(8)
	for !one.met && !one.missed && len(one.failed) < earlyBlocks {
		n, above := 1+rng.IntN(3*many.size), rng.IntN(100) == 0
		for range n {
			one.add(1, above)
		}
		many.add(n, above)
	}
	if !reflect.DeepEqual(one, many) {
		t.Errorf("one by one %+v, many at once %+v", one, many)
	}
}

// TestEarlyKept: a store tells early verdicts from exact ones.
func TestEarlyKept(t *testing.T) {
	e, dir := small(), t.TempDir()
	e.Requests = 400
	options := []Option{Meet(Percentile("tbt", 99, 0.03)), Cache(dir)}
	exact := mustCapacity(t, e, options...)
	early := mustCapacity(t, e, append(options, Early(0.95))...)
	if dump(t, mustCapacity(t, e, options...)) != dump(t, exact) || dump(t, mustCapacity(t, e, append(options, Early(0.95))...)) != dump(t, early) {
		t.Error("what is kept depends on what was asked before")
	}
}
