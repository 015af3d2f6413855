package workload

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// mostTokens bounds a length, so that sums of a few fit everywhere.
const mostTokens = 1 << 30

// positive checks that v is a finite number above zero.
func positive(name string, v float64) error {
	if !(v > 0) || math.IsInf(v, 0) {
		return fmt.Errorf("workload: %s is %g; it must be a finite number above 0", name, v)
	}
	return nil
}

// notNegative checks that v is a finite number that is not below zero.
func notNegative(name string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 0) {
		return fmt.Errorf("workload: %s is %g; it must be a finite number of at least 0", name, v)
	}
	return nil
}

// within checks that low <= v <= high.
func within(name string, v, low, high int) error {
	if v < low || v > high {
		return fmt.Errorf("workload: %s is %d; it must be from %d to %d", name, v, low, high)
	}
	return nil
}

// tokens checks a number of tokens.
func tokens(name string, v int) error { return within(name, v, 1, mostTokens) }

// first is the first of some errors, so that messages stay on one line.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// split makes two streams of one, which do not disturb each other.
func split(rng *rand.Rand) (a, b *rand.Rand, err error) {
	if rng == nil {
		return nil, nil, errors.New("workload: no source of random numbers")
	}
	a = rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
	return a, rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())), nil
}
