package vidur_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// TestPredictorErrors has the predictor fail at stage 1 of the second batch.
func TestPredictorErrors(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name string
		s    float64
		err  error
		want string
	}{
		{"negative", -1, nil, "stage 1 takes -1 s"},
		{"not a number", math.NaN(), nil, "stage 1 takes NaN s"},
		{"infinite", math.Inf(1), nil, "stage 1 takes +Inf s"},
		{"error", 0, boom, "boom"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(2, at(0), at(10))
			for i := range cfg.Replicas {
				cfg.Replicas[i].PP = 2
				cfg.Replicas[i].Predictor = vidur.PredictorFunc(func(b *vidur.Batch, stage int) (vidur.StageTime, error) {
					if b.ID == 2 && stage == 1 {
						return vidur.Seconds(c.s), c.err
					}
					return vidur.Seconds(1), nil
				})
			}
			err := run(cfg)
			var at *vidur.RunError
			if !errors.As(err, &at) || at.At != 11 || at.Replica != 1 || at.Batch != 2 {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), "t=11 s replica 1 batch 2: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.err != nil && !errors.Is(err, c.err) {
				t.Errorf("%v does not wrap its cause", err)
			}
		})
	}
}

// TestNoTime: stages that take no time are no reason to hang, and all happens
// when the request arrives.
func TestNoTime(t *testing.T) {
	cfg := config(2, at(0), at(0), at(1), vidur.Arrival{At: 1, Prefill: 50, Decode: 500})
	for i := range cfg.Replicas {
		cfg.Replicas[i].PP, cfg.Replicas[i].Predictor = 3, seconds(0)
	}
	for i, got := range completions(t, cfg, 4) {
		if want := []float64{0, 0, 1, 1}[i]; got != want {
			t.Errorf("request %d completes at %g s, want %g", i, got, want)
		}
	}
}

// TestStageTimeAddsUp: a stage takes the sum of its operators, per layer where
// they run in each.
func TestStageTimeAddsUp(t *testing.T) {
	st := vidur.StageTime{Layers: 3}
	want, cpu := 0.0, 0.0
	for op := range vidur.NumOps {
		ms := float64(int(1) << op)
		st.Ops[op] = ms
		switch {
		case op >= int(vidur.OpSchedule):
			cpu += ms
		case op >= int(vidur.OpSendRecv):
			want += ms
		case op == int(vidur.OpAllReduce):
			want += 3 * 2 * ms // once after attention and once after the MLP
		default:
			want += 3 * ms
		}
	}
	if got := st.Model(); math.Abs(got-want/1e3) > 1e-9*got {
		t.Errorf("model time %g s, want %g", got, want/1e3)
	}
	if got := st.CPU(); math.Abs(got-cpu/1e3) > 1e-9*got || st.Total() != st.Model()+got {
		t.Errorf("CPU time %g s, want %g", got, cpu/1e3)
	}
	sum := 0.0
	for _, ms := range st.Parts() {
		sum += ms
	}
	if math.Abs(sum-(want+cpu)) > 1e-9*sum {
		t.Errorf("parts of %g ms, want %g", sum, want+cpu)
	}
}
