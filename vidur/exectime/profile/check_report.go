package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says what a finding means for a simulation.
type Severity int

// The severities.
const (
	Info    Severity = iota // worth knowing
	Warning                 // predictions are worse than they could be
	Error                   // the file, or part of it, must not be used
)

func (s Severity) String() string {
	if s < Info || s > Error {
		return fmt.Sprintf("severity %d", int(s))
	}
	return [...]string{"info", "warning", "error"}[s]
}

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is something that is wrong in a file.
type Finding struct {
	Severity Severity `json:"severity"`
	Kind     string   `json:"kind"`           // a word, see [Report]
	File     string   `json:"file"`           // below the folder profiling
	Line     int      `json:"line,omitempty"` // the first or the worst place; 0 for the file as a whole
	Op       string   `json:"op,omitempty"`   // operator, by its name in profiles
	Text     string   `json:"text"`
}

func (f *Finding) String() string {
	s := f.Severity.String() + ": " + f.File
	if f.Line > 0 {
		s += fmt.Sprintf(":%d", f.Line)
	}
	if f.Op != "" {
		s += ": " + f.Op
	}
	return s + ": " + f.Text
}

// Report is what [Check] found, by file, then line.
//
// The kinds of findings are place (a file that nothing reads), unknown (device or
// model), twin (the content of another file), unreadable, empty, missing (a
// column), blank, value (a time that cannot be), zero, units (other ones than ms, in
// all rows or some), backends (attention of several kernels), shape (rows of another
// model), copies, conflict (repeated measurements that differ), gap (in the grid),
// falling (more work in less time) and bound (faster than the datasheet).
type Report struct {
	Dir      string    `json:"dir"`
	Files    int       `json:"files"` // that were read
	Rows     int       `json:"rows"`
	Findings []Finding `json:"findings"`
}

// Count is the number of findings of a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Severity == s {
			n++
		}
	}
	return n
}

// String is a line per finding and one that counts them.
func (r *Report) String() string {
	var b strings.Builder
	for i := range r.Findings {
		fmt.Fprintln(&b, r.Findings[i].String())
	}
	fmt.Fprintf(&b, "%s: files %d, rows %d, errors %d, warnings %d, infos %d\n",
		r.Dir, r.Files, r.Rows, r.Count(Error), r.Count(Warning), r.Count(Info))
	return b.String()
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), -cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Op, b.Op), cmp.Compare(a.Text, b.Text))
	})
	r.Findings = slices.Compact(r.Findings) // an error met twice
}
