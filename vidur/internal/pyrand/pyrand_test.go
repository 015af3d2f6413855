package pyrand

import (
	"math"
	"slices"
	"testing"
)

// The numbers below were printed by CPython 3.11 and NumPy 2.4.

func TestRandom(t *testing.T) {
	for _, c := range []struct {
		seed uint64
		want []float64
	}{
		{0, []float64{0.8444218515250481, 0.7579544029403025}},
		{42, []float64{0.6394267984578837, 0.025010755222666936, 0.27502931836911926, 0.22321073814882275}},
		{1<<40 + 7, []float64{0.6137037779936511, 0.8149162973309487}},
	} {
		r := NewRandom(c.seed)
		for i, want := range c.want {
			if got := r.Random(); got != want {
				t.Errorf("seed %d, number %d: %v, want %v", c.seed, i, got, want)
			}
		}
	}
	r := NewRandom(42)
	for range 1999 {
		r.Random()
	}
	if got := r.Random(); got != 0.30176443514420326 {
		t.Errorf("2000th number: %v", got)
	}
}

func TestRandomMethods(t *testing.T) {
	r := NewRandom(42)
	for range 4 {
		r.Random()
	}
	if got := r.Uniform(1024, 4096); got != 3286.439569911846 {
		t.Errorf("uniform: %v", got)
	}
	var got []int
	for range 12 {
		got = append(got, r.RandInt(1, 10))
	}
	if want := []int{9, 2, 10, 7, 1, 1, 2, 4, 4, 9, 10, 1}; !slices.Equal(got, want) {
		t.Errorf("randint: %v, want %v", got, want)
	}
	if got := r.bits(64); got != 3667907197090513318 {
		t.Errorf("getrandbits(64): %d", got)
	}
	if got := r.RandInt(1, 1<<40); got != 482838161061 {
		t.Errorf("randint(1, 2**40): %d", got)
	}
}

func TestRandomState(t *testing.T) {
	for _, c := range []struct {
		name string
		seed uint32
		draw func(*RandomState) float64
		want []float64
	}{
		{"random_sample", 42, (*RandomState).Random, []float64{0.3745401188473625, 0.9507143064099162, 0.7319939418114051, 0.5986584841970366}},
		{"random_sample", 0, (*RandomState).Random, []float64{0.5488135039273248, 0.7151893663724195}},
		{"random_sample", math.MaxUint32, (*RandomState).Random, []float64{0.0976320289940138}},
		{"uniform", 42, func(s *RandomState) float64 { return s.Uniform(1024, 4096) }, []float64{2174.5872450990973, 3944.5943492912625}},
		{"standard_normal", 42, (*RandomState).Normal, []float64{0.4967141530112327, -0.13826430117118466, 0.6476885381006925, 1.5230298564080254, -0.23415337472333597}},
		{"gamma(4)", 42, func(s *RandomState) float64 { return s.Gamma(4, 2.5) }, []float64{11.756034745339672, 8.520579752535824, 8.090811774920585, 8.090884092697543, 18.995275290810053}},
		{"gamma(1/4)", 42, func(s *RandomState) float64 { return s.Gamma(.25, 2) }, []float64{0.03935712548755209, 0.5741957088926019, 0.0011850480284706065, 2.2763784382687446e-05, 0.26113211779443657}},
		{"gamma(1)", 42, func(s *RandomState) float64 { return s.Gamma(1, 2) }, []float64{0.9385361799537182, 6.020242861835042, 2.6334913870908987}},
	} {
		s := NewRandomState(c.seed)
		for i, want := range c.want {
			if got := c.draw(s); math.Abs(got-want) > 1e-14*math.Abs(want) {
				t.Errorf("%s, seed %d, number %d: %v, want %v", c.name, c.seed, i, got, want)
			}
		}
	}
}

// The spare number of a pair survives draws of another kind.
func TestRandomStateSpare(t *testing.T) {
	s := NewRandomState(42)
	got := []float64{s.Normal(), s.Random(), s.Normal()}
	for i, want := range []float64{0.4967141530112327, 0.7319939418114051, -0.13826430117118466} {
		if math.Abs(got[i]-want) > 1e-14 {
			t.Errorf("number %d: %v, want %v", i, got[i], want)
		}
	}
}

func TestPermutation(t *testing.T) {
	want := []int{10, 9, 0, 8, 5, 2, 1, 11, 4, 7, 3, 6}
	if got := NewRandomState(42).Permutation(12); !slices.Equal(got, want) {
		t.Errorf("permutation: %v, want %v", got, want)
	}
	for n := range 50 {
		p := NewRandomState(uint32(n)).Permutation(n)
		slices.Sort(p)
		for i, v := range p {
			if v != i {
				t.Fatalf("permutation of %d: %v", n, p)
			}
		}
	}
}

// Printed by NumPy 2.2: randint(n, size=6).
func TestRandInt(t *testing.T) {
	for _, c := range []struct {
		seed uint32
		n    uint64
		want []uint32
	}{
		{42, 1<<31 - 1, []uint32{1608637542, 1273642419, 1935803228, 787846414, 996406378, 1201263687}},
		{42, 261, []uint32{102, 106, 71, 188, 20, 102}},
		{7, 1 << 32, []uint32{327741615, 976413892, 3349725721, 1369975286, 1882953283, 4201435347}},
		{0, 1000, []uint32{684, 559, 629, 192, 835, 763}},
	} {
		s := NewRandomState(c.seed)
		for i, want := range c.want {
			if got := s.RandInt(c.n); got != want {
				t.Errorf("seed %d, number %d below %d: %d, want %d", c.seed, i, c.n, got, want)
			}
		}
	}
	s := NewRandomState(42)
	if a, b := s.RandInt(1), s.RandInt(1<<31-1); a != 0 || b != 1608637542 {
		t.Errorf("a number below 1 is %d, and the next %d", a, b)
	}
	for range 4999 {
		s.RandInt(1<<31 - 1)
	}
	if got := s.RandInt(1<<31 - 1); got != 1406683058 {
		t.Errorf("number 5000: %d", got)
	}
	for _, n := range []uint64{0, 1<<32 + 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for %d", n)
				}
			}()
			s.RandInt(n)
		}()
	}
}

func BenchmarkRandom(b *testing.B) {
	r := NewRandom(42)
	b.ReportAllocs()
	for b.Loop() {
		r.Random()
	}
}
