package breakdown

import (
	"errors"
	"math"

	"github.com/govidur/govidur/vidur"
)

// Recorder breaks the time of the requests of one run down. The zero Recorder is
// ready. It keeps about 300 bytes for each request, and lets a Simulator repeat
// decode iterations, as [vidur.SumsOnly] describes.
type Recorder struct {
	// Limits are those of a scheduler that does not use the helpers of Replica
	// which take them and does not set Replica.Lacks, to explain slots, tokens
	// and the reserve of memory with. The zero Limits explain nothing.
	Limits vidur.Limits

	pages   []*[pageSize]account // by ID of the request
	sites   []*site              // by ID of the replica
	scratch vidur.Batch
	err     error
}

// SumsOnly says that it needs no requests that only decode.
func (rec *Recorder) SumsOnly() {}

var errSecondRun = errors.New("breakdown: a Recorder is for one run, and saw another one")

// Err is the first thing that went wrong, or nil: an error of a predictor that was
// asked for a batch without the prompts of others, whose interference then counts
// as none; or a second run with the same Recorder, which makes all of it wrong.
func (rec *Recorder) Err() error { return rec.err }

func (rec *Recorder) fail(err error) {
	if rec.err == nil {
		rec.err = err
	}
}

// Requests are the requests that are complete, in order of ID: a run that is cut
// at a time has others, whose waits may be the longest.
func (rec *Recorder) Requests() []Request {
	var out []Request
	for id := range len(rec.pages) * pageSize {
		if a := rec.account(id); a.completed {
			out = append(out, a.request(id))
		}
	}
	return out
}

// Record follows an event.
func (rec *Recorder) Record(e *vidur.Event) {
	switch e.Kind {
	case vidur.Arrived:
		rec.arrived(e)
	case vidur.Routed:
		rec.routed(e)
	case vidur.Scheduled:
		rec.scheduled(e)
	case vidur.StageArrived:
		rec.flight(e).arrived = ticks(e.At)
	case vidur.StageStarted:
		if e.Batch != nil {
			rec.stageStarted(e)
		}
	case vidur.BatchEnded:
		rec.batchEnded(e)
	}
}

// perSecond is the number of ticks in a second.
const perSecond = 1 << 30

// ticks is the time t in s, rounded. The least ticks that overflow are 2^63.
func ticks(t float64) int64 { return int64(math.Round(min(t, 1<<32) * perSecond)) }

// line is the place of a part among those for which the line of a replica waits.
func line(p Part) int { return int(p - Slots) }

const lines = int(Policy-Slots) + 1

// account is what is known of a request. Times are in ticks. What every iteration
// changes is at the beginning.
type account struct {
	since         int64 // when the present state began
	state         Part  // of a request in no batch; Slots for all that stand in the line
	inBatch       bool
	answered      bool // its first token was generated
	completed     bool
	restarts      int32
	done, highest int32 // tokens processed since the latest restart, and before any
	parts         [NumParts]int64

	first   [NumParts]int64 // of the parts, those up to the first token
	clocks  [lines]int64    // of the replica, when it began to stand in the line
	at      int64
	prompt  int32
	output  int32
	replica int32
	used    bool
}

// pageSize is the number of accounts that are made at once.
const pageSize = 256

// account is that of a request by its ID; accounts stay where they are.
func (rec *Recorder) account(id int) *account {
	for len(rec.pages) <= id/pageSize {
		rec.pages = append(rec.pages, new([pageSize]account))
	}
	return &rec.pages[id/pageSize][id%pageSize]
}

func (a *account) request(id int) Request {
	r := Request{ID: id, Replica: int(a.replica), At: float64(a.at) / perSecond,
		Prompt: int(a.prompt), Output: int(a.output), Restarts: int(a.restarts)}
	for p := range a.parts {
		r.TTFT[p] = float64(a.first[p]) / perSecond
		r.Decode[p] = float64(a.parts[p]-a.first[p]) / perSecond
	}
	return r
}

// leave ends the present state of a request that is in no batch.
func (a *account) leave(s *site, now int64) {
	if a.state != Slots {
		a.parts[a.state] += now - a.since
		return
	}
	for i := range a.clocks {
		a.parts[int(Slots)+i] += s.clocks[i] - a.clocks[i]
	}
}

// enter begins a state.
func (a *account) enter(state Part, now int64) { a.state, a.since, a.inBatch = state, now, false }

func (rec *Recorder) arrived(e *vidur.Event) {
	r := e.Request
	a, now := rec.account(r.ID), ticks(e.At)
	if a.used {
		rec.fail(errSecondRun)
	}
	*a = account{used: true, at: now, since: now, state: Router, prompt: int32(r.Prefill), output: int32(r.Decode)}
}

func (rec *Recorder) routed(e *vidur.Event) {
	now := ticks(e.At)
	for _, r := range e.Requests {
		a, s := rec.account(r.ID), rec.site(r.Replica)
		a.leave(s, now)
		a.enter(Iteration, now)
		a.replica = int32(r.Replica)
		s.joined = append(s.joined, r)
	}
}
