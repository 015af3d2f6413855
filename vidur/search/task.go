package search

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strconv"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// task is the work of one point, one simulation or the search of one deployment
// with one seed, said so that its result follows from it. Its text is JSON with
// sorted keys, so equal tasks have equal texts, and the hash of that is the key
// of the result.
type task struct {
	Engine     string            `json:"engine"`
	Experiment map[string]string `json:"experiment"` // the keys that differ from spec.Default
	TimesSeed  uint64            `json:"times_seed"` // that operator times are learnt with
	Inputs     map[string]string `json:"inputs,omitempty"`
	Sources    []string          `json:"sources,omitempty"` // of Choices
	Search     *searchTask       `json:"search,omitempty"`
}

// searchTask is what [Capacity] is asked.
type searchTask struct {
	Criteria    []Criterion `json:"criteria"`
	Granularity float64     `json:"granularity"`
	Probes      int         `json:"probes"`
	Original    bool        `json:"original,omitempty"`
	Early       float64     `json:"early,omitempty"`
}

// shown are parameters that figures do not depend on.
var shown = map[string]bool{
	"out": true, "output-dir": true, "plots": true, "chrome-trace": true, "chrome-limit": true, "event-trace": true,
	"request-metrics": true, "subsamples": true, "cache": true, "wandb-project": true, "wandb-group": true, "wandb-name": true,
}

// task says what a job is; an error if that cannot be said.
func (p *plan) task(b *builds, j *job) (*task, error) {
	switch {
	case j.opaque:
		return nil, errors.New("a Choice has a function in Config and no Source")
	case p.watch != nil:
		return nil, errors.New("Watch wants to see it")
	case p.own:
		return nil, errors.New("a Column is a function")
	case p.keep != nil && p.keep(j.point):
		return nil, errors.New("Keep wants all that was measured")
	case engine() == "":
		return nil, errors.New("the program does not know its own version")
	}
	t := &task{Engine: engine(), Experiment: differing(&j.experiment), TimesSeed: b.seed, Sources: j.sources}
	for _, path := range j.experiment.Inputs() {
		sum, err := p.inputs.sum(path)
		if err != nil {
			return nil, err
		}
		if t.Inputs == nil {
			t.Inputs = map[string]string{}
		}
		t.Inputs[path] = sum
	}
	if c := &p.capacity; c.grain > 0 {
		t.Search = &searchTask{c.criteria, c.grain, c.probes, c.original, c.early}
	}
	return t, nil
}

// differing is the parameters of an experiment that are not the default's and that
// figures depend on.
func differing(e *spec.Experiment) map[string]string {
	values, d := map[string]string{}, spec.Default()
	for _, param := range spec.Params() {
		if value := param.Show(e); value != param.Show(d) && !shown[param.Name] {
			values[param.Name] = value
		}
	}
	return values
}

// text is the task in JSON.
func (t *task) text() ([]byte, error) { return json.Marshal(t) }

// readTask is the task of a text, and nothing else.
func readTask(text []byte) (*task, error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	t := &task{}
	if err := in.Decode(t); err != nil {
		return nil, fmt.Errorf("search: no task: %w", err)
	}
	if in.More() {
		return nil, errors.New("search: no task: there is more behind it")
	}
	return t, nil
}

// experiment is what the task simulates.
func (t *task) experiment() (*spec.Experiment, error) {
	e := spec.Default()
	left := len(t.Experiment)
	for _, p := range spec.Params() {
		if value, ok := t.Experiment[p.Name]; ok {
			if err := p.Set(e, value); err != nil {
				return nil, err
			}
			left--
		}
	}
	if left > 0 {
		return nil, errors.New("there are parameters that are not known here")
	}
	return e, nil
}

// result is what came of a task.
type result struct {
	Figures  map[string]string `json:"figures,omitempty"` // shortest text of each; NaN is left out
	Requests uint64            `json:"requests,omitempty"`
	Probes   []Probe           `json:"probes,omitempty"`
	Error    string            `json:"error,omitempty"`
}

// resultOf is the result that a row holds, as text.
func (p *plan) resultOf(row *Row, failed error) ([]byte, error) {
	r := result{Requests: row.requests, Probes: row.Probes}
	if failed != nil {
		return json.Marshal(result{Error: failed.Error()})
	}
	r.Figures = map[string]string{}
	for i, f := range p.figures {
		if v := row.Figures[i]; !math.IsNaN(v) {
			r.Figures[f.name] = strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return json.Marshal(r)
}

// errKept begins the error of a text that is no result.
var errKept = errors.New("search: no result")

// takeResult fills a row in with a result. failed is the error of the run.
func (p *plan) takeResult(row *Row, text []byte) (failed, err error) {
	var r result
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", errKept, err)
	}
	if r.Error != "" {
		return errors.New(r.Error), nil
	}
	figures := none(len(p.figures))
	for i, f := range p.figures {
		if value, ok := r.Figures[f.name]; ok {
			if figures[i], err = strconv.ParseFloat(value, 64); err != nil {
				return nil, fmt.Errorf("%w: %w", errKept, err)
			}
		}
	}
	row.Figures, row.requests, row.Probes = figures, r.Requests, r.Probes
	return nil, nil
}

// final reports whether a run would fail so again: not if it was cut, a function
// panicked, or the machine got in its way.
func final(err error) bool {
	var panicked *vidur.PanicError
	var file *fs.PathError
	return !errors.Is(err, ErrNotRun) && !errors.As(err, &panicked) && !errors.As(err, &file)
}
