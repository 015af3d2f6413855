package imports

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/aiconf"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// aiconfTree writes tables of one engine, as text, with the shapes of Llama 3 8B on
// two H100 but for the output projection.
func aiconfTree(t testing.TB, dir, backend, version string) {
	t.Helper()
	gemm := "framework,version,device,op_name,kernel_source,gemm_dtype,m,n,k,latency\n"
	for _, m := range []int{1, 64, 512} {
		for _, nk := range [][2]int{{3072, 4096}, {14336 * 2 / 2, 4096}, {4096, 7168}, {64128, 4096}, {512, 512}} {
			gemm += fmt.Sprintf("VLLM,%s,h,gemm,c,bfloat16,%d,%d,%d,%v\n", version, m, nk[0], nk[1], float64(m+100)*1e-9*float64(nk[0])*float64(nk[1])/64)
		}
	}
	attention := "version,batch_size,isl,num_heads,num_key_value_heads,head_dim,beam_width,attn_dtype,kv_cache_dtype,step,latency\n"
	row := func(batch, isl, step int, ms float64) string {
		return fmt.Sprintf("%s,%d,%d,16,4,128,1,bfloat16,bfloat16,%d,%v\n", version, batch, isl, step, ms)
	}
	place := func(family, kind string) string {
		return "h100_sxm/" + family + "/" + backend + "/" + version + "/" + kind + "_perf.csv"
	}
	put(t, dir, place("gemm", "gemm"), gemm)
	put(t, dir, place("attention", "context_attention"), attention+row(1, 16, 0, 0.01)+row(1, 256, 0, 0.05)+row(4, 16, 0, 0.03))
	put(t, dir, place("attention", "generation_attention"), attention+row(1, 1, 127, 0.01)+row(8, 1, 1023, 0.05))
	put(t, dir, place("comm", "custom_allreduce"), "version,allreduce_dtype,num_gpus,message_size,latency,backend\n"+
		version+",bfloat16,2,1024,0.01,vllm_graph\n"+version+",bfloat16,2,4194304,0.05,vllm_graph\n"+version+",bfloat16,4,1024,0.5,vllm_graph\n")
	put(t, dir, place("moe", "moe"), "version,moe_dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp_size,moe_ep_size,distribution,latency\n"+version+",bfloat16,1,4096,14336,2,8,1,1,balanced,0.3\n")
}

func TestAIConfRows(t *testing.T) {
	dir := t.TempDir()
	aiconfTree(t, dir, "vllm", "1.0")
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 2)}
	f := aiconfFormat()
	if !f.Detect(dir, nil) || f.Detect(t.TempDir(), nil) || f.Detect("x.csv", []byte("a,b\n")) || !f.Detect("gemm_perf.parquet", []byte("PAR1")) {
		t.Error("tables are not told from others")
	}
	trace, err := f.Read(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for op, want := range map[string]map[[2]int]float64{
		"attn_pre_proj": {{1, 0}: 101e-6 * 3072 * 64, {64, 0}: 164e-6 * 3072 * 64, {512, 0}: 612e-6 * 3072 * 64},
		"mlp_down_proj": {{1, 0}: 101e-6 * 4096 * 112, {64, 0}: 164e-6 * 4096 * 112, {512, 0}: 612e-6 * 4096 * 112},
		"attn_prefill":  {{16, 0}: 10, {256, 0}: 50},
		"attn_decode":   {{1, 127}: 10, {8, 1023}: 50},
	} {
		got := timesOf(trace, op)
		for at, us := range want {
			if math.Abs(got[at]-us) > 1e-9*us || len(got) != len(want) {
				t.Errorf("%s: %v, want %v", op, got, want)
			}
		}
	}
	if got := timesOf(trace, "attn_post_proj"); len(got) != 0 {
		t.Errorf("weights that were not measured have rows: %v", got)
	}
	var bytes []int64
	for _, r := range trace.Rows {
		if r.Op == allReduce {
			bytes = append(bytes, r.Bytes)
		}
	}
	if fmt.Sprint(bytes) != "[2048 8388608]" {
		t.Errorf("messages of %v bytes; the table counts elements of two", bytes)
	}
}

func TestAIConfSaysWhatItLeavesOut(t *testing.T) {
	dir := t.TempDir()
	aiconfTree(t, dir, "vllm", "1.0")
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 2)}
	trace, err := readAIConf(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, parts := range [][]string{
		{"attn_post_proj", "no measurements of this shape"}, {"1 points", "more than one chunk"}, {"1 rows of mixtures"}, {"attn_rope: analytic model"}, {"vllm 1.0"},
	} {
		if !hasNote(trace.Notes, parts...) {
			t.Errorf("no note says %q: %q", parts, trace.Notes)
		}
	}
	learnt := imported(t, filepath.Join(t.TempDir(), "profiles"), o.Spec, trace)
	times, err := learnt.Predictor().StageTime(batchOfStep(&Step{Requests: 8, Tokens: 8, Cached: 1023}), 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := times.Ops[vidur.OpAttnDecode]; math.Abs(got-0.05) > 1e-12 {
		t.Errorf("decode attention of a measured point takes %v ms", got)
	}
}

func TestAIConfNeverMixes(t *testing.T) {
	dir := t.TempDir()
	aiconfTree(t, dir, "vllm", "1.0")
	aiconfTree(t, dir, "vllm", "2.0")
	aiconfTree(t, dir, "sglang", "2.0")
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 2)}
	_, err := readAIConf(dir, o)
	wantFault(t, err, 0, "do not mix", "--choose", "vllm 1.0", "vllm 2.0", "sglang 2.0")
	for choose, ok := range map[string]bool{"vllm": false, "vllm/1.0": true, "vllm/2.0": true, "sglang": true, "trtllm": false, "/1.0": true} {
		o.Choose = choose
		if _, err := readAIConf(dir, o); (err == nil) != ok {
			t.Errorf("--choose %s: %v", choose, err)
		}
	}
	mixed := t.TempDir()
	aiconfTree(t, mixed, "vllm", "1.0")
	put(t, mixed, "h100_sxm/gemm/vllm/1.0/gemm_perf.csv", "version,gemm_dtype,m,n,k,latency\n1.0,bfloat16,1,3072,4096,0.1\n1.1,bfloat16,2,3072,4096,0.1\n")
	o.Choose = ""
	_, err = readAIConf(mixed, o)
	wantFault(t, err, 0, "rows of 1.0, 1.1", "do not mix")
}

func TestAIConfFaults(t *testing.T) {
	dir := t.TempDir()
	aiconfTree(t, dir, "vllm", "1.0")
	_, err := readAIConf(dir, Options{})
	wantFault(t, err, 0, "--model")
	_, err = readAIConf(dir, Options{Spec: replica(t, "llama-3-8b", "a100", 1)})
	wantFault(t, err, 0, "a100_sxm", "h100_sxm vllm 1.0")
	_, err = readAIConf(dir, Options{Spec: replica(t, "phi-2", "h100", 1)})
	wantFault(t, err, 0, "nothing in the tables")
	for name, c := range map[string][]string{
		"pointer": {"version https://git-lfs.github.com/spec/v1\noid x\n", "Git LFS"},
		"columns": {"gemm_dtype,m,n,latency\nbfloat16,1,1,1\n", "k"},
		"number":  {"gemm_dtype,m,n,k,latency\nbfloat16,1,x,1,1\n", "line 2"},
		"time":    {"gemm_dtype,m,n,k,latency\nbfloat16,1,1,1,-1\n", "line 2"},
		"cut":     {"gemm_dtype,m,n,k,latency\nbfloat16,1,1\n", "line 2"},
		"empty":   {"", "no header"},
	} {
		put(t, dir, "h100_sxm/gemm/vllm/1.0/gemm_perf.csv", c[0])
		_, err := readAIConf(dir, Options{Spec: replica(t, "llama-3-8b", "h100", 2)})
		if err == nil || !strings.Contains(err.Error(), c[1]) || !strings.Contains(err.Error(), "gemm_perf.csv") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAIConfOneFile(t *testing.T) {
	dir := t.TempDir()
	aiconfTree(t, dir, "vllm", "1.0")
	path := filepath.Join(dir, "h100_sxm", "gemm", "vllm", "1.0", "gemm_perf.csv")
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 2)}
	trace, err := readAIConf(path, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(timesOf(trace, "attn_pre_proj")) != 3 || len(timesOf(trace, "attn_decode")) != 0 {
		t.Errorf("%v", trace.Rows)
	}
}

// Every row of the public tables is a point of them, and the predictor of package
// aiconf answers it, but for what the datasheet does not allow.
func TestAIConfPublicTables(t *testing.T) {
	dir := sharedtest.Path(t, "aiconfigurator")
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1)}
	trace, err := readAIConf(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := aiconf.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	source, err := l.Predictor(o.Spec, aiconf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	low, off := 0, 0
	for _, r := range trace.Rows {
		if r.Op != "attn_decode" || r.Cached == 0 {
			continue
		}
		times, err := source.StageTime(batchOfStep(&Step{Requests: r.X, Tokens: r.X, Cached: r.Cached}), 0)
		if err != nil {
			t.Fatal(err)
		}
		switch got := times.Ops[vidur.OpAttnDecode] * usPerMs; {
		case got > r.Time*(1+1e-9):
			low++ // below the datasheet's bound
		case got < r.Time*(1-1e-9):
			off++
		}
	}
	if off > 0 || len(trace.Rows) < 150 {
		t.Errorf("%d rows; %d of decode attention are not as the tables have them", len(trace.Rows), off)
	}
	t.Logf("%d rows, %d of decode attention faster than the datasheet allows", len(trace.Rows), low)
}
