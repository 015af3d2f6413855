package pyrand

import (
	"math"
	"math/bits"
)

// RandomState is the stream of NumPy's legacy generator,
// numpy.random.RandomState.
type RandomState struct {
	mt      twister
	spare   float64 // the second normal number of a pair
	isSpare bool
}

// NewRandomState is numpy.random.RandomState(seed).
func NewRandomState(seed uint32) *RandomState {
	s := new(RandomState)
	s.mt.seedWord(seed)
	return s
}

// Random is random_sample: uniform in [0, 1).
func (s *RandomState) Random() float64 { return s.mt.float64() }

// Uniform is uniform between low and high.
func (s *RandomState) Uniform(low, high float64) float64 {
	return low + float64((high-low)*s.mt.float64())
}

// RandInt is randint(n), uniform among 0 … n-1, for any n from 1 to 2³²: as many
// low bits of a word as n-1 has, drawn again while they exceed n-1. Nothing is
// drawn for n = 1. It panics if n is outside.
func (s *RandomState) RandInt(n uint64) uint32 {
	if n-1 > math.MaxUint32 {
		panic("pyrand: RandInt of a number outside 1 to 2^32")
	}
	return uint32(s.upTo(n - 1))
}

// Permutation is 0 … n-1 in random order.
func (s *RandomState) Permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := s.upTo(uint64(i))
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// upTo is uniform among 0 … limit: as many bits as limit has, drawn again until
// they are not above it. No choice takes no draw.
func (s *RandomState) upTo(limit uint64) uint64 {
	if limit == 0 {
		return 0
	}
	mask := uint64(1)<<bits.Len64(limit) - 1
	for {
		v := uint64(s.mt.uint32())
		if limit > math.MaxUint32 {
			v = v<<32 | uint64(s.mt.uint32())
		}
		if v &= mask; v <= limit {
			return v
		}
	}
}

// Normal is standard_normal: the polar method of Marsaglia, which makes two
// numbers at a time and gives the second one first.
func (s *RandomState) Normal() float64 {
	if s.isSpare {
		s.isSpare = false
		return s.spare
	}
	for {
		x := 2*s.mt.float64() - 1
		y := 2*s.mt.float64() - 1
		r2 := float64(x*x) + float64(y*y)
		if r2 >= 1 || r2 == 0 {
			continue
		}
		f := math.Sqrt(-2 * math.Log(r2) / r2)
		s.spare, s.isSpare = f*x, true
		return f * y
	}
}

// Exponential is standard_exponential: mean 1.
func (s *RandomState) Exponential() float64 { return -math.Log(1 - s.mt.float64()) }

// Gamma is gamma(shape, scale), mean shape × scale.
func (s *RandomState) Gamma(shape, scale float64) float64 {
	switch {
	case shape == 1:
		return scale * s.Exponential()
	case shape < 1:
		return scale * s.gammaBelow1(shape)
	}
	return scale * s.gammaAbove1(shape)
}

// gammaBelow1 is the rejection method of Ahrens and Dieter (1974) for shapes
// below one.
func (s *RandomState) gammaBelow1(shape float64) float64 {
	if shape == 0 {
		return 0
	}
	for {
		u, v := s.mt.float64(), s.Exponential()
		if u <= 1-shape {
			if x := math.Pow(u, 1/shape); x <= v {
				return x
			}
			continue
		}
		y := -math.Log((1 - u) / shape)
		if x := math.Pow(1-shape+float64(shape*y), 1/shape); x <= v+y {
			return x
		}
	}
}

// gammaAbove1 is the method of Marsaglia and Tsang (ACM TOMS 26, 2000).
func (s *RandomState) gammaAbove1(shape float64) float64 {
	b := shape - 1.0/3
	c := 1 / math.Sqrt(9*b)
	for {
		var x, v float64
		for v <= 0 {
			x = s.Normal()
			v = 1 + float64(c*x)
		}
		v = v * v * v
		u := s.mt.float64()
		if u < 1-0.0331*(x*x)*(x*x) || math.Log(u) < float64(0.5*x*x)+float64(b*(1-v+math.Log(v))) {
			return b * v
		}
	}
}
