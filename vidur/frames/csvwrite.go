package frames

import (
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

const writeBuffer = 1 << 16

// WriteCSV writes a frame as CSV, a header and a line per row, so that ReadCSV,
// pandas and others read it back equal. Floats have as many digits as tell them
// apart, and a point or an exponent; a missing value is empty, or NaN in a frame of
// one column, in which others skip empty lines. A string is in quotes if it has to
// be, or if it would be taken for a number, a boolean or a missing value without.
func WriteCSV(w io.Writer, df dataframe.DataFrame) error { return NewCSVWriter(w).Write(df) }

// CSVWriter writes as [WriteCSV] does a frame that is given in pieces, each of some
// of its rows, so that it need not be in memory as a whole.
type CSVWriter struct {
	w     io.Writer
	begun bool
}

// NewCSVWriter makes one.
func NewCSVWriter(w io.Writer) *CSVWriter { return &CSVWriter{w: w} }

// Write writes the rows of a piece; before the first, the header. All pieces must
// have the same columns.
func (cw *CSVWriter) Write(df dataframe.DataFrame) error {
	if err := sound(df); err != nil {
		return err
	}
	names, types := df.Names(), df.Types()
	var buf []byte
	if !cw.begun {
		cw.begun = true
		for c, name := range names {
			buf = append(appendText(buf, name), separator(c, len(names)))
		}
	}
	cells := make([]func([]byte, series.Element) []byte, len(types))
	for c, t := range types {
		cells[c] = cellOf(t)
	}
	for r := range df.Nrow() {
		for c, cell := range cells {
			switch e := df.Elem(r, c); {
			case !missing(e):
				buf = cell(buf, e)
			case len(cells) == 1:
				buf = append(buf, gotaMissing...)
			}
			buf = append(buf, separator(c, len(cells)))
		}
		if len(buf) >= writeBuffer {
			if _, err := cw.w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	_, err := cw.w.Write(buf)
	return err
}

// separator ends a field of a line of n.
func separator(c, n int) byte {
	if c == n-1 {
		return '\n'
	}
	return ','
}

// cellOf appends a value, not a missing one, of a type.
func cellOf(t series.Type) func([]byte, series.Element) []byte {
	switch t {
	case series.Int:
		return func(buf []byte, e series.Element) []byte {
			v, _ := e.Int()
			return strconv.AppendInt(buf, int64(v), 10)
		}
	case series.Bool:
		return func(buf []byte, e series.Element) []byte {
			v, _ := e.Bool()
			return strconv.AppendBool(buf, v)
		}
	case series.Float:
		return func(buf []byte, e series.Element) []byte { return appendFloat(buf, e.Float()) }
	}
	return func(buf []byte, e series.Element) []byte { return appendText(buf, e.String()) }
}

// appendFloat writes a float as Python's repr does.
func appendFloat(buf []byte, v float64) []byte {
	a := math.Abs(v)
	switch {
	case a > math.MaxFloat64:
		if v < 0 {
			buf = append(buf, '-')
		}
		return append(buf, "inf"...)
	case a != 0 && (a < 1e-4 || a >= 1e16):
		return strconv.AppendFloat(buf, v, 'e', -1, 64)
	case v == math.Trunc(v):
		return append(strconv.AppendFloat(buf, v, 'f', -1, 64), ".0"...)
	}
	return strconv.AppendFloat(buf, v, 'f', -1, 64)
}

// appendText writes a string.
func appendText(buf []byte, s string) []byte {
	if !strings.ContainsAny(s, "\",\r\n") && !strings.HasPrefix(s, byteOrderMark) && !absent(s) && kindOf(s) == text {
		return append(buf, s...)
	}
	buf = append(buf, '"')
	for i := range len(s) {
		if s[i] == '"' {
			buf = append(buf, '"')
		}
		buf = append(buf, s[i])
	}
	return append(buf, '"')
}
