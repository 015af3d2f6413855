package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/govidur/govidur/kernel/internal/whole"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
	"github.com/govidur/govidur/vidur/spec"
)

const profilePlanHelp = `vidur profile plan [--model M] [--device D] [--node N] [-o plan.json] [FLAG ...]
    what to measure on a GPU for a model: operators, sizes, order, and estimates
    of time and memory. --model takes a Hugging Face config.json too

  what      --tp LIST (1,2,4,8), --max-tokens N of an iteration (4096),
            --max-context N (max-tokens, or what the model allows), --max-batch N (128),
            --ops LIST of kinds (token, prefill, decode, all_reduce, all_gather,
            send_recv, cpu) or operators, which stand for their kind,
            --dtype bfloat16|float16, --block-size N, --seed N
  how long  --budget 10m: the corners of all grids, then what tells most for its time;
            --data DIR: profiles that are there already cost nothing
  a GPU that is in no catalogue, by any name
            --memory 80GiB and, for the estimates, --tflops N --bandwidth GB/s --sms N
            --l2 MB --gddr --link GB/s; --gpus-per-node N
  output    -o FILE, or --json to standard output; else only the summary
  as vLLM's examples/offline_inference/profiling.py
            --mode run_num_steps -n STEPS | --mode run_to_completion -k REQUESTS
            --batch-size N (1) --prompt-len N (256); refused if the engine would
            refuse it: --max-model-len, --max-num-seqs (256),
            --max-num-batched-tokens (max-model-len, at least 2048),
            --enforce-eager (needed)
`

// planFlags are the flags of profile plan.
type planFlags struct {
	tp, ops, budget, dtype          string
	maxTokens, maxContext, maxBatch int
	card                            cardFlags
	mode                            string
	steps, complete, batch, prompt  int
	modelLen, seqs, batchedTokens   int
	eager                           bool
}

// defaults are those of vLLM and of its example.
var defaults = planFlags{batch: 1, prompt: 256, seqs: 256}

func (f *planFlags) flags() []spec.Flag {
	return append(f.card.flags(), []spec.Flag{
		{Name: "tp", Value: &f.tp}, {Name: "ops", Value: &f.ops}, {Name: "budget", Value: &f.budget}, {Name: "dtype", Value: &f.dtype},
		{Name: "max-tokens", Value: &f.maxTokens}, {Name: "max-context", Value: &f.maxContext}, {Name: "max-batch", Value: &f.maxBatch},
		{Name: "mode", Value: &f.mode}, {Name: "num-steps", Value: &f.steps}, {Name: "complete-num-requests-per-step", Value: &f.complete},
		{Name: "batch-size", Value: &f.batch}, {Name: "prompt-len", Value: &f.prompt},
		{Name: "max-model-len", Value: &f.modelLen}, {Name: "max-num-seqs", Value: &f.seqs},
		{Name: "max-num-batched-tokens", Value: &f.batchedTokens}, {Name: "enforce-eager", Value: &f.eager},
	}...)
}

// longForms are the flags that people write with one letter.
var longForms = map[string]string{"-o": "--out", "-n": "--num-steps", "-k": "--complete-num-requests-per-step"}

// spellOut writes the flags of one letter out. The -n of run_to_completion is its -k.
func spellOut(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		name, value, inline := strings.Cut(a, "=")
		if long := longForms[name]; long != "" {
			name = long
		}
		if out[i] = name; inline {
			out[i] += "=" + value
		}
	}
	return out
}

// profilePlan plans what to measure.
func profilePlan(ctx context.Context, args []string, std streams) error {
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
		fmt.Fprint(std.out, profilePlanHelp)
		return nil
	}
	var asJSON bool
	p, e, err := planned(ctx, args, spec.Flag{Name: "json", Value: &asJSON})
	if err != nil {
		return err
	}
	summary := std.out
	if asJSON {
		if err := p.Write(std.out); err != nil {
			return err
		}
		summary = std.err
	}
	if e.Out != "" {
		if err := whole.WriteWith(e.Out, func(w io.Writer) error { return p.Write(w) }); err != nil {
			return err
		}
		defer fmt.Fprintf(std.err, "%s in %s\n", count(len(p.Points), "point"), e.Out)
	}
	return p.Summary(summary)
}

// planned is the plan that the flags of profile plan ask for, and what else they
// say. More flags are those of another verb that plans first.
func planned(ctx context.Context, args []string, more ...spec.Flag) (*plan.Plan, *spec.Experiment, error) {
	f := defaults
	parsed, err := spec.Parse(spellOut(args), append(f.flags(), more...)...)
	if err != nil {
		return nil, nil, err
	}
	e := parsed.Experiment
	o, err := f.options(e)
	if err != nil {
		return nil, nil, err
	}
	e.TP = o.TP[len(o.TP)-1]
	replica, notes, err := f.card.hardware(e)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.plan(ctx, replica, o)
	if err != nil {
		return nil, nil, err
	}
	p.Notes = append(p.Notes, notes...)
	return p, e, nil
}

func (f *planFlags) plan(ctx context.Context, replica vidur.ReplicaSpec, o plan.Options) (*plan.Plan, error) {
	switch {
	case f.mode != "":
		run, engine, err := f.run(replica.Model.MaxPositions)
		if err != nil {
			return nil, err
		}
		return plan.NewRun(replica, run, engine, o)
	case f.steps > 0 || f.complete > 0:
		return nil, errors.New("-n and -k belong to --mode run_num_steps or run_to_completion")
	case f.eager || f.modelLen > 0 || f.batchedTokens > 0 || f.batch != defaults.batch || f.prompt != defaults.prompt || f.seqs != defaults.seqs:
		return nil, errors.New("--batch-size, --prompt-len and the engine's limits belong to --mode run_num_steps or run_to_completion; --max-batch and --max-tokens bound the grids")
	}
	return plan.New(ctx, replica, o)
}

func (f *planFlags) options(e *spec.Experiment) (plan.Options, error) {
	o := plan.Options{
		TP: []int{1, 2, 4, 8}, MaxTokens: f.maxTokens, MaxContext: f.maxContext, MaxBatch: f.maxBatch,
		DType: f.dtype, Seed: e.Seed, Data: e.Data,
	}
	figures, err := e.Figures()
	if err != nil {
		return o, err
	}
	o.Analytic = exectime.AnalyticOptions{Figures: figures}
	if f.tp != "" {
		if o.TP, err = wholeNumbers(f.tp); err != nil {
			return o, fmt.Errorf("--tp: %w", err)
		}
	}
	for _, name := range fields(f.ops) {
		k, err := plan.KindOf(name)
		if err != nil {
			return o, fmt.Errorf("--ops: %w", err)
		}
		o.Kinds = append(o.Kinds, k)
	}
	if f.budget != "" {
		d, err := time.ParseDuration(f.budget)
		if err != nil || d <= 0 {
			return o, fmt.Errorf("--budget: %q is no length of time, such as 10m or 1h30m", f.budget)
		}
		o.Budget = d.Seconds()
	}
	return o, nil
}

// fields are the parts of a list with commas.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' })
}

func wholeNumbers(list string) ([]int, error) {
	var out []int
	for _, s := range fields(list) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no whole number of at least 1", s)
		}
		out = append(out, n)
	}
	if len(out) == 0 {
		return nil, errors.New("an empty list")
	}
	return out, nil
}

// run is what the flags of vLLM's example ask for, and the engine's limits; context
// is that of the model, 0 if it is not known.
func (f *planFlags) run(context int) (plan.Run, plan.Engine, error) {
	r := plan.Run{Batch: f.batch, Prompt: f.prompt}
	switch f.mode {
	case "run_num_steps":
		if r.Steps = f.steps; f.steps == 0 || f.complete > 0 {
			return r, plan.Engine{}, errors.New("--mode run_num_steps needs -n, the number of steps, and no -k")
		}
	case "run_to_completion":
		if r.Complete = max(f.steps, f.complete); r.Complete == 0 || f.steps > 0 && f.complete > 0 {
			return r, plan.Engine{}, errors.New("--mode run_to_completion needs -k, the requests that complete in each step, or the same as -n, and not both")
		}
	default:
		return r, plan.Engine{}, spec.Unknown("mode", f.mode, []string{"run_num_steps", "run_to_completion"})
	}
	if context > 0 && f.modelLen > context {
		return r, plan.Engine{}, fmt.Errorf("--max-model-len %d is more than the model's context of %d tokens, which the engine refuses", f.modelLen, context)
	}
	e := plan.Engine{MaxModelLen: f.modelLen, MaxSeqs: f.seqs, MaxBatchedTokens: f.batchedTokens, Graphs: !f.eager}
	if e.MaxModelLen == 0 {
		e.MaxModelLen = context
	}
	if e.MaxBatchedTokens == 0 {
		e.MaxBatchedTokens = max(e.MaxModelLen, 2048)
	}
	return r, e, nil
}
