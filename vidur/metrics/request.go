package metrics

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// Request is the row of one request. Times are seconds of the simulated clock;
// those after Arrived are NaN until it is complete.
type Request struct {
	Arrived   float64
	Gap       float64 // s since the arrival before; NaN for the first
	Scheduled float64 // first put into a batch
	Started   float64 // the first stage began to work on it
	Prefilled float64 // the first token
	Completed float64 // the last token
	Exec      float64 // s, sum of the times of its stages
	CPU       float64 // s, the part of Exec that was overhead on the host

	ID       int32
	Prefill  int32 // prompt tokens asked for; 0 if the request never arrived
	Decode   int32 // output tokens asked for
	Prompt   int32 // prompt tokens of its last prefill: more than Prefill after a restart
	Restarts int32 // preemptions that threw its KV cache away
	Replica  int32 // -1 until complete
	Class    int32
	Tenant   int32
}

// Done reports whether the request is complete.
func (r *Request) Done() bool { return r.Completed == r.Completed }

// TTFT is the time to first token, s.
func (r *Request) TTFT() float64 { return r.Prefilled - r.Arrived }

// E2E is the time from the arrival to the last token, s.
func (r *Request) E2E() float64 { return r.Completed - r.Arrived }

// TPOT is the mean time between output tokens, s; NaN for a single one.
func (r *Request) TPOT() float64 {
	if r.Decode < 2 {
		return math.NaN()
	}
	return (r.Completed - r.Prefilled) / float64(r.Decode-1)
}

// Delay is the time from the arrival until it is first put into a batch, s.
func (r *Request) Delay() float64 { return r.Scheduled - r.Arrived }

// Queueing is the time from the arrival until a stage begins to work on it, s.
func (r *Request) Queueing() float64 { return r.Started - r.Arrived }

// Preemption is the time between its first and last stage in which no stage
// worked on it, s. It is a difference of sums, so less than a nanosecond is
// rounding and counts as 0.
func (r *Request) Preemption() float64 {
	if p := r.Completed - r.Started - r.Exec; !(p < 1e-9) {
		return p
	}
	return 0
}

// Model is the part of Exec that the device worked, s.
func (r *Request) Model() float64 { return r.Exec - r.CPU }

func (r *Request) exec() float64 { return r.Exec }

func arrival(r *vidur.Request, gap float64) Request {
	nan := math.NaN()
	return Request{
		Arrived: r.At, Gap: gap, Scheduled: nan, Started: nan, Prefilled: nan, Completed: nan, Exec: nan,
		ID: int32(r.ID), Prefill: int32(r.Prefill), Decode: int32(r.Decode), Prompt: int32(r.Prompt),
		Replica: -1, Class: r.Class, Tenant: r.Tenant,
	}
}

// complete fills the row in when the request is.
func (q *Request) complete(r *vidur.Request) {
	q.Scheduled, q.Started, q.Prefilled, q.Completed = r.ScheduledAt, r.StartedAt, r.PrefilledAt, r.CompletedAt
	q.Exec, q.CPU = r.ExecTime, r.CPUTime
	q.Prompt, q.Restarts, q.Replica = int32(r.Prompt), int32(r.Restarts), int32(r.Replica)
}

// tokens are what a request's times are normalized by.
func (r *Request) tokens(original bool) (prefill, decode float64) {
	if original {
		return float64(r.Prompt), float64(r.Prefill + r.Decode - r.Prompt)
	}
	return float64(r.Prefill), float64(r.Decode)
}
