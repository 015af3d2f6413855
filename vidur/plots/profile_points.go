package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/trained"
)

// ProfileRoofline draws every profiled operator under the roof of a device: a
// series for each, a point for each half octave of its size and octave of its cached
// tokens, the first such row of the profile. Operators without FLOPs, as collectives,
// copies and those of the CPU, have no place there; Notes name them. The FLOPs are
// those of trained.Points. Points above the roof are measurements that the
// datasheet does not allow, as of data that the cache holds.
func ProfileRoofline(d vidur.Device, points []trained.Point) (*Figure, error) {
	var series []Series
	var left []string
	for _, op := range opsOf(points) {
		s := Series{Name: strings.ReplaceAll(op.String(), "attention", "attn")} // so that two fit side by side
		seen := map[[2]int]bool{}
		for i := range points {
			p := &points[i]
			at := [2]int{int(2 * math.Log2(max(p.Size, 1))), int(math.Log2(max(p.Cached, 1)))}
			if p.Op == op && p.Work.FLOPs > 0 && p.Rate() > 0 && !seen[at] {
				seen[at] = true
				s.X, s.Y = append(s.X, p.Intensity()), append(s.Y, p.Rate())
			}
		}
		if len(s.X) == 0 {
			left = append(left, op.String())
			continue
		}
		series = append(series, s)
	}
	if len(series) == 0 {
		return nil, fmt.Errorf("plots: no profiled operator does FLOPs, so that none has a place under a roof")
	}
	f, err := Roofline(d, series...)
	if err != nil {
		return nil, err
	}
	f.Height = 3.0
	f.Legend = Above
	if len(left) > 0 {
		f.note("without FLOPs, and not under the roof: %v", left)
	}
	return f, nil
}

// opsOf are the operators of points, in their order.
func opsOf(points []trained.Point) (ops []vidur.Op) {
	for i := range points {
		if !slices.Contains(ops, points[i].Op) {
			ops = append(ops, points[i].Op)
		}
	}
	return ops
}

// kinds are groups of operators that err alike.
var kinds = []struct {
	name string
	ops  []vidur.Op
}{
	{"GEMM", []vidur.Op{vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpLMHead}},
	{"pointwise", []vidur.Op{vidur.OpAttnRope, vidur.OpKVSave, vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpMLPAct, vidur.OpAdd, vidur.OpEmbed}},
	{"prefill attention", []vidur.Op{vidur.OpAttnPrefill}},
	{"decode attention", []vidur.Op{vidur.OpAttnDecode}},
	{"collectives", []vidur.Op{vidur.OpAllReduce, vidur.OpSendRecv}},
	{"CPU and other", []vidur.Op{vidur.OpOther, vidur.OpSchedule, vidur.OpSampler, vidur.OpPrepareInputs, vidur.OpProcessOutputs, vidur.OpComm}},
}

// ProfileFidelity draws predicted over measured times of profiled operators, and
// beside it how far off they are by size: the mean absolute error in each octave of
// tokens (requests, of decode attention). All axes are logarithmic. The prediction is that of the estimator,
// which did not see the row, or else of the analytic model. GEMMs, pointwise
// operators, collectives and those of the CPU are a series each.
func ProfileFidelity(points []trained.Point, analytic bool) (*Figure, error) {
	predict, by := func(p *trained.Point) float64 { return p.Learnt }, "cross-validated (ms)"
	if analytic {
		predict, by = func(p *trained.Point) float64 { return p.Analytic }, "analytic model (ms)"
	}
	var fit, off []Series
	lost := 0
	for _, kind := range kinds {
		var of []trained.Point
		for _, p := range points {
			if !slices.Contains(kind.ops, p.Op) {
				continue
			}
			if v := predict(&p); !(v > 0) || math.IsInf(v, 0) {
				lost++
				continue
			}
			of = append(of, p)
		}
		if len(of) == 0 {
			continue
		}
		s := Series{Name: kind.name}
		for i := range of {
			s.X, s.Y = append(s.X, of[i].Measured), append(s.Y, predict(&of[i]))
		}
		fit, off = append(fit, s), append(off, errorsBySize(of, predict))
	}
	if len(fit) == 0 {
		return nil, fmt.Errorf("plots: no prediction of any of %d profiled rows", len(points))
	}
	return fidelityGrid(by, lost, fit, off)
}

// fidelityGrid sets both panels side by side.
func fidelityGrid(by string, lost int, fit, off []Series) (*Figure, error) {
	left, err := Fidelity("measured (ms)", by, fit...)
	if err != nil {
		return nil, err
	}
	right, err := Curves("tokens or requests", "mean absolute error (%)", off...)
	if err != nil {
		return nil, err
	}
	for _, set := range []func() error{left.LogX, left.LogY, right.LogX, right.LogY} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	right.entries = nil // those of the left panel have the same looks
	left.Height, right.Height = 2.6, 2.6
	f, err := Grid(2, left, right)
	if err != nil {
		return nil, err
	}
	f.Legend, f.letters = Above, false
	if lost > 0 {
		f.note("%d rows have no prediction", lost)
	}
	return f, nil
}

// errorsBySize is the mean absolute error in percent of the sizes from a power of
// two up to the next, at their geometric mean.
func errorsBySize(points []trained.Point, predict func(*trained.Point) float64) Series {
	type octave struct{ sum, logs, n float64 }
	byOctave := map[int]*octave{}
	for i := range points {
		p := &points[i]
		size := max(p.Size, 1)
		at := int(math.Floor(math.Log2(size)))
		if byOctave[at] == nil {
			byOctave[at] = &octave{}
		}
		o := byOctave[at]
		o.sum += 100 * math.Abs(predict(p)-p.Measured) / p.Measured
		o.logs += math.Log2(size)
		o.n++
	}
	var s Series
	for at := range 64 {
		if o := byOctave[at]; o != nil {
			s.X, s.Y = append(s.X, math.Exp2(o.logs/o.n)), append(s.Y, o.sum/o.n)
		}
	}
	return s
}
