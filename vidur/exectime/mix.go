package exectime

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// Mix says what a batch is made of, to ask a predictor what it takes without a
// run: requests that decode, the last chunk of a prompt, or both.
type Mix struct {
	Decodes int // requests that generate a token each
	Context int // tokens that each of those has in the cache, at least 1
	Chunk   int // tokens of the prompt
	Cached  int // tokens of the prompt before the chunk, which are in the cache
}

// Batch makes the batch. Numbers below 0, a decode without context, and a mix of
// nothing are errors.
func (m Mix) Batch() (*vidur.Batch, error) {
	switch {
	case m.Decodes < 0 || m.Context < 0 || m.Chunk < 0 || m.Cached < 0:
		return nil, fmt.Errorf("exectime: a batch of %+v; no number may be below 0", m)
	case m.Decodes == 0 && m.Chunk == 0:
		return nil, fmt.Errorf("exectime: a batch needs requests that decode, or a chunk of a prompt")
	case m.Decodes > 0 && m.Context == 0:
		return nil, fmt.Errorf("exectime: %d requests decode without a token in the cache", m.Decodes)
	}
	b := &vidur.Batch{}
	for i := range m.Decodes {
		b.Add(&vidur.Request{ID: i, Done: m.Context, Prompt: m.Context - 1}, 1)
	}
	if m.Chunk > 0 {
		b.Add(&vidur.Request{ID: m.Decodes, Done: m.Cached, Prompt: m.Cached + m.Chunk}, m.Chunk)
	}
	return b, nil
}

// Time is what one stage of p takes for the mix.
func (m Mix) Time(p vidur.Predictor, stage int) (vidur.StageTime, error) {
	b, err := m.Batch()
	if err != nil {
		return vidur.StageTime{}, err
	}
	return p.StageTime(b, stage)
}
