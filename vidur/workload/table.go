package workload

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// table reads a file row by row. Its errors say where: file:line: column.
type table struct {
	path    string
	columns []string // wanted, as the file names them; "" if absent
	rows    rows
	line    int
}

// rows are the rows of a file.
type rows interface {
	next() (line int, err error) // goes to the next one; io.EOF after the last
	text(column int) string      // of a wanted column
}

// csvRows are those of a CSV file.
type csvRows struct {
	csv   *csv.Reader
	index []int // of the wanted columns, -1 if absent
	row   []string
}

func (c *csvRows) next() (line int, err error) {
	if c.row, err = c.csv.Read(); err != nil {
		return 0, err
	}
	line, _ = c.csv.FieldPos(0)
	return line, nil
}

func (c *csvRows) text(column int) string {
	if i := c.index[column]; i >= 0 {
		return strings.TrimSpace(c.row[i])
	}
	return ""
}

// openTable reads the header of a CSV file, packed by gzip or not, and finds the
// columns in it. Close the file in the end.
func openTable(path string, columns ...string) (*table, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("workload: %w", err)
	}
	t, err := newTable(path, f, columns...)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return t, f, nil
}

func newTable(path string, r io.Reader, columns ...string) (*table, error) {
	in, err := unpack(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t, header, err := readHeader(path, in)
	if err != nil {
		return nil, err
	}
	return t, t.find(header, columns)
}

// readHeader begins a CSV file whose columns are still to be found.
func readHeader(path string, in io.Reader) (*table, []string, error) {
	c := &csvRows{csv: csv.NewReader(in)}
	t := &table{path: path, rows: c}
	c.csv.ReuseRecord = true
	header, err := c.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("%s: the file is empty", path)
	}
	if err != nil {
		return nil, nil, t.wrap(err)
	}
	t.line, _ = c.csv.FieldPos(0)
	return t, slices.Clone(header), nil
}

// find finds the wanted columns of a CSV file in its header; "" is absent.
func (t *table) find(header, columns []string) error {
	t.columns = columns
	c := t.rows.(*csvRows)
	for _, name := range columns {
		at := -1
		if name != "" {
			at = slices.IndexFunc(header, func(h string) bool { return strings.TrimSpace(h) == name })
			if at < 0 {
				return fmt.Errorf("%s:%d: column %q: missing; the file has %s", t.path, t.line, name, quoted(header))
			}
		}
		c.index = append(c.index, at)
	}
	return nil
}

func quoted(names []string) string {
	var q []string
	for i, n := range names {
		if i == 12 {
			q = append(q, "…")
			break
		}
		q = append(q, strconv.Quote(short(strings.TrimSpace(n))))
	}
	return strings.Join(q, ", ")
}

// next reads a row, and reports whether there was one.
func (t *table) next() (bool, error) {
	line, err := t.rows.next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, t.wrap(err)
	}
	t.line = line
	return true, nil
}

func (t *table) wrap(err error) error {
	var p *csv.ParseError
	var at *lineError
	switch {
	case errors.As(err, &at):
		return fmt.Errorf("%s:%d: %w", t.path, at.line, at.err)
	case errors.As(err, &p) && errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf("%s:%d: the row does not have as many fields as the header", t.path, p.Line)
	case errors.As(err, &p):
		return fmt.Errorf("%s:%d: %w", t.path, p.Line, p.Err)
	}
	return fmt.Errorf("%s: %w", t.path, err)
}

func (t *table) errorf(column int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: column %q: %s", t.path, t.line, t.columns[column], fmt.Sprintf(format, args...))
}

func (t *table) text(column int) string { return t.rows.text(column) }

// number is a finite number that is not negative.
func (t *table) number(column int) (float64, error) {
	text := t.text(column)
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "":
		return 0, t.errorf(column, "empty")
	case errors.Is(err, strconv.ErrSyntax):
		return 0, t.errorf(column, "%q is not a number", short(text))
	case math.IsNaN(v) || math.IsInf(v, 0):
		return 0, t.errorf(column, "%s is not finite", short(text))
	case v < 0:
		return 0, t.errorf(column, "%s is negative", short(text))
	}
	return v, nil
}

// count is a whole number; it may be written like 395.0.
func (t *table) count(column int) (int, error) {
	v, err := t.number(column)
	switch {
	case err != nil:
		return 0, err
	case v != math.Trunc(v):
		return 0, t.errorf(column, "%s is not a whole number of tokens", short(t.text(column)))
	case v > mostTokens:
		return 0, t.errorf(column, "%s tokens are more than %d", short(t.text(column)), mostTokens)
	}
	return int(v), nil
}

// tokens is a count of at least 1.
func (t *table) tokens(column int) (int, error) {
	n, err := t.count(column)
	if err == nil && n < 1 {
		return 0, t.errorf(column, "%s tokens; there must be at least 1", short(t.text(column)))
	}
	return n, err
}

func short(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
