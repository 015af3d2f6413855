package sched

import "github.com/govidur/govidur/vidur"

// FasterTransformer schedules by request: a batch runs until its last request
// is complete, and no other joins it.
type FasterTransformer struct {
	Reserve

	// Leak keeps, as the original simulator does, the blocks of requests that
	// complete before the last of their batch for ever.
	Leak bool

	groups []int // sizes of the unfinished batches, which stand in Running one behind the other
}

// New makes the scheduler of one replica.
func (s FasterTransformer) New(rep *vidur.Replica) (vidur.Scheduler, error) { return &s, s.init(rep) }

// Next goes on with the oldest unfinished batch, or begins a new one.
func (s *FasterTransformer) Next(rep *vidur.Replica, b *vidur.Batch) {
	if len(s.groups) == 0 {
		s.admit(rep, b)
		return
	}
	for n := s.groups[0]; n > 0; n-- {
		r := rep.Running.Pop()
		b.Add(r, nextTokens(r))
	}
	s.groups = s.groups[:copy(s.groups, s.groups[1:])]
}

// Done frees completed requests and remembers the rest as one batch.
func (s *FasterTransformer) Done(rep *vidur.Replica, b *vidur.Batch) {
	left := 0
	for i := range b.Slots {
		if !b.Slots[i].Request.Completed() {
			left++
		}
	}
	if left > 0 {
		s.groups = append(s.groups, left)
	}
	if left == 0 || !s.Leak {
		rep.Requeue(b)
		return
	}
	for i := range b.Slots {
		if r := b.Slots[i].Request; !r.Completed() {
			rep.Running.Push(r)
		}
	}
}
