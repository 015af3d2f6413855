package imports

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
	"github.com/govidur/govidur/vidur/internal/layerwisetest"
)

// layerwiseFile writes a constructed profile.
func layerwiseFile(t *testing.T, f layerwisetest.Fixture) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "profile.json")
	if err := os.WriteFile(path, []byte(f.Text()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func openLayerwise(t *testing.T, path string) *Trace {
	t.Helper()
	traces, err := Open(path, "", Options{})
	if err != nil || len(traces) != 1 || traces[0].Format != layerwiseName {
		t.Fatalf("%v, %v", traces, err)
	}
	return traces[0]
}

// What the file says of itself becomes the trace: sizes, phases and every kernel.
func TestLayerwise(t *testing.T) {
	for _, f := range []layerwisetest.Fixture{{TP: 1, Layers: 3, Decodes: 4, Seed: 1}, {TP: 2, Layers: 2, Decodes: 3, Seed: 2}} {
		path := layerwiseFile(t, f)
		tr := openLayerwise(t, path)
		if tr.Model != "meta-llama/Meta-Llama-3-8B" || tr.TP != f.TP || tr.Layers != f.Layers || len(tr.Steps) != 1+f.Decodes || !tr.Ordered {
			t.Fatalf("%+v", tr)
		}
		p, err := layerwise.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range tr.Steps {
			total := 0.0
			for _, k := range s.Kernels {
				total += k.Time
			}
			if ph := p.Phases[i]; s.Name != ph.Name || math.Abs(total-ph.Total()) > 1e-9*total {
				t.Errorf("%s: %g of %g µs", s.Name, total, ph.Total())
			}
			switch {
			case i == 0 && (!s.Prefill || s.Requests != layerwisetest.Batch || s.Tokens != layerwisetest.Batch*layerwisetest.Prompt || s.Cached != 0):
				t.Errorf("%+v", s)
			case i > 0 && (s.Prefill || s.Tokens != s.Requests || s.Requests != layerwisetest.Batch-(i-1)/3 || s.Cached != layerwisetest.Prompt+i):
				t.Errorf("%+v", s)
			}
		}
	}
}

// In files of 2024 decode_1 is the second step, and the last one is there twice.
func TestLayerwiseOld(t *testing.T) {
	tr := openLayerwise(t, layerwiseFile(t, layerwisetest.Fixture{TP: 1, Layers: 2, Decodes: 4, Old: true, Seed: 3}))
	if len(tr.Steps) != 4 || tr.Steps[1].Cached != layerwisetest.Prompt+2 || tr.Steps[3].Cached != layerwisetest.Prompt+4 {
		t.Errorf("%d steps, the last %+v", len(tr.Steps), tr.Steps[len(tr.Steps)-1].Name)
	}
	if !strings.Contains(strings.Join(tr.Notes, "\n"), "step 1 is lost") {
		t.Errorf("%q", tr.Notes)
	}
}

// Operators come out of the kernels in their modules, and each of them once.
func TestLayerwiseConverts(t *testing.T) {
	f := layerwisetest.Fixture{TP: 2, Layers: 3, Decodes: 2, Seed: 4}
	path := layerwiseFile(t, f)
	p, err := layerwise.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := catalog.Default().Replica("meta-llama/Meta-Llama-3-8B", "h100", 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Convert(openLayerwise(t, path), rules, spec)
	if err != nil || len(r.Unclassified) > 0 {
		t.Fatal(err, r)
	}
	want := map[string]float64{}
	for _, l := range p.Phases[1].Leaves() {
		for part, op := range map[string]string{"/QKV": preProj, "/MergedColumn": up, "/SiluAndMul": act, "/LlamaRotary": rope, "LogitsProcessor": lmHead} {
			if strings.Contains("/"+l.Module, part) && !strings.HasPrefix(l.Node.Name, "Memcpy") {
				want[op] += l.CUDA / 3
			}
		}
		switch {
		case strings.Contains(l.Module, "LlamaAttention/RowParallel") && l.Node.Name == layerwisetest.Ampere:
			want[postProj] += l.CUDA / 3
		case strings.Contains(l.Module, "LlamaMLP/RowParallel") && l.Node.Name == layerwisetest.Ampere:
			want[down] += l.CUDA / 3
		case l.Node.Name == layerwisetest.NCCL:
			want[allReduce] += l.CUDA / 6
		}
	}
	norm := p.Phases[1].Launches()
	want[inputNorm], want[postNorm] = 0, 0
	for i, l := range norm {
		if strings.HasSuffix(l.Module, "DecoderLayer/RMSNorm(weight=bfloat16[4096])") {
			if strings.Contains(norm[i+1].Module, "QKV") {
				want[inputNorm] += l.CUDA / 3
			} else {
				want[postNorm] += l.CUDA / 3
			}
		}
	}
	delete(want, lmHead) // with the final norm; of the whole iteration
	for op, us := range want {
		found := false
		for _, row := range r.Rows {
			if row.Op == op && row.Time > 0 && math.Abs(row.Time-us) < 1e-6*us {
				found = true
			}
		}
		if !found {
			t.Errorf("no row of %s with %g µs", op, us)
		}
	}
}

// Tables in CSV give the same steps as the JSON of the run, with sizes by hand.
func TestLayerwiseCSV(t *testing.T) {
	p, err := layerwise.Read(layerwiseFile(t, layerwisetest.Fixture{TP: 1, Layers: 2, Decodes: 1, Seed: 5}))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, table := range []string{layerwise.Summary, layerwise.Model} {
		var b bytes.Buffer
		if err := p.Phases[1].CSV(&b, table); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "run_decode_"+table+"_table.csv"), b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{layerwise.Summary, layerwise.Model} {
		traces, err := Open(filepath.Join(dir, "run_decode_"+table+"_table.csv"), "", Options{Batch: 8, Prompt: 128})
		if err != nil {
			t.Fatal(err)
		}
		s := traces[0].Steps[0]
		if len(traces[0].Steps) != 1 || s.Prefill || s.Tokens != 8 || s.Cached != 129 || len(s.Kernels) != len(p.Phases[1].Launches()) || !traces[0].Ordered {
			t.Errorf("%s: %+v", table, s)
		}
	}
}

func TestLayerwiseRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty":  `{"context": {"engine_args": {}}, "prefill": {"metadata": {}, "summary_stats": [], "model_stats": []}}`,
		"broken": "{\"context\": {},\n\"prefill\": {\"summary_stats\": [}",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, layerwiseName, Options{})
		var e *Error
		if !errors.As(err, &e) || e.File != path || name == "broken" && e.Line != 2 || name == "empty" && !strings.Contains(e.Text, "V1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
