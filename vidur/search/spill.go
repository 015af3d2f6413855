package search

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Spill keeps the rows of a [Sweep] or a [Capacity] that are done in a file in dir
// instead of in memory, which then grows with their number by some tens of bytes
// each. The file has no name, so nothing is left of it when the process
// ends. The Results are the same; what asks for all rows at once, as
// [Results.Rows] does, reads them into memory, and [Results.Part] does not. Rows
// with an error or a Store, and those of [Replications], stay in memory; so do all
// where there can be no such file.
func Spill(dir string) Option { return func(p *plan) { p.spill = dir } }

// rowTable is the rows of a list.
type rowTable struct {
	rows  []Row // all, unless there is a spill
	spill *spill
	list  *list
	width int // figures
}

func (p *plan) newTable(l *list) *rowTable {
	t := &rowTable{list: l, width: len(p.figures), spill: newSpill(p.spill, l, len(p.figures))}
	if t.spill != nil {
		return t
	}
	t.rows = make([]Row, l.n)
	for i := range t.rows {
		t.rows[i].Point = l.point(i)
	}
	return t
}

// row is the i-th, to be filled in.
func (t *rowTable) row(i int) *Row {
	if t.spill != nil {
		return &Row{Point: t.list.point(i)}
	}
	return &t.rows[i]
}

// settle takes a row that has been filled in.
func (t *rowTable) settle(i int, row *Row) {
	if row.Figures == nil && row.Err != nil {
		row.Figures = none(t.width)
	}
	if t.spill != nil {
		t.spill.put(i, row)
	}
}

// finish fills the rows in that did not come to anything.
func (t *rowTable) finish(notRun error) {
	if t.spill != nil {
		t.spill.rest = notRun
	}
	for i := range t.rows {
		if row := &t.rows[i]; row.Figures == nil {
			row.Err, row.Figures = &PointError{row.Point, notRun}, none(t.width)
		}
	}
}

// missing is how many were not run.
func (t *rowTable) missing() int {
	n := 0
	for i := range t.rows {
		if errors.Is(t.rows[i].Err, ErrNotRun) {
			n++
		}
	}
	if t.spill != nil {
		n = t.spill.count(func(err error) bool { return errors.Is(err, ErrNotRun) })
	}
	return n
}

// spill is rows in a file.
type spill struct {
	file  *os.File
	end   int64
	at    []int64      // by row: where it is in the file, from 1 on; 0 if it is not
	held  map[int]*Row // those that are not
	rest  error        // of rows that are nowhere
	point func(int) Point
	width int
}

// newSpill makes the file, or returns nil.
func newSpill(dir string, l *list, width int) *spill {
	if dir == "" || os.MkdirAll(dir, 0o755) != nil {
		return nil
	}
	f, err := os.CreateTemp(dir, ".rows-*")
	if err != nil {
		return nil
	}
	if err := os.Remove(f.Name()); err != nil { // a system that cannot forget an open file
		f.Close()
		os.Remove(f.Name())
		return nil
	}
	return &spill{file: f, at: make([]int64, l.n), held: map[int]*Row{}, point: l.point, width: width}
}

// put writes a row, and keeps it if that cannot be.
func (s *spill) put(i int, row *Row) {
	if row.Err == nil && row.Store == nil {
		text := row.encode()
		if _, err := s.file.WriteAt(text, s.end); err == nil {
			s.at[i] = s.end + 1
			s.end += int64(len(text))
			return
		}
	}
	s.held[i] = row
}

// get reads a row.
func (s *spill) get(i int) (Row, error) {
	if row := s.held[i]; row != nil {
		return *row, nil
	}
	row := Row{Point: s.point(i)}
	if s.at[i] == 0 {
		row.Err, row.Figures = &PointError{row.Point, s.rest}, none(s.width)
		return row, nil
	}
	in := bufio.NewReaderSize(io.NewSectionReader(s.file, s.at[i]-1, s.end-s.at[i]+1), 1<<10)
	if err := row.decode(in, s.width); err != nil {
		return row, fmt.Errorf("search: the row of %s cannot be read again: %w", row.Point, err)
	}
	return row, nil
}

// count is how many rows have such an error.
func (s *spill) count(such func(error) bool) int {
	n, rest := 0, such(s.rest)
	for i := range s.at {
		row := s.held[i]
		if row != nil && row.Err != nil && such(row.Err) || row == nil && s.at[i] == 0 && rest {
			n++
		}
	}
	return n
}

// probeRecord is a [Probe] in a file.
type probeRecord struct {
	Seed         uint64
	QPS, Latency float64
	Met          bool
}

// encode is what decode reads of a row without an error.
func (row *Row) encode() []byte {
	probes := make([]probeRecord, len(row.Probes))
	for i, p := range row.Probes {
		probes[i] = probeRecord{p.Seed, p.QPS, p.Latency, p.Met}
	}
	var text []byte
	for _, v := range []any{row.Figures, row.requests, uint64(len(probes)), probes} {
		text, _ = binary.Append(text, binary.LittleEndian, v) // all are of fixed size
	}
	return text
}

func (row *Row) decode(in io.Reader, width int) error {
	row.Figures = make([]float64, width)
	var n uint64
	for _, to := range []any{row.Figures, &row.requests, &n} {
		if err := binary.Read(in, binary.LittleEndian, to); err != nil {
			return err
		}
	}
	probes := make([]probeRecord, n)
	if err := binary.Read(in, binary.LittleEndian, probes); n > 0 && err != nil {
		return err
	}
	for _, p := range probes {
		row.Probes = append(row.Probes, Probe{p.Seed, p.QPS, p.Met, p.Latency})
	}
	return nil
}
