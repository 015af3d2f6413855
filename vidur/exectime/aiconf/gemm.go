package aiconf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/exectime"
)

// gemmData has the curves of GEMMs by numeric type and weights.
type gemmData struct {
	dtypes map[string]*gemmSet
}

// gemmSet is the GEMMs of one type.
type gemmSet struct {
	n, k   []int // ascending
	shapes map[weights]*curve
}

type weights struct{ n, k int }

type gemmKey struct {
	Dtype   string
	M, N, K int
}

func parseGEMM(s *sheet) (*gemmData, error) {
	if err := s.need("gemm_dtype", "m", "n", "k", "latency"); err != nil {
		return nil, err
	}
	dtypes, err := s.texts("gemm_dtype")
	if err != nil {
		return nil, err
	}
	d, err := s.dims("m", "n", "k")
	if err != nil {
		return nil, err
	}
	ms, err := s.floats("latency")
	if err != nil {
		return nil, err
	}
	p := points[gemmKey]{sheet: s}
	for i := range s.rows {
		p.add(i, gemmKey{dtypes[i], d[0][i], d[1][i], d[2][i]}, ms[i])
	}
	if err := p.settle(); err != nil {
		return nil, err
	}
	return newGEMMData(&p), nil
}

func newGEMMData(p *points[gemmKey]) *gemmData {
	slices.SortFunc(p.order, func(a, b gemmKey) int { return a.M - b.M })
	data := &gemmData{dtypes: map[string]*gemmSet{}}
	for _, key := range p.order {
		set := data.dtypes[key.Dtype]
		if set == nil {
			set = &gemmSet{shapes: map[weights]*curve{}}
			data.dtypes[key.Dtype] = set
		}
		w := weights{key.N, key.K}
		if set.shapes[w] == nil {
			set.shapes[w] = &curve{}
			set.n, set.k = insert(set.n, key.N), insert(set.k, key.K)
		}
		set.shapes[w].add(float64(key.M), p.mean(key))
	}
	return data
}

// insert puts v into an ascending list that does not have it.
func insert(list []int, v int) []int {
	i, found := slices.BinarySearch(list, v)
	if found {
		return list
	}
	return slices.Insert(list, i, v)
}

// GEMMTable predicts matrix products of one numeric type.
type GEMMTable struct {
	Info   Info
	Dtype  string
	set    *gemmSet
	gpu    *exectime.GPU
	bound  *exectime.GPU
	narrow float64
}

// GEMM opens the GEMMs of one numeric type, as the table spells it. The GPU is
// the analytic model that shapes without measurements are transferred by.
func (l *Library) GEMM(id ID, gpu *exectime.GPU, dtype string) (*GEMMTable, error) {
	data, t, err := find[*gemmData](l, id, GEMM)
	if err != nil {
		return nil, err
	}
	set := data.dtypes[dtype]
	if set == nil {
		return nil, unknownDtype(t, "gemm_dtype", dtype)
	}
	return &GEMMTable{t.Info, dtype, set, gpu, gpu.Bound(), narrower(dtype)}, nil
}

func unknownDtype(t *table, column, dtype string) error {
	return fmt.Errorf("%s: column %q: there is no %q; there are %s", t.Path, column, dtype, strings.Join(t.Dtypes, ", "))
}

// narrower is the factor by which a numeric type may be faster than the 16 bits
// of the analytic model's bounds, in arithmetic and in bytes.
func narrower(dtype string) float64 {
	switch d := strings.ToLower(dtype); {
	case strings.Contains(d, "fp4"), strings.Contains(d, "int4"), strings.Contains(d, "w4"):
		return 4
	case strings.Contains(d, "8") && !strings.Contains(d, "16"):
		return 2
	}
	return 1
}

// At is the time of m tokens times weights of k rows and n columns.
//
// Weights that the table does not have are transferred from the four around them
// in (n, k): the analytic time, times the ratio of table to analytic time at the
// same m, its logarithm interpolated in the logarithms of n and k. Beyond the
// table's edge the ratio is that at the edge.
func (t *GEMMTable) At(m, n, k int) Answer {
	if m <= 0 || n <= 0 || k <= 0 {
		return Answer{}
	}
	bound := t.bound.GEMM(m, n, k) / usPerMs / t.narrow
	if c := t.set.shapes[weights{n, k}]; c != nil {
		return t.along(c, m, n, k).atLeast(bound)
	}
	n0, n1, wn := bracket(t.set.n, float64(n))
	k0, k1, wk := bracket(t.set.k, float64(k))
	var sum mean
	for _, v := range [...]struct {
		n, k   int
		weight float64
	}{{n0, k0, (1 - wn) * (1 - wk)}, {n1, k0, wn * (1 - wk)}, {n0, k1, (1 - wn) * wk}, {n1, k1, wn * wk}} {
		if v.weight > 0 {
			t.take(&sum, m, weights{t.set.n[v.n], t.set.k[v.k]}, v.weight)
		}
	}
	if sum.weight == 0 {
		t.take(&sum, m, t.nearest(n, k), 1)
	}
	ms := t.gpu.GEMM(m, n, k) / usPerMs * sum.value()
	return Answer{Ms: ms, How: Transferred}.atLeast(bound)
}

// along is a measured shape's time at m.
func (t *GEMMTable) along(c *curve, m, n, k int) Answer {
	return c.follow(float64(m), func(m float64) float64 { return t.gpu.GEMM(int(m), n, k) })
}

// take adds the ratio of a shape, if the table has it.
func (t *GEMMTable) take(sum *mean, m int, w weights, weight float64) {
	if c := t.set.shapes[w]; c != nil {
		sum.add(ratio(t.along(c, m, w.n, w.k).Ms, t.gpu.GEMM(m, w.n, w.k)/usPerMs), weight)
	}
}

// nearest is the shape that is nearest by the factors between n and k.
func (t *GEMMTable) nearest(n, k int) weights {
	var best weights
	least := 0.0
	for _, a := range t.set.n {
		for _, b := range t.set.k {
			w := weights{a, b}
			if t.set.shapes[w] == nil {
				continue
			}
			if d := apart(a, n) + apart(b, k); best.n == 0 || d < least {
				best, least = w, d
			}
		}
	}
	return best
}

// Has reports whether the table has the weights themselves.
func (t *GEMMTable) Has(n, k int) bool { return t.set.shapes[weights{n, k}] != nil }

const usPerMs = 1e3
