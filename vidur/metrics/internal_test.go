package metrics

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"unsafe"
)

func TestRowIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(Request{}); n > 100 {
		t.Errorf("a row has %d bytes", n)
	}
}

// The right-hand sides are what Python's repr gives.
func TestFloatsAsPython(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0.0", 1: "1.0", -3: "-3.0", 0.1: "0.1", 1e-4: "0.0001", 1e-5: "1e-05", 1.5e-7: "1.5e-07",
		1e15: "1000000000000000.0", 1e16: "1e+16", 1.25e22: "1.25e+22", 123456789.125: "123456789.125",
		0.30000000000000004: "0.30000000000000004", math.Inf(1): "inf", math.Inf(-1): "-inf",
	} {
		if got := string(appendFloat(nil, v)); got != want {
			t.Errorf("%g is written %s, want %s", v, got, want)
		}
	}
	if got := appendFloat(nil, math.NaN()); len(got) > 0 {
		t.Errorf("NaN is written %s", got)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		v := math.Float64frombits(rng.Uint64())
		if got, err := strconv.ParseFloat(string(appendFloat(nil, v)), 64); v == v && (err != nil || got != v) {
			t.Fatalf("%v is read as %v, %v", v, got, err)
		}
	}
}

func TestSortEntries(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 100, 5000} {
		entries := make([]entry, n)
		for i := range entries {
			v := []float64{rng.Float64(), rng.NormFloat64() * 1e9, float64(rng.IntN(5)), math.Copysign(0, -1), math.Inf(1)}[rng.IntN(5)]
			entries[i] = entry{value: v, rank: int32(i)}
		}
		want := slices.Clone(entries)
		slices.SortStableFunc(want, func(a, b entry) int { return cmp.Compare(a.value, b.value) })
		if got := sortEntries(entries); !slices.Equal(got, want) {
			t.Fatalf("%d entries are not in order", n)
		}
	}
}

func TestLargeCounts(t *testing.T) {
	var c, d counts
	for _, v := range []int{3, 70000, 3, 100, 1 << 20} {
		c.add(v)
	}
	d.merge(&c)
	s := d.stat("x", "")
	if s.Exact || s.Count != 5 || s.Min != 3 || s.Max != 1<<20 || d.total() != 5 {
		t.Errorf("%+v", s)
	}
}

func TestOriginalFileNumbers(t *testing.T) {
	s := New(Options{Original: true})
	var got []int
	for i := range 4 {
		got = append(got, s.fileNumber(i, 4))
	}
	if !slices.Equal(got, []int{4, 1, 2, 3}) || s.fileNumber(0, 1) != 1 {
		t.Errorf("replicas 0 to 3 are in files %v", got)
	}
}
