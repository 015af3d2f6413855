package plan

import (
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// What measuring costs beside the operators' own time. The numbers of runs are near
// those of the original's profiler; the other figures are rough ones of PyTorch on
// a current host.
const (
	warmUp = 5
	repeat = 20

	pointSeconds    = 0.01   // of reading a point and writing what came out
	operatorSeconds = 0.005  // of an operator's tensors, and of waiting for the device
	runSeconds      = 100e-6 // of a launch, its events, and emptying the L2 cache before it
	cpuSeconds      = 5e-3   // of the host's parts of an iteration
)

// Memory beside the tensors.
const (
	valueBytes   = 2       // fp16 and bf16
	usable       = 0.9     // of a device's memory: as engines and the original's profiler
	contextBytes = 1 << 30 // of CUDA, its libraries, and PyTorch's cache
)

// coster estimates time and memory of the points of one degree of parallelism.
type coster struct {
	ops   *exectime.Operators
	model *vidur.Model
	tp    int
	block int // tokens of a KV block
}

// seconds is the estimated time to measure a point.
func (c *coster) seconds(p *Point) float64 {
	ms, operators := c.once(p)
	runs := float64(warmUp + repeat)
	s := pointSeconds + float64(operators)*(operatorSeconds+runs*runSeconds) + runs*ms*1e-3
	return math.Round(s*1e4) / 1e4 // estimates are no better than that
}

// once is the estimated time of the point's operators, ms, and how many there are.
func (c *coster) once(p *Point) (ms float64, operators int) {
	network := c.ops.Network()
	switch p.Kind {
	case Token:
		return c.tokens(p.Tokens)
	case Prefill:
		return c.ops.Prefill(p.Chunk, p.Cached) + c.save(p.Chunk), 2
	case Decode:
		return c.ops.Decode(p.Batch, float64(p.Cached)) + c.save(p.Batch), 2
	case AllReduce:
		return network.AllReduce(float64(p.Bytes)) * 1e-3, 1
	case AllGather:
		return network.AllGather(float64(p.Bytes)) * 1e-3, 1
	case SendRecv:
		return network.SendRecv(float64(p.Bytes), p.PerNode == 1) * 1e-3, 1
	}
	return cpuSeconds * 1e3, 5
}

// tokens is the time of the operators of one shard, without collectives, ms. The
// LM head has all the tokens.
func (c *coster) tokens(n int) (ms float64, operators int) {
	row := c.ops.ByTokens(n)
	for _, op := range tokenOps {
		if t := row.Layer.Ops[op]; t > 0 {
			ms += t
			operators++
		}
	}
	reduce := row.Layer.Ops[vidur.OpAllReduce]
	gather := c.ops.Network().AllGather(valueBytes*float64(n)*float64(c.model.Vocab)) * 1e-3
	return ms + row.Embed - reduce + c.ops.Logits(n) - gather, operators + 2
}

// tokenOps are the operators of a layer that a Token point measures.
var tokenOps = [...]vidur.Op{
	vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpAttnRope, vidur.OpInputNorm, vidur.OpMLPUp,
	vidur.OpMLPDown, vidur.OpMLPAct, vidur.OpPostNorm, vidur.OpAdd,
}

func (c *coster) save(n int) float64 { return c.ops.ByTokens(n).Layer.Ops[vidur.OpKVSave] }

// memory is the estimated peak of memory while a point is measured, in bytes: one
// layer's tensors, a copy of the largest input, and the context.
func (c *coster) memory(p *Point) int64 {
	m := c.model
	q, kv := m.QHeads/c.tp*m.Head(), ceilDiv(m.KVHeads, c.tp)*m.Head()
	values := 0
	switch p.Kind {
	case Token:
		ffn, vocab := ceilDiv(m.FFN, c.tp), ceilDiv(m.Vocab, c.tp)
		weights := m.LayerParams(c.tp) + 2*vocab*m.Hidden
		values = weights + p.Tokens*(4*m.Hidden+2*(q+2*kv)+3*ffn+vocab)
	case Prefill, Decode:
		values = 2*kv*needs(p, c.block) + max(p.Batch, p.Chunk)*(2*q+2*kv)
	case AllReduce, AllGather, SendRecv:
		return contextBytes + 2*p.Bytes
	case CPU:
		values = 4 * p.Batch * m.Vocab // logits, and their copy in 4 bytes a value, sorted
	}
	return contextBytes + valueBytes*int64(values)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
