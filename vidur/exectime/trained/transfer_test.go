package trained

import (
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// biased is a profile of op whose times are the analytic ones times factor.
func biased(t testing.TB, spec vidur.ReplicaSpec, op vidur.Op, factor func(ms float64) float64) Donor {
	t.Helper()
	model, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ops, err := model.Operators(spec)
	if err != nil {
		t.Fatal(err)
	}
	s := &profile.Samples{Op: op, Features: []string{profile.NumTokens}, X: make([][]float64, 1)}
	for n := 8; n <= 4096; n += 8 {
		a := reference{Operators: ops}.at(op, n, 0)
		s.X[0], s.Y = append(s.X[0], float64(n)), append(s.Y, a*factor(a))
	}
	d := Donor{Spec: spec, Set: &profile.Set{}}
	d.Set.Ops[op] = s
	return d
}

// Where the other degrees of tensor parallelism take 30 % longer than the
// analytic model, and less so for large operators, this one does as well.
func TestTransfer(t *testing.T) {
	factor := func(ms float64) float64 { return 1.3 - 0.1*math.Tanh(ms) }
	o := small()
	o.Donors = []Donor{biased(t, a100Pair(1, 1), vidur.OpMLPUp, factor), biased(t, a100Pair(4, 1), vidur.OpMLPUp, factor)}
	tr := train(t, &profile.Set{}, a100Pair(2, 1), o)
	want := biased(t, a100Pair(2, 1), vidur.OpMLPUp, factor).Set.Ops[vidur.OpMLPUp]
	for i, n := range want.X[0] {
		st := stageTime(t, tr.Predictor(), batchOf([3]int{int(n), 0, int(n)}), 0)
		if got := st.Ops[vidur.OpMLPUp]; !near(got, want.Y[i], 0.05) {
			t.Fatalf("%v tokens take %v ms, want %v", n, got, want.Y[i])
		}
	}
	for _, p := range tr.Provenance() {
		if p.Op == vidur.OpMLPUp {
			if p.Source != Transferred || p.CVError > 3 || p.TrainError > 2 || p.Rows != 1024 || p.Range != "meta-llama/Llama-2-70b-hf TP1, meta-llama/Llama-2-70b-hf TP4" {
				t.Errorf("%+v", p)
			}
		} else if p.Source != Analytic {
			t.Errorf("%+v", p)
		}
	}
}

// A correction that makes the donors' times worse than none, or that nothing can
// check, is left.
func TestTransferOnlyWhereItHelps(t *testing.T) {
	up := func(float64) float64 { return 1.4 }
	down := func(float64) float64 { return 0.8 }
	for _, donors := range [][]Donor{
		{biased(t, a100Pair(1, 1), vidur.OpMLPUp, up), biased(t, a100Pair(4, 1), vidur.OpMLPUp, down)},
		{biased(t, a100Pair(1, 1), vidur.OpMLPUp, up)},
	} {
		o := small()
		o.Donors = donors
		tr := train(t, &profile.Set{}, a100Pair(2, 1), o)
		for _, p := range tr.Provenance() {
			if p.Source != Analytic {
				t.Errorf("%d donors: %+v", len(donors), p)
			}
		}
	}
}

// Corrected times grow with analytic ones, are smooth, and never undercut the
// datasheet.
func TestCorrectionGrows(t *testing.T) {
	steep := func(ms float64) float64 { return math.Pow(ms, -0.9) / 3 }
	c := fitCorrection([][]point{points(steep), points(steep)}, false)
	before := 0.0
	for ms := 1e-3; ms < 50; ms *= 1.001 {
		got := c.apply(ms, 0)
		if got < before || before > 0 && got > 1.01*before {
			t.Fatalf("%v ms becomes %v, a thousandth less %v", ms, got, before)
		}
		before = got
	}
	for _, ms := range []float64{0, -1} {
		if c.apply(ms, 0) != ms {
			t.Errorf("%v becomes %v", ms, c.apply(ms, 0))
		}
	}
	o := small()
	fast := func(float64) float64 { return 0.3 }
	o.Donors = []Donor{biased(t, a100Pair(1, 1), vidur.OpMLPUp, fast), biased(t, a100Pair(4, 1), vidur.OpMLPUp, fast)}
	tr := train(t, &profile.Set{}, a100Pair(2, 1), o)
	st := stageTime(t, tr.Predictor(), batchOf([3]int{4096, 0, 4096}), 0)
	if bound := tr.ref.bound(vidur.OpMLPUp, 4096, 0); st.Ops[vidur.OpMLPUp] != bound {
		t.Errorf("%v ms, the datasheet allows %v", st.Ops[vidur.OpMLPUp], bound)
	}
}

func points(factor func(float64) float64) []point {
	var all []point
	for ms := 0.01; ms < 10; ms *= 1.05 {
		all = append(all, point{analytic: ms, measured: ms * factor(ms)})
	}
	return all
}

func TestStepError(t *testing.T) {
	tr := &Trained{}
	tr.ops[vidur.OpMLPUp].CVError, tr.ops[vidur.OpMLPDown].CVError = 6, 8
	share := make([]float64, vidur.NumOps)
	share[vidur.OpMLPUp], share[vidur.OpMLPDown] = 1, 1
	independent, correlated := tr.StepError(share)
	if math.Abs(independent-0.05) > 1e-15 || math.Abs(correlated-0.07) > 1e-15 {
		t.Errorf("%v and %v", independent, correlated)
	}
	if a, b := tr.StepError(nil); a != 0 || b != 0 {
		t.Errorf("%v and %v of nothing", a, b)
	}
}

func TestBand(t *testing.T) {
	tr := train(t, &profile.Set{}, a100Pair(2, 1), small())
	b := decodes(32, 1000)
	st := stageTime(t, tr.Predictor(), b, 0)
	sum := 0.0
	for _, s := range Shares(&st) {
		sum += s
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the shares are %v of the time", sum)
	}
	low, high := tr.Band(b)
	if total := st.Total(); !(low < 0.99*total && low > 0.8*total && high > 1.01*total && high < 1.2*total) {
		t.Errorf("%v to %v s around %v", low, high, total)
	}
}

// The norms are the same kernel at any degree of tensor parallelism: the rows of
// another one are learnt as they are.
func TestNormsAreBorrowed(t *testing.T) {
	o := small()
	o.Donors = []Donor{{a100Pair(8, 1), synthetic()}, {a100Pair(4, 1), synthetic(vidur.OpInputNorm, vidur.OpMLPUp)}}
	tr := train(t, &profile.Set{}, a100Pair(2, 1), o)
	st := stageTime(t, tr.Predictor(), batchOf([3]int{64, 0, 64}), 0)
	if got, want := st.Ops[vidur.OpInputNorm], linear(vidur.OpInputNorm, 64); !near(got, want, 0.05) {
		t.Errorf("the norm takes %v ms, profiled is %v", got, want)
	}
	for _, p := range tr.Provenance() {
		if p.Op == vidur.OpInputNorm && (p.Source != Transferred || p.Note != "the same kernel at every degree of tensor parallelism: rows of TP4") {
			t.Errorf("%+v", p)
		}
	}
	o.NoTransfer = true
	for _, p := range train(t, &profile.Set{}, a100Pair(2, 1), o).Provenance() {
		if p.Source != Analytic {
			t.Errorf("%+v", p)
		}
	}
}
