package forest

import (
	"bytes"
	"math"
	"reflect"
	"testing"
)

func TestEncodingsRoundTrip(t *testing.T) {
	x, y := smooth(2, 100, 1)
	for _, o := range []Options{{Trees: 5, Seed: 1}, {Trees: 3, MaxDepth: 2, MinSplit: 4, Seed: math.MaxUint64}, {Trees: 3, Seed: 5, Original: true, Skip: 300}} {
		f := mustFit(t, x, y, o)
		var got Forest
		if err := got.UnmarshalBinary(encoded(t, f)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(f, &got) {
			t.Errorf("%+v: the decoded forest differs", o)
		}
		s, _ := f.Steps()
		b, _ := s.MarshalBinary()
		var steps Steps
		if err := steps.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s, &steps) {
			t.Errorf("%+v: the decoded steps differ", o)
		}
	}
}

func TestForeignTrees(t *testing.T) {
	root := &Node{Feature: 1, Cut: 3, Left: &Node{Value: 1}, Right: &Node{Cut: 5, Left: &Node{Value: 2}, Right: &Node{Value: 4}}}
	f, err := FromTree(2, root)
	if err != nil {
		t.Fatal(err)
	}
	var got Forest
	if err := got.UnmarshalBinary(encoded(t, f)); err != nil {
		t.Fatal(err)
	}
	for _, g := range []*Forest{f, &got} {
		for _, c := range [][3]float64{{9, 3, 1}, {5, 4, 2}, {6, 4, 4}} {
			if p := g.Predict(c[:2]); p != c[2] {
				t.Errorf("%v predicts %v", c, p)
			}
		}
		if _, err := g.Pruned(Options{Trees: 1, MaxDepth: 1}); err == nil {
			t.Error("a foreign tree was pruned")
		}
	}
	for _, bad := range []*Node{nil, {Left: root}, {Feature: 2, Left: root, Right: root}, {Value: math.NaN()}, {Cut: math.Inf(1), Left: root, Right: root}, {Left: root, Right: &Node{Right: root}}, {Left: &Node{Right: root}, Right: root}} {
		if _, err := FromTree(2, bad); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

func TestDamageIsFound(t *testing.T) {
	x, y := smooth(2, 60, 2)
	f := mustFit(t, x, y, Options{Trees: 2, MaxDepth: 3})
	s, _ := f.Steps()
	steps, _ := s.MarshalBinary()
	original := encoded(t, mustFit(t, x, y, Options{Trees: 2, MaxDepth: 3, Original: true, Skip: 300}))
	for _, whole := range [][]byte{encoded(t, f), original, steps} {
		for n := range whole {
			if new(Forest).UnmarshalBinary(whole[:n]) == nil || new(Steps).UnmarshalBinary(whole[:n]) == nil {
				t.Errorf("no error for the first %d of %d bytes", n, len(whole))
			}
		}
		if more := append(bytes.Clone(whole), 0); new(Forest).UnmarshalBinary(more) == nil || new(Steps).UnmarshalBinary(more) == nil {
			t.Error("no error for a byte too many")
		}
	}
}

// FuzzUnmarshal: whatever decodes can be used and encodes to something that
// decodes to the same.
func FuzzUnmarshal(f *testing.F) {
	for _, features := range []int{1, 2} {
		x, y := smooth(features, 30, 3)
		forest := mustFit(f, x, y, Options{Trees: 2, MaxDepth: 4, Seed: 1})
		f.Add(encoded(f, forest))
		f.Add(encoded(f, mustFit(f, x, y, Options{Trees: 2, MaxDepth: 4, Seed: 1, Original: true, Skip: 7})))
		s, _ := forest.Steps()
		b, _ := s.MarshalBinary()
		f.Add(b)
	}
	foreign, _ := FromTree(1, &Node{Left: &Node{}, Right: &Node{Value: 1}})
	f.Add(encoded(f, foreign))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a, b Forest
		if a.UnmarshalBinary(data) == nil {
			a.Predict(make([]float64, a.Features()))
			again := encoded(t, &a)
			if err := b.UnmarshalBinary(again); err != nil || !bytes.Equal(encoded(t, &b), again) {
				t.Errorf("%q: %v", again, err)
			}
		}
		var s, u Steps
		if s.UnmarshalBinary(data) == nil {
			s.Predict(make([]float64, s.Features()))
			again, _ := s.MarshalBinary()
			if err := u.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(s, u) {
				t.Errorf("%q: %v", again, err)
			}
		}
	})
}
