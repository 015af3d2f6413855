package frames

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// Limit is how much of a frame Text, HTML and Markdown show. What is left out,
// of the middle, is an ellipsis.
type Limit struct {
	Rows    int // at most; 0: 20, negative: all
	Columns int // at most; 0: 20 (in Text as many as fit the Width), negative: all
	Width   int // of the lines of Text, in cells of the terminal; 0: 120, negative: any
	Digits  int // significant ones of floats; 0: 5

	// Total is how many rows the table has of which the frame holds the first and
	// the last Tail; 0: the frame holds all.
	Total, Tail int
}

const (
	defaultRows    = 20
	defaultColumns = 20
	defaultWidth   = 120
	defaultDigits  = 5
	ellipsis       = "…"
	skipped        = -1 // the place of the rows or columns that are left out
)

func or(v, instead int) int {
	if v == 0 {
		return instead
	}
	return v
}

// limitOf is the first limit, if there is one.
func limitOf(limits []Limit) Limit {
	var l Limit
	if len(limits) > 0 {
		l = limits[0]
	}
	l.Rows, l.Width, l.Digits = or(l.Rows, defaultRows), or(l.Width, defaultWidth), or(l.Digits, defaultDigits)
	return l
}

// ends are the places of n things, or if they are more than most, the first and the last
// with skipped between them.
func ends(n, most int) []int {
	if most < 0 || n <= most {
		most = n
	}
	var shown []int
	for i := range (most + 1) / 2 {
		shown = append(shown, i)
	}
	if most < n {
		shown = append(shown, skipped)
	}
	for i := n - most/2; i < n; i++ {
		shown = append(shown, i)
	}
	return shown
}

// shown is what is shown of a frame: a header and cells by column.
type shown struct {
	names  []string
	number []bool // the column is of numbers, which stand right
	cells  [][]string
	size   string // of the whole frame
}

// show makes the text of some columns of a frame.
func show(df dataframe.DataFrame, columns []int, l Limit) shown {
	t := showRows(df, l.rows(df.Nrow()), columns, l.Digits)
	t.size = size(max(df.Nrow(), l.Total), df.Ncol())
	return t
}

// rows are the places of the rows that are shown of a frame of n.
func (l Limit) rows(n int) []int {
	if l.Total <= n {
		return ends(n, l.Rows)
	}
	head, tail := n-min(max(l.Tail, 0), n), min(max(l.Tail, 0), n)
	if l.Rows >= 0 {
		head, tail = min(head, (l.Rows+1)/2), min(tail, l.Rows/2)
	}
	var rows []int
	for i := range head {
		rows = append(rows, i)
	}
	rows = append(rows, skipped)
	for i := n - tail; i < n; i++ {
		rows = append(rows, i)
	}
	return rows
}

// showRows makes the text of some rows and columns of a frame.
func showRows(df dataframe.DataFrame, rows, columns []int, digits int) (t shown) {
	names, kinds := df.Names(), df.Types()
	for _, c := range columns {
		cells := make([]string, len(rows))
		for i, r := range rows {
			if cells[i] = ellipsis; r != skipped && c != skipped {
				cells[i] = shortly(df.Elem(r, c), digits)
			}
		}
		name, number := ellipsis, false
		if c != skipped {
			name, number = names[c], kinds[c] == series.Int || kinds[c] == series.Float
		}
		t.names, t.number, t.cells = append(t.names, name), append(t.number, number), append(t.cells, cells)
	}
	return t
}

// size is the size of a table in words.
func size(rows, columns int) string {
	return fmt.Sprintf("%d %s × %d %s", rows, plural(rows, "row"), columns, plural(columns, "column"))
}

func plural(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}

// shortly is a value as a reader wants it: floats with some significant digits,
// but all digits before the point.
func shortly(e series.Element, digits int) string {
	if missing(e) || e.Type() != series.Float {
		return label(e)
	}
	v := e.Float()
	a := math.Abs(v)
	switch {
	case a > math.MaxFloat64:
		return string(appendFloat(nil, v)) // inf
	case a < 1e15 && a >= math.Pow10(digits-1):
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', max(digits, 1), 64)
}
