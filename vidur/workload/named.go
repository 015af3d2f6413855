package workload

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/govidur/govidur/data"
	"github.com/govidur/govidur/vidur/internal/near"
)

// Info says what a [Model] is of, and how close it is.
type Info struct {
	Name      string   `json:"name"`
	Source    string   `json:"source"`     // what it is fitted to, and whose that is
	Requests  int      `json:"requests"`   // in the trace
	MaxTokens int      `json:"max_tokens"` // largest prefill + decode
	Fit       []Figure `json:"fit"`
}

// Figure is one figure of a trace and of draws of its model: a length in tokens,
// a ratio of lengths, a rank correlation (Spearman), or a distance of
// distribution functions (KS, in which case the trace has 0).
type Figure struct {
	Name  string  `json:"name"`
	Trace float64 `json:"trace"`
	Model float64 `json:"model"`
}

func (f Figure) rounded() Figure {
	return Figure{f.Name, math.Round(f.Trace*1e4) / 1e4, math.Round(f.Model*1e4) / 1e4}
}

// Error is the relative error of a length or ratio, and the difference of other
// figures.
func (f Figure) Error() float64 {
	if f.isPlain() {
		return f.Model - f.Trace
	}
	return f.Model/f.Trace - 1
}

// isPlain reports whether the figure is a number between -1 and 1.
func (f Figure) isPlain() bool {
	return strings.HasSuffix(f.Name, "KS") || strings.HasSuffix(f.Name, "correlation")
}

// String is the description as a short text.
func (i Info) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d requests of at most %d tokens. %s\n", i.Name, i.Requests, i.MaxTokens, i.Source)
	fmt.Fprintf(&b, "%-18s %10s %10s %8s\n", "", "trace", "model", "error")
	for _, f := range i.Fit {
		if f.isPlain() {
			fmt.Fprintf(&b, "%-18s %10.4f %10.4f %+8.4f\n", f.Name, f.Trace, f.Model, f.Error())
		} else {
			fmt.Fprintf(&b, "%-18s %10.2f %10.2f %+7.2f%%\n", f.Name, f.Trace, f.Model, 100*f.Error())
		}
	}
	return b.String()
}

const dataFile = "workloads.json"

// Named finds one of the models that are built in, by a name of [Names]. They
// need no file. A name that ends in .json is that of a file which [Model.Save]
// wrote.
func Named(name string) (Model, error) {
	if strings.HasSuffix(name, ".json") {
		return load(name)
	}
	models, err := builtIn()
	if err != nil {
		return Model{}, err
	}
	for _, m := range models {
		if m.Name == name {
			return m, nil
		}
	}
	return Model{}, unknown(name, models)
}

// Save writes the model to a file, which [Named] reads and the workload of an
// experiment can name. Its name must end in .json.
func (m Model) Save(path string) error {
	if !strings.HasSuffix(path, ".json") {
		return fmt.Errorf("workload: a model is saved as .json, and not as %q", path)
	}
	if err := m.check(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("workload: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("workload: %w", err)
	}
	return nil
}

// load reads what Save wrote.
func load(path string) (m Model, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return m, fmt.Errorf("workload: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	if err := m.check(); err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Names lists the models that are built in, in alphabetical order.
func Names() []string {
	models, err := builtIn()
	if err != nil {
		panic(err) // the file is part of the program
	}
	var names []string
	for _, m := range models {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// Describe says what a built-in model is of, and how close it is.
func Describe(name string) (Info, error) {
	m, err := Named(name)
	return m.Info, err
}

func builtIn() ([]Model, error) {
	text, err := data.FS.ReadFile(dataFile)
	if err != nil {
		return nil, fmt.Errorf("workload: built-in models: %w", err)
	}
	var models []Model
	if err := json.Unmarshal(text, &models); err != nil {
		return nil, fmt.Errorf("workload: %s: %w", dataFile, err)
	}
	return models, nil
}

// unknown is the error for a name that is not there; it says which ones are
// near, or all of them.
func unknown(name string, models []Model) error {
	var all []string
	for _, m := range models {
		all = append(all, m.Name)
	}
	if like := near.Names(name, all, len(all)); len(like) > 0 {
		return fmt.Errorf("workload: no model %q; did you mean %s?", name, strings.Join(like, " or "))
	}
	return fmt.Errorf("workload: no model %q; there are %s", name, strings.Join(all, ", "))
}
