package vidurtest

import (
	"context"
	"fmt"
	"sync"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

// DigestError says that two runs of one case were not the same.
type DigestError struct{ A, B uint64 }

// Error is one line.
func (e *DigestError) Error() string {
	return fmt.Sprintf("two runs differ: event digests %016x and %016x", e.A, e.B)
}

// repeat runs a case alone and then again: from one Config twice, interleaved, and
// eight times at once.
func (c *checker) repeat(k Case) error {
	var alone Digest
	if err := c.digest(k, &alone); err != nil {
		return err
	}
	cfg := k.Config(c.scheduler, c.router)
	err := c.guarded(func(w *watch) error { return interleaved(cfg, &alone, w) })
	if err == nil && !c.oneAtATime {
		err = c.guarded(func(w *watch) error { return atOnce(cfg, &alone, w) })
	}
	return err
}

// interleaved runs cfg twice, an event of each in turn, and compares both with a
// run that was alone.
func interleaved(cfg vidur.Config, alone *Digest, w *watch) error {
	var sims [2]*vidur.Simulator
	var sums [2]Digest
	for i := range sims {
		s, err := vidur.New(cfg, &sums[i], w)
		if err != nil {
			return err
		}
		sims[i] = s
	}
	for range alone.Events() + 1 { // one more than there are
		sims[0].Step()
		sims[1].Step()
	}
	if err := compare(sims[0], &sums[0], alone); err != nil {
		return err
	}
	return compare(sims[1], &sums[1], alone)
}

// compare compares a run that made an event more than the other, if it could, with it.
func compare(s *vidur.Simulator, d, alone *Digest) error {
	if d.Events() <= alone.Events() {
		if err := s.Run(context.Background()); err != nil { // no step is left: it says how the run ended
			return err
		}
	}
	if d.Sum() != alone.Sum() {
		return &DigestError{alone.Sum(), d.Sum()}
	}
	return nil
}

// atOnce runs cfg eight times at once, and compares each with a run that was alone.
func atOnce(cfg vidur.Config, alone *Digest, w *watch) error {
	var errs [8]error
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			var d Digest
			s, err := vidur.New(cfg, &d, w)
			if err == nil {
				for n := 0; n <= alone.Events() && s.Step(); n++ {
				}
				err = compare(s, &d, alone)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// isolated runs a case under the laws, and again for each of its replicas with
// another scheduler on the others: where requests go to the replicas in turn that
// must change nothing for it.
func (c *checker) isolated(k Case) error {
	if len(k.Replicas) < 2 || k.Clients > 0 {
		return c.run(k)
	}
	all, err := c.times(k, c.scheduler, c.laws)
	if err != nil {
		return err
	}
	for id := range k.Replicas {
		one, err := c.times(k, func(rep *vidur.Replica) (vidur.Scheduler, error) {
			if rep.ID == id {
				return c.scheduler(rep)
			}
			return sched.Orca{}.New(rep) // it never preempts, and every request fits alone
		}, Laws{OwnQueues: c.laws.OwnQueues, MayIdle: c.laws.MayIdle})
		if err != nil {
			return err
		}
		if v := differ(all, one, id); v != nil {
			for range 50 { // runs that are not always the same differ here too
				if err := c.repeat(k); err != nil {
					return err
				}
			}
			return v
		}
	}
	return nil
}

// times runs a case under the laws and returns its requests as they ended.
func (c *checker) times(k Case, newScheduler NewScheduler, laws Laws) ([]vidur.Request, error) {
	rs := make([]vidur.Request, len(k.Arrivals))
	laws.MaxEvents = k.events()
	return rs, c.guarded(func(w *watch) error {
		return Run(k.Config(newScheduler, nil), &laws, w, vidur.RecorderFunc(func(e *vidur.Event) {
			if e.Kind != vidur.BatchEnded {
				return
			}
			for i := range e.Batch.Slots {
				rs[e.Batch.Slots[i].Request.ID] = *e.Batch.Slots[i].Request
			}
		}))
	})
}

// differ compares the requests of one replica in two runs.
func differ(all, one []vidur.Request, replica int) error {
	for id := range all {
		a, b := &all[id], &one[id]
		if a.Replica != replica || a.Started() == b.Started() && a.ScheduledAt == b.ScheduledAt && a.PrefilledAt == b.PrefilledAt && a.CompletedAt == b.CompletedAt {
			continue
		}
		return &Violation{Law: Isolation, At: a.CompletedAt, Replica: replica, Batch: -1, Request: id, Detail: fmt.Sprintf(
			"it is scheduled at %g s and completes then, but at %g s and %g s when the other replicas have another scheduler: schedulers share state",
			a.ScheduledAt, b.ScheduledAt, b.CompletedAt)}
	}
	return nil
}
