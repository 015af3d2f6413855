package sched

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// Sarathi is the stall-free scheduler of Sarathi-Serve (Agrawal et al., OSDI
// 2024): every batch has one token of each running request, and chunks of
// prompts up to a budget of tokens.
type Sarathi struct {
	Common
	Chunk int // tokens of a batch, decodes included; 0 means 512

	// RestartAtDone preempts as the original simulator does: a prompt that is
	// only partly prefilled is cut, and its rest becomes decode steps.
	RestartAtDone bool

	limits vidur.Limits
}

// New makes the scheduler of one replica.
func (s Sarathi) New(rep *vidur.Replica) (vidur.Scheduler, error) {
	setDefault(&s.Chunk, defaultChunk)
	if s.Chunk < 0 {
		return nil, fmt.Errorf("chunk size %d must not be negative", s.Chunk)
	}
	var err error
	s.limits, err = s.Common.limits(rep)
	s.limits.Tokens = s.Chunk
	if s.RestartAtDone {
		s.limits.Restart = (*vidur.Request).RestartAtDone
	}
	return &s, err
}

// Next adds decodes, then running prefills, then new prompts.
func (s *Sarathi) Next(rep *vidur.Replica, b *vidur.Batch) {
	l := s.limits
	passed := rep.DecodeAll(b, l)
	l.Requests = b.Len() + passed // as in the original: prefills in front of the last decode join a full batch
	rep.Prefill(b, l)
	rep.Running.SortByArrival()
	if l.Requests = s.limits.Requests; b.Len() > l.Requests {
		l.Requests = 0 // and a batch that is more than full is not seen to be full
	}
	for rep.Admit(b, l) {
	}
}

// Again reports whether no prompt can be admitted beside the decodes of b.
func (s *Sarathi) Again(rep *vidur.Replica, b *vidur.Batch) bool {
	return rep.Waiting.Len() == 0 || rep.Admissible(b, s.limits) == 0
}

// Done requeues.
func (s *Sarathi) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// Explain says why r is never admitted.
func (s *Sarathi) Explain(rep *vidur.Replica, r *vidur.Request) string {
	return explainPrompt(rep, r, s.limits.Reserve)
}
