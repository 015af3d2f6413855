package fit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/data"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime"
)

// operators are the figures in data/operators.json.
func operators(t *testing.T) *Operators {
	t.Helper()
	raw, err := data.FS.ReadFile("operators.json")
	if err != nil {
		t.Fatal(err)
	}
	var o Operators
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return &o
}

// shipped are the figures of a card.
func shipped(t *testing.T, name string) GPU {
	t.Helper()
	for _, g := range operators(t).GPUs {
		if g.Name == name {
			return g
		}
	}
	t.Fatal("no figures of", name)
	return GPU{}
}

func specOf(g *GPU) *spec {
	return &spec{g.Spec.TFLOPS * 1e6, g.Spec.Bandwidth * 1e3, float64(g.Spec.SMs), g.Spec.L2MB * 1e6}
}

// The formulas are those of package exectime, wherever its floor by the
// datasheet does not raise them.
func TestFormulasOfExectime(t *testing.T) {
	analytic, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range []string{"a100", "h100", "a40"} {
		d, err := catalog.Default().Device(name)
		if err != nil {
			t.Fatal(err)
		}
		gpu, err := analytic.GPU(d)
		if err != nil {
			t.Fatal(err)
		}
		g := shipped(t, name)
		c := specOf(&g)
		same := func(what string, got, want, flops, bytes float64) {
			t.Helper()
			got = max(got, flops/c.peak, bytes/c.bandwidth)
			if n++; math.Abs(got/want-1) > 1e-12 {
				t.Errorf("%s %s: %v µs, package exectime has %v", name, what, got, want)
			}
		}
		for _, m := range []int{1, 7, 64, 200, 1024, 4096, 32768} {
			for _, nk := range [][2]int{{4096, 4096}, {10240, 8192}, {57344, 8192}, {2560, 7680}} {
				M, N, K := float64(m), float64(nk[0]), float64(nk[1])
				same(fmt.Sprint("gemm ", m, nk), c.gemm(g.vector(kGEMM), M, N, K), gpu.GEMM(m, nk[0], nk[1]), 2*M*N*K, 2*(M*N+N*K+M*K))
			}
			for _, k := range pointwiseKinds {
				per := map[kind]float64{kSiLUMul: 6, kAdd: 6, kAddTwo: 8}[k]
				bytes := max(per, 4) * float64(m) * 5120
				same(fmt.Sprint(k, m), c.pointwise(g.vector(k), float64(m), 5120, bytes, k.once()), gpu.Pointwise(exectime.Pointwise(k), m, 5120), 0, bytes)
			}
			for _, h := range []exectime.Heads{{Q: 32, KV: 4, Dim: 128}, {Q: 32, KV: 32, Dim: 80}} {
				hf := heads{float64(h.Q), float64(h.KV), float64(h.Dim)}
				for _, cached := range []int{0, 64, 100, 3000} {
					got, want := c.prefill(g.vector(kPrefill), float64(m), float64(cached), hf), gpu.AttnPrefill(m, cached, h)
					if got < want { // the floor
						continue
					}
					same(fmt.Sprint("prefill ", m, cached, h), got, want, 0, 0)
					if got, want = c.decode(g.vector(kDecode), float64(m), float64(cached), hf), gpu.AttnDecode(m, float64(cached), h); got >= want {
						same(fmt.Sprint("decode ", m, cached, h), got, want, 0, 0)
					}
				}
			}
		}
		network := analytic.Network(vidur.ReplicaSpec{Node: vidur.Node{Name: "a100_dgx", Devices: 8}, Device: d, TP: 4})
		got := collective([]float64{20.32, 7.514, 276.7, 123.1}, 1.5*1e7)
		if want := network.AllReduce(1e7); name == "a100" && math.Abs(got/want-1) > 1e-12 {
			t.Errorf("all-reduce: %v, package exectime has %v", got, want)
		}
	}
	t.Logf("%d comparisons", n)
}

// chip is a card that profiles are made up for, from the figures of the A100
// with some changed.
func chip(t *testing.T) (vidur.Device, GPU) {
	g := shipped(t, "a100")
	g.Name, g.Devices = "chip", []string{"chip"}
	g.Spec.TFLOPS, g.Spec.Bandwidth, g.Spec.SMs, g.Spec.L2MB = 200, 1500, 80, 20
	g.GEMM.Launch, g.GEMM.BytesFactor, g.GEMM.Tiles[0].Efficiency = 5, 1.4, 0.85
	return vidur.Device{Name: "chip", TFLOPS: 200, Bandwidth: 1500, MemoryGB: 48, SMs: 80, L2MB: 20, LinkGBs: 300, Watts: 250, Price: 1.5}, g
}

// profiles writes what a profiler would measure on the chip, exactly.
func profiles(t *testing.T, g *GPU) string {
	dir := t.TempDir()
	c := specOf(g)
	for _, m := range []struct {
		name               string
		q, kv, hidden, ffn int
		gated              bool
	}{{"a/one", 32, 8, 4096, 14336, true}, {"b/two", 40, 40, 5120, 13824, true}, {"c/three", 32, 32, 2560, 10240, false}} {
		var mlp, attention strings.Builder
		for _, op := range layerOps {
			mlp.WriteString("time_stats." + op + ".median,")
		}
		mlp.WriteString("n_head,n_kv_head,n_embd,n_expanded_embd,use_gated_mlp,num_tensor_parallel_workers,num_tokens\n")
		attention.WriteString("time_stats.attn_prefill.median,time_stats.attn_decode.median,n_q_head,n_kv_head,n_embd,num_tensor_parallel_workers,prefill_chunk_size,batch_size,kv_cache_size\n")
		for _, tp := range []int{1, 2, 4} {
			w := width{heads{float64(m.q / tp), float64(m.kv / tp), float64(m.hidden / m.q)}, float64(m.hidden), float64(m.ffn / tp), m.gated}
			for _, tokens := range []int{1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024, 1280, 1536, 2048, 2560, 3072, 4096} {
				for _, op := range layerOps {
					s := w.sample(op, float64(tokens))
					fmt.Fprintf(&mlp, "%.9f,", s.predict(c, g.vector(s.kind))/1e3)
				}
				fmt.Fprintf(&mlp, "%d,%d,%d,%d,%v,%d,%d\n", m.q, m.kv, m.hidden, m.ffn, m.gated, tp, tokens)
				for _, cached := range []int{64, 512, 2048} {
					ms := c.prefill(g.Prefill.vector(), float64(tokens), float64(cached), w.h) / 1e3
					fmt.Fprintf(&attention, "%.9f,,%d,%d,%d,%d,%d,1,%d\n", ms, m.q, m.kv, m.hidden, tp, tokens, cached)
					if tokens <= 128 {
						ms = c.decode(g.Decode.vector(), float64(tokens), float64(cached), w.h) / 1e3
						fmt.Fprintf(&attention, ",%.9f,%d,%d,%d,%d,0,%d,%d\n", ms, m.q, m.kv, m.hidden, tp, tokens, cached)
					}
				}
			}
		}
		put(t, dir, "profiling/compute/chip/"+m.name+"/mlp.csv", mlp.String())
		put(t, dir, "profiling/compute/chip/"+m.name+"/attention.csv", attention.String())
	}
	var reduce strings.Builder
	reduce.WriteString(",time_stats.all_reduce.median,num_workers,size,devices_per_node\n")
	for i := range 60 {
		bytes := math.Round(2048 * math.Pow(1.2, float64(i)))
		fmt.Fprintf(&reduce, "%d,%.9f,4,%.0f,4\n", i, collective([]float64{12, 8, 110, 9}, 1.5*bytes)/1e3, bytes)
	}
	put(t, dir, "profiling/network/chip_box/all_reduce.csv", reduce.String())
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Figures that profiles were made of are found again.
func TestRecovery(t *testing.T) {
	device, want := chip(t)
	dir := profiles(t, &want)
	r, err := Device(dir, device, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range r.Accuracy {
		limit := 1.0
		if a.To != 0 && a.To != largeBytes || a.From > 0 && a.From != largeBytes {
			limit = 3
		}
		if a.MAPE > limit {
			t.Errorf("%v", a)
		}
	}
	if got := r.GPU.GEMM; math.Abs(got.Launch/5-1) > 0.1 || math.Abs(got.BytesFactor/1.4-1) > 0.05 || math.Abs(got.Tiles[0].Efficiency/0.85-1) > 0.05 {
		t.Errorf("%+v, made of %+v", got, want.GEMM)
	}
	if len(r.Nodes) != 1 || len(r.Nodes[0].AllReduce) != 1 || math.Abs(r.Nodes[0].AllReduce[0].Bandwidth/110-1) > 0.03 {
		t.Errorf("curves %+v", r.Nodes)
	}
	if !slices.Equal(r.Models, []string{"a/one", "b/two", "c/three"}) || !strings.Contains(strings.Join(r.Notes, "\n"), "chip_box: no send_recv.csv") {
		t.Errorf("models %q, notes %q", r.Models, r.Notes)
	}
	again, err := Device(dir, device, Options{})
	if err != nil || fmt.Sprint(again) != fmt.Sprint(r) {
		t.Errorf("a second fit differs: %v", err)
	}
	roundTrip(t, r, device)
}

// roundTrip writes a result as a file that is read again, whose device part is
// a catalogue.
func roundTrip(t *testing.T, r *Result, device vidur.Device) {
	file := r.File(device, []vidur.Node{{Name: "chip_box", Devices: 4}})
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put(t, dir, "chip.json", b.String())
	got, err := ReadFile(filepath.Join(dir, "chip.json"))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%+v", got.Operators.GPUs) != fmt.Sprintf("%+v", file.Operators.GPUs) || got.Devices[0].Nodes[0] != "chip_box" || len(got.Devices[0].Nodes) != 1 {
		t.Errorf("%+v was read, %+v was written", got, file)
	}
	part, err := json.Marshal(map[string]any{"devices": got.Devices, "nodes": got.Nodes})
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Default().Load(bytes.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := c.Device("chip"); err != nil || d != device {
		t.Errorf("%+v, %v; %+v is due", d, err, device)
	}
	for _, v := range []struct{ old, new, want string }{
		{`"tflops"`, `"flops"`, `chip.json:`},
		{`"launch_us": `, `"launch_us": -`, "gemm: figures must be finite and not negative"},
		{`"rows": 256`, `"rows": 32`, "GEMM tile 1 is 32 × 128, 256 × 128 is due"},
		{`"rms_norm"`, `"rms"`, "rms_norm is missing"},
		{`"devices": 4,`, `"devices": "4",`, "chip.json:"},
		{`"gbs": `, `"gbs": -`, `curve of "chip_box", 4 devices, 4 per node`},
		{"\n}\n", "\n}\n1", "something stands after the end"},
	} {
		put(t, dir, "chip.json", strings.Replace(b.String(), v.old, v.new, 1))
		if _, err := ReadFile(filepath.Join(dir, "chip.json")); err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%s instead of %s: %v", v.new, v.old, err)
		}
	}
	if _, err := ReadFile(filepath.Join(dir, "none.json")); err == nil {
		t.Error("a file that is not there has no error")
	}
	if err := new(File).Write(&b); err == nil {
		t.Error("a file without figures is written")
	}
}

// What cannot be fitted is an error, or keeps the means and is noted.
func TestDeviceErrors(t *testing.T) {
	device, g := chip(t)
	dir := profiles(t, &g)
	for _, v := range []struct {
		change func(*vidur.Device, *Options)
		want   string
	}{
		{func(d *vidur.Device, _ *Options) { d.SMs = 0 }, "needs its TFLOPS"},
		{func(d *vidur.Device, _ *Options) { d.Name = "none" }, "no such file"},
		{func(_ *vidur.Device, o *Options) { o.Skip = func(string) bool { return true } }, "no mlp.csv with rows below it"},
	} {
		d, opt := device, Options{}
		v.change(&d, &opt)
		if _, err := Device(dir, d, opt); err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%v; due is %s", err, v.want)
		}
	}
	const mlp = "profiling/compute/chip/a/one/mlp.csv"
	raw, err := os.ReadFile(filepath.Join(dir, mlp))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct{ old, new, want string }{
		{"n_embd", "x", `mlp.csv:1: column "n_embd": missing`},
		{"\n", "\nx", `mlp.csv:2: column "time_stats.attn_pre_proj.median": "x0.`},
		{",true,1,2\n", ",true,1,\n", `mlp.csv:3: column "num_tokens": NaN is no size`},
		{"32,8,4096,14336,true,1,2\n", "0,8,4096,14336,true,1,2\n", `mlp.csv:3: column "n_head": a model needs heads`},
	} {
		put(t, dir, mlp, strings.Replace(string(raw), v.old, v.new, 1))
		if _, err := Device(dir, device, Options{}); err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%v; due is %s", err, v.want)
		}
	}
	put(t, dir, mlp, string(raw))
	for _, name := range []string{"a/one", "b/two", "c/three"} {
		if err := os.Remove(filepath.Join(dir, "profiling/compute/chip", name, "attention.csv")); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Device(dir, device, Options{Skip: func(m string) bool { return m == "c/three" }, Nodes: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []kind{kPrefill, kDecode, kLayerNorm, kGELU, kAddTwo} {
		if !strings.Contains(strings.Join(r.Notes, "\n"), string(k)+": 0 measurements") {
			t.Errorf("notes %q lack %s", r.Notes, k)
		}
	}
	if len(r.Nodes) != 0 {
		t.Errorf("nodes %+v", r.Nodes)
	}
}
