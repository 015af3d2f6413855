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

	limits
	restart  func(*vidur.Request)
	prefills []*vidur.Request // scratch
}

// New makes the scheduler of one replica.
func (s Sarathi) New(rep *vidur.Replica) (vidur.Scheduler, error) {
	setDefault(&s.Chunk, defaultChunk)
	if s.Chunk < 0 {
		return nil, fmt.Errorf("chunk size %d must not be negative", s.Chunk)
	}
	s.restart = (*vidur.Request).Restart
	if s.RestartAtDone {
		s.restart = (*vidur.Request).RestartAtDone
	}
	var err error
	s.limits, err = s.Common.limits(rep)
	return &s, err
}

// Next adds decodes, then running prefills, then new prompts.
func (s *Sarathi) Next(rep *vidur.Replica, b *vidur.Batch) {
	s.prefills = s.prefills[:0]
	for {
		rep.Decode(b, s.micro)
		if rep.Running.Len() == 0 || b.Len() == s.micro {
			break
		}
		r := rep.Running.Pop()
		if !r.Prefilled() {
			s.prefills = append(s.prefills, r)
		} else if keep(rep, r, s.restart) {
			b.Add(r, 1)
		}
	}
	skipped := s.prefills[:0]
	for _, r := range s.prefills {
		if n := min(r.Left(), s.Chunk-b.NumTokens); n > 0 {
			b.Add(r, n)
		} else {
			skipped = append(skipped, r)
		}
	}
	for i := len(skipped) - 1; i >= 0; i-- {
		rep.Running.PushFront(skipped[i])
	}
	rep.Running.SortByArrival()
	for rep.Waiting.Len() > 0 {
		r := rep.Waiting.At(0)
		n := min(r.Left(), s.Chunk-b.NumTokens)
		if rep.KV.Holders() == s.admitted || b.Len() == s.micro || !s.admits(rep, r) || n <= 0 {
			return
		}
		rep.Waiting.Pop()
		rep.KV.Alloc(r, rep.KV.For(r.Prompt))
		b.Add(r, n)
	}
}

// Again reports whether no prompt can be admitted beside the decodes of b.
func (s *Sarathi) Again(rep *vidur.Replica, b *vidur.Batch) bool {
	return rep.Waiting.Len() == 0 || rep.KV.Holders() == s.admitted || b.Len() == s.micro ||
		b.NumTokens >= s.Chunk || !s.admits(rep, rep.Waiting.At(0))
}

// Done requeues.
func (s *Sarathi) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// Explain says why r is never admitted.
func (s *Sarathi) Explain(rep *vidur.Replica, r *vidur.Request) string {
	return s.explainPrompt(rep, r)
}
