package notebooks

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/spec"
)

// linear is the closed form of data/original/original.py.
func linear(b *vidur.Batch, _ int) (st vidur.StageTime, _ error) {
	n, pairs := float64((b.NumTokens+7)/8*8), 0.0
	for _, s := range b.Slots {
		if !s.Decode {
			pairs += float64(s.Tokens) * float64(s.Tokens+2*s.Cached)
		}
	}
	st.Layers = 32
	st.Ops[vidur.OpAttnPreProj], st.Ops[vidur.OpAttnPostProj] = 0.03+0.0008*n, 0.01+0.0003*n
	st.Ops[vidur.OpMLPUp], st.Ops[vidur.OpMLPDown], st.Ops[vidur.OpMLPAct] = 0.05+0.0014*n, 0.03+0.0007*n, 0.002+0.0001*n
	if b.NumDecodes > 0 {
		st.Ops[vidur.OpAttnDecode] = 0.004 + 0.000012*float64(b.DecodeCached)
	}
	if pairs > 0 {
		st.Ops[vidur.OpAttnPrefill] = 0.005 + 0.0000001*pairs
	}
	return st, nil
}

// TestOriginal: the runs of the original's package in data/original come out the same
// here, request by request, within 1e-9 s.
func TestOriginal(t *testing.T) {
	dir := filepath.Join("data", "original")
	text, err := os.ReadFile(filepath.Join(dir, "runs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var runs []struct {
		Run, Metrics string
		Flags        []string
		Restarts     int
	}
	if err := json.Unmarshal(text, &runs); err != nil || len(runs) < 8 {
		t.Fatal(len(runs), err)
	}
	restarts := 0
	for _, r := range runs {
		restarts += r.Restarts
		t.Run(r.Run, func(t *testing.T) {
			sameTimes(t, dir, r.Metrics, r.Flags)
		})
	}
	if restarts == 0 {
		t.Error("no run preempts requests")
	}
}

// sameTimes does a run again and compares it with what the original wrote.
func sameTimes(t *testing.T, dir, metrics string, flags []string) {
	t.Helper()
	p, err := spec.Parse(append([]string{"--requests-file", filepath.Join(dir, "requests.csv")}, flags...))
	if err != nil {
		t.Fatal(err)
	}
	run, err := p.Experiment.BuildWith(func(vidur.ReplicaSpec) (vidur.Predictor, error) { return vidur.PredictorFunc(linear), nil })
	if err != nil {
		t.Fatal(err)
	}
	st, err := run.Simulate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, metrics))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	df, err := frames.ReadCSV(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"prefill_e2e_time", "decode_time_execution_plus_preemption_normalized", "request_e2e_time"} {
		got, err := st.Column(column)
		if err != nil {
			t.Fatal(err)
		}
		want, err := frames.Floats(df, column)
		if err != nil || len(want) != 160 || len(got.Values) != len(want) {
			t.Fatal(column, len(want), len(got.Values), err)
		}
		for i, v := range want {
			if !(math.Abs(got.Values[i]-v) <= 1e-9) {
				t.Fatalf("request %d: %s is %v, %v in the original", i, column, got.Values[i], v)
			}
		}
	}
}
