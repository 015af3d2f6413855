package profile

import (
	"math"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// shape is what the work of an operator depends on, of one of tp devices.
type shape struct {
	hidden, q, kv, dim, ffn int
	gated                   bool
	devices                 int  // that take part in a collective
	far                     bool // they are in several nodes
}

func shapeOf(m *vidur.Model, tp int) shape {
	return shape{
		hidden: m.Hidden, q: m.QHeads / tp, kv: (m.KVHeads + tp - 1) / tp, dim: m.Head(),
		ffn: m.FFN / tp, gated: m.Gated, devices: tp,
	}
}

// work is what an operator must do at least.
type work struct {
	flops float64
	bytes float64 // of device memory
	link  float64 // bytes that each device sends
	far   bool    // between nodes
	us    float64 // of launches and messages: the usual time besides, µs
}

const (
	fp16       = 2  // bytes
	launchUs   = 3  // of a kernel; profiles have 1 to 13
	collectUs  = 20 // of a small message; profiles have 5 to 60
	pcieGBs    = 32 // PCIe 4.0 x16, one direction
	betweenGBs = 10 // between nodes; profiles have 3 to 38
	usualRatio = 1.3
)

// gemm is m tokens times a k × n matrix.
func gemm(m, n, k int) work {
	M, N, K := float64(m), float64(n), float64(k)
	return work{flops: 2 * M * N * K, bytes: fp16 * (M*K + K*N + M*N), us: launchUs}
}

// pointwise moves so many bytes for each value of m tokens.
func pointwise(m, perValue, width int) work {
	return work{bytes: float64(perValue) * float64(m) * float64(width), us: launchUs}
}

// work is the work of an operator; x are the features of its samples. It is
// false for operators of which nothing is known: those of the CPU.
func (s *shape) work(op vidur.Op, x ...float64) (work, bool) {
	m := int(x[0])
	switch op {
	case vidur.OpAttnPreProj:
		return gemm(m, (s.q+2*s.kv)*s.dim, s.hidden), true
	case vidur.OpAttnPostProj:
		return gemm(m, s.hidden, s.q*s.dim), true
	case vidur.OpMLPUp:
		return gemm(m, (1+s.gates())*s.ffn, s.hidden), true
	case vidur.OpMLPDown:
		return gemm(m, s.hidden, s.ffn), true
	case vidur.OpMLPAct:
		return pointwise(m, (2+s.gates())*fp16, s.ffn), true
	case vidur.OpAttnRope:
		return pointwise(m, 2*fp16, (s.q+s.kv)*s.dim), true
	case vidur.OpInputNorm, vidur.OpPostNorm:
		return pointwise(m, 2*fp16, s.hidden), true
	case vidur.OpAdd:
		return pointwise(m, 3*fp16, s.hidden), true
	case vidur.OpKVSave:
		return pointwise(m, 4*fp16, s.kv*s.dim), true
	case vidur.OpAttnDecode:
		return s.attention(x[0], 1, x[1]), true
	case vidur.OpAttnPrefill:
		return s.attention(1, math.Sqrt(x[1]), x[0]), true
	case vidur.OpAllReduce, vidur.OpSendRecv:
		return s.message(op, x[0]), true
	}
	return work{}, false
}

func (s *shape) gates() int {
	if s.gated {
		return 1
	}
	return 0
}

// message is a collective of the values of so many tokens.
func (s *shape) message(op vidur.Op, tokens float64) work {
	w := work{link: fp16 * tokens * float64(s.hidden), us: collectUs, far: s.far}
	if n := float64(s.devices); op == vidur.OpAllReduce && n > 0 {
		w.link *= 2 * (n - 1) / n
	}
	return w
}

// attention is that of requests with so many new tokens after cached ones: the
// pairs below the diagonal, and every key, value, query and result once.
func (s *shape) attention(requests, tokens, cached float64) work {
	pairs := requests * (tokens*cached + tokens*(tokens+1)/2)
	dim := float64(s.dim)
	return work{
		flops: 4 * pairs * float64(s.q) * dim,
		bytes: 2 * fp16 * requests * dim * ((tokens+cached)*float64(s.kv) + tokens*float64(s.q)),
		us:    2 * launchUs,
	}
}

// bound is the least time by the datasheet, in ms; 0 if it is not known. Links
// count with one direction. Of those between nodes nothing is known.
func (w *work) bound(d *vidur.Device) float64 {
	us := 0.0
	if d.TFLOPS > 0 {
		us = w.flops / (d.TFLOPS * 1e6)
	}
	if d.Bandwidth > 0 {
		us = max(us, w.bytes/(d.Bandwidth*1e3))
	}
	if !w.far {
		us = max(us, w.link/(max(d.LinkGBs/2, pcieGBs)*1e3))
	}
	return us / 1e3
}

// usual is about what the operator takes, in ms: within a factor of ten.
func (w *work) usual(d *vidur.Device) float64 {
	ms := w.us/1e3 + usualRatio*w.bound(d)
	if w.far {
		ms += w.link / (betweenGBs * 1e6)
	}
	return ms
}

// cpuMs is about what an operator of the CPU takes: all are alike, and nothing is
// known of their work.
const cpuMs = 0.3

// ratios are measured over usual times, by row, and nil of operators of which nothing
// is known. A device without a datasheet is as an A100.
func (s *shape) ratios(op vidur.Op, d *vidur.Device, x [][]float64, y []float64) []float64 {
	if !datasheet(d) {
		d = &vidur.Device{TFLOPS: 312, Bandwidth: 2039, LinkGBs: 600}
	}
	out, row := make([]float64, len(y)), make([]float64, len(x))
	for i := range y {
		if op >= vidur.OpSchedule {
			out[i] = y[i] / cpuMs
			continue
		}
		for j := range x {
			row[j] = x[j][i]
		}
		w, known := s.work(op, row...)
		if !known {
			return nil
		}
		out[i] = y[i] / w.usual(d)
	}
	return out
}

func datasheet(d *vidur.Device) bool { return d.TFLOPS > 0 && d.Bandwidth > 0 }

// median is that of the positive ones, the upper of two, or 0.
func median(ratios []float64) float64 {
	ratios = slices.DeleteFunc(slices.Clone(ratios), func(r float64) bool { return !(r > 0) })
	if len(ratios) == 0 {
		return 0
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}
