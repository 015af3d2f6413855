package search

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

func mustCompare(t testing.TB, base *spec.Experiment, options ...Option) *Comparison {
	t.Helper()
	c, err := Compare(context.Background(), base, options...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// loaded is an experiment in which the order of the queue matters.
func loaded() *spec.Experiment {
	e := spec.Default()
	e.Requests, e.QPS = 150, 25
	return e
}

// TestCompareIsPairs: it measures what single runs with the seeds of the
// replications do.
func TestCompareIsPairs(t *testing.T) {
	arms := Schedulers("sarathi", Scheduler("shortest first", newShortestFirst))
	c := mustCompare(t, loaded(), arms, Replications(6))
	if c.A != "sarathi" || c.B != "shortest first" || c.Replications != 6 || !c.SameRequests || c.Looks != 1 || c.Precise {
		t.Errorf("%+v", c)
	}
	d := c.Difference("ttft_mean_s")
	for i := range 6 {
		e := loaded()
		e.Seed += uint64(i)
		a, _ := alone(t, e, nil).Stat("prefill_e2e_time")
		b, _ := alone(t, e, func(c *vidur.Config) error { c.NewScheduler = newShortestFirst; return nil }).Stat("prefill_e2e_time")
		if d.A[i] != a.Mean || d.B[i] != b.Mean {
			t.Errorf("replication %d: %g and %g, want %g and %g", i, d.A[i], d.B[i], a.Mean, b.Mean)
		}
	}
	if !d.Shown() || d.Mean >= 0 || d.Less != 6 {
		t.Errorf("shortest first lowers the mean TTFT of a loaded system: %+v", d)
	}
	if got := mustCompare(t, loaded(), arms, Replications(6), Workers(1)); !reflect.DeepEqual(got.String(), c.String()) || !reflect.DeepEqual(got.Difference("e2e_mean_s").A, c.Difference("e2e_mean_s").A) {
		t.Error("one worker gives another comparison")
	}
	text := c.String()
	for _, want := range []string{"a = sarathi, b = shortest first, 6 replications\n", "95 % CI", "ttft_p99_s", "output_tokens_per_s", c.Verdict()} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "%!") {
		t.Errorf("the table:\n%s", text)
	}
}

func TestCompareTheSame(t *testing.T) {
	e := small()
	for _, original := range []bool{false, true} {
		e.Original = original
		c := mustCompare(t, e, Choose("arm", Choice{Label: "one"}, Choice{Label: "other"}), Replications(3))
		for _, d := range c.Differences {
			if d.Shown() || d.Less+d.More > 0 || d.A[0] == d.A[1] {
				t.Errorf("original %v: %s differs between the same, or never: %v %v", original, d.Figure, d.A, d.B)
			}
		}
	}
}

// otherSeed makes the requests of b independent of those of a.
func otherSeed(e *spec.Experiment) error {
	e.Seed += 1 << 32
	return nil
}

// TestCompareAA: simulations of the same with other requests seem to differ
// about as often as the confidence says.
func TestCompareAA(t *testing.T) {
	e := spec.Default()
	e.Workload, e.RangeRatio, e.Prompt, e.Output, e.Requests = "range", 0.9, 500, 20, 40
	const trials = 120
	shown := 0
	for i := range trials {
		e.Seed = uint64(1000 * i)
		c := mustCompare(t, e, Choose("arm", Choice{Label: "one"}, Choice{Label: "other", Experiment: otherSeed}), Replications(8), Figures("e2e_mean_s"), Confidence(0.9))
		if c.SameRequests {
			t.Fatal("other seeds give the same requests")
		}
		if c.Differences[0].Shown() {
			shown++
		}
	}
	within(t, "differences that are not there", shown, trials, 0.1)
}

// TestPrecision: it stops when the bound is reached and no sooner, and a longer
// comparison begins with the shorter one's replications.
func TestPrecision(t *testing.T) {
	arms := Choose("chunk", Choice{Label: "a"}, Choice{Label: "b", Experiment: func(e *spec.Experiment) error { e.Chunk = 256; return nil }})
	total := 0
	c := mustCompare(t, small(), arms, Replications(4), Precision(0.02, 100), Figures("e2e_mean_s"), Progress(func(_, n int, _ Point, _ error) { total = n }))
	d := c.Differences[0]
	if !c.Precise || (d.High-d.Low)/2 > 0.02*d.MeanA || c.Looks != 6 || total != 200 { // 4 8 16 32 64 100
		t.Errorf("%d replications, precise %v, %d looks, %d runs at most", c.Replications, c.Precise, c.Looks, total)
	}
	if short := mustCompare(t, small(), arms, Replications(4), Figures("e2e_mean_s")); !reflect.DeepEqual(short.Differences[0].A, d.A[:4]) {
		t.Error("the first replications are others")
	}
	same := mustCompare(t, small(), arms, Replications(len(d.A)), Figures("e2e_mean_s")).Differences[0]
	if c.Replications != same.Less+same.More || same.High-same.Low >= d.High-d.Low {
		t.Errorf("many looks do not widen the interval: %g and %g", d.High-d.Low, same.High-same.Low)
	}
	c = mustCompare(t, small(), arms, Precision(1e-9, 6), Figures("e2e_mean_s"))
	if c.Precise || c.Replications != 6 || c.Looks != 1 {
		t.Errorf("a bound that cannot be reached: %+v", c)
	}
}

// TestStoppingCovers: with looks at normal data until they seem to show a
// difference, the worst that one can do, the intervals of the last look still
// cover.
func TestStoppingCovers(t *testing.T) {
	statistics(t)
	plan := comparePlan{replications: 5, most: 80}
	looks := plan.looks()
	if !reflect.DeepEqual(looks, []int{5, 10, 20, 40, 80}) {
		t.Fatal(looks)
	}
	const trials = 4000
	peeked, held := 0, 0
	for trial := range trials {
		a, b := pairs(newRand(trial), 80, 0, 1)
		stops := func(level float64) bool {
			for _, n := range looks {
				if d := difference(a[:n], b[:n], level); d.Shown() {
					return true
				}
			}
			return false
		}
		if stops(0.95) {
			peeked++
		}
		if stops(1 - 0.05/float64(len(looks))) {
			held++
		}
	}
	if float64(peeked)/trials < 0.08 || float64(held)/trials > 0.05+4*math.Sqrt(0.05*0.95/trials) {
		t.Errorf("of %d, %d seem to differ when one looks often, %d at the level for that", trials, peeked, held)
	}
}

func TestCompareThatIsWrong(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		options []Option
		want    string
	}{
		{nil, "come to 1"},
		{[]Option{Over("tp", 1, 2, 4)}, "come to 3"},
		{[]Option{Over("tp", 1, 3)}, "tp=3, replication=0"},
		{[]Option{Over("tp", 1, 2), Figures("ttft")}, `unknown figure "ttft"`},
		{[]Option{Over("tp", 1, 2), Figures("goodput_per_s")}, "goodput_per_s is NaN"},
		{[]Option{Over("tp", 1, 2), Replications(0)}, "at least 1"},
		{[]Option{Over("tp", 1, 2), Confidence(1)}, "below 1"},
		{[]Option{Over("tp", 1, 2), Precision(0, 10)}, "above 0"},
		{[]Option{Over("tp", 1, 2), Precision(0.1, 1)}, "at least 2"},
		{[]Option{Over("tp", 1, 2), Keep(nil)}, "keeps no stores"},
		{[]Option{Over("pt", 1, 2)}, "unknown parameter"},
	} {
		_, err := Compare(ctx, small(), c.options...)
		wants(t, err, "search: ", c.want)
	}
	_, err := Compare(ctx, nil, Over("tp", 1, 2))
	wants(t, err, "no base")
	why := errors.New("enough")
	stopped, cancel := context.WithCancelCause(ctx)
	cancel(why)
	if _, err := Compare(stopped, small(), Over("tp", 1, 2)); !errors.Is(err, why) {
		t.Errorf("a context that is done: %v", err)
	}
}

// TestOtherWorkloads: pairs of different requests are told.
func TestOtherWorkloads(t *testing.T) {
	c := mustCompare(t, small(), Over("qps", 4, 8), Replications(2))
	if c.SameRequests || !strings.Contains(c.String(), "not of the same requests") || c.A != "qps=4" {
		t.Errorf("%s", c)
	}
}
