package exectime

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A column says which column of a CSV file to read and where its values go.
type column struct {
	name     string
	optional bool
	signed   bool      // values may be negative
	values   []float64 // nil after the read if the file lacks an optional column
	at       int       // position in the file, -1 if it has none
}

// csvReader reads files of numbers with a header line. Fields are not quoted.
type csvReader struct {
	file string
	rest string // of the file, after the line
	text string // of the line
	line int
}

// openCSV opens dir/name.csv or dir/name.csv.gz and hands it to read. A file
// that does not exist gives an error that is [fs.ErrNotExist].
func openCSV(dir, name string, read func(r io.Reader, file string) error) error {
	path := filepath.Join(dir, name+".csv")
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		zipped := path + ".gz"
		if f, err = os.Open(zipped); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: no such file, nor %s.gz: %w", path, filepath.Base(path), fs.ErrNotExist)
		}
		path = zipped
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if !strings.HasSuffix(path, ".gz") {
		return read(f, path)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return read(z, path)
}

// readColumns reads the wanted columns of a file: finite numbers, negative only
// where they may be; one row or more.
func readColumns(r io.Reader, file string, want []*column) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	c := &csvReader{file: file, rest: strings.TrimPrefix(string(raw), "\ufeff")}
	if err := c.header(want); err != nil {
		return err
	}
	for c.scan() {
		if err := c.row(want); err != nil {
			return err
		}
	}
	if len(want[0].values) == 0 {
		return fmt.Errorf("%s:%d: no rows", c.file, c.line)
	}
	return nil
}

// scan goes to the next line. Blank lines count: they lack every column.
func (c *csvReader) scan() bool {
	if c.rest == "" {
		return false
	}
	c.text, c.rest, _ = strings.Cut(c.rest, "\n")
	c.text = strings.TrimSuffix(c.text, "\r")
	c.line++
	return true
}

func (c *csvReader) header(want []*column) error {
	if !c.scan() {
		return fmt.Errorf("%s:1: empty file", c.file)
	}
	names := strings.Split(c.text, ",")
	for _, w := range want {
		w.at, w.values = -1, nil
		for i, name := range names {
			if strings.TrimSpace(name) != w.name {
				continue
			}
			if w.at >= 0 {
				return fmt.Errorf("%s:%d: column %q: given twice", c.file, c.line, w.name)
			}
			w.at = i
		}
		if w.at < 0 && !w.optional {
			return fmt.Errorf("%s:%d: column %q: missing", c.file, c.line, w.name)
		}
	}
	return nil
}

func (c *csvReader) row(want []*column) error {
	for _, w := range want {
		if w.at < 0 {
			continue
		}
		field, ok := cell(c.text, w.at)
		if !ok {
			return fmt.Errorf("%s:%d: column %q: missing, the line is too short", c.file, c.line, w.name)
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil {
			return fmt.Errorf("%s:%d: column %q: %q is not a number", c.file, c.line, w.name, field)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s:%d: column %q: %v is not finite", c.file, c.line, w.name, v)
		}
		if v < 0 && !w.signed {
			return fmt.Errorf("%s:%d: column %q: %v is negative", c.file, c.line, w.name, v)
		}
		w.values = append(w.values, v)
	}
	return nil
}

// cell is the field number at of a line.
func cell(line string, at int) (string, bool) {
	for ; at > 0; at-- {
		i := strings.IndexByte(line, ',')
		if i < 0 {
			return "", false
		}
		line = line[i+1:]
	}
	if i := strings.IndexByte(line, ','); i >= 0 {
		line = line[:i]
	}
	return line, true
}

// due checks that row i of the column, on line i+2, has the value that is due.
func (w *column) due(file string, i, value int) error {
	if w.values[i] == float64(value) {
		return nil
	}
	return fmt.Errorf("%s:%d: column %q: %v where %d is due: a gap, or rows out of order", file, i+2, w.name, w.values[i], value)
}

// sequence checks that the column counts from, from+step, … without a gap.
func (w *column) sequence(file string, from, step int) error {
	for i := range w.values {
		if err := w.due(file, i, from+i*step); err != nil {
			return err
		}
	}
	return nil
}

// axis is one of the two keys of a grid: the values from, from+step, … of a
// column, n of them.
type axis struct {
	from, step, n int
}

// index is the place of a value that is a multiple of step; beyond the last it
// is the last, and 1 is added to clamped.
func (a *axis) index(v int, clamped *int64) int {
	i := (v - a.from) / a.step
	if i >= a.n {
		*clamped++
		return a.n - 1
	}
	return max(i, 0)
}

// grid holds the values of all pairs of two axes, row by row.
type grid struct {
	outer, inner axis
	values       []float64
}

// readGrid reads a file of three columns: two keys, the second of which varies
// faster, and a value for every pair. An axis without step takes the distance
// of its first two values.
func readGrid(r io.Reader, file string, outer, inner axis, columns [3]column) (*grid, error) {
	o, n, v := &columns[0], &columns[1], &columns[2]
	if err := readColumns(r, file, []*column{o, n, v}); err != nil {
		return nil, err
	}
	rows := len(o.values)
	for inner.n = 1; inner.n < rows && o.values[inner.n] == o.values[0]; {
		inner.n++
	}
	outer.n = (rows + inner.n - 1) / inner.n
	inner.guessStep(n.values, 1)
	outer.guessStep(o.values, inner.n)
	for i := range rows {
		if err := o.due(file, i, outer.from+i/inner.n*outer.step); err != nil {
			return nil, err
		}
		if err := n.due(file, i, inner.from+i%inner.n*inner.step); err != nil {
			return nil, err
		}
	}
	if rows != outer.n*inner.n {
		return nil, fmt.Errorf("%s:%d: column %q: the last %s lacks rows: %d instead of %d",
			file, rows+1, n.name, o.name, rows%inner.n, inner.n)
	}
	return &grid{outer: outer, inner: inner, values: v.values}, nil
}

func (a *axis) guessStep(values []float64, at int) {
	if a.step > 0 {
		return
	}
	a.step = 1
	if at < len(values) && a.n > 1 {
		if d := values[at] - values[0]; d >= 1 && d <= 1<<30 {
			a.step = int(d)
		}
	}
}
