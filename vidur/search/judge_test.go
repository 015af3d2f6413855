package search

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// gaps is a naive recorder of times between tokens, of requests one by one.
type gaps struct {
	at   map[int]float64 // of the latest token, by request
	list []float64
}

func (g *gaps) Record(e *vidur.Event) {
	if e.Kind != vidur.BatchEnded {
		return
	}
	for _, s := range e.Batch.Slots {
		r := s.Request
		if !s.Decode && !r.Prefilled() {
			continue
		}
		if before, ok := g.at[r.ID]; ok {
			g.list = append(g.list, e.At-before)
		}
		g.at[r.ID] = e.At
	}
}

// naiveMeets judges a whole run by its rows and tokens.
func naiveMeets(c Criterion, rows []*metrics.Request, gaps []float64, allGaps int) bool {
	good, total := 0, len(rows)
	if c.TBT > 0 {
		total = allGaps
		for _, g := range gaps {
			if g <= c.TBT {
				good++
			}
		}
	} else {
		for _, q := range rows {
			if q.Done() && !(c.Delay > 0 && q.Delay() > c.Delay) && !(c.TTFT > 0 && q.TTFT() > c.TTFT) &&
				!(c.TPOT > 0 && q.TPOT() > c.TPOT) && !(c.E2E > 0 && q.E2E() > c.E2E) {
				good++
			}
		}
	}
	if !c.Quantile {
		return float64(good) >= float64(c.Share*float64(total))-1e-9
	}
	values := slices.Repeat([]float64{1}, total-good) // the late ones; 0 is in time
	values = append(values, make([]float64, good)...)
	return metrics.Quantile(values, c.Share) == 0
}

// TestJudge: its verdict is that of the rows of the whole run, for all criteria,
// schedulers, pipelines, overload and preemption; stopped early it is the same.
func TestJudge(t *testing.T) {
	statistics(t)
	rng := newRand(3)
	verdicts := [2]int{}
	for round := range 40 {
		e := small()
		e.Requests, e.Seed = 20+rng.IntN(150), uint64(round)
		e.QPS = math.Exp(5 * rng.Float64())
		e.Scheduler = spec.Schedulers()[rng.IntN(5)]
		e.PP, e.Replicas = 1+rng.IntN(2), 1+rng.IntN(2)
		if e.Scheduler == "lightllm" {
			e.PP = 1
		} else if round%3 == 0 {
			e.Blocks = 400 + rng.IntN(400)
			e.MaxTokens = 4096
		}
		var criteria []Criterion
		for _, m := range latencies {
			scale := map[string]float64{"delay": 2, "ttft": 2, "tbt": 0.05, "tpot": 0.05, "e2e": 20}[m]
			criteria = append(criteria, Percentile(m, 100*rng.Float64(), scale*math.Exp(3*rng.Float64()-2)))
		}
		criteria = append(criteria, Completed(1), Goodput(metrics.SLO{TTFT: 0.5, TPOT: 0.03, E2E: 20 * rng.Float64()}, 0.01+0.99*rng.Float64()))
		run, l, err := prepare(e)
		if err != nil {
			t.Fatal(err)
		}
		g := &gaps{at: map[int]float64{}}
		store, err := run.Simulate(context.Background(), g)
		if err != nil {
			t.Fatal(err)
		}
		var rows []*metrics.Request
		for q := range store.Requests {
			rows = append(rows, q)
		}
		pr := &prober{ctx: context.Background(), run: run, load: l}
		for _, c := range criteria {
			pr.plan = &capacityPlan{criteria: []Criterion{c}}
			got, err := pr.meets(l.rate)
			if err != nil {
				t.Fatal(err)
			}
			if want := naiveMeets(c, rows, g.list, len(g.list)); got != want {
				t.Errorf("round %d, %v: %t, want %t", round, c, got, want)
			}
			j := newJudge(&capacityPlan{criteria: []Criterion{c}}, l, 1, 0)
			if _, err := run.Simulate(context.Background(), j); err != nil {
				t.Fatal(err)
			}
			if j.under() != got || j.over() == got {
				t.Errorf("round %d, %v: to the end it is under %t and over %t, stopped early %t", round, c, j.under(), j.over(), got)
			}
			if got {
				verdicts[1]++
			} else {
				verdicts[0]++
			}
		}
	}
	if verdicts[0] < 60 || verdicts[1] < 60 {
		t.Errorf("verdicts %v: the cases say little", verdicts)
	}
}

func prepare(e *spec.Experiment) (*spec.Run, *load, error) {
	run, err := e.Build()
	if err != nil {
		return nil, nil, err
	}
	l, err := newLoad(run, e)
	return run, l, err
}

// TestLoadIsWhatQPSSays: at another rate the requests are those that an experiment
// of that rate has.
func TestLoadIsWhatQPSSays(t *testing.T) {
	for _, arrivals := range []string{"poisson", "gamma", "constant"} {
		e := small()
		e.Arrivals, e.CV = arrivals, 2
		_, l, err := prepare(e)
		if err != nil {
			t.Fatal(err)
		}
		e.QPS = 3.7
		run, err := e.Build()
		if err != nil {
			t.Fatal(err)
		}
		want := &load{}
		w, err := run.Config.NewWorkload(run.Config.Stream("workload"))
		if err != nil || want.draw(w) != nil {
			t.Fatal(err)
		}
		w, _ = l.at(l.rate / e.QPS)(nil)
		for i := range want.list {
			a, err := w.Next(0)
			if b := want.list[i]; err != nil || a.Prefill != b.Prefill || a.Decode != b.Decode || math.Abs(a.At-b.At) > 1e-9*b.At {
				t.Fatalf("%s: request %d is %+v, want %+v", arrivals, i, a, b)
			}
		}
	}
}

// TestCriterion: what is written is what is read.
func TestCriterion(t *testing.T) {
	for _, text := range []string{"ttft p99 <= 2", "delay p99.9 <= 0.5", "tbt p50 <= 0.1", "completed >= 0.999", "goodput ttft 2 tpot 0.1 >= 0.95", "goodput delay 1 e2e 30 >= 1"} {
		c, err := ParseCriterion(text)
		if err != nil || c.String() != text {
			t.Errorf("%q is %q, %v", text, c, err)
		}
	}
	for _, bad := range []string{"", "ttft", "ttft p99 < 2", "ttft p0 <= 2", "ttft p101 <= 2", "ttft p99 <= 0", "ttft p99 <= NaN", "tftt p99 <= 2",
		"completed >= 2", "goodput >= 0.5", "goodput tbt 1 >= 0.5", "goodput ttft 1 ttft 2 >= 0.5", "goodput ttft >= 0.5", "ttft p99 <= -1", "goodput ttft Inf >= 0.5"} {
		if c, err := ParseCriterion(bad); err == nil {
			t.Errorf("%q is read as %v", bad, c)
		}
	}
	_, err := ParseCriterion("tft p99 <= 2")
	wants(t, err, "tft", "ttft")
	for _, c := range []Criterion{{}, Percentile("nothing", 99, 1), {TBT: 1, TTFT: 1, Share: 0.5}, {TTFT: 1, E2E: 2, Share: 0.5, Quantile: true}, {TTFT: -1, Share: 1}} {
		if c.check() == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func FuzzParseCriterion(f *testing.F) {
	f.Add("ttft p99 <= 2")
	f.Add("goodput ttft 2 tpot 0.1 >= 0.95")
	f.Add("completed >= 1e-3")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCriterion(text)
		if err != nil {
			return
		}
		again, err := ParseCriterion(c.String())
		if err != nil || math.Abs(again.Share-c.Share) > 1e-9*c.Share || again.String() != c.String() {
			t.Errorf("%q is %q, and that is %q, %v", text, c, again, err)
		}
		for _, n := range []int{0, 1, 2, 7, 1000} {
			if need := c.need(n); need < 0 || need > n || need == 0 && n > 0 {
				t.Errorf("%q needs %d of %d", text, need, n)
			}
		}
	})
}
