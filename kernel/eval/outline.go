package eval

import (
	"go/token"
	"strings"
)

// Part is a piece of a cell: one declaration, or statements in one line or more.
type Part struct {
	Start, End int         // bytes of the code, without comments before it
	First      token.Token // PACKAGE, IMPORT, CONST, TYPE or FUNC of a declaration
	Statement  bool        // it runs where it stands; variables are declared so too
}

// Outline is what a cell consists of.
type Outline struct {
	Parts []Part
	Whole bool // a file with a package clause
	Shows bool // the value of the last statement is asked for: no semicolon follows it
}

// OutlineOf cuts a Source as a Session does, without a look at what it means. The
// error is an *Error if it does not parse.
func OutlineOf(src Source) (Outline, error) {
	s := &Session{lines: map[string][]string{src.Name: splitLines(src.Code)}, world: &world{fset: token.NewFileSet()}}
	chunks, err := split(src)
	if err != nil {
		return Outline{}, s.syntaxError(err)
	}
	text, whole := fileText(src, chunks)
	if _, err := s.parseFile(text); err != nil {
		return Outline{}, s.syntaxError(err)
	}
	o := Outline{Whole: whole, Shows: shows(src, chunks)}
	for _, k := range chunks {
		o.Parts = append(o.Parts, Part{Start: k.token, End: k.end, First: k.first, Statement: k.stmt})
	}
	return o, nil
}

// shows reports whether a cell ends with a statement whose value is asked for.
func shows(src Source, chunks []chunk) bool {
	n := len(chunks)
	return n > 0 && chunks[n-1].stmt && !strings.HasSuffix(strings.TrimSpace(strip(src.Code)), ";")
}
