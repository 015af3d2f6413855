package aiconf

import "github.com/govidur/govidur/vidur"

// Point is one measurement of a table: an operator at a size.
type Point struct {
	Op       vidur.Op
	Tokens   int   // of a GEMM; of the chunk of prefill attention
	Requests int   // of attention, and positions of the LM head
	Cached   int   // tokens of each request before, of attention
	Bytes    int64 // of a message
	Ms       float64
}

// Measured are the points of the tables that are of this replica's own shapes, in
// a fixed order: nothing between points, of other weights or other heads, and
// nothing raised to what the datasheet allows. Final norm and gathering, which are
// part of the LM head, are analytic ones beside the table's GEMM.
func (s *Source) Measured() []Point {
	list := s.measuredGEMMs()
	if s.decode != nil && s.decode.From == s.decode.Heads {
		list = append(list, s.decode.points(vidur.OpAttnDecode)...)
	}
	if s.prefill != nil && s.prefill.From == s.prefill.Heads {
		list = append(list, s.prefill.points(vidur.OpAttnPrefill)...)
	}
	if s.reduce != nil {
		for i, bytes := range s.reduce.curve.x {
			list = append(list, Point{Op: vidur.OpAllReduce, Bytes: int64(bytes), Ms: s.reduce.curve.ms[i]})
		}
	}
	return list
}

func (s *Source) measuredGEMMs() []Point {
	if s.gemm == nil {
		return nil
	}
	var list []Point
	n, k := s.shapes()
	for i, op := range [...]vidur.Op{vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpLMHead} {
		c := s.gemm.set.shapes[weights{n[i], k[i]}]
		if c == nil {
			continue
		}
		for j, x := range c.x {
			p := Point{Op: op, Tokens: int(x), Ms: c.ms[j]}
			if op == vidur.OpLMHead {
				p.Tokens, p.Requests = 0, int(x)
				p.Ms += s.operators.Logits(p.Requests) - s.gpu.GEMM(p.Requests, n[i], k[i])/usPerMs
			}
			list = append(list, p)
		}
	}
	return list
}

// points are the measurements of attention. The context of decoding has the new
// token in it, which Cached has not.
func (a *attention) points(op vidur.Op) []Point {
	var list []Point
	for i, step := range a.grid.steps {
		series := a.grid.series[i]
		for j, batch := range series.batches {
			c := series.curves[j]
			for k, x := range c.x {
				p := Point{Op: op, Tokens: int(x), Requests: batch, Cached: step, Ms: c.ms[k]}
				if op == vidur.OpAttnDecode {
					p.Tokens, p.Cached = batch, int(x)-1
				}
				list = append(list, p)
			}
		}
	}
	return list
}
