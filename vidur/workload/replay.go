package workload

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
)

// Replay is a workload of known requests, in order of time. It draws nothing.
// The list is not changed, and is shared by all runs.
type Replay []vidur.Arrival

// New begins a run of the workload. It is a Config.NewWorkload; the random
// source may be nil. It reports the first request that cannot be.
func (r Replay) New(*rand.Rand) (vidur.Workload, error) {
	last := 0.0
	for i, a := range r {
		if !(a.At >= last) || math.IsInf(a.At, 0) {
			return nil, fmt.Errorf("workload: Replay[%d] is at %g s; it must be finite and not before %g s", i, a.At, last)
		}
		if tokens("", a.Prefill) != nil {
			return nil, tokens(fmt.Sprintf("Replay[%d].Prefill", i), a.Prefill)
		}
		if tokens("", a.Decode) != nil {
			return nil, tokens(fmt.Sprintf("Replay[%d].Decode", i), a.Decode)
		}
		last = a.At
	}
	return &replay{list: r}, nil
}

// Longest is the largest prefill + decode of the list, in tokens.
func (r Replay) Longest() int {
	longest := 0
	for _, a := range r {
		longest = max(longest, a.Prefill+a.Decode)
	}
	return longest
}

type replay struct {
	list []vidur.Arrival
	next int
}

func (r *replay) Next(float64) (vidur.Arrival, error) {
	if r.next == len(r.list) {
		return vidur.Arrival{}, io.EOF
	}
	r.next++
	return r.list[r.next-1], nil
}

func (*replay) Done(*vidur.Request) bool { return false }
