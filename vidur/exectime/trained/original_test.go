package trained

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// fromStream are options with original forests of 3 and 2 trees to choose from.
func fromStream(draw bool) Options {
	return Options{
		Grid: []learn.Estimator{
			learn.Forest{Trees: 3, MaxDepth: 2, Seed: 42, Original: true},
			learn.Forest{Trees: 2, MaxDepth: 9, Seed: 42, Original: true},
		},
		Folds: learn.Folds{K: 4, Draw: draw}, Clamp: true, Original: true,
	}
}

// places are where in the stream the operators' forests begin, and how many
// trees they have.
func places(t *testing.T, tr *Trained) (skip, trees map[vidur.Op]int) {
	t.Helper()
	skip, trees = map[vidur.Op]int{}, map[vidur.Op]int{}
	for i := range tr.ops {
		o := &tr.ops[i]
		var n, s, depth, split int
		if _, err := fmt.Sscanf(o.Estimator, "original forest(trees=%d depth=%d split=%d seed=42 skip=%d)", &n, &depth, &split, &s); err == nil {
			skip[o.Op], trees[o.Op] = s, n
		}
	}
	return skip, trees
}

// An operator's forest begins in the stream where the one before it, in the
// original's order, ends, and after what its own folds drew.
func TestOriginalForestsShareAStream(t *testing.T) {
	for _, draw := range []bool{false, true} {
		for pp := 1; pp <= 2; pp++ {
			set := synthetic()
			zero := *set.Ops[vidur.OpAdd]
			zero.Y = make([]float64, len(zero.Y))
			set.Ops[vidur.OpAdd] = &zero
			skip, trees := places(t, train(t, set, a100Pair(2, pp), fromStream(draw)))
			folds := 0
			if draw {
				folds = 4 * (3 + 2)
			}
			at := 0
			for _, op := range learningOrder {
				switch {
				case op == vidur.OpSendRecv && pp == 1 || set.Ops[op] == nil:
					continue
				case op == vidur.OpAdd: // every candidate is right, so the first one is chosen
					at += folds + 3
					continue
				}
				if got, ok := skip[op]; !ok || got != at+folds {
					t.Errorf("draw %t, PP %d, %v: skip %d, want %d", draw, pp, op, got, at+folds)
				}
				at += folds + trees[op]
			}
		}
	}
}

// A model without a norm before the MLP draws for it all the same.
func TestAModelWithoutANormDrawsForIt(t *testing.T) {
	spec := a100Pair(2, 1)
	with, _ := places(t, train(t, synthetic(), spec, fromStream(true)))
	spec.Model.NoPostNorm = true
	tr := train(t, synthetic(), spec, fromStream(true))
	without, _ := places(t, tr)
	if with[vidur.OpAttnDecode] != without[vidur.OpAttnDecode] {
		t.Errorf("attn_decode begins after %d numbers, and after %d without a norm", with[vidur.OpAttnDecode], without[vidur.OpAttnDecode])
	}
	if st := stageTime(t, tr.Predictor(), decodes(3, 100), 0); st.Ops[vidur.OpPostNorm] != 0 {
		t.Errorf("the norm that it has not takes %v ms", st.Ops[vidur.OpPostNorm])
	}
}

// What is kept of original forests is at its place in the stream, and tells the
// next operator's; forests of our own are others.
func TestTheCacheKnowsTheStream(t *testing.T) {
	o := fromStream(true)
	o.Cache.Dir = t.TempDir()
	learnt := train(t, synthetic(), a100Pair(2, 2), o)
	again := train(t, synthetic(), a100Pair(2, 2), o)
	o.Cache.Dir = t.TempDir()
	train(t, synthetic(), a100Pair(2, 1), o) // keeps forests at other places
	after := train(t, synthetic(), a100Pair(2, 2), o)
	own := fromStream(true)
	for i, e := range own.Grid {
		f := e.(learn.Forest)
		f.Original = false
		own.Grid[i] = f
	}
	own.Cache = o.Cache
	others := train(t, synthetic(), a100Pair(2, 2), own)
	for i := range learnt.ops {
		p := learnt.ops[i].Provenance
		if again.ops[i].Provenance != p || after.ops[i].Provenance != p {
			t.Errorf("%v: %+v, from the cache %+v and %+v", p.Op, p, again.ops[i].Provenance, after.ops[i].Provenance)
		}
		if e := others.ops[i].Estimator; strings.HasPrefix(e, "original") {
			t.Errorf("%v: %s in place of a forest of our own", p.Op, e)
		}
	}
	b := batchOf([3]int{1, 300, 0}, [3]int{1, 90, 0}, [3]int{128, 0, 128})
	one := stageTime(t, learnt.Predictor(), b, 0)
	if two := stageTime(t, again.Predictor(), b, 0); one != two {
		t.Errorf("%v ms, from the cache %v", one, two)
	}
	if two := stageTime(t, others.Predictor(), b, 0); one == two {
		t.Error("both kinds of forests give the same times")
	}
}

// Beyond the profile an original forest is asked for what it is asked for. In
// place of the size next in the profile, one with less cached, it would answer
// for another chunk.
func TestClampAsksTheForest(t *testing.T) {
	tr := train(t, synthetic(), a100Pair(2, 1), fromStream(false))
	o := &tr.ops[vidur.OpAttnPrefill]
	got, beyond := o.at(448, 448)
	if want := o.model.Predict([]float64{448, 448 * 448}); got != want || !beyond {
		t.Errorf("%v ms, beyond %t; the forest says %v", got, beyond, want)
	}
	px, py := o.edge.project(448, 448)
	if px != 448 || py != 64 {
		t.Errorf("the next profiled size is %v × %v", px, py)
	}
}

func TestSeedsOfNumPyAreShort(t *testing.T) {
	o := fromStream(false)
	o.Grid = []learn.Estimator{learn.Forest{Trees: 1, Seed: math.MaxUint32 + 1, Original: true}}
	if _, err := Train(t.Context(), &profile.Set{}, a100Pair(2, 1), o); err == nil {
		t.Error("no error for a seed of 33 bits")
	}
}
