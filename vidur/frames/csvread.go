package frames

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

const byteOrderMark = "\ufeff" // Excel's

// Types are those of a frame's columns, by name.
type Types map[string]series.Type

// TypesOf tells the types of a frame's columns.
func TypesOf(df dataframe.DataFrame) Types {
	types := Types{}
	for i, name := range df.Names() {
		types[name] = df.Types()[i]
	}
	return types
}

// ReadCSV reads what WriteCSV, or another, wrote: a header, then lines of as
// many fields. The first of these that holds for all of a column's values is its
// type: Int, Float, Bool (true and false), String. A field in quotes is a
// string; an empty one, NaN or nan without quotes is a missing value. A column
// without any value is Float; if that is wrong, types say what it is.
func ReadCSV(r io.Reader, types ...Types) (dataframe.DataFrame, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return failed(err), err
	}
	s := &scanner{rest: strings.TrimPrefix(string(all), byteOrderMark), line: 1}
	columns, err := s.header()
	for err == nil && s.rest != "" {
		err = s.row(columns)
	}
	var list []series.Series
	for i := 0; i < len(columns) && err == nil; i++ {
		var c series.Series
		c, err = columns[i].series(types)
		list = append(list, c)
	}
	for _, t := range types {
		for name := range t {
			if err == nil && !hasColumn(columns, name) {
				err = fmt.Errorf("frames: no column %q, which has a type", name)
			}
		}
	}
	if err != nil {
		return failed(err), err
	}
	df := frame(list...)
	return df, df.Err
}

func hasColumn(columns []*textColumn, name string) bool {
	for _, c := range columns {
		if c.name == name {
			return true
		}
	}
	return false
}

// kind is what a field can be taken for.
type kind uint8

const (
	whole kind = 1 << iota
	decimal
	truth
	text
)

// kindOf tells the kind of a field without quotes that is not absent.
func kindOf(s string) kind {
	switch s {
	case "true", "false", "True", "False", "TRUE", "FALSE":
		return truth
	}
	if s == "" || !strings.Contains("+-.0123456789iI", s[:1]) || strings.ContainsAny(s, "xXpP_") {
		return text
	}
	if _, err := strconv.Atoi(s); err == nil {
		return whole
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return decimal
	}
	return text
}

// absent reports whether a field without quotes is a missing value.
func absent(s string) bool { return s == "" || s == "NaN" || s == "nan" }

const gotaMissing = "NaN"

// textColumn is a column as it was read.
type textColumn struct {
	name   string
	fields []string // gotaMissing: none
	kinds  kind     // all that were seen
}

func (c *textColumn) add(field string, quoted bool) {
	switch {
	case quoted:
		c.kinds |= text
	case absent(field):
		field = gotaMissing
	default:
		if c.kinds&text == 0 {
			c.kinds |= kindOf(field)
		}
	}
	c.fields = append(c.fields, field)
}

// series is the column with its type.
func (c *textColumn) series(types []Types) (series.Series, error) {
	t := series.String
	switch {
	case c.kinds == 0 || c.kinds == decimal || c.kinds == whole|decimal:
		t = series.Float
	case c.kinds == whole:
		t = series.Int
	case c.kinds == truth:
		t = series.Bool
	}
	for _, list := range types {
		want, ok := list[c.name]
		if !ok || want == t {
			continue
		}
		if c.kinds != 0 && want != series.String && !(want == series.Float && t == series.Int) {
			return series.Series{}, fmt.Errorf("frames: column %q has values of type %s, not %s", c.name, t, want)
		}
		t = want
	}
	switch t {
	case series.String, series.Int, series.Float, series.Bool:
		return series.New(c.fields, t, c.name), nil
	}
	return series.Series{}, fmt.Errorf("frames: column %q: no type %q", c.name, t)
}

// scanner splits CSV. Unlike encoding/csv it tells whether a field was in
// quotes, and takes an empty line for a missing value where there is one column.
type scanner struct {
	rest string
	line int
}

func (s *scanner) header() ([]*textColumn, error) {
	if s.rest == "" {
		return nil, fmt.Errorf("frames: line 1: no header")
	}
	var columns []*textColumn
	for {
		name, _, last, err := s.field()
		if err != nil {
			return nil, err
		}
		columns = append(columns, &textColumn{name: name})
		if last {
			return columns, nil
		}
	}
}

// row reads a line into the columns.
func (s *scanner) row(columns []*textColumn) error {
	line := s.line
	for i := 0; ; i++ {
		field, quoted, last, err := s.field()
		if err != nil {
			return err
		}
		if last && i == 0 && field == "" && !quoted && len(columns) > 1 {
			return nil // an empty line
		}
		if i < len(columns) {
			columns[i].add(field, quoted)
		}
		if last {
			if i+1 != len(columns) {
				return fmt.Errorf("frames: line %d: %d fields, the header has %d", line, i+1, len(columns))
			}
			return nil
		}
	}
}

// field reads up to and with the separator, and tells whether that ends the line.
func (s *scanner) field() (field string, quoted, last bool, err error) {
	if strings.HasPrefix(s.rest, `"`) {
		field, err = s.quoted()
		if err != nil {
			return "", true, true, err
		}
		quoted = true
	}
	end := strings.IndexAny(s.rest, ",\n")
	tail := s.rest
	switch {
	case end < 0:
		s.rest, last = "", true
	case s.rest[end] == '\n':
		tail, s.rest, last = s.rest[:end], s.rest[end+1:], true
	default:
		tail, s.rest = s.rest[:end], s.rest[end+1:]
	}
	if last {
		tail = strings.TrimSuffix(tail, "\r")
	}
	if quoted && tail != "" || strings.Contains(tail, `"`) {
		return "", quoted, last, fmt.Errorf(`frames: line %d: a " in the middle of a field`, s.line)
	}
	if last {
		s.line++
	}
	if !quoted {
		field = tail
	}
	return field, quoted, last, nil
}

// quoted reads a field up to its closing quote.
func (s *scanner) quoted() (string, error) {
	start, at := s.line, 1
	double := false
	for {
		n := strings.IndexByte(s.rest[at:], '"')
		if n < 0 {
			return "", fmt.Errorf("frames: line %d: a quoted field does not end", start)
		}
		at += n + 1
		if !strings.HasPrefix(s.rest[at:], `"`) {
			break
		}
		at++
		double = true
	}
	field := s.rest[1 : at-1]
	s.rest = s.rest[at:]
	s.line += strings.Count(field, "\n")
	if double {
		field = strings.ReplaceAll(field, `""`, `"`)
	}
	return field, nil
}
