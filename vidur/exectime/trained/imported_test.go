package trained

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// A surface is exact at its points, lies between their least and largest values,
// goes on level, and does not depend on their order.
func TestSurface(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := 1 + random.IntN(12)
		var at []place
		var values []float64
		seen := map[place]bool{}
		low, high := math.Inf(1), 0.0
		for range n {
			p := place{float64(1 + random.IntN(20)), float64(random.IntN(5) * 100)}
			if seen[p] {
				continue
			}
			seen[p] = true
			v := random.Float64()
			at, values, low, high = append(at, p), append(values, v), min(low, v), max(high, v)
		}
		s := newSurface(at, values)
		for i, p := range at {
			if got := s.at(p.x, p.y); got != values[i] {
				t.Fatalf("%v at the point %v instead of %v", got, p, values[i])
			}
		}
		order := random.Perm(len(at))
		var other []place
		var same []float64
		for _, i := range order {
			other, same = append(other, at[i]), append(same, values[i])
		}
		twin := newSurface(other, same)
		for range 50 {
			x, y := float64(random.IntN(50)), float64(random.IntN(900))
			got := s.at(x, y)
			if got < low-1e-12 || got > high+1e-12 {
				t.Fatalf("%v at %v, %v lies outside of %v to %v", got, x, y, low, high)
			}
			if got != twin.at(x, y) {
				t.Fatal("the order of the points matters")
			}
		}
		if s.at(1e9, 7) != s.at(1e8, 7) || s.at(0, 7) != s.at(s.xs[0], 7) {
			t.Fatal("it does not go on level")
		}
	}
	if got := newSurface([]place{{1, 2}, {1, 2}}, []float64{3, 5}).at(9, 9); got != 4 {
		t.Errorf("%v is not the mean of two values at a point", got)
	}
}

// importedSet has a few points of every kind of operator, at a factor from the
// analytic model that differs from point to point.
func importedSet(t *testing.T, spec vidur.ReplicaSpec) (*profile.Set, *exectime.Operators) {
	t.Helper()
	model, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := model.Operators(spec)
	if err != nil {
		t.Fatal(err)
	}
	set := &profile.Set{}
	add := func(op vidur.Op, features []string, y []float64, x ...[]float64) {
		set.Ops[op] = &profile.Samples{Op: op, Features: features, X: x, Y: y, Imported: true}
	}
	tokens := []string{profile.NumTokens}
	ms := func(f float64, n int) float64 { return f * ref.ByTokens(n).Layer.Ops[vidur.OpMLPUp] }
	add(vidur.OpMLPUp, tokens, []float64{ms(2, 5), ms(0.5, 600)}, []float64{5, 600})
	add(vidur.OpAllReduce, tokens, []float64{0.123}, []float64{5})
	add(vidur.OpAdd, tokens, []float64{0, 0}, []float64{5, 600})
	add(vidur.OpAttnDecode, []string{profile.BatchSize, profile.KVCacheSize}, []float64{3 * ref.DecodeGrowing(5, 121)}, []float64{5}, []float64{121})
	add(vidur.OpAttnPrefill, []string{profile.KVCacheSize, profile.ChunkSquared}, []float64{0.7}, []float64{0}, []float64{268 * 268})
	add(vidur.OpLMHead, []string{profile.BatchSize}, []float64{0.9}, []float64{5})
	add(vidur.OpOther, []string{profile.NumTokens, profile.BatchSize}, []float64{0.02, 0.05}, []float64{5, 600}, []float64{5, 5})
	add(vidur.OpSampler, []string{profile.BatchSize}, []float64{0.3}, []float64{5})
	return set, ref
}

// Imported operators are exact at what was measured, without the rounding and the
// overheads of profiles, and follow the analytic model elsewhere.
func TestImportedOperators(t *testing.T) {
	spec, err := catalog.Default().Replica("llama-3-8b", "a100", 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	set, ref := importedSet(t, spec)
	learnt, err := Train(context.Background(), set, spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	decode := mixed(t, exectime.Mix{Decodes: 5, Context: 121})
	got, err := learnt.Predictor().StageTime(decode, 0)
	if err != nil {
		t.Fatal(err)
	}
	same := func(op vidur.Op, want float64) {
		t.Helper()
		if math.Abs(got.Ops[op]-want) > 1e-12*want {
			t.Errorf("%v takes %v ms, not %v", op, got.Ops[op], want)
		}
	}
	same(vidur.OpMLPUp, 2*ref.ByTokens(5).Layer.Ops[vidur.OpMLPUp])
	same(vidur.OpAllReduce, 0.123)
	same(vidur.OpAdd, 0)
	same(vidur.OpAttnDecode, 3*ref.DecodeGrowing(5, 121))
	same(vidur.OpLMHead, 0.9)
	same(vidur.OpOther, 0.02)
	same(vidur.OpSampler, 0.3)
	same(vidur.OpMLPDown, ref.ByTokens(5).Layer.Ops[vidur.OpMLPDown])
	for n, factor := range map[int]float64{2: 2, 5000: 0.5} {
		got, err = learnt.Predictor().StageTime(mixed(t, exectime.Mix{Chunk: n}), 0)
		if err != nil {
			t.Fatal(err)
		}
		same(vidur.OpMLPUp, factor*ref.ByTokens(n).Layer.Ops[vidur.OpMLPUp])
		same(vidur.OpAttnPrefill, 0.7*ref.Prefill(n, 0)/ref.Prefill(268, 0))
	}
	five := &vidur.Batch{} // five prompts of 120 count as a chunk of 268
	for i := range 5 {
		five.Add(&vidur.Request{ID: i, Prompt: 120}, 120)
	}
	if got, err = learnt.Predictor().StageTime(five, 0); err != nil {
		t.Fatal(err)
	}
	same(vidur.OpAttnPrefill, 0.7)
	same(vidur.OpOther, 0.05)
	same(vidur.OpMLPUp, 0.5*ref.ByTokens(600).Layer.Ops[vidur.OpMLPUp])
	checkSources(t, learnt)
}

func mixed(t *testing.T, m exectime.Mix) *vidur.Batch {
	t.Helper()
	b, err := m.Batch()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkSources(t *testing.T, learnt *Trained) {
	t.Helper()
	sources := map[vidur.Op]Source{}
	for _, p := range learnt.Provenance() {
		sources[p.Op] = p.Source
	}
	for op, want := range map[vidur.Op]Source{vidur.OpMLPUp: Imported, vidur.OpAdd: Imported, vidur.OpOther: Imported, vidur.OpMLPDown: Analytic} {
		if sources[op] != want {
			t.Errorf("%v is %v, not %v", op, sources[op], want)
		}
	}
	if Imported.String() != "imported" || Analytic.String() != "analytic" {
		t.Error("the sources have other names")
	}
}
