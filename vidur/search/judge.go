package search

import (
	"context"
	"errors"
	"math"

	"github.com/govidur/govidur/vidur"
)

// How far a request has come.
const (
	unscheduled uint8 = iota
	scheduled         // in a batch for the first time
	firstToken        // emitted
	complete
	stages
)

// judge is a recorder that finds out whether a run meets criteria, as early as
// that is certain: when so many have failed that too few are left, or so many
// have kept the limits that no other matters. There is no statistics in it, unless
// [Early] asks for it.
type judge struct {
	load   *load
	factor float64 // of the load's times
	n      int     // requests that arrive before the end of the run
	stage  []uint8 // by request
	tests  []test
	delays bool // a test has a limit of delay
	tokens bool // a test is of times between tokens

	// deadline is the first time, s, after which a request that has not come to a
	// stage is late, of all that were not looked at yet; +Inf if there is none.
	deadline float64
}

// test is a criterion and who has kept it so far.
type test struct {
	Criterion
	need, spare int // that must keep it, and that need not
	met, failed int
	last        uint8           // the stage at which a request has kept all limits
	most        [stages]float64 // s from the arrival to a stage, at most; 0 is no limit
	due         [stages]int     // the first request whose time for a stage is not over
	out         []bool          // by request: it has failed
	ahead       *prospect       // of times between tokens; nil where verdicts are exact
}

// newJudge judges the requests of a load, times multiplied by factor, that
// arrive up to until s; 0 means all.
func newJudge(plan *capacityPlan, l *load, factor, until float64) *judge {
	j := &judge{load: l, factor: factor, n: l.arrived(factor, until)}
	j.stage = make([]uint8, j.n)
	gaps, confidence := 0, plan.confidence(l, until)
	for i := range j.n {
		gaps += l.list[i].Decode - 1
	}
	for _, c := range plan.criteria {
		t := test{Criterion: c, out: make([]bool, j.n), last: complete}
		t.most = [stages]float64{scheduled: c.Delay, firstToken: c.TTFT, complete: c.E2E}
		total := j.n
		switch {
		case c.TBT > 0:
			j.tokens, total = true, gaps
		case c.E2E > 0 || c.TPOT > 0:
		case c.TTFT > 0:
			t.last = firstToken
		case c.Delay > 0:
			t.last = scheduled
		}
		j.delays = j.delays || c.Delay > 0
		t.need = c.need(total)
		if t.spare = total - t.need; c.TBT > 0 {
			t.ahead = newProspect(confidence, t.need, t.spare)
		}
		j.tests = append(j.tests, t)
	}
	return j
}

// SumsOnly marks the judge as one that asks [vidur.Batch.Repeated].
func (j *judge) SumsOnly() {}

// Record takes an event in.
func (j *judge) Record(e *vidur.Event) {
	j.pass(e.At)
	switch {
	case e.Kind == vidur.BatchEnded:
		j.batchEnded(e)
	case e.Kind == vidur.Scheduled && j.delays:
		for _, b := range e.Batches {
			for i := range b.Slots {
				if b.PrefillTokens == 0 {
					break
				}
				j.reach(b.Slots[i].Request, scheduled)
			}
		}
	}
}

// pass fails the requests whose times are over. It comes before all else that
// happens at a time, so who gets to a stage later has got to it in time.
func (j *judge) pass(now float64) {
	if now <= j.deadline {
		return
	}
	j.deadline = math.Inf(1)
	for k := range j.tests {
		t := &j.tests[k]
		for s := scheduled; s < stages; s++ {
			if t.most[s] == 0 {
				continue
			}
			i := t.due[s]
			for ; i < j.n && now > j.late(t, s, i); i++ {
				if j.stage[i] < s {
					t.fail(i)
				}
			}
			if t.due[s] = i; i < j.n {
				j.deadline = min(j.deadline, j.late(t, s, i))
			}
		}
	}
}

// late is the time, s, after which a request that has not come to a stage is late.
func (j *judge) late(t *test, stage uint8, request int) float64 {
	return float64(j.load.list[request].At*j.factor) + t.most[stage]
}

func (t *test) fail(request int) {
	if !t.out[request] {
		t.out[request] = true
		t.failed++
	}
}

// reach notes that a request has come to a stage, and to those before it.
func (j *judge) reach(r *vidur.Request, stage uint8) {
	if r.ID >= j.n || j.stage[r.ID] >= stage {
		return
	}
	before := j.stage[r.ID]
	j.stage[r.ID] = stage
	for k := range j.tests {
		t := &j.tests[k]
		if t.TBT > 0 {
			continue
		}
		if stage == complete && t.TPOT > 0 && r.Decode > 1 && (r.CompletedAt-r.PrefilledAt)/float64(r.Decode-1) > t.TPOT {
			t.fail(r.ID)
		}
		if before < t.last && stage >= t.last && !t.out[r.ID] {
			t.met++
		}
	}
}

func (j *judge) batchEnded(e *vidur.Event) {
	b := e.Batch
	if prev, ok := b.Repeated(); ok { // requests that decode on
		j.gap(e.At-prev, len(b.Slots))
		return
	}
	for i := range b.Slots {
		s := &b.Slots[i]
		r := s.Request
		switch {
		case r.Completed():
			j.reach(r, complete)
		case !s.Decode && r.FirstToken():
			j.reach(r, firstToken)
		}
		if !j.tokens || r.ID >= j.n {
			continue
		}
		switch {
		case !s.Decode && r.Prefilled() && r.TokenAt > 0: // again, after a restart
			j.gap(e.At-r.TokenAt, 1)
		case s.Decode && s.Advance > 0:
			j.gap(e.At-r.PrevEnd, 1)
			j.gap(0, int(s.Advance)-1)
		}
	}
}

// gap counts n times between tokens.
func (j *judge) gap(s float64, n int) {
	for k := range j.tests {
		t := &j.tests[k]
		switch {
		case t.TBT == 0:
			continue
		case s > t.TBT:
			t.failed += n
		default:
			t.met += n
		}
		if t.ahead != nil {
			t.ahead.add(n, s > t.TBT)
		}
	}
}

// over reports whether a criterion cannot be met any more. A run that ends before
// anything arrives shows nothing, and meets none.
func (j *judge) over() bool {
	if j.n == 0 {
		return true
	}
	for k := range j.tests {
		if t := &j.tests[k]; t.failed > t.spare || t.ahead != nil && t.ahead.missed {
			return true
		}
	}
	return false
}

// under reports whether all criteria are met.
func (j *judge) under() bool {
	for k := range j.tests {
		if t := &j.tests[k]; t.met < t.need && !(t.ahead != nil && t.ahead.met) {
			return false
		}
	}
	return true
}

// errDecided stops a run whose verdict is certain.
var errDecided = errors.New("decided")

// decides is a context that is done when its judge knows its verdict, too.
type decides struct {
	context.Context
	judge *judge
}

func (d decides) Err() error {
	if err := d.Context.Err(); err != nil {
		return err
	}
	if d.judge.over() || d.judge.under() {
		return errDecided
	}
	return nil
}
