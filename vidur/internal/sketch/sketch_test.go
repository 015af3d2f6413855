package sketch

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is the same sketch by the book.
type naive struct {
	bins  map[int]int
	keys  []int // sorted, once all is added
	zeros int
	n     int
}

func (s *naive) add(v float64, n int) {
	s.n += n
	if v == 0 {
		s.zeros += n
		return
	}
	s.bins[int(math.Ceil(math.Log(v)/math.Log(gamma)))] += n
}

func (s *naive) quantile(q float64) float64 {
	rank, below := q*float64(s.n-1), s.zeros
	if float64(below) > rank {
		return 0
	}
	if s.keys == nil {
		s.keys = slices.Sorted(maps.Keys(s.bins))
	}
	for _, k := range s.keys {
		if below += s.bins[k]; float64(below) > rank {
			return 2 * math.Pow(gamma, float64(k)) / (1 + gamma)
		}
	}
	return math.NaN()
}

var distributions = map[string]func(*rand.Rand) float64{
	"uniform":   func(r *rand.Rand) float64 { return r.Float64() },
	"times":     func(r *rand.Rand) float64 { return 0.02 + 0.03*r.ExpFloat64() },
	"lognormal": func(r *rand.Rand) float64 { return math.Exp(3 * r.NormFloat64()) },
	"counts":    func(r *rand.Rand) float64 { return float64(r.IntN(200)) },
	"repeated":  func(r *rand.Rand) float64 { return []float64{0, 1, 0.25, 77}[r.IntN(4)] },
	"wide":      func(r *rand.Rand) float64 { return math.Ldexp(1+r.Float64(), r.IntN(2000)-1000) },
}

func TestQuantilesAndMoments(t *testing.T) {
	for name, draw := range distributions {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			var s, half Sketch
			twin := naive{bins: map[int]int{}}
			var all []float64
			for i := range 5000 {
				v, n := draw(rng), 1+rng.IntN(3)
				for range n {
					all = append(all, v)
				}
				twin.add(v, n)
				if i%2 == 0 {
					s.AddN(v, n)
				} else if k, ok := KeyOf(v); ok {
					half.AddKey(k, n)
				}
			}
			s.Merge(&half)
			slices.Sort(all)
			checkQuantiles(t, &s, &twin, all)
			checkMoments(t, &s, all)
		})
	}
}

func checkQuantiles(t *testing.T, s *Sketch, twin *naive, all []float64) {
	t.Helper()
	last := 0.0
	for i := range 201 {
		q := float64(i) / 200
		got, exact := s.Quantile(q), all[int(q*float64(len(all)-1))]
		if math.Abs(got-exact) > exact*Accuracy*(1+1e-9) {
			t.Errorf("quantile %g is %g, exactly %g", q, got, exact)
		}
		if want := twin.quantile(q); math.Abs(got-want) > want*1e-12*max(1, math.Abs(math.Log(want))) {
			t.Errorf("quantile %g is %g, by the book %g", q, got, want)
		}
		if got < last {
			t.Errorf("quantile %g is %g, less than the one before, %g", q, got, last)
		}
		last = got
	}
}

func checkMoments(t *testing.T, s *Sketch, all []float64) {
	t.Helper()
	sum, sq := 0.0, 0.0
	for _, v := range all {
		sum += v
	}
	mean := sum / float64(len(all))
	for _, v := range all {
		sq += (v - mean) * (v - mean)
	}
	std := math.Sqrt(sq / float64(len(all)))
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-9*math.Abs(want) && !math.IsInf(want, 0) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	near("mean", s.Mean(), mean)
	near("sum", s.Sum(), sum)
	near("std", s.Std(), std)
	if s.Min() != all[0] || s.Max() != all[len(all)-1] || s.Count() != len(all) {
		t.Errorf("min %g, max %g, count %d; want %g, %g, %d", s.Min(), s.Max(), s.Count(), all[0], all[len(all)-1], len(all))
	}
	n := 0
	for _, c := range s.Bins {
		n += c
	}
	if n != len(all) {
		t.Errorf("the bins hold %d values, want %d", n, len(all))
	}
}

// Every boundary and its neighbours are where the definition puts them: bin k
// ends with gamma^k.
func TestBoundaries(t *testing.T) {
	for k := int32(-39999); k < 40000; k += 3 {
		b := boundary(k)
		for _, c := range []struct {
			v    float64
			want int32
		}{{b, k}, {b * (1 - 1e-12), k}, {b * (1 + 1e-12), k + 1}, {b * (1 + Accuracy), k + 1}, {b * (1 - Accuracy), k}} {
			if got := index(c.v); got != c.want {
				t.Fatalf("index(%v) = %d, want %d", c.v, got, c.want)
			}
		}
	}
	if got := index(1); got != 0 {
		t.Errorf("index(1) = %d, want 0", got)
	}
}

func TestIndexIsTheCeilingOfTheLogarithm(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300_000 {
		v := math.Float64frombits(rng.Uint64N(math.Float64bits(math.MaxFloat64)-math.Float64bits(smallest)) + math.Float64bits(smallest))
		x := math.Log(v) / math.Log(gamma)
		if f := x - math.Floor(x); f < 1e-7 || f > 1-1e-7 {
			continue // the logarithm's own rounding decides
		}
		if got, want := index(v), int32(math.Ceil(x)); got != want {
			t.Fatalf("index(%v) = %d, want %d", v, got, want)
		}
	}
}

func TestSmallVariance(t *testing.T) {
	var s Sketch
	s.AddN(1e6, 10)
	s.AddN(1e6+1e-3, 10)
	if got, want := s.Std(), 0.5e-3; math.Abs(got-want) > 1e-9 {
		t.Errorf("std is %v, want %v", got, want)
	}
}

func TestRejects(t *testing.T) {
	var s Sketch
	for _, v := range []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		s.Add(v)
	}
	if s.Count() != 0 || s.Rejected() != 4 || !math.IsNaN(s.Quantile(0.5)) || s.Mean() != 0 || s.Std() != 0 {
		t.Errorf("count %d, rejected %d", s.Count(), s.Rejected())
	}
	s.Add(5e-324) // no normal number: as good as zero
	s.Add(math.Copysign(0, -1))
	if s.Count() != 2 || s.Quantile(1) != 0 || s.Max() != 0 {
		t.Errorf("count %d, max %g", s.Count(), s.Max())
	}
}

func TestCloneAndMergeOfEmpty(t *testing.T) {
	var s, empty Sketch
	s.Add(3)
	c := s.Clone()
	s.Add(4)
	s.Merge(&empty)
	empty.Merge(&s)
	if c.Count() != 1 || c.Max() != 3 || empty.Count() != 2 || empty.Max() != 4 {
		t.Errorf("clone %d %g, merged %d %g", c.Count(), c.Max(), empty.Count(), empty.Max())
	}
}

func TestNoAllocation(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var s Sketch
	s.Add(1e-6)
	s.Add(1e6)
	if n := testing.AllocsPerRun(10000, func() { s.AddN(math.Exp(rng.NormFloat64()), 2) }); n != 0 {
		t.Errorf("%g allocations per value", n)
	}
}

func BenchmarkAddRepeated(b *testing.B) {
	var s Sketch
	for b.Loop() {
		s.AddN(0.031, 17)
	}
}

func BenchmarkAddFresh(b *testing.B) {
	var s Sketch
	rng := rand.New(rand.NewPCG(7, 8))
	values := make([]float64, 1024)
	for i := range values {
		values[i] = 0.02 + 0.03*rng.ExpFloat64()
	}
	i := 0
	for b.Loop() {
		s.AddN(values[i&1023], 17)
		i++
	}
}
