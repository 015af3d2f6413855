package workload

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
)

// Trace is what [Read] found in a file.
type Trace struct {
	// Requests are in order of time. They count from the first of them, but for
	// files in the format of this simulator, which are as they are.
	Requests Replay
	Timed    bool // false: the file has lengths only, and all requests are at 0 s
	Report   Report
}

// Lengths are those of the requests, for [Shuffled].
func (t *Trace) Lengths() []Tokens {
	list := make([]Tokens, len(t.Requests))
	for i, a := range t.Requests {
		list[i] = Tokens{a.Prefill, a.Decode}
	}
	return list
}

// Fit makes a Model of the lengths, with the file as its source; see [Fit].
func (t *Trace) Fit() (Model, error) {
	prefill, decode := make([]int, len(t.Requests)), make([]int, len(t.Requests))
	for i, a := range t.Requests {
		prefill[i], decode[i] = a.Prefill, a.Decode
	}
	m, err := Fit(prefill, decode)
	m.Name, m.Source = "fitted", t.Report.Path+" ("+t.Report.Format+")"
	return m, err
}

// Report says what was found in a file of requests and what was assumed.
type Report struct {
	Path   string // of the file
	Format string // what kind of file it is
	Rows   int    // requests in the file, also those that were left out

	Time           string // column or key of times; "" if there are none
	Unit           string // of times: date, s, ms, µs or ns; "" if there are none
	Prompt, Answer string // columns or keys of lengths
	Origin         string // what time 0 is in the file; "" for that of the file's own clock

	// Quantum is the largest step, s, that all times are multiples of, in whole
	// ns; 0 if there are fewer than 10 requests, which would say little.
	Quantum float64
	Ties    int // requests that arrive at the same time as the one before
	Sorted  int // requests that stood after a later one

	Dropped   []Dropped // requests that were left out
	Clipped   []Clipped // limits that lengths were cut to before they got into the file, as it seems
	Estimated int       // requests with a length that was estimated from characters
	Drawn     bool      // the file has rates and distributions: requests were drawn, always the same ones
}

// Dropped are requests that were left out for one reason.
type Dropped struct {
	Why      string
	Requests int
	Line     int // of the first
}

// Clipped is a largest length that so many requests have that a limit must have
// been at work: at least 10, and 1 in 200.
type Clipped struct {
	What     string // prompt, answer or both together
	Tokens   int
	Requests int
}

// measure finds what can be seen in the requests.
func (r *Report) measure(t *Trace) {
	if r.Drawn {
		return
	}
	lengths := [3][]int{}
	for i, a := range t.Requests {
		lengths[0] = append(lengths[0], a.Prefill)
		lengths[1] = append(lengths[1], a.Decode)
		lengths[2] = append(lengths[2], a.Prefill+a.Decode)
		if t.Timed && i > 0 && a.At == t.Requests[i-1].At {
			r.Ties++
		}
	}
	for i, what := range []string{"prompt", "answer", "prompt and answer"} {
		most := slices.Max(lengths[i])
		n := 0
		for _, v := range lengths[i] {
			if v == most {
				n++
			}
		}
		if n >= 10 && n*200 >= len(lengths[i]) && slices.Min(lengths[i]) < most {
			r.Clipped = append(r.Clipped, Clipped{what, most, n})
		}
	}
	if t.Timed && len(t.Requests) >= 10 {
		r.Quantum = quantum(t.Requests)
	}
}

// quantum is the largest step that all times are multiples of, from the first.
func quantum(list Replay) float64 {
	var step int64
	for _, a := range list {
		ns := math.Round((a.At - list[0].At) * 1e9)
		if ns > 1<<62 {
			return 0
		}
		for b := int64(ns); b != 0; {
			step, b = b, step%b
		}
	}
	return float64(step) / 1e9
}

// Coarse reports whether times are in steps that matter: longer than a tenth of
// the mean interval. Requests of one step then look like a burst that may never
// have been; see [Replay.Spread].
func (t *Trace) Coarse() bool {
	qps := t.Requests.QPS()
	return t.Timed && t.Report.Quantum*qps > 0.1
}

// dropped lists what was left out.
func (r *Report) dropped() string {
	var parts []string
	for _, d := range r.Dropped {
		parts = append(parts, fmt.Sprintf("%d %s (from line %d on)", d.Requests, d.Why, d.Line))
	}
	return strings.Join(parts, ", ")
}

// Kept is the number of requests that were not left out.
func (r *Report) Kept() int {
	n := r.Rows
	for _, d := range r.Dropped {
		n -= d.Requests
	}
	return n
}

// String is the report as a few lines.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %d of %d requests\n", filepath.Base(r.Path), r.Format, r.Kept(), r.Rows)
	for _, f := range r.findings() {
		fmt.Fprintf(&b, "  %-9s %s\n", f.what, f.text)
	}
	return b.String()
}

// Note is the report in a line, for the notes of a run; "" for files in the
// format of the simulator, of which nothing is assumed.
func (r *Report) Note() string {
	if r.Format == simulatorFormat {
		return ""
	}
	text := fmt.Sprintf("%s is read as %s, %d of %d requests", filepath.Base(r.Path), r.Format, r.Kept(), r.Rows)
	for _, f := range r.findings() {
		text += "; " + f.what + ": " + f.text
	}
	return text
}

type finding struct{ what, text string }

// findings are what there is to say, most important first.
func (r *Report) findings() []finding {
	list := []finding{{"times", r.clock()}, {"lengths", r.Prompt + ", " + r.Answer}}
	add := func(what, format string, args ...any) {
		list = append(list, finding{what, fmt.Sprintf(format, args...)})
	}
	if r.Sorted > 0 {
		add("sorted", "%d stood after a later one", r.Sorted)
	}
	if len(r.Dropped) > 0 {
		add("left out", "%s", r.dropped())
	}
	for _, c := range r.Clipped {
		add("clipped", "%d have the longest %s, %d tokens: a limit", c.Requests, c.What, c.Tokens)
	}
	if r.Estimated > 0 {
		add("estimated", "%d have a length of characters/4", r.Estimated)
	}
	return list
}

// clock says what times are.
func (r *Report) clock() string {
	switch {
	case r.Drawn:
		return "drawn from the file's rates"
	case r.Time == "":
		return "none"
	}
	text := r.Time + ", " + cmp.Or(map[string]string{"date": "dates"}[r.Unit], "in "+r.Unit)
	if r.Origin != "" {
		text += ", from " + r.Origin
	}
	if r.Quantum > 0 {
		text += fmt.Sprintf(", in steps of %g s", r.Quantum)
	}
	if r.Ties > 0 {
		text += fmt.Sprintf(", %d with the one before", r.Ties)
	}
	return text
}
