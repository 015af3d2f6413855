package pyrand

import "math/bits"

// Random is the stream of Python's random.Random, as of Python 3.2 and later.
type Random struct{ mt twister }

// NewRandom is random.Random(seed) for a seed that is not negative.
func NewRandom(seed uint64) *Random {
	key := []uint32{uint32(seed)}
	if hi := uint32(seed >> 32); hi != 0 {
		key = append(key, hi)
	}
	r := new(Random)
	r.mt.seedKey(key)
	return r
}

// Random is uniform in [0, 1).
func (r *Random) Random() float64 { return r.mt.float64() }

// Uniform is uniform between a and b.
func (r *Random) Uniform(a, b float64) float64 { return a + float64((b-a)*r.mt.float64()) }

// Intn is uniform among 0 … n-1: Python's random.randrange(n), and
// random.randint(1, n) less one. It panics if n < 1.
func (r *Random) Intn(n int) int {
	if n < 1 {
		panic("pyrand: Intn of a number below 1")
	}
	for k := bits.Len64(uint64(n)); ; {
		if v := r.bits(k); v < uint64(n) {
			return int(v)
		}
	}
}

// RandInt is random.randint(a, b): uniform among a … b, both included.
func (r *Random) RandInt(a, b int) int { return a + r.Intn(b-a+1) }

// bits is random.getrandbits(k) for k of 1 to 64: the low word is drawn first,
// and the last word gives its high bits.
func (r *Random) bits(k int) uint64 {
	if k <= 32 {
		return uint64(r.mt.uint32() >> (32 - k))
	}
	low := uint64(r.mt.uint32())
	return low | uint64(r.mt.uint32()>>(64-k))<<32
}
