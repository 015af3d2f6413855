// Package sched has the batch schedulers of the original simulator: iteration
// level ([Orca]), paged ([VLLM]), chunked prefills ([Sarathi]), request level
// ([FasterTransformer]) and token level ([LightLLM]).
//
// A scheduler's zero value is ready: each field says what 0 means. Its New is
// the recipe for vidur.Config.NewScheduler:
//
//	cfg.NewScheduler = sched.Sarathi{Chunk: 1024}.New
package sched

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// Defaults of the original simulator.
const (
	defaultMaxBatch  = 128  // requests
	defaultWatermark = 0.01 // fraction of the blocks
	defaultMaxTokens = 4096 // tokens of a prefill batch
	defaultChunk     = 512  // tokens
	defaultWaits     = 10   // iterations
)

// Common is what the schedulers share.
type Common struct {
	MaxBatch  int     // most requests admitted at once; 0 means 128
	Watermark float64 // fraction of the KV blocks that admission leaves free; 0 means 0.01, negative none
}

// limits are those that follow from a Common and a replica.
func (c Common) limits(rep *vidur.Replica) (vidur.Limits, error) {
	setDefault(&c.MaxBatch, defaultMaxBatch)
	if c.Watermark == 0 {
		c.Watermark = defaultWatermark
	}
	l := vidur.Limits{
		Requests: c.MaxBatch / rep.Spec.PP,
		Holders:  c.MaxBatch,
		Reserve:  int(max(c.Watermark, 0) * float64(rep.KV.Blocks)),
	}
	switch {
	case c.MaxBatch < 0 || l.Requests == 0:
		return l, fmt.Errorf("max batch %d must be at least PP, %d", c.MaxBatch, rep.Spec.PP)
	case !(c.Watermark < 1):
		return l, fmt.Errorf("watermark %g must be less than 1", c.Watermark)
	}
	return l, nil
}

// explainPrompt says why a prompt is never admitted; empty if it could be.
func explainPrompt(rep *vidur.Replica, r *vidur.Request, reserve int) string {
	if need := rep.KV.For(r.Prompt); rep.KV.Blocks-need < reserve {
		return fmt.Sprintf("it needs %d KV blocks of %d tokens, and the replica has %d of which admission leaves %d free",
			need, rep.KV.BlockSize, rep.KV.Blocks, reserve)
	}
	return ""
}

func setDefault(v *int, d int) {
	if *v == 0 {
		*v = d
	}
}

// nextTokens is what an iteration without chunks takes of r.
func nextTokens(r *vidur.Request) int {
	if r.Prefilled() {
		return 1
	}
	return r.Prompt
}
