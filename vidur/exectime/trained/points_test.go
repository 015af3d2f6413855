package trained

import (
	"context"
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

func pointsOf(t *testing.T, set *profile.Set, spec vidur.ReplicaSpec, o PointOptions) []Point {
	t.Helper()
	list, err := Points(context.Background(), set, spec, o)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Every row is there once, in order, with its size; what is linear is predicted
// exactly by a line that did not see it.
func TestPoints(t *testing.T) {
	set := synthetic()
	line := learn.Poly{Degree: 1, Intercept: true}
	list := pointsOf(t, set, a100Pair(2, 1), PointOptions{Estimator: line})
	i := 0
	for _, s := range set.Ops {
		if s == nil {
			continue
		}
		for row, y := range s.Y {
			if y <= 0 {
				continue
			}
			p := list[i]
			i++
			if p.Op != s.Op || p.Measured != y {
				t.Fatalf("%+v, not row %d of %v", p, row, s.Op)
			}
			if len(s.X) == 1 && (p.Size != s.X[0][row] || math.Abs(p.Learnt-y) > 1e-9*y) {
				t.Fatalf("%+v, measured %g", p, y)
			}
			if s.Op == vidur.OpAttnPrefill && (p.Size*p.Size-s.X[1][row] > 1e-6 || p.Cached != s.X[0][row]) {
				t.Fatalf("%+v", p)
			}
			if hasFormula(s.Op) != !math.IsNaN(p.Analytic) || p.Bound > p.Analytic*(1+1e-12) {
				t.Fatalf("analytic %g, bound %g of %v", p.Analytic, p.Bound, p.Op)
			}
		}
	}
	if i != len(list) {
		t.Errorf("%d points of %d rows", len(list), i)
	}
}

// The errors of points are those that cross-validation and comparison give.
func TestPointErrors(t *testing.T) {
	set, spec := synthetic(), a100Pair(2, 1)
	compared, err := Compare(context.Background(), set, spec, exectime.AnalyticOptions{}, forest(), testFolds)
	if err != nil {
		t.Fatal(err)
	}
	list := pointsOf(t, set, spec, PointOptions{Estimator: forest()[0], Folds: testFolds})
	for _, c := range compared {
		learnt, analytic := map[float64]float64{}, 0.0
		n := 0.0
		folds, _ := testFolds.Split(len(set.Ops[c.Op].Y))
		fold := map[int]int{}
		for k, rows := range folds {
			for _, r := range rows {
				fold[r] = k
			}
		}
		for _, p := range list {
			if p.Op != c.Op {
				continue
			}
			k := fold[int(n)]
			learnt[float64(k)] += 100 * math.Abs(p.Learnt-p.Measured) / p.Measured / float64(len(folds[k]))
			analytic += 100 * math.Abs(p.Analytic-p.Measured) / p.Measured
			n++
		}
		mean := 0.0
		for k := range folds {
			mean += learnt[float64(k)] / float64(len(folds))
		}
		if math.Abs(mean-c.Errors[0]) > 1e-6 || hasFormula(c.Op) && math.Abs(analytic/n-c.Analytic) > 1e-6 {
			t.Errorf("%v: errors of %.4f and %.4f %%, not %.4f and %.4f", c.Op, mean, analytic/n, c.Errors[0], c.Analytic)
		}
	}
}

// Work, written out: a matrix product, attention and pointwise operators of one
// layer on one of two devices.
func TestPointWork(t *testing.T) {
	const n = 128.0
	want := map[vidur.Op]exectime.Work{
		vidur.OpMLPDown:   {FLOPs: 2 * n * 8192 * 14336, Bytes: 2 * (n*14336 + 8192*14336 + n*8192)},
		vidur.OpInputNorm: {FLOPs: 4 * n * 8192, Bytes: 4 * n * 8192},
		vidur.OpMLPAct:    {FLOPs: 4 * n * 14336, Bytes: 6 * n * 14336},
		vidur.OpAdd:       {FLOPs: n * 8192, Bytes: 6 * n * 8192},
		vidur.OpAttnRope:  {FLOPs: 3 * n * 36 * 128, Bytes: 4 * n * 36 * 128},
		vidur.OpAllReduce: {},
	}
	seen := 0
	for _, p := range pointsOf(t, synthetic(), a100Pair(2, 2), PointOptions{}) {
		w, ok := want[p.Op]
		if !math.IsNaN(p.Learnt) {
			t.Fatal("an estimator without one")
		}
		if !ok || p.Size != n {
			continue
		}
		seen++
		if math.Abs(p.Work.FLOPs-w.FLOPs) > 1e-9*w.FLOPs || math.Abs(p.Work.Bytes-w.Bytes) > 1e-9*w.Bytes {
			t.Errorf("%v: %+v, want %+v", p.Op, p.Work, w)
		}
		if w.Bytes > 0 && (math.Abs(p.Rate()*p.Measured*1e9-w.FLOPs) > 1e-6*w.FLOPs || math.Abs(p.Intensity()-w.FLOPs/w.Bytes) > 1e-9) {
			t.Errorf("%v: %g TFLOP/s at %g FLOPs per byte", p.Op, p.Rate(), p.Intensity())
		}
		if p.Share() != p.Bound/p.Measured {
			t.Errorf("%v: %g of the bound", p.Op, p.Share())
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d operators", seen, len(want))
	}
}

func TestPointsRefuse(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Points(ctx, synthetic(), a100Pair(2, 1), PointOptions{Estimator: forest()[0]}); err == nil {
		t.Error("no error when it is called off")
	}
	broken := synthetic()
	broken.Ops[vidur.OpAdd].X = nil
	if _, err := Points(context.Background(), broken, a100Pair(2, 1), PointOptions{}); err == nil {
		t.Error("no error for samples without sizes")
	}
	one := &profile.Set{}
	one.Ops[vidur.OpAdd] = &profile.Samples{Op: vidur.OpAdd, Features: []string{profile.NumTokens}, X: [][]float64{{8}}, Y: []float64{0.01}}
	if list := pointsOf(t, one, a100Pair(2, 1), PointOptions{Estimator: forest()[0]}); len(list) != 1 || !math.IsNaN(list[0].Learnt) {
		t.Errorf("%+v", list)
	}
}
