package frames

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/go-gota/gota/dataframe"
)

const (
	widest = 40   // cells of the terminal that a value has in Text
	gap    = "  " // between columns of Text
)

// Text returns a table for a terminal: names, rows, and the size of the frame.
// Numbers stand right, floats with five significant digits. Of a table that is
// wider than the limit the columns in the middle are left out, of values that
// are wider than 40 cells the end. A frame with an error is shown as that.
func Text(df dataframe.DataFrame, limit ...Limit) string {
	if df.Err != nil {
		return df.Err.Error() + "\n"
	}
	l := limitOf(limit)
	t := show(df, ends(df.Ncol(), or(l.Columns, -1)), l)
	for c, cells := range t.cells {
		t.names[c] = cut(clean(t.names[c]), widest)
		for r := range cells {
			cells[r] = cut(clean(cells[r]), widest)
		}
	}
	if l.Width > 0 {
		t = t.within(l.Width)
	}
	widths := make([]int, len(t.names))
	for c := range widths {
		widths[c] = t.width(c)
	}
	var out strings.Builder
	line := func(cell func(c int) string) {
		var b strings.Builder
		for c, w := range widths {
			pad := strings.Repeat(" ", w-wide(cell(c)))
			if t.number[c] {
				b.WriteString(pad + cell(c) + gap)
			} else {
				b.WriteString(cell(c) + pad + gap)
			}
		}
		out.WriteString(strings.TrimRight(b.String(), " ") + "\n")
	}
	if len(widths) > 0 {
		line(func(c int) string { return t.names[c] })
		for r := range t.rows() {
			line(func(c int) string { return t.cells[c][r] })
		}
	}
	return out.String() + t.size + "\n"
}

// width is how wide a column is.
func (t *shown) width(c int) int {
	w := wide(t.names[c])
	for _, cell := range t.cells[c] {
		w = max(w, wide(cell))
	}
	return w
}

// within leaves columns in the middle out until the lines are no wider, down to
// the first column.
func (t *shown) within(width int) shown {
	widths, total := make([]int, len(t.names)), -len(gap)
	for c := range widths {
		widths[c] = t.width(c)
		total += widths[c] + len(gap)
	}
	if total <= width {
		return *t
	}
	for most := len(widths) - 1; ; most-- {
		left := shown{size: t.size}
		total := -len(gap)
		for _, c := range ends(len(widths), max(most, 1)) {
			left.add(t, c)
			total += left.width(len(left.names)-1) + len(gap)
		}
		if total <= width || most <= 1 {
			return left
		}
	}
}

// add adds a column of another table, or one of ellipses.
func (t *shown) add(from *shown, c int) {
	if c != skipped {
		t.names, t.number, t.cells = append(t.names, from.names[c]), append(t.number, from.number[c]), append(t.cells, from.cells[c])
		return
	}
	cells := make([]string, len(from.cells[0]))
	for r := range cells {
		cells[r] = ellipsis
	}
	t.names, t.number, t.cells = append(t.names, ellipsis), append(t.number, false), append(t.cells, cells)
}

// clean is a text on one line: what cannot be seen is escaped as in Go.
func clean(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == unicode.ReplacementChar && !strings.HasPrefix(s[i:], "\ufffd"):
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[i]), 16)) // a byte that is not UTF-8
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// cut shortens a text to a width.
func cut(s string, width int) string {
	if wide(s) <= width {
		return s
	}
	used := wide(ellipsis)
	for i, r := range s {
		if used += cellsOf(r); used > width {
			return s[:i] + ellipsis
		}
	}
	return s
}

// wide is how many cells of a terminal a text takes.
func wide(s string) int {
	n := 0
	for _, r := range s {
		n += cellsOf(r)
	}
	return n
}

// cellsOf is how many cells of a terminal a character takes: none for marks that
// are put on the one before, two for the scripts of East Asia and for emoji.
func cellsOf(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
		r >= 0x3000 && r <= 0x303f, r >= 0xff01 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	return 1
}
