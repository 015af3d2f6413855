// Package sketch has a quantile sketch: a histogram with logarithmic bins,
// whose quantiles are within 0.1 % of the exact ones, however the values are
// distributed and however many there are. Its bins are those of DDSketch
// (Masson, Rim and Lee, VLDB 2019) with relative accuracy 0.001.
//
// Bin k holds the values in (gamma^(k-1), gamma^k], gamma = (1+a)/(1-a), and
// stands for 2 gamma^k/(1+gamma). Zero has a bin of its own.
package sketch

import "math"

// Sketch counts values >= 0. The zero value is empty and ready. It must not be
// copied; see Clone.
type Sketch struct {
	bins   []int64 // of zero, and then of the keys from low on
	low    int32
	last   float64 // the value that was added last
	lastAt int     // its place in bins
	lastD  float64 // its distance from shift
	lastDD float64 // and the square of that

	count    int64
	rejected int64
	min, max float64

	// Moments about the first value: about zero, the variance of values that
	// differ little would be lost.
	shift   float64
	sum, sq float64
}

// Add counts v once.
func (s *Sketch) Add(v float64) { s.AddN(v, 1) }

// AddN counts v n times, n >= 1. What is no finite number >= 0 is not counted but
// adds to Rejected.
func (s *Sketch) AddN(v float64, n int) {
	if v != s.last || uint(s.lastAt) >= uint(len(s.bins)) {
		k, ok := KeyOf(v)
		if !ok {
			s.rejected += int64(n)
			return
		}
		s.seek(k)
	}
	s.addLast(n)
}

// AddKey counts the value of k n times, n >= 1.
func (s *Sketch) AddKey(k Key, n int) {
	if k.value != s.last || uint(s.lastAt) >= uint(len(s.bins)) {
		s.seek(k)
	}
	s.addLast(n)
}

// addLast counts the last value. The conversions keep a compiler from fusing a
// product and a sum, so that all machines agree.
func (s *Sketch) addLast(n int) {
	s.bins[s.lastAt] += int64(n)
	s.count += int64(n)
	f := float64(n)
	s.sum += float64(f * s.lastD)
	s.sq += float64(f * s.lastDD)
}

// Key is a value with its bin, for values that are added to several sketches.
type Key struct {
	value float64
	bin   int32
}

// KeyOf finds the bin of v. It reports false if v is no finite number >= 0.
func KeyOf(v float64) (Key, bool) {
	if v >= smallest && v <= math.MaxFloat64 {
		return Key{v, index(v)}, true
	}
	return Key{0, zeroKey}, v >= 0 && v < smallest
}

// seek makes the value of k the last one.
func (s *Sketch) seek(k Key) {
	if s.count == 0 {
		s.min, s.max, s.shift = k.value, k.value, k.value
	}
	s.min, s.max = min(s.min, k.value), max(s.max, k.value)
	s.last = k.value
	s.lastD = k.value - s.shift
	s.lastDD = s.lastD * s.lastD
	s.lastAt = s.place(k.bin)
}

// place returns where in bins a key is, and makes room for it.
func (s *Sketch) place(key int32) int {
	if key == zeroKey {
		if len(s.bins) == 0 {
			s.bins = make([]int64, 1)
		}
		return 0
	}
	if len(s.bins) < 2 || key < s.low || int(key-s.low)+1 >= len(s.bins) {
		s.grow(key)
	}
	return int(key-s.low) + 1
}

// grow makes room for a key, and for others on the side where it lacked.
func (s *Sketch) grow(key int32) {
	low, high := key, key+1 // the range of keys; high is not in it
	const margin = 32
	if len(s.bins) < 2 {
		low, high = low-margin, high+margin
	} else {
		oldLow, oldHigh := s.low, s.low+int32(len(s.bins)-1)
		more := margin + (oldHigh-oldLow)/2
		if low < oldLow {
			low -= more
		} else {
			high += more
		}
		low, high = min(low, oldLow), max(high, oldHigh)
	}
	bins := make([]int64, 1+high-low)
	if len(s.bins) > 0 {
		bins[0] = s.bins[0]
		if len(s.bins) > 1 {
			copy(bins[1+s.low-low:], s.bins[1:])
		}
	}
	s.bins, s.low = bins, low
}

// Merge adds all that t counted.
func (s *Sketch) Merge(t *Sketch) {
	s.rejected += t.rejected
	if t.count == 0 {
		return
	}
	if s.count == 0 {
		s.min, s.max, s.shift = t.min, t.max, t.shift
	}
	s.min, s.max = min(s.min, t.min), max(s.max, t.max)
	n, d := float64(t.count), t.shift-s.shift
	s.sq += t.sq + float64(2*d*t.sum) + float64(n*d*d)
	s.sum += t.sum + float64(n*d)
	s.count += t.count
	for key, c := range t.keys {
		s.bins[s.place(key)] += c
	}
	s.last, s.lastAt = math.NaN(), 0
}

// keys yields the bins that are not empty, in order.
func (s *Sketch) keys(yield func(key int32, count int64) bool) {
	for i, c := range s.bins {
		key := s.low + int32(i-1)
		if i == 0 {
			key = zeroKey
		}
		if c > 0 && !yield(key, c) {
			return
		}
	}
}

// Clone returns a copy.
func (s *Sketch) Clone() *Sketch {
	c := *s
	c.bins = append([]int64(nil), s.bins...)
	return &c
}
