package vidur_test

import (
	"errors"
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func TestScaled(t *testing.T) {
	all := vidur.PredictorFunc(func(*vidur.Batch, int) (vidur.StageTime, error) {
		s := vidur.StageTime{Layers: 3}
		for op := range s.Ops {
			s.Ops[op] = float64(op + 1)
		}
		return s, errBoom
	})
	p, err := vidur.Scaled(all, 0.5, vidur.OpAttnDecode, vidur.OpSampler, vidur.OpAttnDecode)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.StageTime(nil, 0)
	if !errors.Is(err, errBoom) || got.Layers != 3 {
		t.Errorf("%d layers, error %v", got.Layers, err)
	}
	for op, ms := range got.Ops {
		want := float64(op + 1)
		if vidur.Op(op) == vidur.OpAttnDecode || vidur.Op(op) == vidur.OpSampler {
			want /= 2
		}
		if ms != want {
			t.Errorf("%v takes %g ms, want %g", vidur.Op(op), ms, want)
		}
	}
	if _, ok := p.(vidur.SumsOnly); ok {
		t.Error("it needs no single requests, but its predictor may")
	}
	if p, err = vidur.Scaled(sums{all}, 2, vidur.OpAdd); err != nil {
		t.Fatal(err)
	} else if _, ok := p.(vidur.SumsOnly); !ok {
		t.Error("it slows a predictor of sums down")
	}
}

func TestScaledRefuses(t *testing.T) {
	p := seconds(1)
	for name, f := range map[string]func() (vidur.Predictor, error){
		"no predictor": func() (vidur.Predictor, error) { return vidur.Scaled(nil, 1, vidur.OpAdd) },
		"no operator":  func() (vidur.Predictor, error) { return vidur.Scaled(p, 1) },
		"negative":     func() (vidur.Predictor, error) { return vidur.Scaled(p, -1, vidur.OpAdd) },
		"no number":    func() (vidur.Predictor, error) { return vidur.Scaled(p, math.NaN(), vidur.OpAdd) },
		"infinite":     func() (vidur.Predictor, error) { return vidur.Scaled(p, math.Inf(1), vidur.OpAdd) },
		"unknown":      func() (vidur.Predictor, error) { return vidur.Scaled(p, 1, vidur.Op(vidur.NumOps)) },
	} {
		if got, err := f(); err == nil || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestWorkloadFunc(t *testing.T) {
	l := &list{left: []vidur.Arrival{at(0), at(3)}}
	if got := completions(t, withWorkload(vidur.WorkloadFunc(l.Next)), 2); got[0] != 2 || got[1] != 5 {
		t.Errorf("completed at %v", got)
	}
}
