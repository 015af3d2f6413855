package vidur

import (
	"fmt"
	"math"
)

// Memory is where the memory of a replica's devices goes.
type Memory struct {
	WeightBytes  int // of the fullest stage, per device
	KVTokenBytes int // of one token's keys and values, per device
	FreeBytes    int // for KV blocks, per device
	Blocks       int // KV blocks of the replica
}

const (
	bytesPerValue = 2   // fp16 and bf16, weights and KV cache
	defaultMargin = 0.1 // as in the original; vLLM leaves as much
)

func (s *ReplicaSpec) margin() float64 {
	if s.Margin == 0 {
		return defaultMargin
	}
	return max(s.Margin, 0)
}

// Plan works out how many KV blocks fit beside the weights. The fullest stage
// decides: it has Layers/PP layers and, first or last, an embedding matrix. Margin
// of the memory is left for activations and the runtime. The error of a
// model that does not fit says how many devices it needs.
func (s ReplicaSpec) Plan() (Memory, error) {
	tp, pp, bs := max(s.TP, 1), max(s.PP, 1), s.BlockSize
	setDefault(&bs, 16)
	if s.Model.Layers == 0 || s.Device.MemoryGB == 0 {
		return Memory{}, fmt.Errorf("without a Model and a Device the number of Blocks must be given")
	}
	if err := s.CheckParallel(); err != nil {
		return Memory{}, err
	}
	mem := s.plan(tp, pp, bs)
	if mem.Blocks > 0 {
		return mem, nil
	}
	return mem, &FitError{Model: s.Model.Name, Device: s.Device.Name, GPUs: tp * pp, Need: s.gpusNeeded(bs), WeightBytes: mem.WeightBytes}
}

func (s *ReplicaSpec) plan(tp, pp, blockSize int) Memory {
	m := &s.Model
	embed := m.Vocab * m.Hidden / tp
	if pp == 1 && !m.TiedEmbed {
		embed *= 2
	}
	layers := ceilDiv(m.Layers, pp)
	mem := Memory{
		WeightBytes:  bytesPerValue * (layers*m.LayerParams(tp) + embed),
		KVTokenBytes: 2 * bytesPerValue * m.Head() * ceilDiv(m.KVHeads, tp) * layers,
	}
	mem.FreeBytes = int(s.Device.MemoryGB*(1<<30)*(1-s.margin())) - mem.WeightBytes
	if mem.FreeBytes > 0 && mem.KVTokenBytes > 0 {
		mem.Blocks = mem.FreeBytes / (mem.KVTokenBytes * blockSize)
	}
	return mem
}

// gpusNeeded is the smallest number of devices on which one block fits, over all
// TP and PP that divide the model; 0 if there is none.
func (s *ReplicaSpec) gpusNeeded(blockSize int) int {
	best := 0
	for pp := 1; pp <= s.Model.Layers; pp++ {
		for tp := 1; tp <= s.Model.QHeads; tp++ {
			t := *s
			t.TP, t.PP = tp, pp
			if t.CheckParallel() != nil || t.plan(tp, pp, blockSize).Blocks == 0 {
				continue
			}
			if best == 0 || tp*pp < best {
				best = tp * pp
			}
		}
	}
	return best
}

// FitError says that a model's weights leave no room for KV blocks.
type FitError struct {
	Model, Device string
	GPUs          int // tried
	Need          int // enough; 0 if no number is
	WeightBytes   int // per device, with GPUs
}

func (e *FitError) Error() string {
	s := fmt.Sprintf("%s does not fit on %d × %s: its weights take %.1f GB of each", e.Model, e.GPUs, e.Device, float64(e.WeightBytes)/(1<<30))
	if e.Need > 0 {
		s += fmt.Sprintf("; it needs at least %d", e.Need)
	}
	return s
}

// PlanByRequest is the memory planner of the original simulator: it counts
// requests of MaxTokens tokens that fit, leaves embeddings out, and gives every
// such request whole blocks. maxBatch is that number of requests per stage.
func (s ReplicaSpec) PlanByRequest() (maxBatch, blocks int, err error) {
	tp, pp, bs, tokens := max(s.TP, 1), max(s.PP, 1), s.BlockSize, s.MaxTokens
	setDefault(&bs, 16)
	setDefault(&tokens, 4096)
	m := &s.Model
	if err := s.CheckParallel(); err != nil {
		return 0, 0, err
	}
	if tokens < bs {
		return 0, 0, fmt.Errorf("a request of %d tokens does not fill a KV block of %d", tokens, bs)
	}
	weights := 2 * m.LayerParams(tp) * (m.Layers / pp)
	kv := 2 * bytesPerValue * m.Head() * ceilDiv(m.KVHeads, tp) * tokens * m.Layers
	maxBatch = int(math.Floor((s.Device.MemoryGB*(1<<30)*(1-s.margin()) - float64(weights)) / float64(kv)))
	if maxBatch <= 0 {
		_, err := s.Plan()
		if err == nil {
			err = fmt.Errorf("%s on %d × %s has no room for one request of %d tokens", m.Name, tp*pp, s.Device.Name, tokens)
		}
		return 0, 0, err
	}
	return maxBatch, tokens / bs * maxBatch * pp, nil
}
