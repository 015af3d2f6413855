package vidur

import "fmt"

// Model is the shape of a dense transformer: what memory and operator times
// depend on.
type Model struct {
	Name    string
	Layers  int
	Hidden  int // width of the residual stream
	QHeads  int
	KVHeads int // fewer than QHeads with grouped-query attention
	HeadDim int // 0 means Hidden / QHeads
	FFN     int // width of the MLP
	Vocab   int // tokens

	Gated        bool // the MLP has a gate projection beside the up projection
	LayerNorm    bool // layer norm and GELU; otherwise RMS norm and SiLU
	NoPostNorm   bool // attention and MLP share one norm (parallel blocks)
	TiedEmbed    bool // the LM head is the embedding matrix
	QKVBias      bool
	MaxPositions int // longest context, tokens; 0 means not stated
}

// Head is the width of an attention head.
func (m *Model) Head() int {
	if m.HeadDim > 0 {
		return m.HeadDim
	}
	if m.QHeads == 0 {
		return 0
	}
	return m.Hidden / m.QHeads
}

// LayerParams is the number of weights of one layer on one of tp devices.
// Key and value heads are replicated when there are fewer of them than devices.
func (m *Model) LayerParams(tp int) int {
	q, kv, d := m.QHeads/tp, ceilDiv(m.KVHeads, tp), m.Head()
	matrices := 2
	if m.Gated {
		matrices = 3
	}
	return m.Hidden*d*(q+2*kv) + m.Hidden*d*q + matrices*m.Hidden*m.FFN/tp
}

// Params is the number of weights of the whole model, embeddings included.
func (m *Model) Params() int {
	embed := 2 * m.Vocab * m.Hidden
	if m.TiedEmbed {
		embed /= 2
	}
	return m.Layers*m.LayerParams(1) + embed
}

// Device is one GPU, by its datasheet.
type Device struct {
	Name      string
	TFLOPS    float64 // dense fp16/bf16, 10^12/s
	Bandwidth float64 // of the memory, GB/s (10^9)
	MemoryGB  float64 // as the original counts it: GB of 2^30 bytes
	SMs       int     // streaming multiprocessors or compute units
	L2MB      float64 // last-level cache, MB
	GDDR      bool    // GDDR memory; otherwise HBM
	LinkGBs   float64 // GPU-to-GPU link, both directions, GB/s; 0 means PCIe only
	Watts     float64 // board power
	Price     float64 // $ per GPU-hour; 0 means not stated
	Like      string  // the device whose fitted figures of operators it shares; empty: none but its own
}

// Node is a machine with several devices.
type Node struct {
	Name    string
	Devices int    // per node
	Device  string // name of the device it is built of; empty means any
}

// ReplicaSpec describes one replica: a copy of the model on tp × pp devices.
type ReplicaSpec struct {
	Model     Model
	Device    Device
	Node      Node
	TP        int       // tensor-parallel degree; 0 means 1
	PP        int       // pipeline-parallel degree: stages; 0 means 1
	Predictor Predictor // of the stage times; required

	Margin    float64 // fraction of a device's memory left alone; 0 means 0.1, negative none
	BlockSize int     // tokens of a KV block; 0 means 16
	Blocks    int     // KV blocks of the replica; 0 means what [ReplicaSpec.Plan] finds room for
	MaxTokens int     // longest prompt and answer of a request, for policies that reserve; 0 means 4096
}

// GPUs is the number of devices of the replica.
func (s *ReplicaSpec) GPUs() int { return max(s.TP, 1) * max(s.PP, 1) }

// Uniform is n replicas of one kind.
func Uniform(n int, spec ReplicaSpec) []ReplicaSpec {
	specs := make([]ReplicaSpec, max(n, 0))
	for i := range specs {
		specs[i] = spec
	}
	return specs
}

// withDefaults fills zero fields in and reports what cannot be.
func (s ReplicaSpec) withDefaults() (ReplicaSpec, error) {
	setDefault(&s.TP, 1)
	setDefault(&s.PP, 1)
	setDefault(&s.BlockSize, 16)
	setDefault(&s.MaxTokens, 4096)
	switch {
	case s.TP < 0 || s.PP < 0:
		return s, fmt.Errorf("TP %d and PP %d must be at least 1", s.TP, s.PP)
	case s.BlockSize < 0 || s.MaxTokens < 0 || s.Blocks < 0:
		return s, fmt.Errorf("block size %d, blocks %d and max tokens %d must not be negative", s.BlockSize, s.Blocks, s.MaxTokens)
	case s.Predictor == nil:
		return s, fmt.Errorf("no Predictor")
	}
	if s.Model.Layers > 0 {
		if err := s.CheckParallel(); err != nil {
			return s, err
		}
	}
	if s.Blocks == 0 {
		plan, err := s.Plan()
		if err != nil {
			return s, err
		}
		s.Blocks = plan.Blocks
	}
	return s, nil
}

// CheckParallel reports whether the model can be cut into TP × PP parts that
// fill nodes.
func (s *ReplicaSpec) CheckParallel() error {
	m, tp, pp := &s.Model, max(s.TP, 1), max(s.PP, 1)
	switch {
	case m.Layers < 1 || m.Hidden < 1 || m.QHeads < 1 || m.KVHeads < 1:
		return fmt.Errorf("model %q has %d layers, width %d, %d query and %d key-value heads; all must be at least 1", m.Name, m.Layers, m.Hidden, m.QHeads, m.KVHeads)
	case m.Layers%pp != 0:
		return fmt.Errorf("%s has %d layers, which PP %d does not divide", m.Name, m.Layers, pp)
	case m.Hidden%tp != 0 || m.QHeads%tp != 0:
		return fmt.Errorf("%s has %d query heads and width %d, which TP %d does not divide", m.Name, m.QHeads, m.Hidden, tp)
	case m.HeadDim == 0 && m.Hidden%m.QHeads != 0:
		return fmt.Errorf("%s has width %d, which its %d query heads do not divide", m.Name, m.Hidden, m.QHeads)
	}
	if n := s.Node.Devices; n > 0 && tp*pp > n && tp*pp%n != 0 {
		return fmt.Errorf("TP %d × PP %d is %d devices, which is more than a node of %s and no multiple of its %d", tp, pp, tp*pp, s.Node.Name, n)
	}
	return nil
}

func setDefault(v *int, d int) {
	if *v == 0 {
		*v = d
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
