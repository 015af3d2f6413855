package gallery

import (
	"go/scanner"
	"go/token"
	"go/types"
	"html"
	"html/template"
	"strings"
)

// Highlight is Go, or what a cell has in its place, in HTML: spans of the classes k
// (keywords), s (strings and runes), n (numbers), c (comments), b (predeclared
// names) and m (lines that are commands to the kernel, before the Go).
func Highlight(code string) template.HTML {
	var out strings.Builder
	span := func(class, text string) {
		out.WriteString(`<span class="` + class + `">` + html.EscapeString(text) + `</span>`)
	}
	for strings.HasPrefix(code, "%") || strings.HasPrefix(code, "!") {
		line, rest, more := strings.Cut(code, "\n")
		span("m", line)
		if code = rest; more {
			out.WriteByte('\n')
		}
	}
	var s scanner.Scanner
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(code))
	s.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	end := 0 // of what is written
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		class := classOf(tok, lit)
		if class == "" || !strings.HasPrefix(code[file.Offset(pos):], lit) {
			continue // of raw strings and comments the scanner leaves carriage returns out
		}
		out.WriteString(html.EscapeString(code[end:file.Offset(pos)]))
		span(class, lit)
		end = file.Offset(pos) + len(lit)
	}
	out.WriteString(html.EscapeString(code[end:]))
	return template.HTML(out.String())
}

// classOf is the class of a token; empty if it has none.
func classOf(tok token.Token, lit string) string {
	switch {
	case tok.IsKeyword():
		return "k"
	case tok == token.STRING || tok == token.CHAR:
		return "s"
	case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
		return "n"
	case tok == token.COMMENT:
		return "c"
	case tok == token.IDENT && types.Universe.Lookup(lit) != nil:
		return "b"
	}
	return ""
}
