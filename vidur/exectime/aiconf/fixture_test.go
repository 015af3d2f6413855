package aiconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime"
)

type gemmRow struct {
	Version string  `parquet:"version"`
	Dtype   string  `parquet:"gemm_dtype,dict"`
	M       int64   `parquet:"m"`
	N       int32   `parquet:"n"`
	K       float64 `parquet:"k"`
	Latency float64 `parquet:"latency,optional"`
	Extra   bool    `parquet:"extra"`
}

type attentionFixture struct {
	Batch   string  `parquet:"batch_size"` // whole numbers may be spelled out
	ISL     int64   `parquet:"isl"`
	Heads   int64   `parquet:"num_heads"`
	KV      int64   `parquet:"num_key_value_heads"`
	Dim     int64   `parquet:"head_dim"`
	Window  int64   `parquet:"window_size"`
	Attn    string  `parquet:"attn_dtype"`
	Cache   string  `parquet:"kv_cache_dtype"`
	Step    int64   `parquet:"step"`
	Latency float32 `parquet:"latency"`
}

type reduceRow struct {
	Dtype   string  `parquet:"allreduce_dtype"`
	GPUs    int64   `parquet:"num_gpus"`
	Size    int64   `parquet:"message_size"`
	Latency float64 `parquet:"latency"`
	Backend string  `parquet:"backend"`
}

func write[T any](t testing.TB, dir, name string, rows []T) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := parquet.WriteFile(path, rows); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeText(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// gemms are exact powers, so that what lies between points is known: 4 times the
// shape's work at 128 tokens and more, constant below.
func gemms() []gemmRow {
	var rows []gemmRow
	for _, n := range []int32{1024, 4096, 16384} {
		for _, k := range []float64{1024, 4096, 16384} {
			for _, m := range []int64{8192, 1, 16, 128, 1024} {
				ms := 1e-9 * float64(n) * k * float64(max(m, 128)) / 128
				rows = append(rows, gemmRow{"1.0", "bfloat16", m, n, k, ms, true})
			}
		}
	}
	return rows
}

func decodes() []attentionFixture {
	var rows []attentionFixture
	for _, b := range []struct {
		text string
		n    float64
	}{{"1", 1}, {"8", 8}, {" 64", 64}} {
		for _, step := range []int64{127, 1023, 8191} {
			ms := 0.01 + 1e-5*b.n*float64(step+1)
			rows = append(rows, attentionFixture{b.text, 1, 32, 8, 128, 0, "bfloat16", "bfloat16", step, float32(ms)})
		}
	}
	return rows
}

func prefills() []attentionFixture {
	var rows []attentionFixture
	for _, b := range []struct {
		text string
		n    float64
	}{{"1", 1}, {"4", 4}} {
		for _, isl := range []int64{16, 256, 2048, 16384} {
			ms := 0.02 + 4e-8*b.n*float64(isl*isl)
			rows = append(rows, attentionFixture{b.text, isl, 32, 8, 128, 0, "bfloat16", "bfloat16", 0, float32(ms)})
		}
	}
	return rows
}

func reduces() []reduceRow {
	var rows []reduceRow
	for _, n := range []int64{2, 4} {
		for _, size := range []int64{1 << 10, 1 << 20, 1 << 25} {
			ms := 0.005 + 2e-8*float64(size)
			rows = append(rows, reduceRow{"bfloat16", n, size, ms, "vllm_graph"}, reduceRow{"bfloat16", n, size, ms + 0.04, "vllm_eager"})
		}
	}
	return rows
}

// small is a folder with one table of each kind that a predictor needs.
func small(t testing.TB) string {
	dir := t.TempDir()
	engine(t, dir, "vllm/1.0")
	return dir
}

func engine(t testing.TB, dir, backendVersion string) {
	write(t, dir, "h100_sxm/gemm/"+backendVersion+"/gemm_perf.parquet", gemms())
	write(t, dir, "h100_sxm/attention/"+backendVersion+"/generation_attention_perf.parquet", decodes())
	write(t, dir, "h100_sxm/attention/"+backendVersion+"/context_attention_perf.parquet", prefills())
	write(t, dir, "h100_sxm/comm/"+backendVersion+"/custom_allreduce_perf.parquet", reduces())
}

func open(t testing.TB, dir string) *Library {
	t.Helper()
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var h100 = ID{"h100_sxm", "vllm", "1.0"}

func replica(t testing.TB, model, device string, tp, pp int) vidur.ReplicaSpec {
	t.Helper()
	spec, err := catalog.Default().Replica(model, device, tp, pp)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func gpuOf(t testing.TB, device string) *exectime.GPU {
	t.Helper()
	a, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := catalog.Default().Device(device)
	if err != nil {
		t.Fatal(err)
	}
	g, err := a.GPU(d)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error; want one with %q", parts)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}
