package fit

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/aiconf"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// shippedNode are the curves of a node that the module ships.
func shippedNode(t *testing.T, name string) Node {
	t.Helper()
	for _, n := range operators(t).Networks.Nodes {
		if n.Name == name {
			return n
		}
	}
	t.Fatal("no curves of", name)
	return Node{}
}

// The public tables give the figures that ship for cards of today, and these are as
// good as they are said to be.
func TestTablesGiveWhatShips(t *testing.T) {
	l, err := aiconf.Open(sharedtest.Path(t, "aiconfigurator"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		device, gpu, node string
		limits            map[string]float64
	}{
		{"a100-sxm-80gb", "a100-vllm", "hgx_a100", map[string]float64{"gemm": 6.6, "attn_decode": 13.2, "attn_prefill": 17.1}},
		{"h100-sxm", "h100-vllm", "hgx_h100", map[string]float64{"gemm": 6.0, "attn_decode": 13.4, "attn_prefill": 15}},
		{"h200", "h200-vllm", "h200_dgx", map[string]float64{"gemm": 6.6, "attn_decode": 14.7}},
	} {
		d, err := catalog.Default().Device(c.device)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Tables(l, d, c.node, aiconf.Options{Backend: "vllm", Version: "0.14.0"})
		if err != nil {
			t.Fatal(err)
		}
		for name, limit := range c.limits {
			if a, ok := total(r.Accuracy, name); !ok || a.MAPE > limit {
				t.Errorf("%s: %v, at most %.1f is due", c.device, a, limit)
			}
		}
		if runtime.GOARCH != "amd64" {
			continue // products and sums may be fused
		}
		want, got, node := shipped(t, c.gpu), r.GPU, shippedNode(t, c.node)
		if _, ok := c.limits["attn_prefill"]; !ok {
			got.Prefill = shipped(t, "h100-vllm").Prefill
		}
		if !reflect.DeepEqual(got.GEMM, want.GEMM) || got.Decode != want.Decode || got.Prefill != want.Prefill || got.Spec != want.Spec {
			t.Errorf("%s: fitted\n%+v\nshipped\n%+v", c.device, got, want)
		}
		if !reflect.DeepEqual(r.Nodes[0], node) {
			t.Errorf("%s: fitted\n%+v\nshipped\n%+v", c.node, r.Nodes, node)
		}
	}
}

// Figures are found again from tables that a known card made, whatever the tables
// leave out.
func TestTablesOfAKnownCard(t *testing.T) {
	g, node := shipped(t, "h100-vllm"), shippedNode(t, "hgx_h100")
	d := vidur.Device{Name: "h100-sxm", TFLOPS: 989.4, Bandwidth: 3350, SMs: 132, L2MB: 50}
	l := tablesOf(t, &g, node.AllReduce)
	r, err := Tables(l, d, "hgx_h100", aiconf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, limit := range map[string]float64{"gemm": 1, "attn_decode": 2, "attn_prefill": 2} {
		if a, ok := total(r.Accuracy, name); !ok || a.MAPE > limit {
			t.Errorf("%v, at most %v is due", a, limit)
		}
	}
	if r.GPU.Prefill.OwnWeight != causal || !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, "above the diagonal") }) {
		t.Errorf("own weight %v, notes %q", r.GPU.Prefill.OwnWeight, r.Notes)
	}
	for i, c := range r.Nodes[0].AllReduce {
		want := node.AllReduce[i]
		if math.Abs(c.Bandwidth/want.Bandwidth-1) > 0.05 || c.Devices != want.Devices || c.PerNode != want.PerNode {
			t.Errorf("%+v, want %+v", c, want)
		}
	}
	if _, err := Tables(l, vidur.Device{Name: "h100-sxm"}, "n", aiconf.Options{}); err == nil {
		t.Error("a device without a datasheet was accepted")
	}
	d.Name = "stranger"
	if _, err := Tables(l, d, "n", aiconf.Options{}); err == nil || !strings.Contains(err.Error(), "stranger") {
		t.Error(err)
	}
	if r, err := Tables(l, d, "n", aiconf.Options{System: "h100_sxm"}); err != nil || r.GPU.Devices[0] != "stranger" {
		t.Error(r, err)
	}
}

// tablesOf writes the tables that a card with these figures and curves would have,
// as AIConfigurator lays them out.
func tablesOf(t *testing.T, g *GPU, curves []Curve) *aiconf.Library {
	t.Helper()
	c := &spec{g.Spec.TFLOPS * 1e6, g.Spec.Bandwidth * 1e3, float64(g.Spec.SMs), g.Spec.L2MB * 1e6}
	files := map[string]*strings.Builder{}
	row := func(file, columns string, us float64, values ...any) {
		if files[file] == nil {
			files[file] = new(strings.Builder)
			fmt.Fprintln(files[file], columns+",version,latency")
		}
		for _, v := range values {
			fmt.Fprint(files[file], v, ",")
		}
		fmt.Fprintf(files[file], "1.0,%v\n", us/1e3)
	}
	for m := 1.0; m <= 8192; m *= 2 {
		for _, n := range []float64{1024, 4096, 12288, 28672} {
			for _, k := range []float64{1024, 4096, 8192} {
				row("gemm", "gemm_dtype,m,n,k", c.gemm(g.vector(kGEMM), m, n, k), "bfloat16", m, n, k)
			}
		}
	}
	const attention = "attn_dtype,kv_cache_dtype,batch_size,isl,num_heads,num_key_value_heads,head_dim,step"
	for x := 64.0; x <= 16384; x *= 2 {
		for _, h := range []heads{{8, 1, 128}, {32, 8, 128}, {32, 32, 128}} {
			for b := 1.0; b <= 64; b *= 4 {
				all := heads{h.q * b, h.kv * b, h.dim}
				row("context_attention", attention, c.prefill(g.vector(kPrefill), x, 0, all), "bfloat16", "bfloat16", b, x, h.q, h.kv, h.dim, 0)
				row("generation_attention", attention, c.decode(g.vector(kDecode), b, x, h), "bfloat16", "bfloat16", b, 1, h.q, h.kv, h.dim, x-1)
			}
		}
	}
	for _, v := range curves {
		for size := 1 << 10; size <= 1<<28; size *= 2 {
			bytes := 2 * float64(2*size) * float64(v.Devices-1) / float64(v.Devices)
			row("custom_allreduce", "allreduce_dtype,num_gpus,message_size,backend",
				collective([]float64{v.Floor, v.Latency, v.Bandwidth, v.Ramp}, bytes), "bfloat16", v.Devices, size, "vllm_graph")
		}
	}
	dir := filepath.Join(t.TempDir(), "h100_sxm", "vllm", "1.0")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name+"_perf.csv"), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := aiconf.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
