package workload

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// table reads a CSV file row by row. Its errors say where: file:line: column.
type table struct {
	path    string
	csv     *csv.Reader
	columns []string // wanted
	index   []int    // of the wanted columns, -1 if absent
	row     []string
	line    int
}

// openTable reads the header of a CSV file, packed by gzip or not, and finds the
// wanted columns in it. A name that ends in "?" may be absent. Call close in
// the end.
func openTable(path string, columns ...string) (t *table, closer io.Closer, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("workload: %w", err)
	}
	if t, err = newTable(path, f, columns...); err != nil {
		f.Close()
		return nil, nil, err
	}
	return t, f, nil
}

func newTable(path string, r io.Reader, columns ...string) (*table, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		in = bufio.NewReaderSize(unpacked, 1<<16)
	}
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		in.Discard(3)
	}
	t := &table{path: path, csv: csv.NewReader(in), columns: columns}
	t.csv.ReuseRecord = true
	header, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the file is empty", path)
	}
	if err != nil {
		return nil, t.wrap(err)
	}
	t.line, _ = t.csv.FieldPos(0)
	for i, c := range columns {
		name, optional := strings.CutSuffix(c, "?")
		t.columns[i] = name
		at := -1
		for j, h := range header {
			if strings.TrimSpace(h) == name {
				at = j
				break
			}
		}
		if at < 0 && !optional {
			return nil, fmt.Errorf("%s:%d: column %q: missing; the file has %s", path, t.line, name, quoted(header))
		}
		t.index = append(t.index, at)
	}
	return t, nil
}

func quoted(names []string) string {
	var q []string
	for i, n := range names {
		if i == 12 {
			q = append(q, "…")
			break
		}
		if len(n) > 40 {
			n = n[:40] + "…"
		}
		q = append(q, strconv.Quote(strings.TrimSpace(n)))
	}
	return strings.Join(q, ", ")
}

// next reads a row, and reports whether there was one.
func (t *table) next() (bool, error) {
	row, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, t.wrap(err)
	}
	t.row = row
	t.line, _ = t.csv.FieldPos(0)
	return true, nil
}

func (t *table) wrap(err error) error {
	var p *csv.ParseError
	switch {
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

func (t *table) text(column int) string { return strings.TrimSpace(t.row[t.index[column]]) }

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

// tokens is a whole number of at least 1; it may be written like 395.0.
func (t *table) tokens(column int) (int, error) {
	v, err := t.number(column)
	switch {
	case err != nil:
		return 0, err
	case v != math.Trunc(v):
		return 0, t.errorf(column, "%s is not a whole number of tokens", short(t.text(column)))
	case v < 1:
		return 0, t.errorf(column, "%s tokens; there must be at least 1", short(t.text(column)))
	case v > mostTokens:
		return 0, t.errorf(column, "%s tokens are more than %d", short(t.text(column)), mostTokens)
	}
	return int(v), nil
}

func short(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
