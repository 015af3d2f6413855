package vidurtest

import (
	"context"

	"github.com/govidur/govidur/vidur"
)

// Run runs cfg under the laws, which must be fresh, and returns the first
// violation, at which it stops, or the error of the run.
func Run(cfg vidur.Config, laws *Laws, recorders ...vidur.Recorder) error {
	s, err := vidur.New(cfg, append([]vidur.Recorder{laws}, recorders...)...)
	if err != nil {
		return err
	}
	laws.Watch(s.Cluster())
	for laws.first == nil && s.Step() {
	}
	if laws.first != nil {
		return laws.first
	}
	if err := s.Run(context.Background()); err != nil { // no step is left: it says how the run ended
		return err
	}
	if cfg.Until > 0 {
		return nil
	}
	return laws.End()
}

// End returns the first violation of a run that went to its end without an
// error: nothing may be left, and the number of events must be that of the
// requests and batches. A request costs at most 3 events, a batch 2 + 4 PP:
//
//	arrived        one a request
//	routed         one a request, and one at the end of a batch while the router holds requests back
//	scheduled      one for each replica that the router gave requests, and one at the end of a batch
//	stage-arrived  one a batch and stage
//	stage-started  two a batch and stage: one at its arrival, one at the end of the work
//	stage-ended    one a batch and stage
//	batch-ended    one a batch
func (l *Laws) End() error {
	for _, f := range l.lives {
		if f != nil && f.r != nil {
			l.fail(Requests, where{r: f.r}, "it never completes: it is at %d of %d tokens", f.r.Done, f.r.Total())
		}
	}
	for _, s := range l.sites {
		if s != nil {
			l.empty(s)
		}
	}
	for k, n := range l.counts {
		kind := vidur.Kind(k)
		if kind == vidur.Arrived || kind == vidur.Routed && l.cluster == nil {
			continue
		}
		if n != l.expected[k] {
			l.fail(Events, where{}, "%d events %s, and %d had a cause", n, kind, l.expected[k])
		}
	}
	return l.Err()
}

// empty checks that a replica is as it was at the beginning.
func (l *Laws) empty(s *site) {
	rep := s.rep
	if n := rep.Waiting.Len() + rep.Running.Len() + len(s.flights); n > 0 || rep.Outstanding() != 0 || rep.ActiveBatches() != 0 {
		l.fail(Requests, where{rep: rep}, "the run ends, and %d requests or batches are there; %d outstanding, %d batches active", n, rep.Outstanding(), rep.ActiveBatches())
	}
	if rep.KV.Used() != 0 || rep.KV.Holders() != 0 {
		l.fail(Memory, where{rep: rep}, "the run ends, and %d KV blocks are held by %d requests", rep.KV.Used(), rep.KV.Holders())
	}
}
