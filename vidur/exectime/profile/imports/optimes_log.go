package imports

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/govidur/govidur/vidur"
)

const engineLogName = "engine-log"

// engineLogFormat is results/log_ilen_<prompt>_bsize_<batch size>.jsonl of
// controlled-batching runs: JSON lines, of which those with the message MODEL_EXEC
// have the time of a step.
func engineLogFormat() Format {
	return Format{
		Name:   engineLogName,
		Text:   "log_ilen_<n>_bsize_<n>.jsonl of controlled-batching runs: times of whole steps",
		Detect: func(_ string, head []byte) bool { return isEngineLog(head) },
		Read: func(path string, o Options) (*Trace, error) {
			t := &Trace{Format: engineLogName, File: path, Layers: o.Layers}
			return t, readBatchLogs([]string{path}, o, t)
		},
	}
}

func isEngineLog(head []byte) bool {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	return bytes.HasPrefix(head, []byte("{")) && modelExec.Match(head)
}

var (
	modelExec = regexp.MustCompile(`"message"\s*:\s*"MODEL_EXEC"`)
	logName   = regexp.MustCompile(`log_ilen_([0-9]+)_bsize_([0-9]+)`)
)

// logLine is what is read of a line. Others have other fields.
type logLine struct {
	Message string         `json:"message"`
	Forward *float64       `json:"forward_time_ms"`
	Taken   *float64       `json:"time_taken_ms"` // in place of the three others
	Logits  float64        `json:"logits_time_ms"`
	Sample  float64        `json:"sample_time_ms"`
	Output  map[string]int `json:"scheduler_output"` // new tokens by request
}

// logStep is a step of a log.
type logStep struct {
	batch, tokens, line   int
	prefill               bool
	guess                 bool    // no line says what it is
	forward, logits, pick float64 // ms
}

// readBatchLogs makes a step of the median of the steps of each log that are alike.
func readBatchLogs(files []string, o Options, t *Trace) error {
	ref, err := newReference(o)
	if err != nil {
		return errorAt(files[0], 0, "%v", err)
	}
	if ref == nil {
		return errorAt(files[0], 0, "logs have times of whole steps, which the analytic model shares out over the operators: that takes --model and --device")
	}
	steps := 0
	for _, f := range files {
		raw, err := readWhole(f)
		if err != nil {
			return err
		}
		all, mixed, err := parseEngineLog(f, raw, o)
		if err != nil {
			return err
		}
		if n := guessed(all); n > 0 {
			t.note("%s: before %d of %d steps no line SCHEDULER says what they are: they count as decodes of the batch, and the median leaves a few prefills out", f, n, len(all))
		}
		if mixed > 0 {
			t.note("%s: %d steps of prompts and decoding requests together are not used", f, mixed)
		}
		steps += len(all)
		addLogSteps(t, ref, all, logContext(f, o))
	}
	slices.SortStableFunc(t.Steps, func(a, b Step) int { return cmp.Compare(a.Requests, b.Requests) })
	t.note("medians of %d steps, times of whole steps: the forward pass is shared out over the operators as the analytic model has them, so their proportions are its, and only the sum is measured; logits and sampling are lm_head where the log has them", steps)
	return nil
}

// guessed counts steps of which the log does not say what they are.
func guessed(all []logStep) (n int) {
	for i := range all {
		if all[i].guess {
			n++
		}
	}
	return n
}

// logContext is the prompt in the name of a log, tokens.
func logContext(path string, o Options) int {
	if o.Prompt > 0 {
		return o.Prompt
	}
	if m := logName.FindStringSubmatch(filepath.Base(path)); m != nil {
		n, _ := strconv.Atoi(m[1]) // 0 where it is too long for a number
		return n
	}
	return defaultPrompt
}

// parseEngineLog reads the steps of a log, and counts those of prompts and decoding
// requests together. A line of the scheduler says what the next step is; without
// such lines all steps decode with the batch size in the file's name.
func parseEngineLog(file string, raw []byte, o Options) (steps []logStep, mixed int, err error) {
	var told *logLine
	in := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	in.Buffer(nil, maxTableBytes+1)
	for line := 1; in.Scan(); line++ {
		text := bytes.TrimSpace(in.Bytes())
		if len(text) == 0 {
			continue
		}
		v := &logLine{}
		if err := json.Unmarshal(text, v); err != nil {
			return nil, 0, errorAt(file, line, "%v", err)
		}
		switch v.Message {
		case "SCHEDULER":
			told = v
		case "MODEL_EXEC":
			s, alike, err := v.step(file, line, told, o)
			if err != nil {
				return nil, 0, err
			}
			told = nil
			if !alike {
				mixed++
				continue
			}
			steps = append(steps, s)
		}
	}
	if err := in.Err(); err != nil {
		return nil, 0, errorAt(file, 0, "%v", err)
	}
	if len(steps) == 0 {
		return nil, mixed, errorAt(file, 0, "no line with the message MODEL_EXEC and the time of a step")
	}
	return steps, mixed, nil
}

// step is that of a line MODEL_EXEC; alike says whether all its requests prefill
// equally many tokens, or all decode.
func (v *logLine) step(file string, line int, told *logLine, o Options) (s logStep, alike bool, err error) {
	s = logStep{line: line, logits: v.Logits, pick: v.Sample}
	switch {
	case v.Forward != nil:
		s.forward = *v.Forward
	case v.Taken != nil:
		s.forward = *v.Taken
	default:
		return s, false, errorAt(file, line, "MODEL_EXEC without forward_time_ms or time_taken_ms")
	}
	for _, ms := range []float64{s.forward, s.logits, s.pick} {
		if !(ms >= 0 && ms <= maxTime) || s.forward == 0 {
			return s, false, errorAt(file, line, "a time of %v ms", ms)
		}
	}
	if told == nil || len(told.Output) == 0 {
		s.batch, err = logBatch(file, o)
		s.tokens, s.guess = s.batch, true
		return s, err == nil, err
	}
	least, most := math.MaxInt, 0
	for _, n := range told.Output {
		if n < 1 || n > maxCount {
			return s, false, errorAt(file, line, "the scheduler's line before gives a request %d tokens", n)
		}
		least, most = min(least, n), max(most, n)
		s.tokens += n
	}
	if s.tokens > maxCount {
		return s, false, errorAt(file, line, "the scheduler's line before gives %d tokens", s.tokens)
	}
	s.batch, s.prefill = len(told.Output), most > 1
	return s, least == most, nil
}

// logBatch is the batch size that the name of a log says.
func logBatch(path string, o Options) (int, error) {
	if m := logName.FindStringSubmatch(filepath.Base(path)); m != nil {
		if n, err := strconv.Atoi(m[2]); err == nil && n > 0 {
			return n, nil
		}
	}
	if o.Batch > 0 {
		return o.Batch, nil
	}
	return 0, errorAt(path, 0, "neither SCHEDULER lines nor a name like log_ilen_32_bsize_8.jsonl say the batch size; --batch does")
}

// addLogSteps appends the median of each kind of step.
func addLogSteps(t *Trace, ref *reference, all []logStep, prompt int) {
	kinds := map[string][]logStep{}
	for _, s := range all {
		key := fmt.Sprintf("%t %d %d", s.prefill, s.batch, s.tokens)
		kinds[key] = append(kinds[key], s)
	}
	for _, key := range slices.Sorted(maps.Keys(kinds)) {
		list := kinds[key]
		s := list[0]
		step := Step{Name: fmt.Sprintf("decode_%d", s.batch), Prefill: s.prefill, Requests: s.batch, Tokens: s.tokens, Cached: prompt + (len(list)+1)/2}
		if s.prefill {
			step.Name, step.Cached = fmt.Sprintf("prefill_%d_%d", s.batch, s.tokens), 0
		}
		pass := Kernel{Name: "forward", Op: other, Calls: 1, Line: s.line, Time: median(list, func(s *logStep) float64 { return s.forward }) * usPerMs}
		step.Kernels = ref.share(pass, inForward(ref, &step), &step)
		if ms := median(list, func(s *logStep) float64 { return s.logits + s.pick }); ms > 0 {
			step.Kernels = append(step.Kernels, Kernel{Name: "logits and sampling", Op: lmHead, Calls: 1, Time: ms * usPerMs, Line: s.line})
		} else if !slices.Contains(t.Missing, lmHead) {
			t.Missing = append(t.Missing, lmHead)
		}
		t.Steps = append(t.Steps, step)
	}
}

// inForward are the operators of a forward pass. vLLM adds the residual in the
// kernel of the norm.
func inForward(ref *reference, s *Step) []vidur.Op {
	var ops []vidur.Op
	for op, us := range ref.times(s) {
		if op := vidur.Op(op); us > 0 && op != vidur.OpLMHead && op != vidur.OpAdd {
			ops = append(ops, op)
		}
	}
	return ops
}

// median is the middle one of a quantity, or the mean of the two in the middle.
func median(list []logStep, of func(*logStep) float64) float64 {
	values := make([]float64, len(list))
	for i := range list {
		values[i] = of(&list[i])
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
