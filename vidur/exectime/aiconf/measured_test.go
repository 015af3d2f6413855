package aiconf

import (
	"math"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// Every measured point is what the predictor answers there.
func TestMeasuredPointsAreAnswers(t *testing.T) {
	l := open(t, small(t))
	s, err := l.Predictor(replica(t, "llama-3-8b", "h100", 1, 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	count := map[vidur.Op]int{}
	n, k := s.shapes()
	for _, p := range s.Measured() {
		count[p.Op]++
		var got Answer
		switch p.Op {
		case vidur.OpAttnDecode:
			got = s.decode.At(p.Requests, float64(p.Cached+1))
		case vidur.OpAttnPrefill:
			got = s.prefill.At(p.Requests, p.Tokens, p.Cached)
		default:
			i := slices.Index([]vidur.Op{vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown}, p.Op)
			got = s.gemm.At(p.Tokens, n[i], k[i])
		}
		if got.How != Measured || !got.Raised && math.Abs(got.Ms-p.Ms) > 1e-12 || got.Raised && got.Ms < p.Ms {
			t.Errorf("%+v is answered with %+v", p, got)
		}
	}
	// The fixture has weights of the output projection, and heads of this model.
	for op, n := range map[vidur.Op]int{vidur.OpAttnPostProj: 5, vidur.OpAttnPreProj: 0, vidur.OpAttnDecode: 9, vidur.OpAttnPrefill: 8, vidur.OpAllReduce: 0} {
		if count[op] != n {
			t.Errorf("%v: %d points, want %d", op, count[op], n)
		}
	}
	if two, err := l.Predictor(replica(t, "llama-3-8b", "h100", 2, 1), Options{}); err != nil {
		t.Fatal(err)
	} else if list := two.Measured(); len(list) != 3 || list[0].Bytes != 2048 || list[0].Op != vidur.OpAllReduce {
		t.Errorf("of two devices, whose other shapes were not measured: %+v", list)
	}
}
