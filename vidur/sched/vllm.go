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

	limits
}

// New makes the scheduler of one replica.
func (s VLLM) New(rep *vidur.Replica) (vidur.Scheduler, error) {
	setDefault(&s.MaxTokens, max(defaultMaxTokens, rep.Spec.MaxTokens))
	if s.MaxTokens < 0 {
		return nil, fmt.Errorf("max tokens %d must not be negative", s.MaxTokens)
	}
	var err error
	s.limits, err = s.Common.limits(rep)
	return &s, err
}

// Next forms a batch of prompts if one can be admitted, else of decodes.
func (s *VLLM) Next(rep *vidur.Replica, b *vidur.Batch) {
	for longest := 0; rep.Waiting.Len() > 0; {
		r := rep.Waiting.At(0)
		longest = max(longest, r.Prompt)
		if !s.admits(rep, r) || (b.Len()+1)*longest > s.MaxTokens || rep.KV.Holders() == s.admitted || b.Len() == s.micro {
			break
		}
		rep.Waiting.Pop()
		rep.KV.Alloc(r, rep.KV.For(r.Prompt))
		b.Add(r, r.Prompt)
	}
	if b.Len() > 0 {
		return
	}
	rep.Running.SortByArrival()
	rep.Decode(b, s.micro)
	for rep.Running.Len() > 0 && b.Len() < s.micro {
		if r := rep.Running.Pop(); keep(rep, r, (*vidur.Request).Restart) {
			b.Add(r, 1)
		}
	}
}

// Again reports whether no prompt can be admitted.
func (s *VLLM) Again(rep *vidur.Replica, b *vidur.Batch) bool {
	if rep.Waiting.Len() == 0 {
		return true
	}
	r := rep.Waiting.At(0)
	return !s.admits(rep, r) || r.Prompt > s.MaxTokens || rep.KV.Holders() == s.admitted
}

// Done requeues.
func (s *VLLM) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// Explain says why r is never admitted.
func (s *VLLM) Explain(rep *vidur.Replica, r *vidur.Request) string {
	if r.Prompt > s.MaxTokens {
		return fmt.Sprintf("a batch takes at most %d tokens", s.MaxTokens)
	}
	return s.explainPrompt(rep, r)
}
