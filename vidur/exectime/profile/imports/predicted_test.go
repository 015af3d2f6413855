package imports

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
)

// A prediction that is written as a layerwise profile and imported predicts itself,
// operator by operator.
func TestPredictionPredictsItself(t *testing.T) {
	for _, tp := range []int{1, 2} {
		spec := replica(t, "llama-3-8b", "h100", tp)
		analytic, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := analytic.Predictor(spec)
		if err != nil {
			t.Fatal(err)
		}
		first, err := layerwise.Simulate(spec, p, layerwise.Sizes{Batch: 8, Prompt: 512, Steps: 6})
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := first.Write(&text); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "predicted.json")
		if err := os.WriteFile(path, text.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		trace := openLayerwise(t, path)
		again := imported(t, filepath.Join(t.TempDir(), "out"), spec, trace).Predictor()
		for i := range trace.Steps {
			b := batchOfStep(&trace.Steps[i])
			want, err := p.StageTime(b, 0)
			if err != nil {
				t.Fatal(err)
			}
			got, err := again.StageTime(b, 0)
			if err != nil {
				t.Fatal(err)
			}
			for op, ms := range want.Ops {
				if math.Abs(got.Ops[op]-ms) > 0.01*ms {
					t.Errorf("TP %d, %s: operator %d takes %g ms, not %g", tp, trace.Steps[i].Name, op, got.Ops[op], ms)
				}
			}
		}
	}
}
