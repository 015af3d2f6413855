// Package table reads the CSV files of profiles: a header line, then rows of
// numbers, of True and False, and of words.
//
// Numbers are read as pandas reads them (its precise_xstrtod: seventeen digits,
// leading zeros among them, scaled by a power of ten), which differs from the
// nearest float64 in the last bit now and then. The original simulator drops
// rows that are equal after that, so reading them in another way finds other
// duplicates and trains on other rows.
package table

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
)

// Error is an error about a place in a file.
type Error struct {
	File   string
	Line   int
	Column string // "" if it is about the whole line
	Err    error
}

func (e *Error) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
	}
	return fmt.Sprintf("%s:%d: column %q: %v", e.File, e.Line, e.Column, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Table is the content of a file.
type Table struct {
	File  string
	Names []string // of the columns, without blanks around them
	Lines []int    // of each row, from 1; the header is on a line of its own before them

	head  int      // line of the header
	cells []string // by row, then column
	cols  []column
}

// column is a column in the form that was asked for.
type column struct {
	values []float64
	text   bool // it holds a cell that is no number
	bad    int  // the first row of such a cell
	read   bool // values are filled in
}

// Open reads a file, or the same name with .gz after it. A file that does not
// exist gives an error that is [fs.ErrNotExist].
func Open(path string) (*Table, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !strings.HasSuffix(path, ".gz") {
		zipped, gzErr := os.ReadFile(path + ".gz")
		if errors.Is(gzErr, fs.ErrNotExist) {
			return nil, err
		}
		path, raw, err = path+".gz", zipped, gzErr
	}
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".gz") {
		if raw, err = Unzip(raw, maxBytes); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return Parse(path, raw)
}

const maxBytes = 1 << 30 // of an unpacked file

// Unzip is what gzip packed, of limit bytes at most.
func Unzip(raw []byte, limit int) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(limit)+1))
	if err == nil && len(out) > limit {
		err = fmt.Errorf("more than %d bytes when unpacked", limit)
	}
	return out, err
}

// Parse reads a file's content. Blank lines are skipped, every other one must
// have as many fields as the header.
func Parse(file string, raw []byte) (*Table, error) {
	t := &Table{File: file}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if bytes.IndexByte(raw, 0) >= 0 {
		return nil, &Error{File: file, Line: 1, Err: errors.New("a file with zero bytes: not UTF-8 text, as CSV files are")}
	}
	var err error
	if bytes.IndexByte(raw, '"') >= 0 {
		err = t.quoted(raw)
	} else {
		err = t.plain(string(raw))
	}
	if err != nil {
		return nil, err
	}
	if t.Names == nil {
		return nil, &Error{File: file, Line: 1, Err: errors.New("empty file")}
	}
	t.cols = make([]column, len(t.Names))
	return t, nil
}

func (t *Table) plain(text string) error {
	fields := []string(nil)
	for line := 1; text != ""; line++ {
		var row string
		row, text, _ = strings.Cut(text, "\n")
		row = strings.TrimSuffix(row, "\r")
		if strings.TrimSpace(row) == "" {
			continue
		}
		fields = fields[:0]
		for {
			i := strings.IndexByte(row, ',')
			if i < 0 {
				break
			}
			fields = append(fields, row[:i])
			row = row[i+1:]
		}
		if err := t.add(line, append(fields, row)); err != nil {
			return err
		}
		if t.cells == nil && t.Names != nil {
			t.cells = make([]string, 0, strings.Count(text, "\n")*len(t.Names))
		}
	}
	return nil
}

// quoted reads a file in which fields may be quoted.
func (t *Table) quoted(raw []byte) error {
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				return &Error{File: t.File, Line: at.Line, Err: at.Err}
			}
			return fmt.Errorf("%s: %w", t.File, err)
		}
		line, _ := r.FieldPos(0)
		if len(fields) == 1 && strings.TrimSpace(fields[0]) == "" {
			continue
		}
		if err := t.add(line, fields); err != nil {
			return err
		}
	}
}

func (t *Table) add(line int, fields []string) error {
	if t.Names == nil {
		t.head = line
		for _, name := range fields {
			t.Names = append(t.Names, strings.TrimSpace(name))
		}
		return nil
	}
	if len(fields) != len(t.Names) {
		return &Error{File: t.File, Line: line, Err: fmt.Errorf("%d fields where the header has %d", len(fields), len(t.Names))}
	}
	t.Lines = append(t.Lines, line)
	t.cells = append(t.cells, fields...)
	return nil
}

// Rows is the number of rows.
func (t *Table) Rows() int { return len(t.Lines) }

// Has reports whether there is a column.
func (t *Table) Has(name string) bool { return slices.Contains(t.Names, name) }

// find is the position of a column that there must be, once.
func (t *Table) find(name string) (int, error) {
	at := slices.Index(t.Names, name)
	if at < 0 {
		err := errors.New("missing")
		if len(t.Names) == 1 && strings.ContainsAny(t.Names[0], ";\t|") {
			err = errors.New("missing: the header is one field; fields are divided by commas")
		}
		return 0, &Error{t.File, t.head, name, err}
	}
	if slices.Contains(t.Names[at+1:], name) {
		return 0, &Error{t.File, t.head, name, errors.New("given twice")}
	}
	return at, nil
}

// Text is a column as it stands in the file, without blanks around it.
func (t *Table) Text(name string) ([]string, error) {
	at, err := t.find(name)
	if err != nil {
		return nil, err
	}
	out := make([]string, t.Rows())
	for i := range out {
		out[i] = strings.TrimSpace(t.cell(i, at))
	}
	return out, nil
}

func (t *Table) cell(row, col int) string { return t.cells[row*len(t.Names)+col] }

// Floats are the numbers of a column; those of a blank cell are NaN. True and
// False are 1 and 0.
func (t *Table) Floats(name string) ([]float64, error) {
	at, err := t.find(name)
	if err != nil {
		return nil, err
	}
	c := t.numbers(at)
	if c.text {
		return nil, t.Errorf(c.bad, name, "%q is not a number", t.cell(c.bad, at))
	}
	return c.values, nil
}

// Errorf is an error about the cell of a row.
func (t *Table) Errorf(row int, name, format string, args ...any) error {
	return &Error{t.File, t.Lines[row], name, fmt.Errorf(format, args...)}
}

func (t *Table) numbers(at int) *column {
	c := &t.cols[at]
	if c.read {
		return c
	}
	c.read, c.values = true, make([]float64, t.Rows())
	for i := range c.values {
		v, ok := number(t.cell(i, at))
		if !ok {
			c.text, c.bad = true, i
			break
		}
		c.values[i] = v
	}
	return c
}

// Unique are the rows without those that are equal to an earlier one in every
// column: numbers by their value, blank cells like each other.
func (t *Table) Unique() []int {
	hashes := make([]uint64, t.Rows())
	for at := range t.Names {
		c := t.numbers(at)
		for i := range hashes {
			if c.text {
				hashes[i] = mixText(hashes[i], t.cell(i, at))
			} else {
				hashes[i] = mix(hashes[i], key(c.values[i]))
			}
		}
	}
	latest := make(map[uint64]int, len(hashes)) // unique row of a hash, plus 1
	before := make([]int, len(hashes))          // the one before it, plus 1
	var unique []int
next:
	for i, h := range hashes {
		for j := latest[h]; j > 0; j = before[j-1] {
			if t.same(i, j-1) {
				continue next
			}
		}
		before[i], latest[h] = latest[h], i+1
		unique = append(unique, i)
	}
	return unique
}

func (t *Table) same(i, j int) bool {
	for at := range t.Names {
		c := &t.cols[at]
		if c.text && t.cell(i, at) != t.cell(j, at) || !c.text && key(c.values[i]) != key(c.values[j]) {
			return false
		}
	}
	return true
}

// key makes equal values equal bits: 0 and -0, and all NaN.
func key(v float64) uint64 {
	if v == 0 {
		return 0
	}
	if math.IsNaN(v) {
		return 1
	}
	return math.Float64bits(v)
}

func mix(h, v uint64) uint64 {
	h = (h ^ v) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

func mixText(h uint64, s string) uint64 {
	for i := range len(s) {
		h = mix(h, uint64(s[i]))
	}
	return mix(h, uint64(len(s)))
}
