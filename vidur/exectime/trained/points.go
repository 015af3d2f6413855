package trained

import (
	"context"
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// Point is one measurement of a profile beside what predicts it and what the
// datasheet allows. Times are ms, of one layer and one call.
type Point struct {
	Op       vidur.Op
	File     string
	Line     int
	Size     float64 // tokens; requests, of decode attention, the LM head and CPU operators; the chunk, of prefill attention
	Cached   float64 // cached tokens of each request, of attention
	Measured float64

	// Learnt is what an estimator says that did not see the row; NaN without an
	// estimator, or of an operator with fewer than four rows. Analytic is the
	// analytic model's time, NaN where it has no formula.
	Learnt, Analytic float64

	// Bound is the least that the datasheet allows, and Work what it is made of. The
	// FLOPs of pointwise operators are those of their formulas, see [Points].
	Bound float64
	Work  exectime.Work
}

// Intensity is FLOPs per byte of device memory; 0 of what only copies.
func (p *Point) Intensity() float64 { return p.Work.Intensity() }

// Rate is the measured rate in TFLOP/s.
func (p *Point) Rate() float64 { return p.Work.FLOPs / (p.Measured * 1e9) }

// Share is the part of the measured time that the datasheet's bound takes: 1 of an
// operator that is as fast as the hardware can be.
func (p *Point) Share() float64 { return p.Bound / p.Measured }

// PointOptions say how profiled rows are predicted. The zero value leaves
// estimators out.
type PointOptions struct {
	Estimator learn.Estimator // nil: none
	Folds     learn.Folds     // zero K means 10, shuffled by Seed 0
	Analytic  exectime.AnalyticOptions
}

// Points returns the measurements of a profile, operator by operator in the order
// of their files. Rows of 0 ms are left out. An estimator learns each operator on
// all folds but one and predicts the rows of that one; rows that repeat a
// measurement may be in both.
//
// Besides matrix products and attention, whose work is that of
// [exectime.Operators.Work], operators do these FLOPs for each value, where an
// exponential, a hyperbolic tangent and a quotient are one each: RMS norm 4 (square,
// sum, two products), layer norm 7, SiLU times gate 4, GELU by its tanh formula 9,
// rotary embedding 3, a sum 1. Writing the KV cache does none, and collectives do
// neither FLOPs nor traffic.
func Points(ctx context.Context, set *profile.Set, spec vidur.ReplicaSpec, o PointOptions) ([]Point, error) {
	model, err := exectime.NewAnalytic(o.Analytic)
	if err != nil {
		return nil, err
	}
	operators, err := model.Operators(spec)
	if err != nil {
		return nil, err
	}
	if o.Folds.K == 0 {
		o.Folds.K, o.Folds.Shuffle = 10, true
	}
	w := &workshop{ref: reference{Operators: operators}, model: &spec.Model, known: map[exectime.Mix][vidur.NumOps]exectime.Work{}}
	if operators.Network().Far(0) && max(spec.PP, 1) > 1 {
		w.ref.far = 1
	}
	var out []Point
	for _, s := range set.Ops {
		if s == nil || allZero(s.Y) {
			continue
		}
		list, err := w.points(ctx, s, o)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", s.Op, err)
		}
		out = append(out, list...)
	}
	return out, nil
}

// points are the rows of one operator.
func (w *workshop) points(ctx context.Context, s *profile.Samples, o PointOptions) (out []Point, err error) {
	if err := checkSamples(s); err != nil && len(s.Y) > 1 {
		return nil, err
	}
	learnt, err := heldOut(ctx, s, o)
	if err != nil {
		return nil, err
	}
	for i := range s.Y {
		if s.Y[i] <= 0 {
			continue
		}
		p, err := w.point(s, i)
		if err != nil {
			return nil, err
		}
		p.Learnt = learnt[i]
		out = append(out, p)
	}
	return out, nil
}

// heldOut predicts each row by an estimator that did not see it.
func heldOut(ctx context.Context, s *profile.Samples, o PointOptions) ([]float64, error) {
	out := make([]float64, len(s.Y))
	for i := range out {
		out[i] = math.NaN()
	}
	if o.Estimator == nil || len(s.Y) < 4 {
		return out, ctx.Err()
	}
	folds, err := o.Folds.Split(len(s.Y))
	if err != nil {
		return nil, err
	}
	for _, held := range folds {
		model, err := o.Estimator.Fit(without(s, held))
		if err != nil {
			return nil, err
		}
		x := make([]float64, len(s.X))
		for _, i := range held {
			for j := range x {
				x[j] = s.X[j][i]
			}
			out[i] = model.Predict(x)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// without are the samples but for those held out.
func without(s *profile.Samples, held []int) learn.Data {
	out := make(map[int]bool, len(held))
	for _, i := range held {
		out[i] = true
	}
	d := learn.Data{Features: s.Features, X: make([][]float64, len(s.X))}
	for i, y := range s.Y {
		if out[i] {
			continue
		}
		for j := range s.X {
			d.X[j] = append(d.X[j], s.X[j][i])
		}
		d.Y = append(d.Y, y)
	}
	return d
}

// workshop finds what operators do at a size.
type workshop struct {
	ref   reference
	model *vidur.Model
	known map[exectime.Mix][vidur.NumOps]exectime.Work
}

// point is row i without what was learnt.
func (w *workshop) point(s *profile.Samples, i int) (Point, error) {
	p := Point{Op: s.Op, File: s.File, Size: s.X[0][i], Measured: s.Y[i], Analytic: math.NaN()}
	if i < len(s.Lines) {
		p.Line = s.Lines[i]
	}
	switch s.Op {
	case vidur.OpAttnDecode:
		p.Cached = s.X[1][i]
	case vidur.OpAttnPrefill:
		p.Size, p.Cached = math.Sqrt(s.X[1][i]), s.X[0][i]
	}
	if !hasFormula(s.Op) {
		return p, nil
	}
	x, y := max(int(math.Round(p.Size)), 1), int(p.Cached)
	p.Analytic, p.Bound = w.ref.at(s.Op, x, y), w.ref.bound(s.Op, x, y)
	var err error
	p.Work, err = w.of(s.Op, x, y)
	return p, err
}

// of is the work of an operator in one layer.
func (w *workshop) of(op vidur.Op, x, y int) (exectime.Work, error) {
	mix := exectime.Mix{Chunk: x}
	switch op {
	case vidur.OpAttnDecode:
		mix = exectime.Mix{Decodes: x, Context: max(y, 1)}
	case vidur.OpAttnPrefill:
		mix.Cached = y
	case vidur.OpLMHead:
		mix = exectime.Mix{Decodes: x, Context: 1}
	}
	all, ok := w.known[mix]
	if !ok {
		b, err := mix.Batch()
		if err != nil {
			return exectime.Work{}, err
		}
		all = w.ref.Work(b, 0)
		w.known[mix] = all
	}
	work := all[op]
	if layers := float64(w.ref.ByTokens(1).Layer.Layers); op < vidur.OpSendRecv && layers > 0 {
		work.FLOPs, work.Bytes = work.FLOPs/layers, work.Bytes/layers
	}
	if work.FLOPs == 0 {
		work.FLOPs = work.Bytes * w.flopsPerByte(op)
	}
	return work, nil
}

// flopsPerByte is the intensity of a pointwise operator: FLOPs per value over the
// bytes that exectime.Pointwise moves for it.
func (w *workshop) flopsPerByte(op vidur.Op) float64 {
	switch op {
	case vidur.OpInputNorm, vidur.OpPostNorm:
		if w.model.LayerNorm {
			return 7.0 / 4
		}
		return 4.0 / 4
	case vidur.OpMLPAct:
		if w.model.Gated {
			return 4.0 / 6
		}
		return 9.0 / 4
	case vidur.OpAttnRope:
		return 3.0 / 4
	case vidur.OpAdd:
		if w.model.NoPostNorm {
			return 2.0 / 8
		}
		return 1.0 / 6
	}
	return 0
}
