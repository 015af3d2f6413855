package layerwise

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// Sizes are those of a profiled run: prompts that are computed at once, and then
// decoded together.
type Sizes struct {
	Batch  int // prompts
	Prompt int // tokens of each
	Steps  int // decode steps after the prefill
}

// Simulate is the profile that a predictor expects of a run of vLLM's profiler: the
// prefill of a batch and its decode steps, in the n-th of which each request attends
// to its prompt and n generated tokens, as in the engine of package vidur. It
// prints, draws and writes as a measured one. spec must have one pipeline stage; batch and prompt are from 1 to 2^20 tokens
// together, and steps from 0 to 10,000.
func Simulate(spec vidur.ReplicaSpec, p vidur.Predictor, s Sizes) (*Profile, error) {
	const most, steps = 1 << 20, 10_000
	if s.Batch < 1 || s.Prompt < 1 || s.Batch > most/s.Prompt || s.Steps < 0 || s.Steps > steps {
		return nil, fmt.Errorf("layerwise: a batch of %d prompts of %d tokens and %d decode steps; there may be 1 to %d tokens, and up to %d steps", s.Batch, s.Prompt, s.Steps, most, steps)
	}
	if spec.PP > 1 {
		return nil, fmt.Errorf("layerwise: %d pipeline stages; a profile is of one", spec.PP)
	}
	out := &Profile{File: "prediction", Context: Context{
		Model: spec.Model.Name, DType: "bfloat16", TP: max(spec.TP, 1), Device: spec.Device.Name,
		Prompt: s.Prompt, Batch: s.Batch, Steps: s.Steps + 1,
	}}
	for step := 0; step <= s.Steps; step++ {
		name, seqs := "prefill", 0
		b := &vidur.Batch{}
		for i := range s.Batch {
			if step == 0 {
				b.Add(&vidur.Request{ID: i, Prompt: s.Prompt}, s.Prompt)
			} else {
				b.Add(&vidur.Request{ID: i, Prompt: s.Prompt, Done: s.Prompt + step}, 1)
			}
		}
		st, err := p.StageTime(b, 0)
		if err != nil {
			return nil, fmt.Errorf("layerwise: step %d: %w", step, err)
		}
		if step > 0 {
			name, seqs = fmt.Sprintf("decode_%d", step), s.Batch
		}
		ph := Predict(name, seqs, &spec.Model, &st)
		ph.Step = step
		out.Phases = append(out.Phases, ph)
	}
	return out, nil
}
