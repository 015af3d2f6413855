package imports

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/exectime/profile/internal/table"
)

// maxTableBytes is the size of the largest table that is read. The largest public
// one has 3 MB.
const maxTableBytes = 256 << 20

// Limits of cells: of a count or size, and of a time, µs, which is eleven days.
const (
	maxCount = 1 << 30
	maxTime  = 1e12
)

// csvTable is a table whose columns are found by name. The first error is kept, and
// columns after it are empty.
type csvTable struct {
	*table.Table
	err error
}

// readCSV reads a file of comma-separated values that has these columns.
func readCSV(path string, columns ...string) (*csvTable, error) {
	raw, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	return parseCSV(path, raw, columns...)
}

func parseCSV(path string, raw []byte, columns ...string) (*csvTable, error) {
	t, err := table.Parse(path, raw)
	if err != nil {
		return nil, tableError(path, err)
	}
	var missing []string
	for _, c := range columns {
		if !t.Has(c) {
			missing = append(missing, c)
		}
	}
	if missing != nil {
		return nil, errorAt(path, 1, "no column %s; there are %s", strings.Join(missing, ", "), strings.Join(t.Names, ", "))
	}
	if t.Rows() == 0 {
		return nil, errorAt(path, 1, "a header and no rows")
	}
	return &csvTable{Table: t}, nil
}

// readWhole reads a file that must fit into memory, packed with gzip or not.
func readWhole(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errorAt(path, 0, "a folder, where a file belongs")
	}
	if info.Size() > maxTableBytes {
		return nil, errorAt(path, 0, "%d bytes are more than %d", info.Size(), maxTableBytes)
	}
	raw, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return raw, err
	}
	if raw, err = table.Unzip(raw, maxTableBytes); err != nil {
		return nil, errorAt(path, 0, "%v", err)
	}
	return raw, nil
}

// tableError is an error of package table as one of this package.
func tableError(path string, err error) error {
	var at *table.Error
	if !errors.As(err, &at) {
		return errorAt(path, 0, "%v", err)
	}
	if at.Column == "" {
		return errorAt(at.File, at.Line, "%v", at.Err)
	}
	return errorAt(at.File, at.Line, "column %q: %v", at.Column, at.Err)
}

// other lists the columns beside the known ones.
func (s *csvTable) other(known ...string) []string {
	var list []string
	for _, n := range s.Names {
		if !slices.Contains(known, n) {
			list = append(list, n)
		}
	}
	return list
}

// words are the cells of a column.
func (s *csvTable) words(column string) []string {
	if s.err != nil {
		return make([]string, s.Rows())
	}
	list, err := s.Text(column)
	if err != nil {
		s.err = tableError(s.File, err)
		return make([]string, s.Rows())
	}
	return list
}

// numbers are the cells of a column, finite and at least least.
func (s *csvTable) numbers(column string, least float64) []float64 {
	blank := make([]float64, s.Rows())
	if s.err != nil {
		return blank
	}
	list, err := s.Floats(column)
	if err != nil {
		s.err = tableError(s.File, err)
		return blank
	}
	for i, v := range list {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < least {
			s.err = errorAt(s.File, s.Lines[i], "column %q: %v is not a finite number from %v on", column, v, least)
			return blank
		}
	}
	return list
}

// times are the cells of a column of times in µs, above 0.
func (s *csvTable) times(column string) []float64 {
	list := s.durations(column)
	for i, v := range list {
		if s.err == nil && v == 0 {
			s.err = errorAt(s.File, s.Lines[i], "column %q: a time of 0", column)
		}
	}
	return list
}

// durations are the cells of a column of times in µs, from 0 on.
func (s *csvTable) durations(column string) []float64 {
	list := s.numbers(column, 0)
	for i, v := range list {
		if s.err == nil && v > maxTime {
			s.err = errorAt(s.File, s.Lines[i], "column %q: %v µs are more than %v", column, v, maxTime)
		}
	}
	return list
}

// counts are the cells of a column of whole numbers from least on.
func (s *csvTable) counts(column string, least int) []int {
	list := make([]int, s.Rows())
	for i, v := range s.numbers(column, float64(least)) {
		if s.err == nil && (v != math.Trunc(v) || v > maxCount) {
			s.err = errorAt(s.File, s.Lines[i], "column %q: %v is not a count", column, v)
		}
		list[i] = int(v)
	}
	return list
}

// isFile reports whether there is a file, and not a folder.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// entries lists a folder, sorted by name; nil where there is none.
func entries(dir string) ([]fs.DirEntry, error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return list, err
}
