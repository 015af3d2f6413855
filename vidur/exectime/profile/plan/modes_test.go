package plan

import (
	"slices"
	"strings"
	"testing"
)

// TestRunExamples: the lists in the help of vLLM's example, and its edges.
func TestRunExamples(t *testing.T) {
	for _, c := range []struct {
		run     Run
		running []int
		lengths []Outputs
	}{
		{Run{Batch: 128, Prompt: 8, Complete: 32}, []int{128, 128, 96, 64, 32, 1}, []Outputs{{2, 32}, {3, 32}, {4, 32}, {5, 31}, {6, 1}}},
		{Run{Batch: 4, Prompt: 8, Steps: 3}, []int{4, 4, 4}, []Outputs{{3, 4}}},
		{Run{Batch: 4, Prompt: 8, Steps: 1}, []int{4}, []Outputs{{1, 4}}},
		{Run{Batch: 1, Prompt: 8, Complete: 1}, []int{1, 1}, []Outputs{{2, 1}}},
		{Run{Batch: 3, Prompt: 8, Complete: 1}, []int{3, 3, 2, 1}, []Outputs{{2, 1}, {3, 1}, {4, 1}}},
		{Run{Batch: 5, Prompt: 8, Complete: 9}, []int{5, 5, 1}, []Outputs{{2, 4}, {3, 1}}},
		{Run{Batch: 7, Prompt: 8, Complete: 3}, []int{7, 7, 4, 1}, []Outputs{{2, 3}, {3, 3}, {4, 1}}},
	} {
		running, err := c.run.Running()
		lengths, err2 := c.run.Lengths()
		if err != nil || err2 != nil || !slices.Equal(running, c.running) || !slices.Equal(lengths, c.lengths) {
			t.Errorf("%+v: %v %v, %v %v", c.run, running, lengths, err, err2)
		}
	}
}

// TestRunLaw: an engine that gives every running request a token per step, until its
// answer is as long as it should be, has the running requests that were listed.
func TestRunLaw(t *testing.T) {
	for batch := 1; batch <= 40; batch++ {
		for k := 1; k <= 42; k++ {
			for _, r := range []Run{{Batch: batch, Prompt: 16, Complete: k}, {Batch: batch, Prompt: 16, Steps: k}} {
				engine(t, r)
			}
		}
	}
}

func engine(t *testing.T, r Run) {
	t.Helper()
	lengths, err := r.Lengths()
	if err != nil {
		t.Fatal(err)
	}
	var left []int // tokens to come, by request
	for _, l := range lengths {
		for range l.Requests {
			left = append(left, l.Tokens)
		}
	}
	steps, err := r.StepList()
	if err != nil || len(left) != r.Batch {
		t.Fatalf("%+v: %d requests, %v", r, len(left), err)
	}
	for i, s := range steps {
		tokens, cached := len(left), r.Prompt+i
		if i == 0 {
			tokens, cached = r.Batch*r.Prompt, 0
		}
		if s.Running != len(left) || s.Tokens != tokens || s.Cached != cached || s.Running < 1 {
			t.Fatalf("%+v: step %d is %+v, with %d running", r, i, s, len(left))
		}
		for j := range left {
			left[j]--
		}
		left = slices.DeleteFunc(left, func(n int) bool { return n == 0 })
	}
	if len(left) != 0 || steps[0].Name != "prefill" || len(steps) > 1 && steps[1].Name != "decode_1" {
		t.Fatalf("%+v: %d requests are not done; steps %+v", r, len(left), steps)
	}
	if last := steps[len(steps)-1].Running; r.Complete > 0 && last != 1 {
		t.Fatalf("%+v ends with %d", r, last)
	}
}

func TestRunRefused(t *testing.T) {
	fine := Engine{MaxModelLen: 100, MaxSeqs: 8, MaxBatchedTokens: 512}
	graphs := fine
	graphs.Graphs = true
	for _, c := range []struct {
		run  Run
		e    Engine
		want string // empty: it runs
	}{
		{Run{Batch: 8, Prompt: 64, Steps: 36}, fine, ""},
		{Run{Batch: 8, Prompt: 64, Steps: 37}, fine, "max_model_len 100"},
		{Run{Batch: 9, Prompt: 8, Steps: 1}, fine, "max_num_seqs 8"},
		{Run{Batch: 8, Prompt: 65, Steps: 1}, fine, "max_num_batched_tokens 512"},
		{Run{Batch: 8, Prompt: 65, Steps: 1}, Engine{}, ""},
		{Run{Batch: 1, Prompt: 1, Steps: 1}, graphs, "eager"},
		{Run{Batch: 8, Prompt: 93, Complete: 1}, Engine{MaxModelLen: 102}, ""},
		{Run{Batch: 8, Prompt: 94, Complete: 1}, Engine{MaxModelLen: 102}, "max_model_len"},
		{Run{Prompt: 1, Steps: 1}, fine, "batch size"},
		{Run{Batch: 1, Steps: 1}, fine, "prompt length"},
		{Run{Batch: 1, Prompt: 1}, fine, "either"},
		{Run{Batch: 1, Prompt: 1, Steps: 1, Complete: 1}, fine, "exclude"},
		{Run{Batch: 1, Prompt: 1, Steps: -1}, fine, "negative"},
		{Run{Batch: 1, Prompt: 1, Steps: 1 << 40}, fine, "too many"},
		{Run{Batch: 1 << 30, Prompt: 1, Complete: 1}, fine, "too many"},
	} {
		err := c.run.Check(c.e)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v, %+v: %v", c.run, c.e, err)
		}
	}
}

// TestNewRun: the points are those of the steps, each once.
func TestNewRun(t *testing.T) {
	spec := replica(t, "llama-3-8b", "h100")
	r := Run{Batch: 16, Prompt: 32, Complete: 8}
	p, err := NewRun(spec, r, Engine{}, Options{TP: []int{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	laws(t, p, 4096, 128)
	want := []string{
		"token/tp1/n512", "token/tp1/n16", "token/tp1/n8", "token/tp1/n1", "attention/tp1/b1/c128/kv0",
		"decode/tp1/b16/kv33", "decode/tp1/b8/kv34", "decode/tp1/b1/kv35", "cpu/tp1/b16", "cpu/tp1/b8", "cpu/tp1/b1",
	}
	var got []string
	for _, pt := range p.Points {
		if pt.TP == 1 {
			got = append(got, pt.ID)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, pt := range p.Points {
		if (pt.Like != "") != (pt.Kind == Token && pt.TP == 2) {
			t.Errorf("%+v", pt)
		}
	}
	spec.Device.MemoryGB = 20
	if _, err := NewRun(spec, Run{Batch: 4096, Prompt: 4096, Steps: 2}, Engine{}, Options{TP: []int{1}}); err == nil || !strings.Contains(err.Error(), "room") {
		t.Error(err)
	}
	if _, err := NewRun(spec, r, Engine{Graphs: true}, Options{}); err == nil {
		t.Error("graphs")
	}
}
