package plan

import (
	"errors"
	"fmt"
	"math"
)

// Run is a run of vLLM's example examples/offline_inference/profiling.py: a batch
// of prompts of one length is prefilled in the first step of the engine, and each
// step after it decodes. Either Steps or Complete says how long.
type Run struct {
	Batch    int // requests (--batch-size); 1 or more
	Prompt   int // tokens of each (--prompt-len); 1 or more
	Steps    int // run_num_steps -n: so many steps, all with the whole batch
	Complete int // run_to_completion -n: so many requests complete in each step after the first decode
}

// Step is one step of a Run.
type Step struct {
	Name    string // as the file that the example writes has it: prefill, decode_1, …
	Running int    // requests; its num_running_seqs
	Tokens  int    // new ones of the batch
	Cached  int    // tokens of each request before, as the simulator counts them: those of the prompt and of the answer so far
}

// Outputs is how many requests have answers of a length.
type Outputs struct {
	Tokens   int // of the answer; the step of the prefill gives the first
	Requests int
}

// maxSteps keeps the steps of a run listable.
const maxSteps = 1 << 20

func (r Run) check() error {
	steps := r.Steps
	if r.Complete > 0 {
		steps = r.Batch / r.Complete
	}
	switch {
	case r.Batch < 1 || r.Batch > math.MaxInt32:
		return fmt.Errorf("batch size %d must be from 1 to %d", r.Batch, math.MaxInt32)
	case r.Prompt < 1 || r.Prompt > math.MaxInt32:
		return fmt.Errorf("prompt length %d must be from 1 to %d", r.Prompt, math.MaxInt32)
	case r.Steps < 0 || r.Complete < 0:
		return fmt.Errorf("%d steps and %d completed requests per step must not be negative", r.Steps, r.Complete)
	case r.Steps == 0 && r.Complete == 0:
		return errors.New("either a number of steps or the requests that complete per step is needed, at least 1")
	case r.Steps > 0 && r.Complete > 0:
		return errors.New("a number of steps and the requests that complete per step exclude each other")
	case steps > maxSteps:
		return fmt.Errorf("%d steps are too many; there may be %d", steps, maxSteps)
	}
	return nil
}

// Running is how many requests each step has, the prefill first. A run to
// completion has the whole batch in the first decode too, then Complete fewer in
// each while any are left, and one request in a last step more if the last had
// several. The rule is that of the example.
func (r Run) Running() ([]int, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if r.Steps > 0 {
		running := make([]int, r.Steps)
		for i := range running {
			running[i] = r.Batch
		}
		return running, nil
	}
	running := []int{r.Batch}
	for n := r.Batch; n > 0; n -= r.Complete {
		running = append(running, n)
	}
	if running[len(running)-1] != 1 {
		running = append(running, 1)
	}
	return running, nil
}

// Lengths are the lengths of the answers that make the steps have the requests of
// Running, the shortest first: a request whose answer has n tokens is in the first n
// steps, so those that the step after misses end there.
func (r Run) Lengths() ([]Outputs, error) {
	running, err := r.Running()
	if err != nil {
		return nil, err
	}
	var list []Outputs
	for i, n := range running {
		next := 0
		if i+1 < len(running) {
			next = running[i+1]
		}
		if n > next {
			list = append(list, Outputs{Tokens: i + 1, Requests: n - next})
		}
	}
	return list, nil
}

// StepList is what each step computes: the prefill all prompts, and decode i one
// token for each running request behind its prompt and i tokens, the first of which
// the prefill gave and the last of which is the step's input. That is how package
// vidur counts, whose predictors look decodes up by it, and so do imported steps.
func (r Run) StepList() ([]Step, error) {
	running, err := r.Running()
	if err != nil {
		return nil, err
	}
	steps := []Step{{Name: "prefill", Running: r.Batch, Tokens: r.Batch * r.Prompt}}
	for i, n := range running[1:] {
		steps = append(steps, Step{Name: fmt.Sprintf("decode_%d", i+1), Running: n, Tokens: n, Cached: r.Prompt + i + 1})
	}
	return steps, nil
}

// Engine is what an engine allows. Zero numbers mean no limit.
type Engine struct {
	MaxModelLen      int  // tokens of a prompt and its answer
	MaxSeqs          int  // requests in a step; vLLM's default is 256
	MaxBatchedTokens int  // tokens in a step; vLLM's default is the larger of 2048 and MaxModelLen
	Graphs           bool // CUDA graphs: not --enforce-eager
}

// Check reports why the engine would not run r as asked; all that is wrong, a line
// each.
func (r Run) Check(e Engine) error {
	lengths, err := r.Lengths()
	if err != nil {
		return err
	}
	var wrong []error
	refuse := func(is bool, format string, args ...any) {
		if is {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	longest := lengths[len(lengths)-1].Tokens
	refuse(over(r.Batch*r.Prompt, e.MaxBatchedTokens), "batch size × prompt length is %d × %d = %d tokens, more than the engine takes in a step (max_num_batched_tokens %d): the prompts would not be prefilled in one step",
		r.Batch, r.Prompt, r.Batch*r.Prompt, e.MaxBatchedTokens)
	refuse(over(r.Batch, e.MaxSeqs), "batch size %d is more than the requests that the engine takes in a step (max_num_seqs %d)", r.Batch, e.MaxSeqs)
	refuse(over(r.Prompt+longest, e.MaxModelLen), "prompt length + longest answer is %d + %d = %d tokens, more than the model's context (max_model_len %d)",
		r.Prompt, longest, r.Prompt+longest, e.MaxModelLen)
	refuse(e.Graphs, "the engine must be eager (--enforce-eager): kernels in CUDA graphs do not tell which module they belong to")
	return errors.Join(wrong...)
}

func over(value, limit int) bool { return limit > 0 && value > limit }
