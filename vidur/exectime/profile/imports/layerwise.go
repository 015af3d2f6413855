package imports

import (
	"cmp"
	"os"
	"strings"

	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

const layerwiseName = "layerwise"

// layerwiseFormat are the profiles of vLLM's layerwise profiler, of either age, as
// JSON or as its tables in CSV.
func layerwiseFormat() Format {
	return Format{
		Name:   layerwiseName,
		Text:   "vLLM's layerwise profile: profiling.py --json, or --csv (NAME_prefill_summary_table.csv …)",
		Detect: func(_ string, head []byte) bool { return head != nil && layerwise.Detect(head) },
		Read:   readLayerwise,
	}
}

// readLayerwise makes a step of every phase. A phase that stands twice under two
// names is one. Kernels come from the table of all calls, whose order tells norms and
// GEMMs apart; from the summary where there is no other. Of both tables of a phase
// in CSV that one is read, also where the summary is asked for, so that a folder with
// both has the same rows twice and not two opinions.
func readLayerwise(path string, o Options) (*Trace, error) {
	file := path
	if base, ok := strings.CutSuffix(path, "_summary_table.csv"); ok {
		if _, err := os.Stat(base + "_model_table.csv"); err == nil {
			file = base + "_model_table.csv"
		}
	}
	p, err := layerwise.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := p.Context
	t := &Trace{
		Format: layerwiseName, File: path, Model: c.Model, Device: c.Device, TP: c.TP, Layers: cmp.Or(o.Layers, p.Layers()), DType: c.DType, Ordered: true,
		Notes: p.Notes,
	}
	batch, prompt := t.said("batch", c.Batch, o.Batch), t.said("prompt", c.Prompt, o.Prompt)
	if err := t.phases(p, o, batch, prompt); err != nil {
		return nil, err
	}
	t.note("decode step n is taken to attend to the prompt and n generated tokens of each request")
	return t, nil
}

// said is a size that the file says, or else the user's flag.
func (t *Trace) said(flag string, file, user int) int {
	if file != 0 && user != 0 && file != user {
		t.note("it says %s %d, which is taken; --%s %d is not used", flag, file, flag, user)
	}
	return cmp.Or(file, user)
}

// phases makes a step of each phase that has GPU time and is not to be skipped.
func (t *Trace) phases(p *layerwise.Profile, o Options, batch, prompt int) error {
	running, err := runningOf(&p.Context, batch)
	if err != nil {
		return errorAt(t.File, 0, "%v", err)
	}
	timed := 0
	for _, ph := range p.Phases {
		if ph.Copy || ph.Total() == 0 {
			continue
		}
		if timed++; timed <= o.Skip {
			continue
		}
		requests := batch
		if running != nil && ph.Seqs == 0 {
			if ph.Step >= len(running) {
				return errorAt(t.File, ph.Line, "%s does not say num_running_seqs, and a run to completion of %d requests, %d in each step, has %d decode steps", ph.Name, batch, p.Context.PerStep, len(running)-1)
			}
			requests = running[ph.Step]
			t.counted(ph, p.Context.PerStep)
		}
		t.Steps = append(t.Steps, layerwiseStep(ph, requests, prompt))
		t.Ordered = t.Ordered && ph.Model != nil
	}
	switch {
	case timed == 0:
		return errorAt(t.File, 0, "no phase has GPU time: vLLM's V1 engine gives such profiles; VLLM_USE_V1=0 and --enforce-eager give others")
	case len(t.Steps) == 0:
		return errorAt(t.File, 0, "%d steps, and --skip %d", timed, o.Skip)
	}
	return nil
}

// runningOf are the requests of each step of a run to completion, by the profiler's
// rule; nil of another run, all of whose steps have the whole batch.
func runningOf(c *layerwise.Context, batch int) ([]int, error) {
	if c.PerStep == 0 || batch == 0 {
		return nil, nil
	}
	return plan.Run{Batch: batch, Prompt: 1, Complete: c.PerStep}.Running()
}

// counted notes that the requests of a decode step follow from the batch.
func (t *Trace) counted(ph *layerwise.Phase, perStep int) {
	if !ph.Prefill() {
		t.note("decode steps do not say num_running_seqs: requests are counted by vLLM's rule for runs to completion, in which %d complete in each step after the first decode", perStep)
	}
}

// layerwiseStep is a phase as a step. The first token of each request comes from
// the prefill, so that decode step n attends to the prompt and n tokens.
func layerwiseStep(ph *layerwise.Phase, batch, prompt int) Step {
	s := Step{Name: ph.Name, Prefill: ph.Prefill(), Requests: batch}
	if ph.Seqs > 0 {
		s.Requests = ph.Seqs
	}
	s.Tokens = s.Requests
	if s.Prefill {
		s.Tokens *= prompt
	} else if prompt > 0 {
		s.Cached = prompt + ph.Step
	}
	kernels := ph.Launches()
	if kernels == nil {
		kernels = ph.Leaves()
	}
	for _, leaf := range kernels {
		s.Kernels = append(s.Kernels, Kernel{
			Name: leaf.Node.Name, Module: leaf.Module, Calls: leaf.Calls, Time: leaf.CUDA, Line: leaf.Node.Line,
		})
	}
	return s
}
