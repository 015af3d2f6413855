package sched

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// Reserve is what the schedulers share that give every request the blocks of
// the longest one, Spec.MaxTokens tokens, when they admit it.
type Reserve struct {
	MaxBatch int // most requests of one batch; 0 means 128
	Share    int // most requests of one batch for memory's sake; 0 means the reservations that fit / PP

	blocks int
}

func (s *Reserve) init(rep *vidur.Replica) error {
	setDefault(&s.MaxBatch, defaultMaxBatch)
	s.blocks = rep.Spec.MaxTokens / rep.KV.BlockSize
	if s.MaxBatch < 0 || s.Share < 0 || s.blocks == 0 {
		return fmt.Errorf("max batch %d, share %d and max tokens %d / block size %d must be at least 1", s.MaxBatch, s.Share, rep.Spec.MaxTokens, rep.KV.BlockSize)
	}
	setDefault(&s.Share, max(1, rep.KV.Blocks/s.blocks/rep.Spec.PP))
	s.MaxBatch = min(s.MaxBatch, s.Share)
	return nil
}

// admit adds new prompts, whole, while their reservation fits.
func (s *Reserve) admit(rep *vidur.Replica, b *vidur.Batch) {
	for rep.Waiting.Len() > 0 {
		if b.Len() >= s.MaxBatch {
			rep.Lacks = vidur.LackSlots
			return
		}
		if !rep.KV.Alloc(rep.Waiting.At(0), s.blocks) {
			rep.Lacks = vidur.LackMemory
			return
		}
		r := rep.Waiting.Pop()
		b.Add(r, r.Prompt)
	}
}

// Explain says why r is never admitted.
func (s *Reserve) Explain(rep *vidur.Replica, r *vidur.Request) string {
	if s.blocks > rep.KV.Blocks {
		return fmt.Sprintf("it reserves %d KV blocks, and the replica has %d", s.blocks, rep.KV.Blocks)
	}
	if rep.KV.Free() < s.blocks {
		return fmt.Sprintf("it reserves %d KV blocks, and of the replica's %d only %d are free", s.blocks, rep.KV.Blocks, rep.KV.Free())
	}
	return ""
}
