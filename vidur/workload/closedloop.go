package workload

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
)

// ClosedLoop is a fixed number of clients, each of which sends its next request
// when its last one is complete, as serving benchmarks with a maximum
// concurrency do. All clients send their first request at time 0. Arrival.Session
// is the number of the client, from 1.
//
// With think times the requests do not become known in order of time: of two
// clients the one that finishes later may be back earlier.
type ClosedLoop struct {
	Clients     int     // >= 1
	Requests    int     // of all clients together, >= 1
	Lengths     Lengths // required; [Range] is the usual one
	Think       float64 // mean time from an answer to the client's next request, s, >= 0
	Exponential bool    // think times are exponential; otherwise all are Think
}

// New begins a run of the workload. It is a Config.NewWorkload.
func (c ClosedLoop) New(rng *rand.Rand) (vidur.Workload, error) {
	err := first(within("ClosedLoop.Clients", c.Clients, 1, math.MaxInt32),
		within("ClosedLoop.Requests", c.Requests, 1, math.MaxInt), notNegative("ClosedLoop.Think", c.Think))
	if err == nil && c.Lengths == nil {
		err = errors.New("workload: ClosedLoop needs Lengths")
	}
	if err != nil {
		return nil, err
	}
	think, sizes, err := split(rng)
	if err != nil {
		return nil, err
	}
	length, err := c.Lengths.Start(sizes)
	if err != nil {
		return nil, err
	}
	run := &closedLoop{cfg: c, left: c.Requests, length: length, rng: think}
	for i := range min(c.Clients, c.Requests) {
		run.send(i+1, 0)
	}
	return run, nil
}

// closedLoop keeps the requests that are known and were not asked for yet.
type closedLoop struct {
	cfg    ClosedLoop
	left   int // requests not known yet
	length func() (int, int)
	rng    *rand.Rand
	known  []vidur.Arrival
	next   int // of known
}

func (c *closedLoop) send(client int, at float64) {
	c.left--
	if c.next == len(c.known) {
		c.known, c.next = c.known[:0], 0
	}
	p, d := c.length()
	c.known = append(c.known, vidur.Arrival{At: at, Prefill: p, Decode: d, Session: client})
}

func (c *closedLoop) Next(float64) (vidur.Arrival, error) {
	if c.next == len(c.known) {
		return vidur.Arrival{}, io.EOF
	}
	c.next++
	return c.known[c.next-1], nil
}

func (c *closedLoop) Done(r *vidur.Request) bool {
	if c.left == 0 {
		return false
	}
	think := c.cfg.Think
	if c.cfg.Exponential {
		think *= c.rng.ExpFloat64()
	}
	c.send(r.Session, r.CompletedAt+think)
	return true
}
