package eval

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// Status says whether code can be run as it stands.
type Status string

// The states of code that is being typed.
const (
	Complete   Status = "complete"
	Incomplete Status = "incomplete" // more lines must follow
	Invalid    Status = "invalid"    // no further line can make it right
)

// StatusOf says whether code is a whole cell, and how the next line of an
// incomplete one is indented.
func StatusOf(code string) (Status, string) {
	src := Source{Name: "cell", Code: code}
	chunks, err := split(src)
	if err != nil {
		if strings.Contains(err.Error(), "not terminated") && !strings.Contains(err.Error(), "rune literal") && !endsInLine(err) {
			return Incomplete, ""
		}
		return Invalid, ""
	}
	list, err := scan(src)
	if err != nil {
		return Invalid, ""
	}
	depth := 0
	for _, l := range list {
		switch l.tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		}
	}
	if depth > 0 {
		return Incomplete, strings.Repeat("\t", depth)
	}
	text, _ := fileText(src, chunks)
	_, err = parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	switch {
	case err == nil:
		return Complete, ""
	case depth == 0 && len(list) > 0 && continues(list[len(list)-1].tok):
		return Incomplete, ""
	}
	return Invalid, ""
}

// endsInLine reports whether a literal that is not terminated is of those that
// end with their line.
func endsInLine(err error) bool {
	list, ok := err.(scanner.ErrorList)
	return ok && len(list) > 0 && strings.HasPrefix(list[0].Msg, "string literal")
}

// continues reports whether the last token of code asks for more: an operator,
// a comma, a keyword.
func continues(t token.Token) bool {
	switch t {
	case token.SEMICOLON, token.INC, token.DEC, token.RPAREN, token.RBRACE, token.RBRACK:
		return false
	}
	return t.IsOperator() || t.IsKeyword()
}
