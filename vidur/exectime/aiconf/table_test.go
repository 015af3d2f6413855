package aiconf

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur/exectime"
)

func checkAnswer(t *testing.T, what string, a Answer, ms float64, how How) {
	t.Helper()
	if a.How != how || math.Abs(a.Ms/ms-1) > 1e-6 {
		t.Errorf("%s: %v ms, %v; want %v ms, %v", what, a.Ms, a.How, ms, how)
	}
}

func TestGEMMAnswers(t *testing.T) {
	gpu := gpuOf(t, "h100")
	g, err := open(t, small(t)).GEMM(h100, gpu, "bfloat16")
	if err != nil {
		t.Fatal(err)
	}
	one := 1e-9 * 4096 * 4096
	checkAnswer(t, "a point", g.At(128, 4096, 4096), one, Measured)
	checkAnswer(t, "the first point", g.At(1, 4096, 4096), one, Measured)
	checkAnswer(t, "between equal points", g.At(40, 4096, 4096), one, Interpolated)
	checkAnswer(t, "on a power", g.At(512, 4096, 4096), 4*one, Interpolated)
	slope := gpu.GEMM(16384, 4096, 4096) / gpu.GEMM(8192, 4096, 4096)
	checkAnswer(t, "beyond the end", g.At(16384, 4096, 4096), 64*one*slope, Transferred)
	ratios := func(m, n0, n1, k int) float64 {
		return math.Sqrt(g.At(m, n0, k).Ms / gpu.GEMM(m, n0, k) * g.At(m, n1, k).Ms / gpu.GEMM(m, n1, k))
	}
	checkAnswer(t, "another width", g.At(128, 8192, 4096), gpu.GEMM(128, 8192, 4096)*ratios(128, 4096, 16384, 4096), Transferred)
	checkAnswer(t, "wider than all", g.At(128, 32768, 4096), gpu.GEMM(128, 32768, 4096)*ratios(128, 16384, 16384, 4096), Transferred)
	if a := g.At(0, 4096, 4096); a != (Answer{}) {
		t.Errorf("no tokens: %+v", a)
	}
	if a := g.At(8192, 100, 100); !a.Raised && a.Ms < gpu.Bound().GEMM(8192, 100, 100)/1e3 {
		t.Errorf("below the datasheet: %+v", a)
	}
}

// A table that is not a full grid.
func TestGEMMWithHoles(t *testing.T) {
	dir := t.TempDir()
	var rows []gemmRow
	for _, s := range [][2]int{{1024, 8192}, {8192, 1024}} {
		rows = append(rows, gemmRow{"1", "bfloat16", 64, int32(s[0]), float64(s[1]), 0.1, false})
	}
	write(t, dir, "s/vllm/1/gemm_perf.parquet", rows)
	g, err := open(t, dir).GEMM(ID{"s", "vllm", "1"}, gpuOf(t, "h100"), "bfloat16")
	if err != nil {
		t.Fatal(err)
	}
	scaled := g.gpu.GEMM(64, 1024, 1024) / g.gpu.GEMM(64, 1024, 8192)
	checkAnswer(t, "a hole", g.At(64, 1024, 1024), 0.1*scaled, Transferred)
}

func TestAttentionAnswers(t *testing.T) {
	l, gpu := open(t, small(t)), gpuOf(t, "h100")
	h := exectime.Heads{Q: 32, KV: 8, Dim: 128}
	d, err1 := l.Decode(h100, gpu, "bfloat16", h)
	p, err2 := l.Prefill(h100, gpu, "bfloat16", h)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	checkAnswer(t, "decode", d.At(8, 1024), float64(float32(0.01+1e-5*8*1024)), Measured)
	a, b := d.At(8, 1024).Ms, d.At(64, 1024).Ms
	checkAnswer(t, "between batches", d.At(16, 1024), a+(b-a)/7, Interpolated)
	checkAnswer(t, "more requests", d.At(128, 8192), d.At(64, 8192).Ms*gpu.AttnDecode(128, 8192, h)/gpu.AttnDecode(64, 8192, h), Transferred)
	checkAnswer(t, "a chunk", p.At(4, 2048, 0), float64(float32(0.02+4e-8*4*2048*2048)), Measured)
	// 1024 tokens after 1536 cached ones are 2048²/2 pairs.
	want := p.At(1, 2048, 0).Ms * gpu.AttnPrefill(1024, 1536, h) / gpu.AttnPrefill(2048, 0, h)
	checkAnswer(t, "cached tokens", p.At(1, 1024, 1536), want, Transferred)

	// Twice the KV heads are as many thread blocks as twice the requests.
	h2 := exectime.Heads{Q: 64, KV: 16, Dim: 128}
	d2, err := l.Decode(h100, gpu, "bfloat16", h2)
	if err != nil || d2.From != h {
		t.Fatal(d2, err)
	}
	checkAnswer(t, "other heads", d2.At(4, 1024), d.At(8, 1024).Ms, Transferred)
}

// Cached tokens that a table has are measured, and those above start from them.
func TestPrefillSteps(t *testing.T) {
	rows := prefills()
	for _, r := range prefills() {
		r.Step, r.Latency = 4096, r.Latency*3
		rows = append(rows, r)
	}
	dir := t.TempDir()
	write(t, dir, "h100_sxm/vllm/1.0/context_attention_perf.parquet", rows)
	gpu := gpuOf(t, "h100")
	h := exectime.Heads{Q: 32, KV: 8, Dim: 128}
	p, err := open(t, dir).Prefill(h100, gpu, "bfloat16", h)
	if err != nil {
		t.Fatal(err)
	}
	checkAnswer(t, "cached tokens of the table", p.At(1, 2048, 4096), 3*p.At(1, 2048, 0).Ms, Measured)
	if a := p.At(1, 2048, 4097); a.How != Transferred || math.Abs(a.Ms/p.At(1, 2048, 4096).Ms-1) > 0.01 {
		t.Errorf("one more cached token: %+v", a)
	}
}

func TestCollectiveAnswers(t *testing.T) {
	l := open(t, small(t))
	c, err := l.AllReduce(h100, "", 2)
	if err != nil || c.Name != "graph" {
		t.Fatal(c, err)
	}
	ms := func(elements float64) float64 { return 0.005 + 2e-8*elements }
	checkAnswer(t, "a point", c.At(2<<20), ms(1<<20), Measured)
	checkAnswer(t, "small", c.At(2), ms(1<<10), Transferred)
	checkAnswer(t, "large", c.At(2<<26), 2*ms(1<<25), Transferred)
	_, err = l.AllReduce(h100, "graph", 3)
	wantError(t, err, "graph bfloat16 3", "graph bfloat16 2", "eager bfloat16 4")
	_, err = l.NCCL(ID{"h100_sxm", "nccl", "2"}, "all_reduce", "half", 2)
	wantError(t, err, "no nccl table")
	dir := t.TempDir()
	write(t, dir, "a_comm_x_1_custom_allreduce_perf.parquet", []reduceRow{{"bfloat9", 2, 8, 1, "x"}})
	_, err = open(t, dir).Check()
	wantError(t, err, "row 1", "bfloat9")
}

func TestMoE(t *testing.T) {
	dir := t.TempDir()
	const header = "moe_dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp_size,moe_ep_size,distribution,kernel_source,latency\n"
	writeText(t, dir, "s/vllm/1/moe_perf.txt", header+
		"bfloat16,1,4096,14336,2,8,1,1,balanced,a,0.1\nbfloat16,64,4096,14336,2,8,1,1,balanced,a,0.8\n"+
		"bfloat16,1,4096,14336,2,8,2,1,balanced,a,0.05\nbfloat16,1,4096,14336,2,8,2,1,balanced,b,0.04\n")
	l, id := open(t, dir), ID{"s", "vllm", "1"}
	shape := MoEShape{"bfloat16", 4096, 14336, 2, 8, 1, 1, "balanced", ""}
	m, err := l.MoE(id, shape)
	if err != nil {
		t.Fatal(err)
	}
	checkAnswer(t, "a point", m.At(64), 0.8, Measured)
	checkAnswer(t, "between", m.At(8), math.Sqrt(0.08), Interpolated)
	checkAnswer(t, "beyond", m.At(128), 1.6, Transferred)
	shape.TP = 2
	_, err = l.MoE(id, shape)
	wantError(t, err, "several kernels", "a, b")
	shape.TP = 4
	_, err = l.MoE(id, shape)
	wantError(t, err, "no rows", "TP 2 EP 1")
	if shapes, err := l.MoEShapes(id); err != nil || len(shapes) != 3 {
		t.Error(shapes, err)
	}
}

// Of the published tables: answers at random are finite, at or above the
// datasheet, and say how they were obtained.
func TestNoAnswerBeatsTheDatasheet(t *testing.T) {
	l, r := shared(t), rand.New(rand.NewPCG(1, 2))
	log := func(hi float64) int { return int(math.Exp(r.Float64() * math.Log(hi))) }
	for _, p := range pairs[:2] {
		gpu := gpuOf(t, p.device)
		bound := gpu.Bound()
		g, err := l.GEMM(vllm(p.system), gpu, "bfloat16")
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, a Answer, us float64, shape ...int) {
			t.Helper()
			if !(a.Ms*1e3 >= us*(1-1e-12)) || math.IsInf(a.Ms, 0) || a.Ms <= 0 {
				t.Fatalf("%s %s %v: %+v, the datasheet allows %v µs", p.device, what, shape, a, us)
			}
		}
		for range 3000 {
			m, n, k := log(1e5), log(3e5), log(1e5)
			check("GEMM", g.At(m, n, k), bound.GEMM(m, n, k), m, n, k)
		}
		for range 100 {
			h := exectime.Heads{KV: log(32), Dim: 32 * (1 + r.IntN(8))}
			h.Q = h.KV * (1 + r.IntN(12))
			d, err1 := l.Decode(vllm(p.system), gpu, "bfloat16", h)
			f, err2 := l.Prefill(vllm(p.system), gpu, "bfloat16", h)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			for range 50 {
				b, x, v := log(4096), log(3e5), log(2e5)-1
				check("decode", d.At(b, float64(x)), bound.AttnDecode(b, float64(x), h), b, x, h.Q, h.KV, h.Dim)
				check("prefill", f.At(1, x, v), bound.AttnPrefill(x, v, h), x, v, h.Q, h.KV, h.Dim)
			}
		}
	}
}
