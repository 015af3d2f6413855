package imports

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

const bundleMetaText = `profiler_version: 1.0.0
vllm_version: 0.19.0
cuda_version: '13.0'
gpu: NVIDIA H100 80GB HBM3
hardware: h100
profiled_at: '2026-04-24T12:35:08+00:00'
architecture: llama
model: meta-llama/Meta-Llama-3-8B
variant: bf16
tp_degrees: [1, 2]
engine_effective:
  enforce_eager: true
  block_size: 16
  max_num_batched_tokens: 2048
  max_num_seqs: 256
  hf_overrides: {num_hidden_layers: 1}
attention_grid: {chunks: '0, 16-2048 x2'}
measurement_iterations: 3
skew_fit:
  enabled: true
  per_tp:
    1: {method: per_bucket_wls_5axis, alpha_default: 0.057}
`

var bundleFiles = map[string]string{
	"meta.yaml": bundleMetaText,
	"tp1/dense.csv": `layer,tokens,time_us
act_fn,1,4.5
act_fn,64,5.5
down_proj,1,38
down_proj,64,41
embedding,1,2
embedding,64,3
final_layernorm,1,3.5
final_layernorm,64,4
gate_up_proj,1,76
gate_up_proj,64,80
layernorm,1,3
layernorm,64,3.25
o_proj,1,12
o_proj,64,14
qkv_proj,1,18
qkv_proj,64,20
rotary_emb,1,2.5
rotary_emb,64,3
`,
	"tp1/per_sequence.csv": "layer,sequences,time_us\nlm_head,1,330\nlm_head,64,350\nsampler,1,26\nsampler,64,30\n",
	"tp1/attention.csv": `prefill_chunk,kv_prefill,n_decode,kv_decode,time_us
0,0,1,16,8
0,0,64,1024,60
64,0,0,0,9
64,1024,0,0,15
64,0,4,128,21
`,
	"tp1/skew.csv": `regime,n,nb,ratio,skew,pc,kp,kvs,kv_big,kv_mean,t_mean_us,t_max_us,t_skew_us,alpha
pure,4,1,0.25,4.0,0,0,512,2048,896,80,118.88,76,-0.0029
mixed,4,1,0.25,4.0,16,0,2048,8192,3584,100,320,125,nan
`,
	"tp1/skew_fit.csv":     "pc,n_label,skew_rate_label,kv_big_label,kp_label,alpha,n_samples\n0,n<=128,sr<=15%,kvB<=16k,kp=0,-0.0322,4\n",
	"tp2/dense.csv":        "layer,tokens,time_us\nqk_norm,1,2\nqk_norm,8,2.5\nrotary_emb,1,2\nrotary_emb,16,3\nmystery,1,1\n",
	"tp2/per_sequence.csv": "layer,sequences,time_us\nlm_head,1,200\nodd,1,3\n",
	"tp2/step.csv":         "a,b\n1,2\n",
	"tp2/moe.csv":          "tokens,activated_experts,time_us\n1,8,50.2\n2,8,56.1\n",
}

// bundleAt writes the bundle, with some files in place of its own.
func bundleAt(t testing.TB, change map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range bundleFiles {
		if c, ok := change[name]; ok {
			text = c
		}
		put(t, dir, name, text)
	}
	return dir
}

func timesOf(t *Trace, op string) map[[2]int]float64 {
	found := map[[2]int]float64{}
	for _, r := range t.Rows {
		if r.Op == op {
			found[[2]int{r.X, r.Cached}] = r.Time
		}
	}
	return found
}

func TestBundle(t *testing.T) {
	dir := bundleAt(t, nil)
	f := bundleFormat()
	if !f.Detect(dir, nil) || !f.Detect(filepath.Join(dir, "tp1"), nil) || f.Detect(t.TempDir(), nil) {
		t.Error("bundles are not told from others")
	}
	o := Options{}
	o.Spec.TP = 1
	trace, err := readBundle(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if trace.Model != "meta-llama/Meta-Llama-3-8B" || trace.Device != "h100" || trace.TP != 1 || trace.DType != "bf16" {
		t.Errorf("%+v", trace)
	}
	for op, want := range map[string]map[[2]int]float64{
		"attn_pre_proj": {{1, 0}: 18, {64, 0}: 20}, "input_layernorm": {{1, 0}: 3, {64, 0}: 3.25},
		"post_attention_layernorm": {{1, 0}: 3, {64, 0}: 3.25}, "attn_rope": {{1, 0}: 2.5, {64, 0}: 3},
		"lm_head":     {{1, 0}: 330 + 26 + 3.5, {64, 0}: 350 + 30 + 4},
		"attn_decode": {{1, 16}: 8, {64, 1024}: 60}, "attn_prefill": {{64, 0}: 9, {64, 1024}: 15},
		"emb": {{1, 0}: 2, {64, 0}: 3}, "attn_kv_cache_save": {{1, 0}: 0}, "add": {{1, 0}: 0},
	} {
		got := timesOf(trace, op)
		for at, us := range want {
			if got[at] != us || len(got) != len(want) {
				t.Errorf("%s: %v, want %v", op, got, want)
			}
		}
	}
	for _, parts := range [][]string{
		{"vLLM 0.19.0", "mean of 3 runs", "2048 tokens"}, {"1 of 5 rows", "one launch"}, {"skew.csv: 2 batches", "10.0 %"},
		{"skew_fit.csv: 1 fitted"}, {"skew_fit", "does not"}, {"lm_head has final_layernorm in 2 of 2 rows and the sampler in 2"},
	} {
		if !hasNote(trace.Notes, parts...) {
			t.Errorf("no note says %q: %q", parts, trace.Notes)
		}
	}
}

func TestBundleOfSeveralDegrees(t *testing.T) {
	dir := bundleAt(t, nil)
	_, err := readBundle(dir, Options{})
	wantFault(t, err, 0, "TP 1, 2", "--tp")
	o := Options{}
	o.Spec.TP = 2
	trace, err := readBundle(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := timesOf(trace, "attn_rope"); len(got) != 1 || got[[2]int{1, 0}] != 4 {
		t.Errorf("rotary embedding with the norms of queries and keys: %v", got)
	}
	for _, parts := range [][]string{{"mystery"}, {"odd"}, {"not of the same numbers"}, {"2 rows of a mixture"}, {"not read", "step.csv"}, {"no collectives"}} {
		if !hasNote(trace.Notes, parts...) {
			t.Errorf("no note says %q: %q", parts, trace.Notes)
		}
	}
	inside, err := readBundle(filepath.Join(dir, "tp2"), Options{})
	if err != nil || inside.TP != 2 || inside.Model == "" {
		t.Errorf("the folder tp2 itself: %+v, %v", inside, err)
	}
}

// Rules of the user's name layers that are not known, and name known ones anew; those
// that are shipped do not.
func TestBundleRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.json")
	own := `{"rules": [{"pattern": "^my_up$", "op": "mlp_up_proj"}, {"module": "^act_fn$", "op": "add"}, {"pattern": "^head$", "op": "lm_head"}]}`
	if err := os.WriteFile(path, []byte(own), 0o666); err != nil {
		t.Fatal(err)
	}
	rules, err := NewRules(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := bundleAt(t, map[string]string{
		"tp1/dense.csv":        "layer,tokens,time_us\nmy_up,8,70\nact_fn,8,3\nmy_gemm,8,1\n",
		"tp1/per_sequence.csv": "layer,sequences,time_us\nhead,8,110\n",
	})
	o := Options{Rules: rules}
	o.Spec.TP = 1
	trace, err := readBundle(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for op, us := range map[string]float64{"mlp_up_proj": 70, "add": 3, "lm_head": 110} {
		if got := timesOf(trace, op); got[[2]int{8, 0}] != us {
			t.Errorf("%s: %v instead of %v µs", op, got, us)
		}
	}
	if !hasNote(trace.Notes, "left out: my_gemm;") || len(timesOf(trace, "mlp_act")) > 0 {
		t.Errorf("%q", trace.Notes)
	}
}

// Blanks, marks of order and ends of lines change nothing.
func TestBundleForms(t *testing.T) {
	o := Options{}
	o.Spec.TP = 1
	want, err := readBundle(bundleAt(t, nil), o)
	if err != nil {
		t.Fatal(err)
	}
	change := map[string]string{}
	for name, text := range bundleFiles {
		change[name] = "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n")
	}
	change["tp1/skew.csv"] = "n,t_mean_us,t_max_us,t_skew_us\n"
	change["tp1/attention.csv"] = "note," + strings.TrimSuffix(strings.ReplaceAll(bundleFiles["tp1/attention.csv"], "\n", "\n x ,"), "\n x ,")
	got, err := readBundle(bundleAt(t, change), o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Rows, want.Rows) {
		t.Errorf("%v, want %v", got.Rows, want.Rows)
	}
	if !hasNote(got.Notes, "columns that are not used: note") || !hasNote(got.Notes, "skew.csv: a header and no rows") {
		t.Errorf("%q", got.Notes)
	}
}

func TestBundleFaults(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		line       int
		parts      []string
	}{
		"empty":          {"tp1/dense.csv", "", 1, []string{"empty"}},
		"column":         {"tp1/dense.csv", "layer,ntokens,time_us\na,1,1\n", 1, []string{"tokens"}},
		"cut":            {"tp1/dense.csv", "layer,tokens,time_us\nact_fn,1,4\nact_fn,2", 3, []string{"2 fields"}},
		"zero":           {"tp1/dense.csv", "layer,tokens,time_us\nact_fn,1,0\n", 2, []string{"time_us"}},
		"negative":       {"tp1/dense.csv", "layer,tokens,time_us\nact_fn,1,-3\n", 2, []string{"time_us"}},
		"blank":          {"tp1/dense.csv", "layer,tokens,time_us\nact_fn,1,\n", 2, []string{"time_us"}},
		"word":           {"tp1/dense.csv", "layer,tokens,time_us\nact_fn,many,3\n", 2, []string{"tokens"}},
		"fraction":       {"tp1/dense.csv", "layer,tokens,time_us\nact_fn,1.5,3\n", 2, []string{"tokens"}},
		"no tokens":      {"tp1/dense.csv", "layer,tokens,time_us\nact_fn,0,3\n", 2, []string{"tokens"}},
		"again":          {"tp1/dense.csv", "layer,tokens,time_us\nact_fn,1,3\nact_fn,1,4\n", 3, []string{"line 2"}},
		"sequences":      {"tp1/per_sequence.csv", "layer,sequences,time_us\nlm_head,-1,3\n", 2, []string{"sequences"}},
		"nothing":        {"tp1/attention.csv", "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,1,16,8\n0,16,0,16,8\n", 3, []string{"no chunk"}},
		"attention size": {"tp1/attention.csv", "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,1e30,16,8\n", 2, []string{"n_decode"}},
		"skew":           {"tp1/skew.csv", "n,t_mean_us,t_max_us,t_skew_us\n1,2,3,inf\n", 2, []string{"t_skew_us"}},
		"fit":            {"tp1/skew_fit.csv", "alpha,n_samples\nx,1\n", 2, []string{"alpha"}},
		"yaml":           {"meta.yaml", "model: a\n\tgpu: b\n", 2, []string{"meta.yaml"}},
		"yaml type":      {"meta.yaml", "gpu: a\nmodel: [1, 2]\n", 2, []string{"meta.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{}
			o.Spec.TP = 1
			_, err := readBundle(bundleAt(t, map[string]string{c.file: c.text}), o)
			wantFault(t, err, c.line, append(c.parts, filepath.Base(c.file))...)
		})
	}
	dir := t.TempDir()
	put(t, dir, "meta.yaml", bundleMetaText)
	if err := os.Mkdir(filepath.Join(dir, "tp1"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := readBundle(dir, Options{})
	wantFault(t, err, 0, "none of the tables")
}

// What is imported is what the simulator takes, at the measured sizes exactly.
func TestBundleToPredictor(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1)}
	trace, err := readBundle(bundleAt(t, nil), o)
	if err != nil {
		t.Fatal(err)
	}
	learnt := imported(t, filepath.Join(t.TempDir(), "profiles"), o.Spec, trace)
	times, err := learnt.Predictor().StageTime(batchOfStep(&Step{Requests: 64, Tokens: 64, Cached: 1024}), 0)
	if err != nil {
		t.Fatal(err)
	}
	for op, us := range map[vidur.Op]float64{
		vidur.OpAttnPreProj: 20, vidur.OpAttnPostProj: 14, vidur.OpAttnRope: 3, vidur.OpKVSave: 0, vidur.OpAdd: 0, vidur.OpAttnDecode: 60,
		vidur.OpInputNorm: 3.25, vidur.OpPostNorm: 3.25, vidur.OpMLPUp: 80, vidur.OpMLPDown: 41, vidur.OpMLPAct: 5.5,
		vidur.OpEmbed: 3, vidur.OpLMHead: 384,
	} {
		if got := times.Ops[op] * usPerMs; math.Abs(got-us) > 1e-9*us {
			t.Errorf("%v takes %v µs, the bundle says %v", op, got, us)
		}
	}
}
