package search

import (
	"errors"
	"fmt"
	"math"
)

// bracket is what a search for a capacity has found.
type bracket struct {
	under  float64 // requests per s: the highest rate that was met; 0 if none was
	over   float64 // the least rate above it that was not; +Inf if none was
	probes int
}

// ladder searches a capacity among the rates (1 + grain)^k, k whole. Where a rate
// that is met means that all lower ones are, the answer does not depend on where
// the search begins, so that a good guess saves probes and changes nothing.
type ladder struct {
	grain float64 // relative distance of rates, above 0
	most  int     // probes
	probe func(qps float64) (met bool, err error)
}

// reach is how far from the guess a ladder looks, as a factor.
const reach = 1024

var errProbes = errors.New("out of probes")

// climb is a search under way. The rates at low and below are met, those at high
// and above are not, as far as is known: low and high begin beyond the ladder.
type climb struct {
	*ladder
	step           float64
	low, high      int // rungs
	bottom, top    int // the last rungs that may be tried
	probes, stride int
}

// search begins at a guess (requests per s) and moves away from it in steps that
// double, the first of them stride rungs long; then it bisects. A rate that is
// not met even at a thousandth of the guess makes the capacity 0.
func (l *ladder) search(guess float64, stride int) (bracket, error) {
	if !(guess > 0) || math.IsInf(guess, 0) {
		return bracket{}, fmt.Errorf("a search that begins at %g requests per s", guess)
	}
	c := &climb{ladder: l, step: math.Log1p(l.grain), stride: stride}
	start, far := int(math.Round(math.Log(guess)/c.step)), int(math.Ceil(math.Log(reach)/c.step))
	c.bottom, c.top = start-far, start+far
	c.low, c.high = c.bottom-1, c.top+1
	err := c.try(start)
	for at := start; err == nil && c.low < c.bottom && c.high > c.bottom; {
		at = max(at-c.next(), c.bottom)
		err = c.try(at)
	}
	for at := start; err == nil && c.high > c.top && c.low < c.top; {
		at = min(at+c.next(), c.top)
		err = c.try(at)
	}
	for err == nil && c.high-c.low > 1 && c.low >= c.bottom && c.high <= c.top {
		err = c.try(c.low + (c.high-c.low)/2)
	}
	if errors.Is(err, errProbes) {
		err = nil
	}
	return c.bracket(), err
}

// next is the length of the next step.
func (c *climb) next() int {
	c.stride *= 2
	return c.stride / 2
}

func (c *climb) try(rung int) error {
	if c.probes == c.most {
		return errProbes
	}
	c.probes++
	met, err := c.probe(c.rate(rung))
	if err != nil {
		return err
	}
	if met {
		c.low = max(c.low, rung)
	} else {
		c.high = min(c.high, rung)
	}
	return nil
}

func (c *climb) rate(rung int) float64 { return math.Exp(float64(float64(rung) * c.step)) }

func (c *climb) bracket() bracket {
	b := bracket{over: math.Inf(1), probes: c.probes}
	if c.low >= c.bottom {
		b.under = c.rate(c.low)
	}
	if c.high <= c.top {
		b.over = c.rate(c.high)
	}
	return b
}
