package vidurtest

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/breakdown"
)

// Time is the law that every moment of a request is in exactly one part of its
// breakdown; see [Breakdown].
const Time Law = "time"

// Breakdown runs cfg and checks what a breakdown.Recorder says of it: that parts
// are not negative and sum, in any order and exactly, to the time of the request,
// to that of its first token and to that of its first batch; that it says the same, whether the Simulator
// repeats decode iterations at once or not; and that a twin says so too, which
// looks at every request at every event. It returns a *Violation of the law Time
// or the error of the run. It is slow: events times requests.
func Breakdown(cfg vidur.Config) error {
	var fast, slow breakdown.Recorder
	t := &twin{}
	if err := simulate(cfg, &fast); err != nil {
		return err
	}
	if err := simulate(cfg, &slow, t); err != nil {
		return err
	}
	if err := slow.Err(); err != nil {
		return err
	}
	requests := slow.Requests()
	if !slices.Equal(fast.Requests(), requests) {
		return wrongTime(nil, "repeated iterations are broken down otherwise than the same ones one by one")
	}
	if len(requests) != t.completed {
		return wrongTime(nil, "%d requests are broken down, and %d are complete", len(requests), t.completed)
	}
	for i := range requests {
		if err := t.check(&requests[i]); err != nil {
			return err
		}
	}
	return nil
}

func simulate(cfg vidur.Config, recorders ...vidur.Recorder) error {
	s, err := vidur.New(cfg, recorders...)
	if err != nil {
		return err
	}
	return s.Run(context.Background())
}

func wrongTime(r *breakdown.Request, format string, args ...any) error {
	v := &Violation{Law: Time, Replica: -1, Batch: -1, Request: -1, Detail: fmt.Sprintf(format, args...)}
	if r != nil {
		v.Replica, v.Request = r.Replica, r.ID
	}
	return v
}

// check holds a request to its twin.
func (t *twin) check(r *breakdown.Request) error {
	l := t.lives[r.ID]
	if err := summed(r, l); err != nil {
		return err
	}
	for p := range l.parts {
		part := breakdown.Part(p)
		ttft, all := seconds(l.first[p]), seconds(l.parts[p])
		if r.TTFT[p] != ttft || r.TTFT[p]+r.Decode[p] != all {
			return wrongTime(r, "%s is %g s before the first token and %g s after, and should be %g and %g",
				part, r.TTFT[p], r.Decode[p], ttft, all-ttft)
		}
	}
	return nil
}

// summed checks that parts are not negative and sum to what they should.
func summed(r *breakdown.Request, l *timed) error {
	ttft := seconds(tick(l.r.PrefilledAt) - tick(l.r.At))
	e2e := seconds(tick(l.r.CompletedAt) - tick(l.r.At))
	parts := append(r.TTFT[:], r.Decode[:]...)
	back := 0.0
	for i := len(parts) - 1; i >= 0; i-- {
		if !(parts[i] >= 0) {
			return wrongTime(r, "part %s is %g s", breakdown.Part(i%breakdown.NumParts), parts[i])
		}
		back += parts[i]
	}
	all := r.All()
	for _, sum := range []float64{r.E2E(), back, all.Sum()} {
		if sum != e2e {
			return wrongTime(r, "its parts sum to %v s, and it took %v s", sum, e2e)
		}
	}
	if r.TTFT.Sum() != ttft {
		return wrongTime(r, "its parts up to the first token sum to %v s, and that took %v s", r.TTFT.Sum(), ttft)
	}
	var before float64
	for p := breakdown.Router; p <= breakdown.Policy; p++ {
		before += all[p]
	}
	if want := seconds(tick(l.r.ScheduledAt) - tick(l.r.At)); before != want || before > ttft {
		return wrongTime(r, "its parts before its first batch sum to %v s, and that took %v s", before, want)
	}
	if d := math.Abs(e2e - (l.r.CompletedAt - l.r.At)); d > seconds(1)+1e-15*l.r.CompletedAt {
		return wrongTime(r, "rounding makes its time %g s wrong", d)
	}
	return nil
}

func tick(t float64) int64        { return int64(math.Round(t * (1 << 30))) }
func seconds(ticks int64) float64 { return float64(ticks) / (1 << 30) }
