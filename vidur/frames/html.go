package frames

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-gota/gota/dataframe"
)

// HTML returns a table for a notebook or a page, and the size of the frame under
// it. It has neither styles nor scripts, so that nothing of it is lost where
// those are taken out; numbers stand right by attribute. Text is escaped.
func HTML(df dataframe.DataFrame, limit ...Limit) string {
	if df.Err != nil {
		return "<p>" + html.EscapeString(clean(df.Err.Error())) + "</p>\n"
	}
	l := limitOf(limit)
	t := show(df, ends(df.Ncol(), or(l.Columns, defaultColumns)), l)
	var out strings.Builder
	line := func(tag string, cell func(c int) string) {
		out.WriteString("<tr>")
		for c, number := range t.number {
			align := "left"
			if number {
				align = "right"
			}
			out.WriteString("<" + tag + ` align="` + align + `">` + html.EscapeString(clean(cell(c))) + "</" + tag + ">")
		}
		out.WriteString("</tr>\n")
	}
	out.WriteString("<table>\n<thead>\n")
	line("th", func(c int) string { return t.names[c] })
	out.WriteString("</thead>\n<tbody>\n")
	for r := range t.rows() {
		line("td", func(c int) string { return t.cells[c][r] })
	}
	out.WriteString("</tbody>\n</table>\n<p>" + t.size + "</p>\n")
	return out.String()
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
