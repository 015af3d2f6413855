package workload

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"
)

// bench is the result of vLLM's serving benchmark, as far as it has requests.
type bench struct {
	Inputs  []json.Number `json:"input_lens"`
	Outputs []json.Number `json:"output_lens"`
	Starts  []json.Number `json:"start_times"` // s
	Errors  []string      `json:"errors"`
}

// document reads JSON that is one object: the result of a benchmark.
func (r *reader) document(in io.Reader) error {
	lines := &lineCounter{in: in}
	dec := json.NewDecoder(lines)
	var raw json.RawMessage
	err := dec.Decode(&raw)
	var b bench
	if err == nil {
		err = json.Unmarshal(raw, &b)
	}
	if err != nil {
		return fmt.Errorf("%s:%d: %w", r.path, lines.line(lines.read), err)
	}
	if b.Inputs == nil || b.Outputs == nil {
		var o object
		json.Unmarshal(raw, &o)
		return fmt.Errorf("%s:1: no input_lens and output_lens, which the result of vLLM's benchmark has when --save-detailed is given; there is %s", r.path, quoted(o.keys()))
	}
	l := layout{format: "vLLM benchmark", prompt: "input_lens", answer: "output_lens", unit: "s"}
	if len(b.Starts) > 0 {
		l.at = "start_times"
	}
	if n := len(b.Inputs); len(b.Outputs) != n || l.at != "" && len(b.Starts) != n || len(b.Errors) > 0 && len(b.Errors) != n {
		return fmt.Errorf("%s:1: lists of different lengths: %d input_lens, %d output_lens, %d start_times, %d errors",
			r.path, n, len(b.Outputs), len(b.Starts), len(b.Errors))
	}
	rows := &benchRows{bench: b, index: -1}
	return r.table(&table{path: r.path, columns: l.columns(), rows: rows}, l)
}

// benchRows are the requests of a benchmark; the line of a request is its place
// in the lists.
type benchRows struct {
	bench
	index int
}

func (b *benchRows) next() (int, error) {
	if b.index++; b.index >= len(b.Inputs) {
		return 0, io.EOF
	}
	return b.index + 1, nil
}

func (b *benchRows) text(column int) string {
	switch {
	case column == colAt && len(b.Starts) > 0:
		return b.Starts[b.index].String()
	case column == colPrompt:
		return b.Inputs[b.index].String()
	case column == colAnswer && len(b.Errors) > 0 && b.Errors[b.index] != "":
		return "0" // it failed, with part of its answer or without
	case column == colAnswer:
		return b.Outputs[b.index].String()
	}
	return ""
}

// Of a conversation vLLM's benchmark takes the first prompt and its answer, if
// they are not too short or long for its models: at least 4 tokens each, at most
// 1,024 of the prompt and 2,048 of both (SampleRequest of vllm/benchmarks).
const (
	shareLeast  = 4
	sharePrompt = 1024
	shareTotal  = 2048
)

// turn is what one side says.
type turn struct {
	Value   string       `json:"value"`
	Content string       `json:"content"`
	Tokens  *json.Number `json:"tokens"`
	Num     *json.Number `json:"num_tokens"`
	Length  *json.Number `json:"length"`
}

// conversations reads ShareGPT and what is like it.
func (r *reader) conversations(read func() (object, int, error)) error {
	r.begin(layout{format: "ShareGPT", prompt: "first turn", answer: "second turn"})
	for {
		o, line, err := read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		raw := o["conversations"]
		if raw == nil {
			raw = o["conversation"]
		}
		var turns []turn
		if err := json.Unmarshal(raw, &turns); err != nil {
			return &lineError{line, fmt.Errorf("conversations: %w", err)}
		}
		if err := r.conversation(turns, line); err != nil {
			return &lineError{line, err}
		}
	}
}

// conversation takes the first two turns of a conversation.
func (r *reader) conversation(turns []turn, line int) error {
	if len(turns) < 2 {
		r.trace.Report.Rows++
		r.drop("with fewer than two turns", line)
		return nil
	}
	var q timed
	p, estimatedPrompt, err := turns[0].count()
	if err != nil {
		return err
	}
	a, estimatedAnswer, err := turns[1].count()
	if err != nil {
		return err
	}
	q.Prefill, q.Decode = p, a
	switch {
	case p < shareLeast || a < shareLeast:
		r.trace.Report.Rows++
		r.drop("with fewer than 4 tokens", line)
	case p > sharePrompt || p+a > shareTotal:
		r.trace.Report.Rows++
		r.drop("longer than vLLM's benchmark takes", line)
	default:
		if estimatedPrompt || estimatedAnswer {
			r.trace.Report.Estimated++
		}
		r.add(q, line)
	}
	return nil
}

// count is the number of tokens that a turn states, or else a quarter of its
// characters, rounded up, which is what English texts come to.
func (t turn) count() (tokens int, estimated bool, err error) {
	for _, n := range []*json.Number{t.Tokens, t.Num, t.Length} {
		if n == nil {
			continue
		}
		v, err := strconv.ParseFloat(n.String(), 64)
		if err != nil || v < 0 || v > mostTokens || v != math.Trunc(v) {
			return 0, false, fmt.Errorf("%s is no number of tokens", short(n.String()))
		}
		return int(v), false, nil
	}
	const charactersPerToken = 4
	n := max(utf8.RuneCountInString(t.Value), utf8.RuneCountInString(t.Content))
	return (n + charactersPerToken - 1) / charactersPerToken, true, nil
}
