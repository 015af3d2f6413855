package fit

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile/internal/table"
)

// kind is the formula of an operator and, for pointwise ones, whose figures.
type kind string

// The kinds, by their names in figures.
const (
	kGEMM      kind = "gemm"
	kRMSNorm   kind = "rms_norm"
	kLayerNorm kind = "layer_norm"
	kSiLUMul   kind = "silu_mul"
	kGELU      kind = "gelu"
	kRope      kind = "rope"
	kAdd       kind = "add"
	kAddTwo    kind = "add_two"
	kEmbed     kind = "embed"
	kPrefill   kind = "attn_prefill"
	kDecode    kind = "attn_decode"
)

var pointwiseKinds = [...]kind{kRMSNorm, kSiLUMul, kRope, kAdd, kEmbed, kLayerNorm, kGELU, kAddTwo}

func (k kind) once() bool { return k == kAdd || k == kAddTwo || k == kGELU }

// sample is one measurement.
type sample struct {
	kind  kind
	op    string  // in profiles
	model string  // folder
	layer int     // the row that it belongs to; of a file, from 0
	m     float64 // tokens; chunk or batch of attention
	n, k  float64 // GEMM: columns and depth; pointwise: width and bytes; attention: cached tokens
	heads heads
	us    float64
}

// predict is the time in µs with the figures of the sample's kind.
func (s *sample) predict(c *spec, f []float64) float64 {
	switch s.kind {
	case kGEMM:
		return c.gemm(f, s.m, s.n, s.k)
	case kPrefill:
		return c.prefill(f, s.m, s.n, s.heads)
	case kDecode:
		return c.decode(f, s.m, s.n, s.heads)
	}
	return c.pointwise(f, s.m, s.n, s.k, s.kind.once())
}

// reader collects the samples of a device.
type reader struct {
	skip    func(model string) bool
	samples map[kind][]sample
	models  []string
	rows    int
}

// read reads every mlp.csv and attention.csv below compute/<folder>.
func (r *reader) read(root, folder string) error {
	base := filepath.Join(root, "compute", folder)
	err := filepath.WalkDir(base, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(base, filepath.Dir(file))
		if err != nil {
			return err
		}
		model := filepath.ToSlash(rel)
		var into func(*table.Table, string) error
		switch path.Base(strings.TrimSuffix(filepath.ToSlash(file), ".gz")) {
		case "mlp.csv":
			into = r.compute
		case "attention.csv":
			into = r.attention
		}
		if into == nil || r.skip != nil && r.skip(model) {
			return nil
		}
		t, err := table.Open(file)
		if err != nil {
			return err
		}
		r.models = append(r.models, model)
		return into(t, model)
	})
	if err == nil && len(r.samples[kGEMM]) == 0 {
		err = fmt.Errorf("%s: no mlp.csv with rows below it", base)
	}
	return err
}

// column is one of a table's, with blanks as NaN; NaN all over if it is missing
// and may be.
func column(t *table.Table, name string, optional bool) ([]float64, error) {
	if optional && !t.Has(name) {
		v := make([]float64, t.Rows())
		for i := range v {
			v[i] = math.NaN()
		}
		return v, nil
	}
	return t.Floats(name)
}

func columns(t *table.Table, names ...string) ([][]float64, error) {
	var out [][]float64
	for _, name := range names {
		v, err := column(t, name, false)
		if err != nil {
			return nil, err
		}
		for i, x := range v {
			if !(x >= 0) || x > 1<<40 {
				return nil, t.Errorf(i, name, "%v is no size", x)
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// width is what a row of mlp.csv says about one device's part.
type width struct {
	h           heads
	hidden, ffn float64
	gated       bool
}

func (r *reader) compute(t *table.Table, model string) error {
	c, err := columns(t, "n_head", "n_kv_head", "n_embd", "n_expanded_embd", "use_gated_mlp", "num_tensor_parallel_workers", "num_tokens")
	if err != nil {
		return err
	}
	ms := map[string][]float64{}
	for _, op := range layerOps {
		if ms[op], err = column(t, "time_stats."+op+".median", true); err != nil {
			return err
		}
	}
	for _, i := range t.Unique() {
		tp := max(c[5][i], 1)
		if c[0][i] <= 0 || c[2][i] <= 0 {
			return t.Errorf(i, "n_head", "a model needs heads and a width")
		}
		w := width{h: heads{c[0][i] / tp, math.Ceil(c[1][i] / tp), c[2][i] / c[0][i]}, hidden: c[2][i], ffn: c[3][i] / tp, gated: c[4][i] != 0}
		for _, op := range layerOps {
			if us := ms[op][i] * 1e3; us > 0 && c[6][i] > 0 {
				s := w.sample(op, c[6][i])
				s.model, s.layer, s.us = model, r.rows, us
				r.samples[s.kind] = append(r.samples[s.kind], s)
			}
		}
		r.rows++
	}
	return nil
}

// layerOps are the operators of mlp.csv, with the embedding last.
var layerOps = []string{
	vidur.OpAttnPreProj.String(), vidur.OpAttnPostProj.String(), vidur.OpMLPUp.String(), vidur.OpMLPDown.String(),
	vidur.OpInputNorm.String(), vidur.OpPostNorm.String(), vidur.OpMLPAct.String(), vidur.OpAttnRope.String(), vidur.OpAdd.String(),
	vidur.OpEmbed.String(),
}

// sample is an operator on m tokens, without a time.
func (w *width) sample(op string, m float64) sample {
	s := sample{op: op, m: m, kind: kGEMM}
	pointwise := func(k kind, width, perValue float64) { s.kind, s.n, s.k = k, width, perValue*m*width }
	h := &w.h
	switch op {
	case vidur.OpAttnPreProj.String():
		s.n, s.k = (h.q+2*h.kv)*h.dim, w.hidden
	case vidur.OpAttnPostProj.String():
		s.n, s.k = w.hidden, h.q*h.dim
	case vidur.OpMLPUp.String():
		if s.n, s.k = w.ffn, w.hidden; w.gated {
			s.n *= 2
		}
	case vidur.OpMLPDown.String():
		s.n, s.k = w.hidden, w.ffn
	case vidur.OpAttnRope.String():
		pointwise(kRope, (h.q+h.kv)*h.dim, 4)
	case vidur.OpEmbed.String():
		pointwise(kEmbed, w.hidden, 4)
	default:
		w.style(op, pointwise)
	}
	return s
}

// style picks the operators that differ between models with a gated MLP and RMS
// norms and those without, whose attention and MLP stand side by side: a sum of
// three.
func (w *width) style(op string, pointwise func(k kind, width, perValue float64)) {
	switch {
	case op == vidur.OpMLPAct.String() && w.gated:
		pointwise(kSiLUMul, w.ffn, 6)
	case op == vidur.OpMLPAct.String():
		pointwise(kGELU, w.ffn, 4)
	case op == vidur.OpAdd.String() && w.gated:
		pointwise(kAdd, w.hidden, 6)
	case op == vidur.OpAdd.String():
		pointwise(kAddTwo, w.hidden, 8)
	case w.gated:
		pointwise(kRMSNorm, w.hidden, 4)
	default:
		pointwise(kLayerNorm, w.hidden, 4)
	}
}

func (r *reader) attention(t *table.Table, model string) error {
	c, err := columns(t, "n_q_head", "n_kv_head", "n_embd", "num_tensor_parallel_workers", "prefill_chunk_size", "batch_size", "kv_cache_size")
	if err != nil {
		return err
	}
	prefill, err := column(t, "time_stats.attn_prefill.median", true)
	if err != nil {
		return err
	}
	decode, err := column(t, "time_stats.attn_decode.median", true)
	if err != nil {
		return err
	}
	for _, i := range t.Unique() {
		tp := max(c[3][i], 1)
		if c[0][i] <= 0 {
			return t.Errorf(i, "n_q_head", "a model needs heads")
		}
		s := sample{model: model, op: string(kPrefill), kind: kPrefill, m: c[4][i], n: c[6][i], us: prefill[i] * 1e3,
			heads: heads{c[0][i] / tp, math.Ceil(c[1][i] / tp), c[2][i] / c[0][i]}}
		if s.m == 0 {
			s.op, s.kind, s.m, s.us = string(kDecode), kDecode, c[5][i], decode[i]*1e3
		}
		if s.us > 0 && s.m > 0 && (s.kind == kPrefill || s.n > 0) {
			r.samples[s.kind] = append(r.samples[s.kind], s)
		}
	}
	return nil
}

// message is one measurement of a collective.
type message struct {
	bytes float64 // that each device sends
	us    float64
}

// reduced are the bytes that each of so many devices sends in an all-reduce.
func reduced(bytes, devices float64) float64 { return bytes * (2 * (devices - 1) / devices) }

// curveKey says which devices take part.
type curveKey struct{ devices, perNode int }

// messages reads a file of collectives. One that does not exist gives nothing.
func messages(file, op string) (map[curveKey][]message, error) {
	t, err := table.Open(file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := columns(t, "num_workers", "devices_per_node", "size", "time_stats."+op+".median")
	if err != nil {
		return nil, err
	}
	out := map[curveKey][]message{}
	for i := range t.Rows() {
		m := message{c[2][i], c[3][i] * 1e3}
		if op == vidur.OpAllReduce.String() && c[0][i] > 0 {
			m.bytes = reduced(m.bytes, c[0][i])
		}
		if m.bytes > 0 && m.us > 0 {
			k := curveKey{int(c[0][i]), int(c[1][i])}
			out[k] = append(out[k], m)
		}
	}
	return out, nil
}
