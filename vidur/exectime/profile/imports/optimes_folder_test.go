package imports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// batchingRuns is a folder of controlled-batching runs with all that the scripts make.
func batchingRuns(t *testing.T, o Options) string {
	t.Helper()
	ref, err := newReference(o)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	detailed, coarse := strings.Join(detailedColumns, "  ")+"\n", strings.Join(coarseColumns, " ")+"\n"
	for _, batch := range []int{1, 11, 3} {
		list := decodeKernels(ref, &Step{Requests: batch, Tokens: batch, Cached: 83}, layerShape{layers: ref.layers, memset: 20})
		put(t, dir, fmt.Sprintf("parsed_csvs/data_%d.csv", batch), kernelRows(list))
		w := newTwin(list)
		detailed += line(batch, detailedColumns, w.detailed)
		coarse += line(batch, coarseColumns, w.coarse)
	}
	put(t, dir, "op_times_detailed.tsv", detailed)
	put(t, dir, "op_times.tsv", coarse)
	return dir
}

func TestBatchingTakesTheBestSource(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1), Prompt: 32}
	dir := batchingRuns(t, o)
	if !batchingFormat().Detect(dir, nil) {
		t.Error("the folder is not known")
	}
	times := map[string][]float64{}
	for _, choose := range []string{"", "csv", "detailed", "coarse"} {
		o.Choose = choose
		trace, err := readBatching(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		var batches []int
		for _, s := range trace.Steps {
			batches = append(batches, s.Requests)
			times[choose] = append(times[choose], s.Time())
		}
		if !slices.Equal(batches, []int{1, 3, 11}) {
			t.Errorf("%q: batches %v", choose, batches)
		}
		if choose == "" && (!hasNote(trace.Notes, "read from csv (3), not from detailed, coarse") || !hasNote(trace.Notes, "op_times.tsv has", "lose memory sets")) {
			t.Errorf("notes %q", trace.Notes)
		}
	}
	for i := range times[""] {
		if times[""][i] != times["csv"][i] || math.Abs(times["csv"][i]-20-times["coarse"][i]) > 1 || math.Abs(times["coarse"][i]-times["detailed"][i]) > 1 {
			t.Errorf("step %d: %v µs by choice of its own, %v csv, %v coarse, %v detailed", i, times[""][i], times["csv"][i], times["coarse"][i], times["detailed"][i])
		}
	}
	o.Choose = "nonsense"
	_, err := readBatching(dir, o)
	wantFault(t, err, 0, "nonsense", "csv, detailed, coarse")
}

func TestBatchingReadsTraces(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1), Prompt: 32}
	dir := batchingRuns(t, o)
	trace := `{"schemaVersion":1,"traceEvents":[
 {"ph":"X","cat":"kernel","name":"sm80_gemm","pid":0,"tid":7,"ts":10,"dur":%d,"args":{"device":0,"stream":7}},
 {"ph":"X","cat":"gpu_memset","name":"Memset (Device)","pid":0,"tid":7,"ts":100,"dur":2,"args":{"device":0,"stream":7}}
]}`
	put(t, dir, "results/logs_5/trace_50.json", fmt.Sprintf(trace, 30))
	put(t, dir, "results/logs_5/trace_99.json", fmt.Sprintf(trace, 77))
	put(t, dir, "results/logs_17/trace_9.json", fmt.Sprintf(trace, 40))
	put(t, dir, "results/logs_17/trace_40.json", fmt.Sprintf(trace, 50))
	put(t, dir, "results/logs_19/nothing.txt", "")
	got, err := readBatching(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, s := range got.Steps {
		text = append(text, fmt.Sprintf("%s %d %d %d %v", s.Name, s.Requests, s.Tokens, s.Cached, s.Time()))
	}
	if want := []string{"decode_5 5 5 83 32", "decode_17 17 17 73 52"}; !slices.Equal(text, want) {
		t.Errorf("%q, want %q", text, want)
	}
	if !slices.Contains(got.Missing, lmHead) || !hasNote(got.Notes, "read from traces (2), not from csv, detailed, coarse") {
		t.Errorf("missing %q, notes %q", got.Missing, got.Notes)
	}
	put(t, dir, "results/logs_5/trace_50.json", `{"traceEvents":[{"ph":"X"`)
	_, err = readBatching(dir, o)
	wantFault(t, err, 1, "trace_50.json")
}

func TestBatchingFaults(t *testing.T) {
	empty := t.TempDir()
	if batchingFormat().Detect(empty, nil) {
		t.Error("an empty folder is taken for one of runs")
	}
	_, err := readBatching(empty, Options{})
	wantFault(t, err, 0, "neither")
	put(t, empty, "data_3.csv", "kernel,dur,time_stamp\na,1,1\n")
	put(t, empty, "data_03.csv", "kernel,dur,time_stamp\na,1,1\n")
	_, err = byBatch(empty + "/data_*.csv")
	wantFault(t, err, 0, "the same batch size")
	odd := t.TempDir() + "/a[b*c"
	put(t, odd, "data_3.csv", "kernel,dur,time_stamp\na,1,1\n")
	if trace, err := readBatching(odd, Options{}); err != nil || len(trace.Steps) != 1 {
		t.Errorf("a folder with characters of patterns in its name: %v", err)
	}
}

const engineLog = `{"level":"INFO","message":"startup","timestamp":"x"}
{"message":"SCHEDULER","scheduler_output":{"a":32,"b":32}}
{"message":"MODEL_EXEC","forward_time_ms":5,"logits_time_ms":0.2,"sample_time_ms":0.3}
{"message":"SCHEDULER","scheduler_output":{"a":1,"b":1}}
{"message":"MODEL_EXEC","forward_time_ms":9,"logits_time_ms":0.2,"sample_time_ms":0.3}
{"message":"SCHEDULER","scheduler_output":{"a":1,"b":1}}
{"message":"MODEL_EXEC","forward_time_ms":8,"logits_time_ms":0.2,"sample_time_ms":0.3}
{"message":"SCHEDULER","scheduler_output":{"a":1,"b":1}}
{"message":"MODEL_EXEC","forward_time_ms":100,"logits_time_ms":0.2,"sample_time_ms":0.3}
{"message":"SCHEDULER","scheduler_output":{"a":1,"b":7}}
{"message":"MODEL_EXEC","forward_time_ms":6}
{"message":"MODEL_ASYNC_CALLBACK","perf_timer":1,"time_taken_ms":4}
`

func TestEngineLog(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1)}
	path := put(t, t.TempDir(), "log_ilen_64_bsize_2.jsonl", engineLog)
	f := engineLogFormat()
	if !f.Detect(path, []byte(engineLog)) {
		t.Error("not known")
	}
	trace, err := f.Read(path, o)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, s := range trace.Steps {
		head := 0.0
		for _, k := range s.Kernels {
			if k.Op == lmHead {
				head += k.Time
			}
		}
		text = append(text, fmt.Sprintf("%s %d %d %d %.3f %.3f", s.Name, s.Requests, s.Tokens, s.Cached, s.Time(), head))
	}
	want := []string{"decode_2 2 2 66 9500.000 500.000", "prefill_2_64 2 64 0 5500.000 500.000"}
	if !slices.Equal(text, want) {
		t.Errorf("%q, want %q", text, want)
	}
	if !hasNote(trace.Notes, "1 steps of prompts and decoding") || !hasNote(trace.Notes, "only the sum is measured") {
		t.Errorf("%q", trace.Notes)
	}
	bare := put(t, t.TempDir(), "log_ilen_64_bsize_2.jsonl", `{"message":"MODEL_EXEC","forward_time_ms":5}`+"\n")
	if unsaid, err := f.Read(bare, o); err != nil || !hasNote(unsaid.Notes, "1 of 1 steps", "count as decodes") || hasNote(trace.Notes, "count as decodes") {
		t.Errorf("%v, %q", err, trace.Notes)
	}
	if slices.Contains(trace.Missing, lmHead) {
		t.Error("the LM head is missing, although the log has it")
	}
}

func TestEngineLogFaults(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1)}
	name := "log_ilen_64_bsize_2.jsonl"
	for what, c := range map[string]struct {
		file, text string
		line       int
		parts      []string
	}{
		"empty":    {name, "", 0, []string{"no line"}},
		"nothing":  {name, `{"message":"x"}` + "\n", 0, []string{"no line"}},
		"cut":      {name, `{"message":"MODEL_EXEC","time_taken_ms":4}` + "\n" + `{"message":"MODEL`, 2, []string{"JSON"}},
		"no time":  {name, `{"message":"MODEL_EXEC","time":4}`, 1, []string{"forward_time_ms"}},
		"zero":     {name, `{"message":"MODEL_EXEC","time_taken_ms":0}`, 1, []string{"0 ms"}},
		"negative": {name, `{"message":"MODEL_EXEC","time_taken_ms":4,"logits_time_ms":-1}`, 1, []string{"-1 ms"}},
		"tokens":   {name, `{"message":"SCHEDULER","scheduler_output":{"a":0}}` + "\n" + `{"message":"MODEL_EXEC","time_taken_ms":4}`, 2, []string{"0 tokens"}},
		"no batch": {"x.jsonl", `{"message":"MODEL_EXEC","time_taken_ms":4}`, 0, []string{"--batch"}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := engineLogFormat().Read(put(t, t.TempDir(), c.file, c.text), o)
			wantFault(t, err, c.line, c.parts...)
		})
	}
	_, err := engineLogFormat().Read(put(t, t.TempDir(), name, engineLog), Options{})
	wantFault(t, err, 0, "--model")
}

func TestKernelDat(t *testing.T) {
	text := `bsize,kernel,gdim_x,gdim_y,gdim_z,bdim_x,bdim_y,bdim_z,blocks_per_sm,warps_per_sm,regs_per_thread,occupancy,op_type
1,"void gemvx<int, 3>(a.b*)",1,1,1,1,1,1,1,1,1,1,kqv_proj
1,gemm_o,1,1,1,1,1,1,1,1,1,1,o_proj
1,gemm_o,2,1,1,1,1,1,1,1,1,1,down_proj
3,"void gemvx<int, 3>(a.b*)",1,1,1,1,1,1,1,1,1,1,kqv_proj
3,mine_att,1,1,1,1,1,1,1,1,1,1,paged_attention
1,something,1,1,1,1,1,1,1,1,1,1,unknown
`
	path := put(t, t.TempDir(), "kernel_dat.csv", text)
	f := kernelDatFormat()
	if !f.Detect(path, []byte(text)) {
		t.Error("not known")
	}
	trace, err := f.Read(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := trace.Rules.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	rules, err := NewRules(put(t, t.TempDir(), "rules.json", b.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	for kernel, want := range map[string]string{
		"void gemvx<int, 3>(a.b*)": vidur.OpAttnPreProj.String(), "void gemvx<int, 3>(axb*)": "gemm", "mine_att": groupAttention, "gemm_o": "gemm",
	} {
		if got := rules.match(kernel, ""); got != want {
			t.Errorf("%s is %q, want %q", kernel, got, want)
		}
	}
	if len(trace.Steps)+len(trace.Rows) != 0 || !hasNote(trace.Notes, "no times") || !hasNote(trace.Notes, "several operators", "gemm_o") || !hasNote(trace.Notes, "1 rows", "unknown") {
		t.Errorf("%+v", trace)
	}
}

func TestKernelDatFaults(t *testing.T) {
	for text, line := range map[string]int{
		"bsize,kernel,op_type\n1,a,sideways\n": 2, "bsize,kernel,op_type\n1,,rope\n": 2,
		"bsize,kernel,op_type\nx,a,rope\n": 2, "bsize,kernel,op_type\n1,a\n": 2, "bsize,kernel\n1,a\n": 1, "": 1, "bsize,kernel,op_type\n1,a,others\n": 2,
		"bsize,kernel,op_type\n1,a,unknown\n": 0, "bsize,kernel,op_type\n1,a,o_proj\n1,a,down_proj\n": 0,
	} {
		_, err := readKernelDat(put(t, t.TempDir(), "kernel_dat.csv", text), Options{})
		wantFault(t, err, line)
	}
}
