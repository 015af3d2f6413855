package aiconf

import (
	"fmt"
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime"
)

// Numbers of the tables that were looked up independently of this package.
func TestPublishedNumbers(t *testing.T) {
	l := shared(t)
	h := exectime.Heads{Q: 32, KV: 8, Dim: 128}
	for system, want := range map[string]struct {
		device        string
		gemm, prefill [4]float64 // µs; m 1, 64, 1024, 4096 of 8192 × 8192; chunks of 2048, 8192
		decode        float64    // 32 requests of 1024 tokens
		small, big    [3]float64 // 2, 4, 8 GPUs; 1024² elements and 16 times as many
	}{
		"h100_sxm": {"h100", [4]float64{45.6, 47.4, 151.3, 639.7}, [4]float64{114.6, 1006.8}, 58.3, [3]float64{12.5, 18.6, 20.9}, [3]float64{138, 173, 211}},
		"a100_sxm": {"a100", [4]float64{96.9, 0, 526.6, 1978}, [4]float64{272.9, 3120}, 123, [3]float64{15.2, 26, 27.9}, [3]float64{222, 288, 364}},
	} {
		g := gpuOf(t, want.device)
		near := func(what string, a Answer, us float64) {
			t.Helper()
			if us > 0 && (a.How != Measured || math.Abs(a.Ms*1e3/us-1) > 0.006) {
				t.Errorf("%s %s: %+v, published %v µs", system, what, a, us)
			}
		}
		gemm, err1 := l.GEMM(vllm(system), g, "bfloat16")
		prefill, err2 := l.Prefill(vllm(system), g, "bfloat16", h)
		decode, err3 := l.Decode(vllm(system), g, "bfloat16", h)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		for i, m := range []int{1, 64, 1024, 4096} {
			near(fmt.Sprint("GEMM ", m), gemm.At(m, 8192, 8192), want.gemm[i])
		}
		near("prefill 2048", prefill.At(1, 2048, 0), want.prefill[0])
		near("prefill 8192", prefill.At(1, 8192, 0), want.prefill[1])
		near("decode", decode.At(32, 1024), want.decode)
		for i, n := range []int{2, 4, 8} {
			c, err := l.AllReduce(vllm(system), "", n)
			if err != nil {
				t.Fatal(err)
			}
			near(fmt.Sprint("all-reduce ", n), c.At(2<<20), want.small[i])
			near(fmt.Sprint("all-reduce ", n), c.At(32<<20), want.big[i])
		}
	}
	odd, err := l.Check()
	if err != nil || len(odd) != 1 {
		t.Errorf("%v %q", err, odd)
	}
}

// A message of half precision and one of int8 with twice the elements take the
// same time: sizes are elements. Taken as bytes, half precision would be 1.7 times
// as long.
func TestMessagesAreElements(t *testing.T) {
	l := shared(t)
	for _, n := range []int{2, 4, 8} {
		id := ID{"a100_sxm", "nccl", "2.27.3"}
		a, err1 := l.NCCL(id, "all_reduce", "half", n)
		b, err2 := l.NCCL(id, "all_reduce", "int8", n)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for _, bytes := range []float64{1 << 22, 1 << 24, 1 << 26, 1 << 28} {
			if x, y := a.At(bytes), b.At(bytes); math.Abs(x.Ms/y.Ms-1) > 0.1 || x.How != Measured {
				t.Errorf("%d GPUs, %v bytes: %v ms in half, %v in int8", n, bytes, x, y)
			}
		}
	}
}

// The analytic model, by these tables. For the cards of the original's profiles they
// are evidence and not a target; to the others it was fitted. The limits are what it
// was found to be, and a bit.
func TestAnalyticAgainstTables(t *testing.T) {
	l, r := shared(t), report{}
	below := 0
	products := []struct{ device, system string }{{"a100-sxm", "a100_sxm"}, {"h100-sxm", "h100_sxm"}}
	for _, p := range append(products, pairs[:]...) {
		g := gpuOf(t, p.device)
		table, err := l.GEMM(vllm(p.system), g, "bfloat16")
		if err != nil {
			t.Fatal(err)
		}
		for w, c := range table.set.shapes {
			for i, x := range c.x {
				m := int(x)
				if table.At(m, w.n, w.k).Raised {
					below++
				}
				if w.n >= 1024 && w.k >= 1024 {
					r.add(p.device+" GEMM    m       "+bucket(m, 16, 64, 128, 256, 512, 1024, 2048, 4096, 8192), g.GEMM(m, w.n, w.k)/usPerMs, c.ms[i])
				}
			}
		}
		attentionAgainst(l, r, p.device, p.system, g)
		reduceAgainst(t, l, r, p.device, p.system)
	}
	r.log(t)
	t.Log("GEMMs measured faster than the datasheet:", below)
	r.bound(t, "a100 GEMM", 16)
	r.bound(t, "h100 GEMM", 38)
	r.bound(t, "a100 decode", 28)
	r.bound(t, "h100 decode", 38)
	for device, limits := range map[string][3]float64{"a100-sxm": {10, 19, 22}, "h100-sxm": {11, 27, 24}, "h200": {11, 24}} {
		r.bound(t, device+" GEMM", limits[0])
		r.bound(t, device+" decode", limits[1])
		if limits[2] > 0 {
			r.bound(t, device+" prefill", limits[2])
		}
	}
	if below > 30 {
		t.Errorf("%d points are below the datasheet", below)
	}
}

// Of heads and lengths as models have them: 8 query heads on, up to 32768 tokens.
func attentionAgainst(l *Library, r report, device, system string, g *exectime.GPU) {
	for _, k := range []Kind{GenerationAttention, ContextAttention} {
		data, _, err := find[*attentionData](l, vllm(system), k)
		if err != nil {
			continue
		}
		for _, shape := range data.order {
			if shape.Dtype != half || shape.Q < 8 {
				continue
			}
			s, h := data.shapes[shape].series[0], shape.heads()
			for i, b := range s.batches {
				for j, x := range s.curves[i].x {
					switch ms := s.curves[i].ms[j]; {
					case k == GenerationAttention && x >= 128 && x <= 32768:
						r.add(device+" decode  batch   "+bucket(b, 8, 32, 128, 512), g.AttnDecode(b, x, h)/usPerMs, ms)
					case k == ContextAttention && b == 1:
						r.add(device+" prefill chunk   "+bucket(int(x), 64, 256, 1024, 2048, 4096, 8192), g.AttnPrefill(int(x), 0, h)/usPerMs, ms)
					}
				}
			}
		}
	}
}

func reduceAgainst(t *testing.T, l *Library, r report, device, system string) {
	for _, ideal := range []bool{false, true} {
		a, err := exectime.NewAnalytic(exectime.AnalyticOptions{IdealCollectives: ideal})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{2, 4, 8} {
			d, err1 := catalog.Default().Device(device)
			node, err2 := catalog.Default().DefaultNode(device)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			network := a.Network(vidur.ReplicaSpec{Device: d, Node: node, TP: n})
			for _, variant := range []string{"graph", "eager"} {
				c, err := l.AllReduce(vllm(system), variant, n)
				if err != nil {
					t.Fatal(err)
				}
				for i, x := range c.curve.x {
					key := fmt.Sprintf("%s reduce %s ideal=%-5v %s KB", device, variant, ideal, bucket(int(x/1e3), 100, 1500, 32000))
					r.add(key, network.AllReduce(x)/usPerMs, c.curve.ms[i])
				}
			}
		}
	}
}
