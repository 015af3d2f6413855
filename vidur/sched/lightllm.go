package sched

import (
	"errors"
	"fmt"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// LightLLM counts memory in tokens and admits a prompt only if all running
// requests can be expected to finish in the memory there is. It needs a block
// size of 1 and PP 1.
type LightLLM struct {
	Common
	MaxTokens int // of a prefill batch; 0 means 4096, or Spec.MaxTokens if that is more
	MaxWaits  int // decode iterations before new prompts are looked at again; 0 means 10

	limits vidur.Limits
	waits  int
	peak   []held // scratch
}

// held is what a request holds now and what it will still take, in tokens.
type held struct{ now, left int }

// New makes the scheduler of one replica.
func (s LightLLM) New(rep *vidur.Replica) (vidur.Scheduler, error) {
	setDefault(&s.MaxTokens, max(defaultMaxTokens, rep.Spec.MaxTokens))
	setDefault(&s.MaxWaits, defaultWaits)
	if rep.KV.BlockSize != 1 || rep.Spec.PP != 1 {
		return nil, fmt.Errorf("LightLLM needs block size 1 and PP 1, not %d and %d", rep.KV.BlockSize, rep.Spec.PP)
	}
	if s.MaxTokens < 0 || s.MaxWaits < 0 {
		return nil, errors.New("LightLLM: max tokens and max waiting iterations must not be negative")
	}
	var err error
	s.limits, err = s.Common.limits(rep)
	return &s, err
}

// Next forms a batch of prompts when it is time for one, else of decodes.
func (s *LightLLM) Next(rep *vidur.Replica, b *vidur.Batch) {
	if rep.Running.Len() == 0 || s.waits >= s.MaxWaits {
		if s.admit(rep, b); b.Len() > 0 || rep.Running.Len() > 0 {
			s.waits = 0
		}
		if b.Len() > 0 {
			return
		}
	}
	for rep.KV.Free() < rep.Running.Len() {
		rep.Preempt(rep.Running.PopBack())
	}
	if rep.Running.Len() > 0 {
		s.waits++
	}
	for rep.Running.Len() > 0 {
		r := rep.Running.Pop()
		rep.KV.Alloc(r, 1)
		b.Add(r, 1)
	}
}

func (s *LightLLM) admit(rep *vidur.Replica, b *vidur.Batch) {
	s.peak = s.peak[:0]
	for i := range rep.Running.Len() {
		r := rep.Running.At(i)
		s.peak = append(s.peak, held{r.Done, max(0, r.Total()-max(r.Done, r.Prompt)-1)})
	}
	for rep.Waiting.Len() > 0 {
		r := rep.Waiting.At(0)
		switch {
		case b.NumTokens+r.Prompt > s.MaxTokens:
			rep.Lacks = vidur.LackTokens
			return
		case rep.KV.Holders() == s.limits.Holders || b.Len() == s.limits.Requests:
			rep.Lacks = vidur.LackSlots
			return
		case !s.fits(rep, r):
			rep.Lacks = vidur.LackMemory
			return
		}
		rep.Waiting.Pop()
		rep.KV.Alloc(r, r.Prompt)
		b.Add(r, r.Prompt)
	}
}

// fits adds r to the requests in s.peak and reports whether the most they will
// hold together is less than the memory. The one with the most left to generate
// is last to finish, so at the time the i-th finishes i of them are left.
func (s *LightLLM) fits(rep *vidur.Replica, r *vidur.Request) bool {
	s.peak = append(s.peak, held{r.Prompt + 1, max(0, r.Total()-r.Prompt-2)})
	slices.SortStableFunc(s.peak, func(a, b held) int { return b.left - a.left })
	need, sum := 0, 0
	for i, h := range s.peak {
		sum += h.now
		need = max(need, h.left*(i+1)+sum)
	}
	return need < rep.KV.Blocks
}

// Done requeues.
func (s *LightLLM) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// Explain says why r is never admitted.
func (s *LightLLM) Explain(rep *vidur.Replica, r *vidur.Request) string {
	if r.Prompt > s.MaxTokens {
		return fmt.Sprintf("a batch takes at most %d tokens", s.MaxTokens)
	}
	if s.peak = s.peak[:0]; !s.fits(rep, r) {
		return fmt.Sprintf("its %d tokens do not fit into the replica's %d", r.Total(), rep.KV.Blocks)
	}
	return ""
}
