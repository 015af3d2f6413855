package imports

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/trained"
)

// batchOfStep is the batch that a step ran.
func batchOfStep(s *Step) *vidur.Batch {
	b := &vidur.Batch{}
	for i := range s.Requests {
		if s.Prefill {
			n := s.Tokens / s.Requests
			b.Add(&vidur.Request{ID: i, Done: s.Cached, Prompt: s.Cached + n}, n)
		} else {
			b.Add(&vidur.Request{ID: i, Done: s.Cached, Prompt: s.Cached - 1}, 1)
		}
	}
	return b
}

// imported converts traces, writes them and learns from what was written.
func imported(t *testing.T, dir string, spec vidur.ReplicaSpec, traces ...*Trace) *trained.Trained {
	t.Helper()
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	var results []*Result
	for _, trace := range traces {
		r, err := Convert(trace, rules, spec)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	if err := Write(dir, results...); err != nil {
		t.Fatal(err)
	}
	learnt, err := trained.New(context.Background(), dir, spec, trained.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return learnt
}

// The sum of the operators that are predicted for a step's batch is the time of
// the step's kernels.
func TestRoundTrip(t *testing.T) {
	for _, model := range []string{"llama-2-7b", "llama-3-8b"} { // MHA and GQA
		for _, tp := range []int{1, 2} {
			for _, graphs := range []bool{false, true} {
				for _, modules := range []bool{false, true} {
					f := &fixture{spec: replica(t, model, "a100", tp), batch: 3, prompt: 200, decodes: 5, graphs: graphs, modules: modules, odd: true, noise: 0.01}
					t.Run(fmt.Sprintf("%s TP%d graphs %v modules %v", model, tp, graphs, modules), func(t *testing.T) { roundTrip(t, f) })
				}
			}
		}
	}
}

func roundTrip(t *testing.T, f *fixture) {
	m := f.make(t)
	path := filepath.Join(t.TempDir(), "trace.json")
	if err := os.WriteFile(path, []byte(m.out.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	traces, err := Open(path, "", Options{Batch: f.batch, Prompt: f.prompt})
	if err != nil {
		t.Fatal(err)
	}
	trace := traces[0]
	if len(trace.Steps) != 1+f.decodes || trace.TP != f.spec.TP || trace.Device != "NVIDIA A100-SXM4-80GB" {
		t.Fatalf("%d steps, TP %d, device %q", len(trace.Steps), trace.TP, trace.Device)
	}
	learnt := imported(t, filepath.Join(t.TempDir(), "out"), f.spec, trace)
	for i := range trace.Steps {
		s := &trace.Steps[i]
		if math.Abs(s.Time()-m.step[i]) > 1e-6*m.step[i] {
			t.Errorf("step %s has kernels of %v µs, not %v", s.Name, s.Time(), m.step[i])
		}
		st, err := learnt.Predictor().StageTime(batchOfStep(s), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := 1e6 * st.Model(); math.Abs(got/m.step[i]-1) > 0.01 {
			t.Errorf("step %s: operators add up to %.1f µs, kernels to %.1f", s.Name, got, m.step[i])
		}
		f.operators(t, m, i, &st)
	}
	for _, p := range learnt.Provenance() {
		if p.Source != trained.Imported {
			t.Errorf("%v is %v", p.Op, p.Source)
		}
	}
}

// A prefill and a decode step of equally many tokens, or requests, keep their times.
func TestRoundTripPhases(t *testing.T) {
	spec := replica(t, "llama-3-8b", "a100", 2)
	var traces []*Trace
	var want []float64
	for i, f := range []fixture{{batch: 1, prompt: 48}, {batch: 48, prompt: 16}, {batch: 8, prompt: 1}} {
		f.spec, f.decodes, f.slow = spec, 2, 0.7
		m := f.make(t)
		path := filepath.Join(t.TempDir(), fmt.Sprint(i, ".json"))
		if err := os.WriteFile(path, []byte(m.out.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		list, err := Open(path, "", Options{Batch: f.batch, Prompt: f.prompt})
		if err != nil {
			t.Fatal(err)
		}
		traces, want = append(traces, list...), append(want, m.step...)
	}
	predictor := imported(t, filepath.Join(t.TempDir(), "out"), spec, traces...).Predictor()
	n := 0
	for _, trace := range traces {
		for i := range trace.Steps {
			st, err := predictor.StageTime(batchOfStep(&trace.Steps[i]), 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := 1e6 * st.Model(); math.Abs(got/want[n]-1) > 1e-6 {
				t.Errorf("%s of %d tokens: operators add up to %.1f µs, kernels to %.1f", trace.Steps[i].Name, trace.Steps[i].Tokens, got, want[n])
			}
			n++
		}
	}
}

// A step with another number of layers than times are divided by is noted.
func TestOtherLayers(t *testing.T) {
	f := &fixture{spec: replica(t, "llama-2-7b", "a100", 1), batch: 2, prompt: 16, decodes: 1}
	text := f.make(t).out.String()
	for layers, want := range map[int]bool{0: false, 32: false, 31: true} {
		trace, err := parseKineto("t.json", bytes.NewReader([]byte(text)), Options{Batch: 2, Prompt: 16, Layers: layers})
		if err != nil {
			t.Fatal(err)
		}
		rules, err := NewRules("")
		if err != nil {
			t.Fatal(err)
		}
		r, err := Convert(trace, rules, f.spec)
		if err != nil {
			t.Fatal(err)
		}
		if hasNote(r.Notes, "attention 32 times", "divided by 31 layers") != want {
			t.Errorf("%d layers: %q", layers, r.Notes)
		}
	}
}

// operators compares the layer's operators with what the fixture made.
func (f *fixture) operators(t *testing.T, m *made, step int, st *vidur.StageTime) {
	t.Helper()
	tokens := f.batch
	if step == 0 {
		tokens *= f.prompt
	}
	want := m.times(step, tokens)
	want["attn_prefill"], want["attn_decode"] = want["attention"], 0
	if step > 0 {
		want["attn_prefill"], want["attn_decode"] = 0, want["attention"]
	}
	want["add"] = 0
	for op := range vidur.OpSendRecv {
		name := op.String()
		if got := 1e3 * st.Ops[op]; math.Abs(got-want[name]) > 0.02*want[name] && (f.spec.TP > 1 || op != vidur.OpAllReduce) {
			t.Errorf("step %d: %s takes %.2f µs, not %.2f", step, name, got, want[name])
		}
	}
}

// Where nothing was measured the analytic model's slope holds, and the directory
// is one that Check has nothing against.
func TestBetweenAndBeyond(t *testing.T) {
	f := &fixture{spec: replica(t, "llama-3-8b", "a100", 2), batch: 8, prompt: 512, decodes: 3}
	m := f.make(t)
	trace, err := parseKineto("t.json", bytes.NewReader([]byte(m.out.String())), Options{Batch: 8, Prompt: 512})
	if err != nil {
		t.Fatal(err)
	}
	trace.File = filepath.Join(t.TempDir(), "t.json")
	if err := os.WriteFile(trace.File, []byte(m.out.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "out")
	learnt := imported(t, dir, f.spec, trace)
	for _, n := range []int{1, 100, 1000, 16384} {
		b := &vidur.Batch{}
		b.Add(&vidur.Request{Prompt: n}, n)
		st, err := learnt.Predictor().StageTime(b, 0)
		if err != nil {
			t.Fatal(err)
		}
		layer := m.ref.ByTokens(n).Layer.Ops
		for _, op := range []vidur.Op{vidur.OpMLPUp, vidur.OpAttnRope, vidur.OpAllReduce, vidur.OpKVSave} {
			if got, want := st.Ops[op], layer[op]*factors[op.String()]; math.Abs(got/want-1) > 0.02 {
				t.Errorf("%v of %d tokens: %v ms, not %v", op, n, got, want)
			}
		}
	}
	if learnt.Beyond() == 0 {
		t.Error("nothing lay beyond what was measured")
	}
	report, err := profile.Check(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := report.Count(profile.Error); n > 0 {
		t.Error(report)
	}
}

// A zipped trace is read as the plain one, and so is the list of events alone.
func TestForms(t *testing.T) {
	f := &fixture{spec: replica(t, "llama-2-7b", "a100", 1), batch: 1, prompt: 64, decodes: 1, whole: true, modules: true}
	text := f.make(t).out.String()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, text)
	z.Close()
	events := text[bytes.Index([]byte(text), []byte("[\n{")) : bytes.LastIndexByte([]byte(text), ']')+1]
	want, err := parseKineto("t", bytes.NewReader([]byte(text)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"zipped": zipped.Bytes(), "events": []byte(events)} {
		got, err := parseKineto("t", bytes.NewReader(content), Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(got.Steps) != 2 || fmt.Sprint(got.Steps[1].Kernels[5].Name, got.Steps[1].Time()) != fmt.Sprint(want.Steps[1].Kernels[5].Name, want.Steps[1].Time()) {
			t.Errorf("%s is read otherwise", name)
		}
	}
}
