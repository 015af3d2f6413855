package sched

import "github.com/govidur/govidur/vidur"

// Orca schedules by iteration (Yu et al., OSDI 2022): new prompts, whole, join
// the running requests in every batch, with memory reserved for the longest.
type Orca struct{ Reserve }

// New makes the scheduler of one replica.
func (s Orca) New(rep *vidur.Replica) (vidur.Scheduler, error) { return &s, s.init(rep) }

// Next adds the running requests and then new prompts.
func (s *Orca) Next(rep *vidur.Replica, b *vidur.Batch) {
	for rep.Running.Len() > 0 && b.Len() < s.MaxBatch {
		r := rep.Running.Pop()
		b.Add(r, nextTokens(r))
	}
	s.admit(rep, b)
}

// Done requeues.
func (s *Orca) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }
