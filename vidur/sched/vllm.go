package sched

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// VLLM is the scheduler of vLLM as of 2023 (Kwon et al., SOSP 2023): prompts
// first and whole, in batches of their own; otherwise one token of every
// running request. It preempts the latest arrivals when memory runs out.
type VLLM struct {
	Common
	MaxTokens int // of a prefill batch, padded to its longest prompt; 0 means 4096, or Spec.MaxTokens if that is more

	limits vidur.Limits
}

// New makes the scheduler of one replica.
func (s VLLM) New(rep *vidur.Replica) (vidur.Scheduler, error) {
	setDefault(&s.MaxTokens, max(defaultMaxTokens, rep.Spec.MaxTokens))
	if s.MaxTokens < 0 {
		return nil, fmt.Errorf("max tokens %d must not be negative", s.MaxTokens)
	}
	var err error
	s.limits, err = s.Common.limits(rep)
	s.limits.Whole = true
	return &s, err
}

// Next forms a batch of prompts if one can be admitted, else of decodes.
func (s *VLLM) Next(rep *vidur.Replica, b *vidur.Batch) {
	for longest := 0; rep.Waiting.Len() > 0; {
		longest = max(longest, rep.Waiting.At(0).Prompt)
		if (b.Len()+1)*longest > s.MaxTokens {
			rep.Lacks = vidur.LackTokens
			break
		}
		if !rep.Admit(b, s.limits) {
			break
		}
	}
	if b.Len() > 0 {
		return
	}
	rep.Running.SortByArrival()
	rep.DecodeAll(b, s.limits)
}

// Again reports whether no prompt can be admitted.
func (s *VLLM) Again(rep *vidur.Replica, b *vidur.Batch) bool {
	if rep.Waiting.Len() == 0 {
		return true
	}
	if rep.Waiting.At(0).Prompt > s.MaxTokens {
		rep.Lacks = vidur.LackTokens
		return true
	}
	l := s.limits
	l.Requests = 0 // it would be in a batch of its own
	return rep.Admissible(b, l) == 0
}

// Done requeues.
func (s *VLLM) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// Explain says why r is never admitted.
func (s *VLLM) Explain(rep *vidur.Replica, r *vidur.Request) string {
	if r.Prompt > s.MaxTokens {
		return fmt.Sprintf("a batch takes at most %d tokens", s.MaxTokens)
	}
	return explainPrompt(rep, r, s.limits.Reserve)
}
