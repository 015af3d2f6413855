package trained

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func constant(s float64) vidur.Predictor {
	return vidur.PredictorFunc(func(*vidur.Batch, int) (vidur.StageTime, error) { return vidur.Seconds(s), nil })
}

func TestWithCPU(t *testing.T) {
	p := WithCPU(constant(1), CPUOverhead{ConstantMs: 2, PerSequenceMs: 0.5})
	st := stageTime(t, p, decodes(4, 10), 0)
	if st.Ops[vidur.OpSchedule] != 4 || st.CPU() != 4e-3 || st.Model() != 1 {
		t.Errorf("%v ms, CPU %v s, model %v s", st.Ops[vidur.OpSchedule], st.CPU(), st.Model())
	}
	if st := stageTime(t, p, decodes(4, 10), 1); st.CPU() != 0 {
		t.Errorf("the second stage takes %v s of the CPU", st.CPU())
	}
	if p := WithCPU(constant(1), CPUOverhead{}); stageTime(t, p, decodes(4, 10), 0) != vidur.Seconds(1) {
		t.Error("no overhead changes times")
	}
	for _, c := range []CPUOverhead{{ConstantMs: -1}, {PerSequenceMs: math.NaN()}, {ConstantMs: math.Inf(1)}} {
		if _, err := WithCPU(constant(1), c).StageTime(decodes(1, 1), 0); err == nil || !strings.Contains(err.Error(), "finite and not negative") {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}

func TestCPUInPlaceOfTheProfile(t *testing.T) {
	o := small()
	o.CPU = CPUOverhead{ConstantMs: 3}
	st := stageTime(t, train(t, synthetic(), a100Pair(2, 1), o).Predictor(), decodes(4, 10), 0)
	if math.Abs(st.CPU()-3e-3) > 1e-15 {
		t.Errorf("CPU %v s", st.CPU())
	}
}

func TestNoAllocations(t *testing.T) {
	o := small()
	mixed := train(t, synthetic(vidur.OpMLPUp, vidur.OpAttnDecode), a100Pair(2, 2), o)
	all := train(t, synthetic(), a100Pair(2, 2), o)
	analytic, err := New(context.Background(), "", a100Pair(2, 2), o)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]vidur.Predictor{
		"measured": all.Predictor(), "mixed": mixed.Predictor(), "analytic": analytic.Predictor(),
		"with CPU": WithCPU(all.Predictor(), CPUOverhead{ConstantMs: 1}),
	} {
		batches := []*vidur.Batch{decodes(3, 200), decodes(300, 3000), batchOf([3]int{300, 0, 300}, [3]int{1, 10, 0}), batchOf([3]int{2000, 0, 2000})}
		ask := func() {
			for i, b := range batches {
				if _, err := p.StageTime(b, i%2); err != nil {
					panic(err)
				}
			}
		}
		ask()
		if n := testing.AllocsPerRun(50, ask); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
