package wandb

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/govidur/govidur/vidur/metrics"
)

// Run is a run as W&B shows it.
type Run struct {
	Project string // that it is in; must not be empty
	Group   string // of runs in the project; may be empty
	Name    string // empty: W&B's page shows the identifier
	JobType string // what kind of run it is, as "simulation"; may be empty

	Config  []Item // what was asked
	Summary []Item // what came of it
	History History

	Length float64 // how long it took on the simulated clock, s, >= 0
	Failed bool    // it came to no end
}

// Item is a named value: a number, string, bool or whatever encoding/json takes.
// A number that is not finite is left out.
type Item struct {
	Name  string
	Value any
}

// History is a table of numbers that W&B draws, a row per step. The zero value has no
// rows.
type History struct {
	Names []string    // of the columns; curves are drawn over the first
	Rows  [][]float64 // a value per column; NaN where there is none
	Clock bool        // the first column is simulated time, s
}

// Write writes the run into a folder, as with metrics.Dir("results/wandb"), and returns the
// name of the run's own folder there. An equal run that is there is written
// again. A run without a project, a name that occurs twice, a row of another length than
// the names and values that JSON has no words for are errors.
func (r *Run) Write(open metrics.Open) (string, error) {
	start, err := begin()
	if err != nil {
		return "", err
	}
	c, err := r.contents()
	if err != nil {
		return "", fmt.Errorf("wandb: %w", err)
	}
	id := c.id()
	dir := fmt.Sprintf("offline-run-%s-%s", start.Format("20060102_150405"), id)
	for _, f := range c.files(id, start) {
		w, err := open(dir + "/" + f.name)
		if err != nil {
			return "", err
		}
		_, err = w.Write(f.text)
		if err := errors.Join(err, w.Close()); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// begin is the time at which all runs begin.
func begin() (time.Time, error) {
	s := os.Getenv("SOURCE_DATE_EPOCH")
	if s == "" {
		return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil
	}
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil || seconds < 0 || seconds > 253402300799 { // the last second of 9999
		return time.Time{}, fmt.Errorf("wandb: SOURCE_DATE_EPOCH=%q is not a time in Unix seconds", s)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// contents are a run whose values are JSON.
type contents struct {
	run     *Run
	config  []value
	summary []value
}

// value is a name and its value in JSON.
type value struct{ name, json string }

func (r *Run) contents() (*contents, error) {
	if err := CheckProject(r.Project); err != nil {
		return nil, err
	}
	if !finite(r.Length) || r.Length < 0 {
		return nil, fmt.Errorf("a run of %g s", r.Length)
	}
	c := &contents{run: r}
	var err error
	if c.config, err = values("configuration", r.Config); err != nil {
		return nil, err
	}
	if c.summary, err = values("summary", r.Summary); err != nil {
		return nil, err
	}
	return c, r.History.check()
}

// notInProject are letters that W&B does not allow in the name of a project, which is a part
// of addresses.
var notInProject = regexp.MustCompile(`[/\\#?%:\x00-\x1f]`)

// CheckProject reports what is wrong with the name of a project: W&B allows 1 to 128
// letters without / \ # ? % : and control characters.
func CheckProject(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errors.New("a run needs a project")
	case len(name) > 128:
		return fmt.Errorf("the project's name has %d letters; 128 are allowed", len(name))
	case notInProject.MatchString(name):
		return fmt.Errorf(`project %q: / \ # ? %% : and control characters are not allowed`, name)
	}
	return nil
}

// values are the items that have one, in their order.
func values(where string, items []Item) ([]value, error) {
	var list []value
	seen := map[string]bool{}
	for _, it := range items {
		if it.Name == "" || strings.HasPrefix(it.Name, "_") || seen[it.Name] {
			return nil, fmt.Errorf("%s: the name %q is empty, reserved or there twice", where, it.Name)
		}
		seen[it.Name] = true
		if v, ok := it.Value.(float64); ok && !finite(v) {
			continue
		}
		text, err := json.Marshal(it.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", where, it.Name, err)
		}
		list = append(list, value{it.Name, string(text)})
	}
	return list, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (h *History) check() error {
	seen := map[string]bool{}
	for _, name := range h.Names {
		if name == "" || strings.HasPrefix(name, "_") || seen[name] {
			return fmt.Errorf("history: the name %q is empty, reserved or there twice", name)
		}
		seen[name] = true
	}
	for i, row := range h.Rows {
		if len(row) != len(h.Names) {
			return fmt.Errorf("history: row %d has %d values, and there are %d names", i, len(row), len(h.Names))
		}
	}
	return nil
}

const idLength = 16 // hexadecimal digits: 2^32 runs before two are expected to be equal

// id is a hash of all of the run but the time at which it begins.
func (c *contents) id() string {
	h, r := sha256.New(), c.run
	fmt.Fprintf(h, "%q %q %q %q %x %v\n", r.Project, r.Group, r.Name, r.JobType, r.Length, r.Failed)
	for _, v := range c.config {
		fmt.Fprintf(h, "config %q %s\n", v.name, v.json)
	}
	for _, v := range c.summary {
		fmt.Fprintf(h, "summary %q %s\n", v.name, v.json)
	}
	fmt.Fprintf(h, "history %q %v\n", r.History.Names, r.History.Clock)
	var bits []byte
	for _, row := range r.History.Rows {
		bits = bits[:0]
		for _, v := range row {
			if v != v {
				v = math.NaN() // there are several
			}
			bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(v))
		}
		h.Write(bits)
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:idLength]
}
