package imports

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// completion is a layerwise profile of 16 prompts of 64 tokens, of which 4 complete
// in each step after the first decode, with so many decode steps and this metadata.
func completion(t *testing.T, decodes int, metadata func(step int) string) string {
	t.Helper()
	const tables = `"summary_stats": [{"entry": {"name": "flash_fwd", "cuda_time_us": %d.5, "pct_cuda_time": 100.0, "invocations": 1}, "children": []}],
 "model_stats": [{"entry": {"name": "flash_fwd", "cpu_time_us": 0.0, "cuda_time_us": %d.5, "pct_cuda_time": 100.0, "trace": ""}, "children": []}]`
	text := `{"context": {"torch_cuda_version": "12", "engine_args": {"model": "llama-3-8b", "tensor_parallel_size": 1}, "prompt_len": 64,
 "batch_size": 16, "num_steps": null, "complete_num_requests_per_step": 4}`
	for i := range decodes + 1 {
		name := "prefill"
		if i > 0 {
			name = fmt.Sprintf("decode_%d", i)
		}
		text += fmt.Sprintf(",\n%q: {%s %s}", name, metadata(i), fmt.Sprintf(tables, 5+i, 5+i))
	}
	return put(t, t.TempDir(), "profile.json", text+"}")
}

// The requests of a run to completion shrink by the file's own count, or where it has
// none by vLLM's rule: 16 twice, 4 fewer in each step, and one request in the last.
func TestLayerwiseToCompletion(t *testing.T) {
	counts := []int{16, 16, 12, 8, 4, 1}
	for name, metadata := range map[string]func(int) string{
		"said": func(i int) string { return fmt.Sprintf(`"metadata": {"num_running_seqs": %d},`, counts[i]) },
		"decodes": func(i int) string {
			return []string{`"metadata": {"num_running_seqs": null},`, fmt.Sprintf(`"metadata": {"num_running_seqs": %d},`, counts[i])}[min(i, 1)]
		},
		"null":  func(int) string { return `"metadata": {"num_running_seqs": null},` },
		"empty": func(int) string { return `"metadata": {},` },
		"none":  func(int) string { return "" },
	} {
		tr := openLayerwise(t, completion(t, 5, metadata))
		var got []int
		for i, s := range tr.Steps {
			got = append(got, s.Requests)
			if tokens, cached := s.Requests, 64+i; i > 0 && (s.Tokens != tokens || s.Cached != cached) || i == 0 && s.Tokens != 16*64 {
				t.Errorf("%s: %+v", name, s)
			}
		}
		if !slices.Equal(got, counts) {
			t.Errorf("%s: %v", name, got)
		}
		said := name == "said" || name == "decodes"
		if hasNote(tr.Notes, "counted by vLLM's rule") == said {
			t.Errorf("%s: %q", name, tr.Notes)
		}
	}
	_, err := Open(completion(t, 6, func(int) string { return "" }), "", Options{})
	wantFault(t, err, 15, "decode_6", "5 decode steps")
}

// A plan of a run has the steps that its profile is imported with: what is measured
// is what is looked up.
func TestPlannedAsImported(t *testing.T) {
	steps, err := plan.Run{Batch: 16, Prompt: 64, Complete: 4}.StepList()
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range openLayerwise(t, completion(t, 5, func(int) string { return "" })).Steps {
		if got := (plan.Step{Name: s.Name, Running: s.Requests, Tokens: s.Tokens, Cached: s.Cached}); i >= len(steps) || got != steps[i] {
			t.Errorf("step %d is imported as %+v, and planned are %+v", i, got, steps)
		}
	}
}

// Traces around the model alone end with its last norm, which is not the LM head:
// the analytic model stands in for that.
func TestLastNormWithoutHead(t *testing.T) {
	var events []string
	at := 100.0
	for _, k := range []struct {
		name string
		us   float64
	}{
		{"indexSelectLargeIndex", 3}, {"rms_norm_kernel", 2}, {"gemm_qkv", 20}, {"rotary_embedding_kernel", 3}, {"paged_attention_v1", 15}, {"gemm_o", 14},
		{"fused_add_rms_norm_kernel", 4}, {"gemm_up", 70}, {"act_and_mul_kernel", 5}, {"gemm_down", 40}, {"fused_add_rms_norm_kernel", 6},
	} {
		events = append(events, fmt.Sprintf(`{"ph":"X","cat":"kernel","name":%q,"pid":0,"tid":7,"ts":%g,"dur":%g,"args":{"device":0,"stream":7}}`, k.name, at, k.us))
		at += k.us + 1
	}
	dir := t.TempDir()
	for head, want := range map[string]float64{"": 0, `,{"ph":"X","cat":"kernel","name":"gemm_head","pid":0,"tid":7,"ts":900,"dur":200,"args":{"device":0,"stream":7}}`: 206} {
		for _, batch := range []int{2, 5} {
			put(t, dir, fmt.Sprintf("results/logs_%d/trace_50.json", batch), `{"traceEvents":[`+strings.Join(events, ",\n")+head+"]}")
		}
		o := Options{Spec: replica(t, "llama-3-8b", "h100", 1), Layers: 1}
		tr, err := readBatching(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		rules, err := NewRules("")
		if err != nil {
			t.Fatal(err)
		}
		r, err := Convert(tr, rules, o.Spec)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, row := range r.Rows {
			if row.X == 2 {
				got[row.Op] += row.Time
			}
		}
		if got[lmHead] != want || got[vidur.OpOther.String()]+got[lmHead] != want+map[bool]float64{true: 6}[want == 0] {
			t.Errorf("with %q: %v", head, got)
		}
		for i, n := range r.Notes {
			if slices.Contains(r.Notes[:i], n) {
				t.Errorf("%q is said twice", n)
			}
		}
	}
}

// What is given by mistake is named.
func TestMistaken(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, text, want string }{
		{"agentic.jsonl", `{"session_id":"a","arrival_time_ns":0,"sub_requests":[{"input_toks":1,"output_toks":1,"tool_duration_ns":0}]}`, "sessions of LLMServingSim"},
		{"flat.jsonl", `{"input_toks":1,"output_toks":1,"arrival_time_ns":0}`, "requests of LLMServingSim"},
		{"requests.jsonl", `{"request_id":"a","input_toks":1,"output_toks":1,"arrival_time":0,"queued_ts":1,"scheduled_ts":1,"first_token_ts":2,"last_token_ts":3}`, "bench"},
		{"timeseries.csv", "t,prompt_throughput,gen_throughput,running,waiting,kv_cache_pct\n0,0,0,0,0,0\n", "time series"},
		{"out.csv", "instance id,request id,model,input,output,arrival,end_time,latency,queuing_delay,TTFT,TPOT,ITL\n", "a run of LLMServingSim"},
		{"mlp.csv", "time_stats.emb.min,num_tokens\n1,2\n", "--data"},
		{"gemm.parquet", "PAR1....PAR1", "gemm_perf.parquet"},
		{"what.txt", "hello\nsub_requests", "in no known format; there are"},
	} {
		_, err := Open(put(t, dir, c.name, c.text), "", Options{})
		wantFault(t, err, 1, c.want)
	}
}

// Times of two engines do not get into one folder, be it in one import or in two.
func TestEnginesDoNotMix(t *testing.T) {
	dir := t.TempDir()
	source := func(name, engine string) *Result {
		file := put(t, dir, name, name)
		spec := replica(t, "llama-3-8b", "h100", 1)
		return &Result{Trace: &Trace{File: file, Format: aiconfName, Engine: engine}, Spec: spec, Rows: []Row{{Op: "attn_rope", X: 1, Time: 1}}}
	}
	out := filepath.Join(dir, "out")
	a, b, c, none := source("a", "vllm 1"), source("b", "vllm 1"), source("c", "vllm 2"), source("d", "")
	if err := Write(out, a, c); err == nil || !strings.Contains(err.Error(), "do not mix") {
		t.Error(err)
	}
	for _, r := range []*Result{a, b, none} {
		if err := Write(out, r); err != nil {
			t.Error(err)
		}
	}
	if err := Write(out, c); err == nil || !strings.Contains(err.Error(), "vllm 2") {
		t.Error(err)
	}
	c.Spec.TP = 2
	if err := Write(out, c); err != nil {
		t.Error(err)
	}
}

// What the user says of layers and steps wins over what the file says.
func TestLayerwiseOptions(t *testing.T) {
	path := completion(t, 5, func(int) string { return "" })
	traces, err := Open(path, "", Options{Layers: 7, Skip: 2})
	if err != nil {
		t.Fatal(err)
	}
	if tr := traces[0]; tr.Layers != 7 || len(tr.Steps) != 4 || tr.Steps[0].Name != "decode_2" || tr.Steps[0].Requests != 12 {
		t.Errorf("%+v", tr)
	}
	_, err = Open(path, "", Options{Skip: 6})
	wantFault(t, err, 0, "6 steps, and --skip 6")
}

// A folder that one format reads says which files of others are left.
func TestStrangersInFolder(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1), Prompt: 32}
	dir := batchingRuns(t, o)
	trace := `{"traceEvents":[{"ph":"X","cat":"kernel","name":"gemm","pid":0,"tid":7,"ts":10,"dur":9,"args":{"device":0,"stream":7}}]}`
	read := func() string {
		t.Helper()
		traces, err := Open(dir, "", o)
		if err != nil || len(traces) != 1 || traces[0].Format != batchingName {
			t.Fatal(traces, err)
		}
		return strings.Join(traces[0].Notes, "\n")
	}
	put(t, dir, "results/logs_5/trace_50.json", trace)
	put(t, dir, "results/logs_5/trace_51.json", trace)
	put(t, dir, "notes.txt", "whatever")
	if notes := read(); strings.Contains(notes, "of other formats") {
		t.Error(notes)
	}
	put(t, dir, "more/k.json", trace)
	put(t, dir, "gemm_perf.parquet", "PAR1")
	if notes := read(); !strings.Contains(notes, "gemm_perf.parquet (aiconfigurator)") || !strings.Contains(notes, "k.json (kineto)") || strings.Contains(notes, "trace_5") {
		t.Error(notes)
	}
}

// Faults in files of rules are in the line that they are in.
func TestRuleLines(t *testing.T) {
	for text, line := range map[string]int{
		"{\n\"source\": \"x\",\n\"rulez\": [],\n\"a\": 1}": 3,
		"{\n\"source\": 1,\n\"rules\": []\n}":              2,
		"{\n\"source\": \"x\",\n\"rules\": [}\n\n\n]}":     3,
		"{\n\"source\": \"x\",\n":                          2,
		"":                                                 1,
	} {
		_, err := parseRules("r.json", []byte(text))
		wantFault(t, err, line)
	}
}

// Two folders of one batch size are named, and contexts follow from the steps' numbers.
func TestBatchingTraceFolders(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1)}
	dir := t.TempDir()
	trace := `{"traceEvents":[{"ph":"X","cat":"kernel","name":"gemm","pid":0,"tid":7,"ts":10,"dur":9,"args":{"device":0,"stream":7}}]}`
	put(t, dir, "results/logs_4/trace_9.json", trace)
	put(t, dir, "results/logs_6/trace_50.json", trace)
	tr, err := readBatching(dir, o)
	if err != nil || tr.Steps[0].Cached != defaultPrompt+10 || tr.Steps[1].Cached != defaultPrompt+51 || hasNote(tr.Notes, "contexts of") || !hasNote(tr.Notes, "prompts of 32") {
		t.Errorf("%+v, %v", tr, err)
	}
	put(t, dir, "results/logs_04/trace_50.json", trace)
	if _, err := Open(dir, "", o); err == nil || !strings.Contains(err.Error(), "the same batch size as") {
		t.Error(err)
	}
}
