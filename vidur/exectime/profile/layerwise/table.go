package layerwise

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Names of the tables.
const (
	Summary = "summary" // a row for all calls from one place
	Model   = "model"   // a row for every call
)

// Row is a node with its depth in the tree, 0 for a root.
type Row struct {
	*Node
	Depth int
}

// Rows are the nodes of a table, each before its children: a table by its name,
// [Summary] or [Model]. It is an error if the phase does not have it.
func (ph *Phase) Rows(table string) ([]Row, error) {
	list := ph.Summary
	switch table {
	case Summary:
	case Model:
		list = ph.Model
	default:
		return nil, fmt.Errorf("no table %q; there are %s and %s", table, Summary, Model)
	}
	if list == nil {
		return nil, fmt.Errorf("%s has no %s table", ph.Name, table)
	}
	var rows []Row
	var visit func(list []*Node, depth int)
	visit = func(list []*Node, depth int) {
		for _, n := range list {
			rows = append(rows, Row{n, depth})
			visit(n.Children, depth+1)
		}
	}
	visit(list, 0)
	return rows, nil
}

// cell is a column of a printed table.
type cell struct {
	name  string
	width int
	value func(r Row) any // string or float64
}

var printed = map[string][]cell{
	Summary: {
		{"name", 80, func(r Row) any { return indented(r) }},
		{"cuda_time_us", 12, func(r Row) any { return r.CUDA }},
		{"pct_cuda_time", 12, func(r Row) any { return r.Percent }},
		{"invocations", 15, func(r Row) any { return float64(r.Calls) }},
	},
	Model: {
		{"name", 60, func(r Row) any { return indented(r) }},
		{"cpu_time_us", 12, func(r Row) any { return r.CPU }},
		{"cuda_time_us", 12, func(r Row) any { return r.CUDA }},
		{"pct_cuda_time", 12, func(r Row) any { return r.Percent }},
		{"trace", 60, func(r Row) any { return r.Trace }},
	},
}

func indented(r Row) string {
	if r.Depth == 0 {
		return r.Name
	}
	return "|" + strings.Repeat("-", r.Depth) + " " + r.Name
}

// Table prints a table as vLLM's tools/profiler/print_layerwise_table.py does, to
// the byte: columns of fixed widths, counted in characters, joined by " | "; names
// behind "|" and a "-" per level; numbers to two decimals on the right; what is too
// long cut at its end. Of an empty table it prints the head, where that tool fails.
func (ph *Phase) Table(w io.Writer, table string) error {
	rows, err := ph.Rows(table)
	if err != nil {
		return err
	}
	columns := printed[table]
	line := make([]string, len(columns))
	total := 3 * (len(columns) - 1)
	for i, c := range columns {
		line[i] = left(c.name, c.width)
		total += c.width
	}
	var text strings.Builder
	text.WriteString(strings.Join(line, " | ") + "\n" + strings.Repeat("=", total) + "\n")
	for _, r := range rows {
		for i, c := range columns {
			switch v := c.value(r).(type) {
			case string:
				line[i] = left(v, c.width)
			case float64:
				line[i] = fmt.Sprintf("%*.2f", c.width, v)
			}
		}
		text.WriteString(strings.Join(line, " | ") + "\n")
	}
	_, err = io.WriteString(w, text.String())
	return err
}

// left is s in so many characters: filled up with blanks, or cut. Its end is "..."
// if that leaves more than three characters of s.
func left(s string, width int) string {
	n := utf8.RuneCountInString(s)
	if n > width {
		runes := []rune(s)[:width-3]
		if s = string(runes); len(runes) > 3 {
			s += "..."
		}
		n = utf8.RuneCountInString(s)
	}
	return s + strings.Repeat(" ", max(0, width-n))
}

// CSV writes a table as the profiler's --csv does: an index, then the columns of
// the table, with every digit. The depth of rows is not in it.
func (ph *Phase) CSV(w io.Writer, table string) error {
	rows, err := ph.Rows(table)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	names := summaryColumns
	if table == Model {
		names = modelColumns
	}
	_ = out.Write(append([]string{""}, names...)) // Flush has the error
	for i, r := range rows {
		row := []string{strconv.Itoa(i), r.Name, decimal(r.CUDA), decimal(r.Percent), strconv.Itoa(r.Calls)}
		if table == Model {
			row = []string{strconv.Itoa(i), r.Name, decimal(r.CPU), decimal(r.CUDA), decimal(r.Percent), r.Trace}
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// decimal is the shortest decimal text of v, which has a point.
func decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
