package search

import (
	"fmt"
	"math"
)

// Early lets a probe of [Capacity] end before its verdict is certain, with a
// confidence from 0.5 to below 1 that it is the verdict of the whole run; that is of
// each probe, and a search has several. Only limits of TBT are judged so, since theirs
// are the runs that must otherwise be made almost to the end. Other criteria stay
// exact, and so do runs whose past says little of what is to come: of requests that
// come in bursts, or at a rate that changes (their number in a fortieth of the time
// varies by more than twice its mean; by the mean itself in a Poisson process), and of an
// experiment with Until, which may end before their tokens do.
//
// The times between tokens that a run will have are cut into 40 blocks. From the
// tenth on, what share of them is above the limit is extrapolated to the rest of the
// run, from all blocks and from the later half of them, whichever decides less. The
// interval of prediction is that of a normal distribution with the variance of the
// blocks, widened by their correlation from one to the next (as of an AR(1) process)
// and for the number of looks (Bonferroni). The blocks of a run are not stationary, so
// the confidence is not proved but tested: at 0.95, of 162 probes within 12 steps of
// the capacity 4 are judged otherwise than by the whole run.
func Early(confidence float64) Option {
	return func(p *plan) {
		if !(confidence >= 0.5 && confidence < 1) {
			p.fail(fmt.Errorf("confidence %g of an early end must be from 0.5 to below 1", confidence))
		}
		p.capacity.given, p.capacity.early = true, confidence
	}
}

const (
	earlyBlocks = 40
	firstLook   = 10  // blocks
	leastBlock  = 100 // times between tokens; a run of fewer is made to its end
)

// prospect foretells how a test of times between tokens will end.
type prospect struct {
	size   int     // of a block
	spare  float64 // blocks' worth of times that may be above the limit
	z      float64 // half the interval, in standard deviations
	failed []float64
	n, bad int  // of the block that is not complete
	met    bool // it will be met
	missed bool // it will not
}

// confidence is that with which probes of a load up to a time, s, may end early; 0 if
// none may.
func (plan *capacityPlan) confidence(l *load, until float64) float64 {
	if plan.early == 0 || until > 0 || !l.steady() {
		return 0
	}
	return plan.early
}

// mostVaried is how much the number of requests in a block of time may vary, in
// variances of a Poisson process.
const mostVaried = 2

// steady reports whether requests come so evenly that a part of a run says something
// of the rest.
func (l *load) steady() bool {
	var counts [earlyBlocks]float64
	first, last := l.list[0].At, l.list[len(l.list)-1].At
	if first == last {
		return false
	}
	for _, a := range l.list {
		place := float64((a.At-first)/(last-first)) * earlyBlocks
		counts[min(int(place), earlyBlocks-1)]++
	}
	mean, squares := float64(len(l.list))/earlyBlocks, 0.0
	for _, n := range counts {
		squares += (n - mean) * (n - mean)
	}
	return squares/(earlyBlocks-1) <= mostVaried*mean
}

// newProspect is that of a test of so many times between tokens; nil if there are too
// few, or confidence is 0.
func newProspect(confidence float64, need, spare int) *prospect {
	total := need + spare
	if confidence == 0 || total < earlyBlocks*leastBlock {
		return nil
	}
	p := (1 - confidence) / (2 * (earlyBlocks - firstLook)) // of each end of each look
	size := total / earlyBlocks
	return &prospect{size: size, spare: float64(spare) / float64(size), z: math.Sqrt2 * math.Erfinv(1-2*p)}
}

// add takes n times between tokens in, all above the limit or none.
func (p *prospect) add(n int, above bool) {
	for n > 0 && !p.met && !p.missed {
		part := min(n, p.size-p.n)
		n -= part
		p.n += part
		if above {
			p.bad += part
		}
		if p.n == p.size {
			p.failed = append(p.failed, float64(p.bad)/float64(p.size))
			p.n, p.bad = 0, 0
			if k := len(p.failed); k >= firstLook && k < earlyBlocks {
				p.look()
			}
		}
	}
}

// look decides if it can.
func (p *prospect) look() {
	k := len(p.failed)
	left := float64(earlyBlocks - k)
	sum, late := 0.0, 0.0
	for i, f := range p.failed {
		sum += f
		if i >= k/2 {
			late += f
		}
	}
	mean, recent := sum/float64(k), late/float64(k-k/2)
	half := p.z * math.Sqrt(variance(p.failed, mean)*(left+left*left/float64(k)))
	p.met = sum+left*max(mean, recent)+half < p.spare
	p.missed = sum+left*min(mean, recent)-half > p.spare
}

// variance of the mean of values, times their number, where each is correlated with
// the one before.
func variance(values []float64, mean float64) float64 {
	squares, neighbours := 0.0, 0.0
	for i, v := range values {
		squares += (v - mean) * (v - mean)
		if i > 0 {
			neighbours += (v - mean) * (values[i-1] - mean)
		}
	}
	if squares == 0 {
		return 0
	}
	r := min(max(neighbours/squares, 0), 0.9)
	return squares / float64(len(values)-1) * (1 + r) / (1 - r)
}
