package workload

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
)

// Synthetic is a workload of drawn requests: an arrival process times a
// distribution of lengths. Requests come whether or not earlier ones are done.
//
// It ends with the first of: Requests, Duration, and the end of Intervals. The
// first two may be 0 only if Intervals is [Recorded], which ends by itself.
type Synthetic struct {
	Intervals Intervals // required
	Lengths   Lengths   // required
	Requests  int       // number of requests; 0 means no limit
	Duration  float64   // s; requests at or after it do not come; 0 means no limit
}

// New begins a run of the workload. It is a Config.NewWorkload.
func (s Synthetic) New(rng *rand.Rand) (vidur.Workload, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	times, sizes, err := split(rng)
	if err != nil {
		return nil, err
	}
	run := &synthetic{left: s.Requests, end: s.Duration}
	if s.Requests == 0 {
		run.left = math.MaxInt
	}
	if s.Duration == 0 {
		run.end = math.Inf(1)
	}
	if run.interval, err = s.Intervals.Start(times); err != nil {
		return nil, err
	}
	if run.length, err = s.Lengths.Start(sizes); err != nil {
		return nil, err
	}
	return run, nil
}

func (s Synthetic) check() error {
	if s.Intervals == nil || s.Lengths == nil {
		return errors.New("workload: Synthetic needs both Intervals and Lengths")
	}
	err := first(within("Synthetic.Requests", s.Requests, 0, math.MaxInt), notNegative("Synthetic.Duration", s.Duration))
	if err != nil || s.Requests > 0 {
		return err
	}
	switch s.Intervals.(type) {
	case Recorded:
		return nil
	case Static:
		return errors.New("workload: Static arrivals never get past time 0: Synthetic.Requests must be given")
	}
	if s.Duration == 0 {
		return errors.New("workload: Synthetic.Requests and Synthetic.Duration are both 0, so the requests would not end")
	}
	return nil
}

type synthetic struct {
	interval func() (float64, bool)
	length   func() (int, int)
	left     int     // requests
	at, end  float64 // s
}

func (s *synthetic) Next(float64) (vidur.Arrival, error) {
	if s.left == 0 {
		return vidur.Arrival{}, io.EOF
	}
	d, more := s.interval()
	if !more {
		s.left = 0
		return vidur.Arrival{}, io.EOF
	}
	at := s.at + d
	if !(d >= 0) || math.IsInf(at, 0) {
		return vidur.Arrival{}, fmt.Errorf("workload: an interval of %g s after %g s", d, s.at)
	}
	if at >= s.end {
		s.left = 0
		return vidur.Arrival{}, io.EOF
	}
	s.at = at
	s.left--
	p, n := s.length()
	return vidur.Arrival{At: at, Prefill: p, Decode: n}, nil
}

func (*synthetic) Done(*vidur.Request) bool { return false }
