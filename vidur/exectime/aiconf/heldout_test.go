package aiconf

import (
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur/exectime"
)

// What was measured is left out of the tables and predicted by the rest: every
// second number of tokens, and each width of weights.
func TestHeldOutGEMM(t *testing.T) {
	l, r := shared(t), report{}
	for _, p := range pairs {
		table, err := l.GEMM(vllm(p.system), gpuOf(t, p.device), "bfloat16")
		if err != nil {
			t.Fatal(err)
		}
		for w, c := range table.set.shapes {
			if w.n < 512 || w.k < 512 {
				continue
			}
			thin, left := thinned(c)
			for _, i := range left {
				a, _ := thin.at(c.x[i])
				r.add(p.device+" every 2nd m", a.Ms, c.ms[i])
			}
		}
		for _, n := range table.set.n {
			if n >= 512 && n <= 16384 {
				withoutN(r, p.device+" one n "+"m ", table, n)
			}
		}
	}
	r.log(t)
	r.bound(t, "a100", 12)
	r.bound(t, "h100", 20)
	r.bound(t, "h200", 12)
}

func withoutN(r report, key string, table *GEMMTable, n int) {
	set := gemmSet{k: table.set.k, shapes: map[weights]*curve{}}
	set.n = slices.DeleteFunc(slices.Clone(table.set.n), func(v int) bool { return v == n })
	for w, c := range table.set.shapes {
		if w.n != n {
			set.shapes[w] = c
		}
	}
	held := *table
	held.set = &set
	for _, k := range table.set.k {
		c := table.set.shapes[weights{n, k}]
		if k < 512 || k > 16384 || c == nil {
			continue
		}
		for i, x := range c.x {
			m := int(x)
			r.add(key+bucket(m, 16, 64, 256, 1024, 4096), held.At(m, n, k).Ms, c.ms[i])
		}
	}
}

func TestHeldOutAttention(t *testing.T) {
	l, r := shared(t), report{}
	for _, p := range pairs {
		for _, k := range []Kind{GenerationAttention, ContextAttention} {
			data, _, err := find[*attentionData](l, vllm(p.system), k)
			if err != nil {
				continue // there is no table of prefill for the H200
			}
			name := p.device + map[Kind]string{GenerationAttention: " decode, ", ContextAttention: " prefill, "}[k]
			for _, shape := range data.order {
				if shape.Dtype == half {
					withoutPoints(r, name, data, shape, k, gpuOf(t, p.device))
				}
			}
		}
	}
	r.log(t)
	for _, p := range pairs {
		r.bound(t, p.device+" decode, every", 8)
		r.bound(t, p.device+" decode, heads", 14)
	}
	for _, p := range pairs[:2] {
		r.bound(t, p.device+" prefill, every", 10)
		r.bound(t, p.device+" prefill, heads", 14)
	}
}

func withoutPoints(r report, name string, data *attentionData, shape attentionShape, k Kind, g *exectime.GPU) {
	full, h := data.shapes[shape].series[0], shape.heads()
	view := func(from attentionShape, grid *attentionGrid) *attention {
		a := &attention{Heads: h, From: from.heads(), gpu: g, bound: g.Bound(), fast: 1, model: decodeModel, grid: grid, rows: make([]exectime.Memo[attentionRow], 1)}
		if k == ContextAttention {
			a.model, a.ratios = prefillModel, true
		}
		a.rows[0].Make = func(batch int, row *attentionRow) { a.fill(0, batch, row) }
		return a
	}
	thin, sparse := &attentionSeries{batches: full.batches}, &attentionSeries{}
	for i, c := range full.curves {
		tc, _ := thinned(c)
		thin.curves = append(thin.curves, tc)
		if i%2 == 0 || i == len(full.curves)-1 {
			sparse.batches, sparse.curves = append(sparse.batches, full.batches[i]), append(sparse.curves, c)
		}
	}
	others := attentionData{order: slices.DeleteFunc(slices.Clone(data.order), func(v attentionShape) bool { return v == shape })}
	from := *others.nearest(shape.Dtype, h)
	tokens := view(shape, &attentionGrid{steps: []int{0}, series: []*attentionSeries{thin}})
	batches := view(shape, &attentionGrid{steps: []int{0}, series: []*attentionSeries{sparse}})
	heads := view(from, data.shapes[from])
	for i, b := range full.batches {
		c := full.curves[i]
		_, left := thinned(c)
		for _, j := range left {
			r.add(name+"every 2nd length", tokens.at(0, b, c.x[j]).Ms, c.ms[j])
		}
		for j, x := range c.x {
			if i%2 == 1 && i < len(full.batches)-1 {
				r.add(name+"every 2nd batch", batches.at(0, b, x).Ms, c.ms[j])
			}
			r.add(name+"heads", heads.at(0, b, x).Ms, c.ms[j])
		}
	}
}

func TestHeldOutAllReduce(t *testing.T) {
	l, r := shared(t), report{}
	for _, p := range pairs {
		for _, variant := range []string{"graph", "eager"} {
			for _, n := range []int{2, 4, 8} {
				c, err := l.AllReduce(vllm(p.system), variant, n)
				if err != nil {
					t.Fatal(err)
				}
				thin, left := thinned(c.curve)
				for _, i := range left {
					a, _ := thin.at(c.curve.x[i])
					r.add(p.device+" all-reduce "+variant, a.Ms, c.curve.ms[i])
				}
			}
		}
	}
	r.log(t)
	r.bound(t, "", 12)
}
