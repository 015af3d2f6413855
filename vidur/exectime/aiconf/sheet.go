package aiconf

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Limits of what is read: the largest public table has 100,000 rows in 1 MB.
const (
	maxFileBytes = 64 << 20
	maxRows      = 4 << 20
	maxInt       = 1 << 40 // of a dimension
)

// cell is a value of a column: a number, or a text that may spell one.
type cell struct {
	text    string
	number  float64
	numeric bool
	null    bool
}

// sheet is an open table file. Columns are found by name; those that nobody asks
// for are not looked at.
type sheet struct {
	file  string
	rows  int
	names []string
	lines []int                       // of the rows, where the file has lines
	read  func(i int) ([]cell, error) // column i

	dropped []string // points that were left out, as errors
}

// openSheet opens the content of a file, by the ending of its name.
func openSheet(file string, content []byte) (*sheet, error) {
	switch {
	case bytes.HasPrefix(content, []byte("version https://git-lfs")):
		return nil, fmt.Errorf("%s: this is a pointer of Git LFS and not the table: git lfs pull fetches it", file)
	case strings.HasSuffix(strings.ToLower(file), ".parquet"):
		return openParquet(file, content)
	}
	return openText(file, content)
}

func openText(file string, content []byte) (*sheet, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	var records [][]string
	s := &sheet{file: file}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		line, _ := r.FieldPos(0)
		records, s.lines = append(records, record), append(s.lines, line)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("%s: no header", file)
	}
	s.rows, s.names, s.lines = len(records)-1, records[0], s.lines[1:]
	for i := range s.names {
		s.names[i] = strings.TrimSpace(s.names[i])
	}
	s.read = func(i int) ([]cell, error) {
		cells := make([]cell, s.rows)
		for j := range cells {
			v := strings.TrimSpace(records[j+1][i])
			cells[j] = cell{text: v, null: v == ""}
		}
		return cells, nil
	}
	return s, nil
}

// need reports which of the columns are missing, all at once.
func (s *sheet) need(names ...string) error {
	var missing []string
	for _, n := range names {
		if !slices.Contains(s.names, n) {
			missing = append(missing, strconv.Quote(n))
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("%s: no column %s; it has %s", s.file, strings.Join(missing, ", "), strings.Join(s.names, ", "))
}

// column reads a column, or nil if there is none.
func (s *sheet) column(name string) ([]cell, error) {
	i := slices.Index(s.names, name)
	if i < 0 {
		return nil, nil
	}
	cells, err := s.read(i)
	if err == nil && len(cells) != s.rows {
		err = fmt.Errorf("%d values in %d rows", len(cells), s.rows)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: column %q: %w", s.file, name, err)
	}
	return cells, nil
}

// fault is an error in a row.
func (s *sheet) fault(row int, column, format string, args ...any) error {
	return fmt.Errorf("%s: %s: column %q: %s", s.file, s.place(row), column, fmt.Sprintf(format, args...))
}

// place says where a row is: its line, or its number from 1 in a file without lines.
func (s *sheet) place(row int) string {
	if s.lines != nil {
		return fmt.Sprintf("line %d", s.lines[row])
	}
	return fmt.Sprintf("row %d", row+1)
}

// texts reads a column of names. One that is missing is empty in every row.
func (s *sheet) texts(name string) ([]string, error) {
	cells, err := s.column(name)
	values := make([]string, s.rows)
	for i := range cells {
		if cells[i].numeric {
			values[i] = strconv.FormatFloat(cells[i].number, 'g', -1, 64)
		} else {
			values[i] = strings.TrimSpace(cells[i].text)
		}
	}
	return values, err
}

// floats reads a column of numbers that must be finite and positive.
func (s *sheet) floats(name string) ([]float64, error) {
	cells, err := s.column(name)
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(cells))
	for i := range cells {
		v, err := cells[i].float()
		switch {
		case err != nil:
			return nil, s.fault(i, name, "%v", err)
		case !(v > 0) || math.IsInf(v, 0):
			return nil, s.fault(i, name, "%v is not finite and positive", v)
		}
		values[i] = v
	}
	return values, nil
}

// ints reads a column of whole numbers from least on. One that is missing is 0 in
// every row.
func (s *sheet) ints(name string, least int) ([]int, error) {
	cells, err := s.column(name)
	if err != nil {
		return nil, err
	}
	values := make([]int, s.rows)
	for i := range cells {
		v, err := cells[i].float()
		switch {
		case err != nil:
			return nil, s.fault(i, name, "%v", err)
		case v != math.Trunc(v) || v < float64(least) || v > maxInt:
			return nil, s.fault(i, name, "%v is not a whole number from %d on", v, least)
		}
		values[i] = int(v)
	}
	return values, nil
}

func (c *cell) float() (float64, error) {
	switch {
	case c.null:
		return 0, fmt.Errorf("no value")
	case c.numeric:
		return c.number, nil
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(c.text), 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", c.text)
	}
	return v, nil
}
