package trained

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

func TestTimesAreTheProfiles(t *testing.T) {
	tr := train(t, synthetic(), a100Pair(2, 2), small())
	b := batchOf([3]int{1, 256, 0}, [3]int{1, 256, 0}, [3]int{128, 64, 512})
	st := stageTime(t, tr.Predictor(), b, 0)
	const n = 136 // 130 rounded up
	for _, op := range layerOps {
		want := linear(op, n)
		if op == vidur.OpAllReduce {
			want += 0.02 // launch
		}
		if !near(st.Ops[op], want, 0.03) {
			t.Errorf("%v takes %v ms, profiled is %v", op, st.Ops[op], want)
		}
	}
	if got, want := st.Ops[vidur.OpAttnDecode], 1.1*decodeMs(2, 256); !near(got, want, 0.05) {
		t.Errorf("decode attention takes %v ms, profiled is %v", got, want)
	}
	if got, want := st.Ops[vidur.OpAttnPrefill], prefillMs(64, 128); !near(got, want, 0.1) {
		t.Errorf("prefill attention takes %v ms, profiled is %v", got, want)
	}
	for op := vidur.OpSchedule; int(op) < vidur.NumOps; op++ {
		if got, want := st.Ops[op], cpuMs(op, 3); !near(got, want, 0.03) {
			t.Errorf("%v takes %v ms, profiled is %v", op, got, want)
		}
	}
	if st.Layers != 40 || st.Ops[vidur.OpEmbed] <= 0 || st.Ops[vidur.OpLMHead] != 0 || st.Ops[vidur.OpKVSave] <= 0 {
		t.Errorf("%d layers, embedding %v, LM head %v, KV save %v", st.Layers, st.Ops[vidur.OpEmbed], st.Ops[vidur.OpLMHead], st.Ops[vidur.OpKVSave])
	}
	last := stageTime(t, tr.Predictor(), b, 1)
	if last.Ops[vidur.OpSendRecv] != 0 || last.Ops[vidur.OpLMHead] <= 0 || last.Ops[vidur.OpEmbed] != 0 {
		t.Errorf("the last stage sends for %v ms, its LM head takes %v", last.Ops[vidur.OpSendRecv], last.Ops[vidur.OpLMHead])
	}
	if tr.Beyond() != 0 {
		t.Errorf("%d look-ups beyond the profile: %v", tr.Beyond(), tr.Notes())
	}
}

// Without any profile the predictor is the analytic one, to the bit.
func TestWithoutProfilesItIsAnalytic(t *testing.T) {
	spec := a100Pair(2, 2)
	tr, err := New(context.Background(), "", spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.Predictor(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []*vidur.Batch{decodes(1, 77), decodes(33, 1234), batchOf([3]int{777, 0, 777}, [3]int{300, 100, 1000}, [3]int{1, 50, 0}), batchOf([3]int{9000, 0, 9000})} {
		for stage := range 2 {
			if got, want := stageTime(t, tr.Predictor(), b, stage), stageTime(t, p, b, stage); got != want {
				t.Errorf("%d tokens on stage %d take\n%v, by the analytic model\n%v", b.NumTokens, stage, got, want)
			}
		}
	}
}

func TestOriginalLeavesOut(t *testing.T) {
	set := synthetic()
	set.Ops[vidur.OpKVSave] = &profile.Samples{Op: vidur.OpKVSave, Features: []string{profile.NumTokens}, X: [][]float64{{1, 2, 3}}, Y: make([]float64, 3)}
	o := small()
	o.Original, o.Clamp = true, true
	tr := train(t, set, a100Pair(2, 1), o)
	st := stageTime(t, tr.Predictor(), batchOf([3]int{64, 0, 64}), 0)
	if st.Ops[vidur.OpEmbed] != 0 || st.Ops[vidur.OpLMHead] != 0 || st.Ops[vidur.OpKVSave] != 0 {
		t.Errorf("embedding %v, LM head %v, KV save %v", st.Ops[vidur.OpEmbed], st.Ops[vidur.OpLMHead], st.Ops[vidur.OpKVSave])
	}
	st = stageTime(t, train(t, set, a100Pair(2, 1), small()).Predictor(), batchOf([3]int{64, 0, 64}), 0)
	if st.Ops[vidur.OpKVSave] <= 0 {
		t.Error("a column of zeros is taken for a time")
	}
}

func TestProvenanceOfMixedSources(t *testing.T) {
	set := synthetic(vidur.OpMLPUp, vidur.OpAttnDecode)
	sparseSet := synthetic(vidur.OpMLPDown)
	s := *sparseSet.Ops[vidur.OpMLPDown]
	s.X = [][]float64{{8, 32, 128, 512}}
	s.Y = []float64{0.1, 0.2, 0.6, 2}
	set.Ops[vidur.OpMLPDown] = &s
	want := map[vidur.Op]Source{vidur.OpMLPUp: Measured, vidur.OpAttnDecode: Measured, vidur.OpMLPDown: Interpolated}
	tr := train(t, set, a100Pair(2, 1), small())
	seen := map[vidur.Op]bool{}
	for _, p := range tr.Provenance() {
		seen[p.Op] = true
		source, ok := want[p.Op]
		if !ok {
			source = Analytic
		}
		if p.Source != source || p.Estimator == "" || p.CVError <= 0 || source != Analytic && (p.Rows == 0 || p.Range == "") {
			t.Errorf("%v: %+v, want %v", p.Op, p, source)
		}
	}
	if seen[vidur.OpSendRecv] || seen[vidur.OpSchedule] || !seen[vidur.OpLMHead] || !seen[vidur.OpAllReduce] || !seen[vidur.OpKVSave] {
		t.Errorf("operators that run: %v", seen)
	}
	if got := tr.Provenance()[4]; got.Op != vidur.OpAttnDecode || got.Range != "requests 1 to 16 × cached tokens 64 to 512" {
		t.Errorf("%v: profiled %q", got.Op, got.Range)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	spec := a100Pair(2, 1)
	for _, v := range []struct {
		o    Options
		spec vidur.ReplicaSpec
		want string
	}{
		{Options{KVStep: -1}, spec, "KVStep -1"},
		{Options{Grid: []learn.Estimator{}}, spec, "no estimator"},
		{Options{CPU: CPUOverhead{ConstantMs: -1}}, spec, "CPU overhead of -1 ms"},
		{Options{}, vidur.ReplicaSpec{}, "layers 0 must be positive"},
		{Options{Analytic: exectime.AnalyticOptions{LatencyUs: -1}}, spec, "LatencyUs"},
	} {
		if _, err := Train(context.Background(), synthetic(), v.spec, v.o); err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("error %v, want %s", err, v.want)
		}
	}
}

func TestOperatorsThatCannotBeLearnt(t *testing.T) {
	set := synthetic(vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpMLPAct)
	set.Ops[vidur.OpMLPUp].X = [][]float64{{1}}
	set.Ops[vidur.OpMLPUp].Y = []float64{1}
	set.Ops[vidur.OpMLPDown].Features = []string{profile.BatchSize}
	tr := train(t, set, a100Pair(1, 1), small())
	notes := strings.Join(tr.Notes(), "\n")
	for _, want := range []string{"mlp_up_proj: 1 rows are too few to learn from; the analytic model", "mlp_down_proj: the samples are by [batch_size]"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q lack %q", notes, want)
		}
	}
	if st := stageTime(t, tr.Predictor(), decodes(8, 8), 0); st.Ops[vidur.OpMLPUp] <= 0 || st.Ops[vidur.OpMLPDown] <= 0 {
		t.Errorf("they take %v and %v ms", st.Ops[vidur.OpMLPUp], st.Ops[vidur.OpMLPDown])
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Train(ctx, synthetic(), a100Pair(2, 1), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Eight goroutines ask one predictor for the first time, and train at once: all
// get the same.
func TestConcurrentUse(t *testing.T) {
	shared := train(t, synthetic(), a100Pair(2, 2), small())
	want := totals(t, train(t, synthetic(), a100Pair(2, 2), small()).Predictor())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			own := train(t, synthetic(), a100Pair(2, 2), small())
			for _, p := range []vidur.Predictor{shared.Predictor(), own.Predictor()} {
				for i, got := range totals(t, p) {
					if got != want[i] {
						t.Errorf("batch %d takes %v s, and %v alone", i, got, want[i])
					}
				}
			}
		})
	}
	group.Wait()
}

// totals are the times of many batches, within and beyond the profile.
func totals(t testing.TB, p vidur.Predictor) []float64 {
	var all []float64
	for n := 1; n < 40; n += 3 {
		for _, cached := range []int{1, 63, 200, 511, 600, 200_000} {
			for stage := range 2 {
				a := stageTime(t, p, decodes(n, cached), stage)
				b := stageTime(t, p, batchOf([3]int{16 * n, cached, 1 << 20}, [3]int{1, cached, 0}), stage)
				all = append(all, a.Total(), b.Total())
			}
		}
	}
	return all
}
