package imports

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

const averagesName = "key_averages"

// averagesFormat are printed tables of key_averages of PyTorch's profiler. Every
// table in the text is a step.
func averagesFormat() Format {
	return Format{
		Name: averagesName, Text: "key_averages().table() of the PyTorch profiler, as text",
		Detect: func(_ string, head []byte) bool {
			return bytes.Contains(head, []byte("# of Calls")) && bytes.Contains(head, []byte("Self CPU"))
		},
		Read: func(path string, o Options) (*Trace, error) {
			raw, err := readWhole(path)
			if err != nil {
				return nil, err
			}
			return parseAverages(path, string(raw), o)
		},
	}
}

// averages reads the tables of a text.
type averages struct {
	file  string
	trace *Trace
	sizes sizer
	opt   Options
	table *averagesTable // that is being read
}

// averagesTable is one table.
type averagesTable struct {
	line    int // of the header
	cells   [][2]int
	columns map[string]int
	rows    []averagesRow
	total   float64 // µs of the footer; negative without one
	body    bool    // past the header
	closed  bool    // past the last rule
}

// averagesRow is a line with time on the device.
type averagesRow struct {
	name  string
	us    float64
	calls int
	host  bool // an operator of the host, whose kernels may have lines of their own
	shape Weight
	line  int
}

func parseAverages(file, text string, o Options) (*Trace, error) {
	a := &averages{file: file, trace: &Trace{Format: averagesName, File: file, Layers: o.Layers}, sizes: sizer{options: o}, opt: o}
	text = strings.TrimPrefix(text, "\ufeff")
	for i, line := range strings.Split(text, "\n") {
		if err := a.line(i+1, strings.TrimSuffix(line, "\r")); err != nil {
			return nil, err
		}
	}
	if err := a.end(); err != nil {
		return nil, err
	}
	if len(a.trace.Steps) == 0 {
		return nil, errorAt(file, 0, "no table of key_averages in it")
	}
	if o.Phase == "" && len(a.trace.Steps) == 1 && a.trace.Steps[0].Prefill {
		a.trace.note("the table is taken for a prefill; --phase decode says otherwise")
	}
	return a.trace, nil
}

// line takes a line of the text in.
func (a *averages) line(n int, line string) error {
	t := a.table
	switch {
	case isRule(line) && (t == nil || t.closed):
		if err := a.end(); err != nil {
			return err
		}
		a.table = &averagesTable{line: n + 1, cells: runs(line), total: -1}
	case t == nil:
	case isRule(line) && t.columns == nil:
		a.table = nil // a rule of something else
	case isRule(line) && !t.body:
		t.body = true
	case isRule(line):
		t.closed = true
	case t.closed:
		return t.footer(a.file, n, line)
	case t.columns == nil:
		if !t.header(line) {
			a.table = nil
		}
	case t.body:
		return t.row(a.file, n, line)
	}
	return nil
}

// isRule reports whether a line has nothing but dashes and blanks.
func isRule(line string) bool {
	return strings.Count(line, "-") > 8 && strings.Trim(line, "- \t") == ""
}

// runs are where dashes begin and end, in characters.
func runs(line string) (cells [][2]int) {
	begin := -1
	for i, c := range line + " " {
		switch {
		case c == '-' && begin < 0:
			begin = i
		case c != '-' && begin >= 0:
			cells, begin = append(cells, [2]int{begin, i}), -1
		}
	}
	return cells
}

// cut is the text of the cells of a line.
func (t *averagesTable) cut(line string) []string {
	text := []rune(line)
	out := make([]string, len(t.cells))
	for i, c := range t.cells {
		end := c[1]
		if i == len(t.cells)-1 {
			end = len(text)
		}
		if c[0] < len(text) {
			out[i] = strings.TrimSpace(string(text[c[0]:max(c[0], min(end, len(text)))]))
		}
	}
	return out
}

// header finds the columns. Newer versions count other accelerators under their
// own names in place of CUDA.
func (t *averagesTable) header(line string) bool {
	columns := map[string]int{}
	for i, name := range t.cut(line) {
		name = strings.ToLower(name)
		for _, device := range []string{"cuda", "xpu", "hip", "privateuse1"} {
			name = strings.ReplaceAll(name, device, "device")
		}
		columns[name] = i
	}
	if _, ok := columns["name"]; !ok {
		return false
	}
	t.columns = columns
	return true
}

// duration reads a time with its unit, in µs.
func duration(cell string) (us float64, ok bool) {
	for _, u := range []struct {
		suffix string
		us     float64
	}{{"us", 1}, {"µs", 1}, {"ms", 1e3}, {"ns", 1e-3}, {"s", 1e6}} {
		if number, has := strings.CutSuffix(cell, u.suffix); has {
			v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			return v * u.us, err == nil && v >= 0 && v*u.us <= maxUs
		}
	}
	return 0, false
}

// row takes a line of the table in.
func (t *averagesTable) row(file string, n int, line string) error {
	at, ok := t.columns["self device"]
	if !ok {
		return errorAt(file, t.line, "no column \"Self CUDA\": the table has no times of a GPU")
	}
	if strings.TrimSpace(line) == "" {
		return nil
	}
	cells := t.cut(line)
	r := averagesRow{name: cells[t.columns["name"]], line: n, calls: 1}
	if r.us, ok = duration(cells[at]); !ok {
		return errorAt(file, n, "Self CUDA %q is no time such as 1.234ms", cells[at])
	}
	if i, ok := t.columns["# of calls"]; ok {
		calls, err := strconv.Atoi(cells[i])
		if err != nil || calls < 0 {
			return errorAt(file, n, "# of Calls %q is no number", cells[i])
		}
		r.calls = calls
	}
	if i, ok := t.columns["self cpu"]; ok {
		us, ok := duration(cells[i])
		r.host = ok && us > 0
	}
	if i, ok := t.columns["input shapes"]; ok {
		r.shape = weightOf(r.name, cells[i])
	}
	t.rows = append(t.rows, r)
	return nil
}

// footer reads the total.
func (t *averagesTable) footer(file string, n int, line string) error {
	name, value, found := strings.Cut(line, "time total:")
	if name = strings.TrimSpace(name); !found || !strings.HasPrefix(name, "Self ") || name == "Self CPU" {
		return nil
	}
	us, ok := duration(strings.TrimSpace(value))
	if !ok {
		return errorAt(file, n, "the total %q is no time such as 1.234ms", strings.TrimSpace(value))
	}
	t.total = us
	return nil
}

// end makes a step of the table that was read.
func (a *averages) end() error {
	t := a.table
	a.table = nil
	if t == nil || t.columns == nil {
		return nil
	}
	if !t.closed {
		return errorAt(a.file, t.line, "the table has no rule at its end: the text was cut off")
	}
	rows, times := t.steps()
	if a.opt.Repeat > 0 {
		times = a.opt.Repeat
	}
	all := rows
	rows = a.once(t, rows)
	if len(rows) == 0 {
		return errorAt(a.file, t.line, "no row has time on a GPU")
	}
	s, _ := a.sizes.next("")
	cut := 0
	for _, r := range rows {
		if strings.HasSuffix(r.name, "...") {
			cut++
		}
		s.Kernels = append(s.Kernels, Kernel{
			Name: r.name, Calls: (r.calls + times/2) / times, Time: r.us / float64(times), Line: r.line, Op: r.op(), Weight: r.shape,
		})
	}
	s.Products = products(all, rows)
	if times > 1 {
		a.trace.note("table of line %d: the mean of %d iterations", t.line, times)
	}
	if cut > 0 {
		a.trace.note("table of line %d: %d names were cut by the profiler: rules see what is left; max_name_column_width of table() prints more", t.line, cut)
	}
	a.trace.Steps = append(a.trace.Steps, s)
	return nil
}

// products are the matrix products among rows that are not counted.
func products(all, counted []averagesRow) (list []Kernel) {
	for _, r := range all {
		if r.shape != (Weight{}) && !slices.Contains(counted, r) {
			list = append(list, Kernel{Name: r.name, Calls: r.calls, Time: r.us, Line: r.line, Weight: r.shape})
		}
	}
	return list
}

// remainder is the name of the time that the rows of a table lack.
const remainder = "(rows that the table leaves out)"

func (r *averagesRow) op() string {
	if r.name == remainder {
		return other
	}
	return ""
}

// steps takes the rows of the profiler's steps out, and says how many there were.
func (t *averagesTable) steps() (rows []averagesRow, times int) {
	times = 1
	for _, r := range t.rows {
		if strings.HasPrefix(r.name, "ProfilerStep") {
			times = max(times, r.calls)
		} else if r.us > 0 {
			rows = append(rows, r)
		}
	}
	return rows, times
}

// once picks rows that count every kernel once. Operators of the host have the
// time of their kernels, which newer versions list too; annotations have that of
// all that ran in them. What makes the footer's total is right.
func (a *averages) once(t *averagesTable, rows []averagesRow) []averagesRow {
	var hosts, kernels []averagesRow
	for _, r := range rows {
		if r.host {
			hosts = append(hosts, r)
		} else {
			kernels = append(kernels, r)
		}
	}
	if len(kernels) == 0 || len(hosts) > 0 && near(sum(hosts), t.total) && !near(sum(kernels), t.total) {
		kernels = hosts
	} else if len(hosts) > 0 {
		a.trace.note("table of line %d: %d operators of the host, whose kernels have rows of their own, are not counted twice", t.line, len(hosts))
	}
	if t.total < 0 {
		a.trace.note("table of line %d: no total below it: whether rows are lacking is not known", t.line)
		return kernels
	}
	for i, r := range kernels {
		if sum(kernels) > t.total && near(sum(kernels)-r.us, t.total) && !near(sum(kernels), t.total) {
			a.trace.note("table of line %d: %q is left out: with it the rows are more than the total", t.line, r.name)
			kernels = append(kernels[:i:i], kernels[i+1:]...)
			break
		}
	}
	return a.rest(t, kernels)
}

// rest adds what the rows lack of the total.
func (a *averages) rest(t *averagesTable, rows []averagesRow) []averagesRow {
	lack := t.total - sum(rows)
	switch {
	case near(sum(rows), t.total):
	case lack > 0:
		rows = append(rows, averagesRow{name: remainder, us: lack, calls: 1, line: t.line})
		a.trace.note("table of line %d: its rows lack %s of the total, which counts as other: row_limit=-1 of table() prints all", t.line, percent(lack/t.total))
	default:
		a.trace.note("table of line %d: its rows are %s more than the total", t.line, percent(-lack/math.Max(t.total, 1)))
	}
	return rows
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func sum(rows []averagesRow) (us float64) {
	for _, r := range rows {
		us += r.us
	}
	return us
}

// near reports whether two times are equal but for the rounding of the cells.
func near(a, b float64) bool { return math.Abs(a-b) <= 0.005*math.Max(a, b)+0.01 }
