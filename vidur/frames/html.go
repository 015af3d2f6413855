package frames

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-gota/gota/dataframe"
)

// Pages of HTML.
const (
	pageRows   = 50
	mostPaged  = 2000  // rows on all pages
	mostCells  = 10000 // cells on all pages
	mostInCell = 200   // characters of a value
)

// HTML returns a table for a notebook or a page, and the size of the frame under
// it. Without a Limit of rows those that are left out follow, folded, on pages of
// 50, as far as 2000 rows or 10000 cells go. There are neither scripts nor
// classes, so that nothing of it is lost where those are taken out, and no colours,
// so that it is right on dark pages too. Columns that metrics knows by name have
// their unit in the header. Text is escaped.
func HTML(df dataframe.DataFrame, limit ...Limit) string {
	if df.Err != nil {
		return "<p>" + html.EscapeString(clean(df.Err.Error())) + "</p>\n"
	}
	l := limitOf(limit)
	columns := ends(df.Ncol(), or(l.Columns, defaultColumns))
	t := show(df, columns, l)
	t.withUnits(df)
	var out strings.Builder
	t.html(&out)
	out.WriteString("<p>" + t.size + "</p>\n")
	if all := len(limit) == 0 || limit[0].Rows == 0; all && slices.Contains(l.rows(df.Nrow()), skipped) {
		pages(&out, df, columns, l)
	}
	return out.String()
}

// withUnits puts the units that metrics knows behind the names of columns.
func (t *shown) withUnits(df dataframe.DataFrame) {
	units := Units(df)
	for c, name := range t.names {
		if unit := units[unitKey+name]; unit != "" {
			t.names[c] = name + " (" + unit + ")"
		}
	}
}

// html writes a table. Numbers stand right by an attribute, which is all that some
// pages leave; text stands left by a style, since notebooks set everything right.
func (t *shown) html(out *strings.Builder) {
	line := func(tag string, cell func(c int) string) {
		out.WriteString("<tr>")
		for c, number := range t.number {
			align := ` style="text-align:left"`
			if number {
				align = ` align="right"`
			}
			text := clean(cell(c))
			out.WriteString("<" + tag + align + ">" + html.EscapeString(cut(text, mostInCell)) + "</" + tag + ">")
		}
		out.WriteString("</tr>\n")
	}
	out.WriteString("<table cellpadding=\"4\">\n<thead>\n")
	line("th", func(c int) string { return t.names[c] })
	out.WriteString("</thead>\n<tbody>\n")
	for r := range t.rows() {
		line("td", func(c int) string { return t.cells[c][r] })
	}
	out.WriteString("</tbody>\n</table>\n")
}

// pages writes the rows of a frame from the first on, folded.
func pages(out *strings.Builder, df dataframe.DataFrame, columns []int, l Limit) {
	total, n := max(df.Nrow(), l.Total), df.Nrow()
	if total > n {
		n -= min(max(l.Tail, 0), n)
	}
	n = min(n, mostPaged, mostCells/max(len(columns), 1))
	summary := fmt.Sprintf("all %d rows", n)
	if n < total {
		summary = fmt.Sprintf("the first %d of %d rows", n, total)
	}
	out.WriteString("<details><summary>" + summary + "</summary>\n")
	for first := 0; first < n; first += pageRows {
		rows := make([]int, min(pageRows, n-first))
		for i := range rows {
			rows[i] = first + i
		}
		t := showRows(df, rows, columns, l.Digits)
		t.withUnits(df)
		if n <= pageRows {
			t.html(out)
			break
		}
		fmt.Fprintf(out, "<details><summary>%d–%d</summary>\n", first+1, first+len(rows))
		t.html(out)
		out.WriteString("</details>\n")
	}
	out.WriteString("</details>\n")
}

// rows are how many rows are shown.
func (t *shown) rows() int {
	if len(t.cells) == 0 {
		return 0
	}
	return len(t.cells[0])
}

// Markdown returns a table of GitHub's Markdown, and the size of the frame under
// it. What Markdown or HTML would take for more than text is escaped.
func Markdown(df dataframe.DataFrame, limit ...Limit) string {
	if df.Err != nil {
		return markdownText(df.Err.Error()) + "\n"
	}
	l := limitOf(limit)
	t := show(df, ends(df.Ncol(), or(l.Columns, defaultColumns)), l)
	t.withUnits(df)
	var out strings.Builder
	line := func(cell func(c int) string) {
		for c := range t.names {
			out.WriteString("| " + cell(c) + " ")
		}
		out.WriteString("|\n")
	}
	if len(t.names) > 0 {
		line(func(c int) string { return markdownText(t.names[c]) })
		line(func(c int) string {
			if t.number[c] {
				return "--:"
			}
			return ":--"
		})
		for r := range t.rows() {
			line(func(c int) string { return markdownText(t.cells[c][r]) })
		}
		out.WriteString("\n")
	}
	return out.String() + t.size + "\n"
}

// markdownText escapes a text. An underscore within a word is none of emphasis.
func markdownText(s string) string {
	s = clean(s)
	var b strings.Builder
	for i, r := range s {
		if strings.ContainsRune("\\`*[]|~#<>&$", r) || r == '_' && !inWord(s, i) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// inWord reports whether the character at i is between letters or digits.
func inWord(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	return (unicode.IsLetter(before) || unicode.IsDigit(before)) && (unicode.IsLetter(after) || unicode.IsDigit(after))
}
