package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/govidur/govidur/vidur"
)

// Version is that of the form of a Plan in JSON.
const Version = 1

// Kind says what is measured at a point, and which of its sizes count.
type Kind string

// The kinds of points.
const (
	// Token: the operators of one tensor-parallel shard whose time depends on the
	// number of tokens only: emb, attn_pre_proj, attn_rope, attn_post_proj, the
	// norms, mlp_up_proj, mlp_act, mlp_down_proj, add and lm_head. Sizes: TP, Tokens.
	Token Kind = "token"
	// Prefill: the attention of one request's chunk behind its cached tokens, and
	// writing the chunk's keys and values. Sizes: TP, Batch = 1, Chunk, Cached.
	Prefill Kind = "prefill"
	// Decode: the attention of a batch, each request with one new token behind so
	// many cached ones, and writing keys and values. Sizes: TP, Batch, Cached.
	Decode Kind = "decode"
	// AllReduce: the sum of Bytes over Workers, PerNode of them in each node.
	AllReduce Kind = "all_reduce"
	// AllGather: Bytes in the end on each of Workers, which have equal parts.
	AllGather Kind = "all_gather"
	// SendRecv: Bytes from one worker to another, of the same node (PerNode 2) or
	// of the next (PerNode 1).
	SendRecv Kind = "send_recv"
	// CPU: the host's parts of an iteration: schedule, sampler_e2e,
	// prepare_inputs_e2e, process_model_outputs and ray_comm_time. Sizes: TP, Batch.
	CPU Kind = "cpu"
)

// Kinds are all kinds, in the order of a plan without a budget.
func Kinds() []Kind {
	return []Kind{Token, Prefill, Decode, AllReduce, AllGather, SendRecv, CPU}
}

// Plan is what to measure on a device for a model. Its JSON is the same bytes for
// the same request.
type Plan struct {
	Version     int      `json:"version"`
	ModelName   string   `json:"model_name"`
	Device      string   `json:"device"`
	Node        string   `json:"node"`
	Model       Shape    `json:"model"`
	DType       string   `json:"dtype"`            // of weights, activations and KV cache
	BlockSize   int      `json:"block_size"`       // tokens of a KV block
	MemoryBytes int64    `json:"memory_bytes"`     // of the device
	Seed        uint64   `json:"seed"`             // of the tensors' contents
	WarmUp      int      `json:"warm_up"`          // runs of each operator that are not counted
	Repeat      int      `json:"repeat"`           // runs of each operator that are counted
	Budget      float64  `json:"budget,omitempty"` // s that were allowed; 0 means no limit
	Known       int      `json:"known,omitempty"`  // points of the grids that were measured before, and are not in Points
	Shared      []string `json:"shared,omitempty"` // operators that TP does not divide; see Point.Like

	Points  []Point   `json:"points"`
	LeftOut []LeftOut `json:"left_out,omitempty"`
	Notes   []string  `json:"notes,omitempty"`
}

// Point is something to measure.
type Point struct {
	ID      string `json:"id"` // readable, unique in a plan, the same in every plan
	Kind    Kind   `json:"kind"`
	TP      int    `json:"tp,omitempty"`       // degree of parallelism that the shard is of; one GPU computes it
	Tokens  int    `json:"tokens,omitempty"`   // of the iteration
	Batch   int    `json:"batch,omitempty"`    // requests
	Chunk   int    `json:"chunk,omitempty"`    // new tokens of a prompt
	Cached  int    `json:"cached,omitempty"`   // tokens of each request in the KV cache before
	Bytes   int64  `json:"bytes,omitempty"`    // of the message
	Workers int    `json:"workers,omitempty"`  // devices that communicate
	PerNode int    `json:"per_node,omitempty"` // of them, in each node

	// Like is the ID of a point earlier in the plan that measures the operators in
	// Plan.Shared at the same number of tokens: they need no measurement here.
	Like string `json:"like,omitempty"`

	Seconds float64 `json:"seconds"` // estimated time to measure it
	Memory  int64   `json:"memory"`  // estimated peak on the device, bytes
}

// LeftOut says how many points of a grid are not in the plan, and why.
type LeftOut struct {
	Kind   Kind   `json:"kind,omitempty"` // empty: all kinds
	TP     int    `json:"tp,omitempty"`
	Points int    `json:"points,omitempty"` // 0: of a TP that has no grid
	Why    string `json:"why"`
}

// Shape is the shape of a model in JSON: what an agent needs to build a layer.
type Shape struct {
	Layers     int  `json:"layers"`
	Hidden     int  `json:"hidden"`
	MLPHidden  int  `json:"mlp_hidden"`
	QHeads     int  `json:"q_heads"`
	KVHeads    int  `json:"kv_heads"`
	HeadDim    int  `json:"head_dim"`
	Vocab      int  `json:"vocab"`
	Gated      bool `json:"gated"`             // the MLP has a gate beside the up projection
	LayerNorm  bool `json:"layer_norm"`        // layer norm and GELU; otherwise RMS norm and SiLU
	NoPostNorm bool `json:"no_post_norm"`      // attention and MLP share one norm
	TiedEmbed  bool `json:"tied_embed"`        // the LM head is the embedding matrix
	QKVBias    bool `json:"qkv_bias"`          // the QKV projection adds a bias
	MaxPos     int  `json:"max_pos,omitempty"` // longest context, tokens
}

func shapeOf(m *vidur.Model) Shape {
	return Shape{
		Layers: m.Layers, Hidden: m.Hidden, MLPHidden: m.FFN, QHeads: m.QHeads, KVHeads: m.KVHeads,
		HeadDim: m.Head(), Vocab: m.Vocab, Gated: m.Gated, LayerNorm: m.LayerNorm, NoPostNorm: m.NoPostNorm,
		TiedEmbed: m.TiedEmbed, QKVBias: m.QKVBias, MaxPos: m.MaxPositions,
	}
}

// ModelSpec is the vidur.Model of the plan's shape.
func (p *Plan) ModelSpec() vidur.Model {
	s := p.Model
	return vidur.Model{
		Name: p.ModelName, Layers: s.Layers, Hidden: s.Hidden, FFN: s.MLPHidden, QHeads: s.QHeads, KVHeads: s.KVHeads,
		HeadDim: s.HeadDim, Vocab: s.Vocab, Gated: s.Gated, LayerNorm: s.LayerNorm, NoPostNorm: s.NoPostNorm,
		TiedEmbed: s.TiedEmbed, QKVBias: s.QKVBias, MaxPositions: s.MaxPos,
	}
}

// id is the readable name of a point. Attention of a batch of prompts has the
// batch in it as well, which is 1 in plans.
func (p *Point) id() string {
	b := make([]byte, 0, 32)
	part := func(name string, n int64) { b = strconv.AppendInt(append(b, name...), n, 10) }
	switch p.Kind {
	case Token:
		part("token/tp", int64(p.TP))
		part("/n", int64(p.Tokens))
	case Prefill:
		part("attention/tp", int64(p.TP))
		part("/b", int64(p.Batch))
		part("/c", int64(p.Chunk))
		part("/kv", int64(p.Cached))
	case Decode:
		part("decode/tp", int64(p.TP))
		part("/b", int64(p.Batch))
		part("/kv", int64(p.Cached))
	case CPU:
		part("cpu/tp", int64(p.TP))
		part("/b", int64(p.Batch))
	default:
		part(string(p.Kind)+"/w", int64(p.Workers))
		part("/p", int64(p.PerNode))
		part("/b", p.Bytes)
	}
	return string(b)
}

// Write writes the plan as indented JSON.
func (p *Plan) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(p)
}

// Read reads a plan, and checks what an agent relies on: the version, kinds, and
// that each ID is there once and that of its sizes.
func Read(r io.Reader) (*Plan, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var p Plan
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("not a plan: %w", err)
	}
	if p.Version != Version {
		return nil, fmt.Errorf("the plan has version %d; this program reads %d", p.Version, Version)
	}
	return &p, p.check()
}
