package aiconf

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// Options choose what a predictor is made of. Zero fields mean the defaults.
type Options struct {
	System    string // AIConfigurator's name of the GPU; default [SystemOf] the device
	Backend   string // engine; may be left empty where the system has one
	Version   string // of the engine; the same
	GEMMDtype string // numeric type of weights and activations; default bfloat16
	KVDtype   string // of the KV cache; default bfloat16

	// AllReduce is graph or eager for the engine's own all-reduce, replayed from a
	// CUDA graph or launched by the host; nccl or nccl/VERSION; or analytic. The
	// default is graph, or the engine's only one.
	AllReduce string

	// AllowMissing lets the analytic model stand in for tables that the library
	// does not have, and for numbers of devices that they do not. Origins say so.
	AllowMissing bool

	Analytic exectime.AnalyticOptions // of the operators without a table
}

// Origin says where the times of an operator come from.
type Origin struct {
	Op   vidur.Op
	Kind Kind   // of the table; empty for the analytic model
	Path string // of the table; empty for the analytic model
	Note string
}

// Source predicts the operator times of one kind of replica. It is safe for
// concurrent use.
type Source struct {
	ID      ID // all tables but NCCL's are of it
	Device  string
	options Options

	model     vidur.Model
	tp        int
	layers    int // of a stage
	last      int // stage
	heads     exectime.Heads
	gpu       *exectime.GPU
	operators *exectime.Operators
	bounds    *exectime.Network

	gemm    *GEMMTable // nil: analytic, as below
	decode  *Decode
	prefill *Prefill
	reduce  *Collective
	origins []Origin

	tokens exectime.Memo[exectime.TokenTimes]
	logits exectime.Memo[float64] // ms of the LM head
}

// Predictor makes a predictor for a replica from the tables of one engine. It is
// an error where more than one would do, and where tables are missing.
func (l *Library) Predictor(spec vidur.ReplicaSpec, options Options) (*Source, error) {
	orElse(&options.GEMMDtype, bfloat16)
	orElse(&options.KVDtype, bfloat16)
	analytic, err := exectime.NewAnalytic(options.Analytic)
	if err != nil {
		return nil, err
	}
	operators, err := analytic.Operators(spec)
	if err != nil {
		return nil, err
	}
	gpu, err := analytic.GPU(spec.Device)
	if err != nil {
		return nil, err
	}
	id, err := l.Engine(spec.Device.Name, &options)
	if err != nil {
		return nil, err
	}
	m, tp, pp := &spec.Model, max(spec.TP, 1), max(spec.PP, 1)
	s := &Source{
		ID: id, Device: spec.Device.Name, options: options,
		model: *m, tp: tp, layers: m.Layers / pp, last: pp - 1,
		heads: exectime.Heads{Q: m.QHeads / tp, KV: ceilDiv(m.KVHeads, tp), Dim: m.Head()},
		gpu:   gpu, operators: operators, bounds: operators.Bound().Network(),
	}
	if err := s.open(l, &spec); err != nil {
		return nil, err
	}
	s.tokens.Make, s.logits.Make = s.perToken, s.head
	s.origins = s.listOrigins()
	return s, nil
}

// open finds the tables.
func (s *Source) open(l *Library, spec *vidur.ReplicaSpec) (err error) {
	if s.gemm, err = l.GEMM(s.ID, s.gpu, s.options.GEMMDtype); s.fatal(&err) {
		return err
	}
	if s.decode, err = l.Decode(s.ID, s.gpu, s.options.KVDtype, s.heads); s.fatal(&err) {
		return err
	}
	if s.prefill, err = l.Prefill(s.ID, s.gpu, s.options.KVDtype, s.heads); s.fatal(&err) {
		return err
	}
	if s.tp == 1 || s.options.AllReduce == "analytic" {
		return nil
	}
	if s.reduce, err = s.openReduce(l, spec); s.fatal(&err) {
		return err
	}
	return nil
}

// fatal reports whether an error is not a table that may be missing, and tells one
// that is what helps.
func (s *Source) fatal(err *error) bool {
	var noTable *MissingError
	var noRows *NoRowsError
	missing := errors.As(*err, &noTable) || errors.As(*err, &noRows)
	if missing && !s.options.AllowMissing {
		*err = fmt.Errorf("%w; with AllowMissing (flag --allow-missing) the analytic model stands in", *err)
	}
	return *err != nil && !(missing && s.options.AllowMissing)
}

func (s *Source) openReduce(l *Library, spec *vidur.ReplicaSpec) (*Collective, error) {
	if n := spec.Node.Devices; n > 0 && s.tp > n {
		return nil, &NoRowsError{Path: l.dir, Want: fmt.Sprintf("an all-reduce of %d devices over nodes of %d", s.tp, n), Have: "tables inside a node"}
	}
	if name, version, _ := strings.Cut(s.options.AllReduce, "/"); name == "nccl" {
		id, err := l.nccl(s.ID.System, version)
		if err != nil {
			return nil, err
		}
		return l.NCCL(id, "all_reduce", "half", s.tp)
	}
	return l.AllReduce(s.ID, s.options.AllReduce, s.tp)
}

// Origins says for each operator where its times come from.
func (s *Source) Origins() []Origin { return append([]Origin(nil), s.origins...) }

func (s *Source) listOrigins() []Origin {
	var list []Origin
	n, shapes := s.shapes()
	for i, op := range [...]vidur.Op{vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpLMHead} {
		o := Origin{Op: op, Note: missing(GEMM)}
		if s.gemm != nil {
			how := Transferred
			if s.gemm.Has(n[i], shapes[i]) {
				how = Measured
			}
			o = fromTable(op, &s.gemm.Info, fmt.Sprintf("n %d, k %d in %s: weights %v", n[i], shapes[i], s.gemm.Dtype, how))
		}
		if op == vidur.OpLMHead {
			o.Note += "; its norm and gathering of the parts are analytic"
		}
		list = append(list, o)
	}
	decode, prefill := Origin{Op: vidur.OpAttnDecode, Note: missing(GenerationAttention)}, Origin{Op: vidur.OpAttnPrefill, Note: missing(ContextAttention)}
	if s.decode != nil {
		decode = fromTable(vidur.OpAttnDecode, &s.decode.Info, s.decode.note())
	}
	if s.prefill != nil {
		prefill = fromTable(vidur.OpAttnPrefill, &s.prefill.Info, s.prefill.note()+"; chunks after cached tokens are transferred where their number is not measured")
	}
	list = append(list, decode, prefill, s.reduceOrigin())
	for _, op := range [...]vidur.Op{vidur.OpAttnRope, vidur.OpKVSave, vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpMLPAct, vidur.OpAdd, vidur.OpEmbed, vidur.OpSendRecv} {
		o := Origin{Op: op, Note: "analytic model"}
		if op == vidur.OpEmbed && s.reduce != nil {
			o.Note += ", with the all-reduce of its table"
		}
		list = append(list, o)
	}
	return list
}

func (s *Source) reduceOrigin() Origin {
	switch {
	case s.reduce != nil:
		return fromTable(vidur.OpAllReduce, &s.reduce.Info, fmt.Sprintf("%s of %d devices in %s", s.reduce.Name, s.tp, s.reduce.Dtype))
	case s.tp == 1:
		return Origin{Op: vidur.OpAllReduce, Note: "none with one device"}
	case s.options.AllReduce == "analytic":
		return Origin{Op: vidur.OpAllReduce, Note: "analytic model, as chosen"}
	}
	return Origin{Op: vidur.OpAllReduce, Note: missing(CustomAllReduce)}
}

func missing(k Kind) string {
	return "analytic model: the library has no rows of " + string(k) + " for it"
}

func fromTable(op vidur.Op, t *Info, note string) Origin {
	if len(t.Engines) > 0 && !(len(t.Engines) == 1 && t.Engines[0] == t.Version) {
		note += fmt.Sprintf("; rows of %s state version %s", filepath.Base(t.Path), strings.Join(t.Engines, ", "))
	}
	if len(t.Frameworks) == 1 && t.Kind != NCCL && t.Frameworks[0] != strings.ToLower(t.Backend) {
		note += fmt.Sprintf("; rows of %s state framework %s", filepath.Base(t.Path), t.Frameworks[0])
	}
	return Origin{Op: op, Kind: t.Kind, Path: t.Path, Note: note}
}

func (a *attention) note() string {
	if a.From == a.Heads {
		return fmt.Sprintf("%d query and %d KV heads in %s: measured", a.Heads.Q, a.Heads.KV, a.Dtype)
	}
	return fmt.Sprintf("%d query and %d KV heads of %d in %s: transferred from %d and %d of %d",
		a.Heads.Q, a.Heads.KV, a.Heads.Dim, a.Dtype, a.From.Q, a.From.KV, a.From.Dim)
}

func orElse(v *string, d string) {
	if *v == "" {
		*v = d
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
