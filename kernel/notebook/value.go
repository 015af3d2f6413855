package notebook

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// value is the value of a parameter as it was given.
type value struct {
	kind string  // int, float64, string, bool, rune, or list
	code string  // in Go; not of a list
	text string  // as flags have it; not of a list
	list []value // of a list
}

// parseValue reads a Go literal, a list of them in brackets, or a string without
// quotes.
func parseValue(s string) (value, error) {
	if trimmed := strings.TrimSpace(s); strings.HasPrefix(trimmed, "[") && strings.HasSuffix(trimmed, "]") {
		return parseList(trimmed[1 : len(trimmed)-1])
	}
	return parseScalar(s), nil
}

func parseScalar(s string) value {
	word := strings.TrimSpace(s)
	if word == "true" || word == "false" {
		return value{kind: "bool", code: word, text: word}
	}
	x, err := parser.ParseExpr(word)
	if err != nil {
		return plainString(s)
	}
	if sign, ok := x.(*ast.UnaryExpr); ok && (sign.Op == token.SUB || sign.Op == token.ADD) {
		x = sign.X
	}
	lit, ok := x.(*ast.BasicLit)
	signed := ok && !strings.HasPrefix(word, lit.Value)
	switch {
	case ok && lit.Kind == token.INT:
		return value{kind: "int", code: word, text: word}
	case ok && lit.Kind == token.FLOAT:
		return value{kind: "float64", code: word, text: word}
	case ok && lit.Kind == token.STRING && !signed:
		text, err := strconv.Unquote(lit.Value)
		if err == nil {
			return value{kind: "string", code: lit.Value, text: text}
		}
	case ok && lit.Kind == token.CHAR && !signed:
		return value{kind: "rune", code: lit.Value, text: lit.Value}
	}
	return plainString(s)
}

func plainString(s string) value { return value{kind: "string", code: strconv.Quote(s), text: s} }

// parseList reads what stands between brackets.
func parseList(s string) (value, error) {
	v := value{kind: "list"}
	for _, item := range splitList(s) {
		v.list = append(v.list, parseScalar(item))
	}
	for _, x := range v.list {
		if kind := v.list[0].kind; x.kind != kind && !(isNumber(x.kind) && isNumber(kind)) {
			return v, fmt.Errorf("its items are of different types, %s and %s", kind, x.kind)
		}
	}
	return v, nil
}

func isNumber(kind string) bool { return kind == "int" || kind == "float64" }

// splitList cuts at commas outside of quotes.
func splitList(s string) (items []string) {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	start, quote := 0, rune(0)
	for i, c := range s {
		switch {
		case quote != 0:
			if c == quote && (quote == '`' || !strings.HasSuffix(s[:i], `\`) || strings.HasSuffix(s[:i], `\\`)) {
				quote = 0
			}
		case c == '"' || c == '`':
			quote = c
		case c == ',':
			items = append(items, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(items, strings.TrimSpace(s[start:]))
}

// expression is the value in Go. A list has the type that the variable was declared
// with, if that is known.
func (v value) expression(declared string) string {
	if v.kind != "list" {
		return v.code
	}
	if declared == "" && len(v.list) == 0 {
		return "nil"
	}
	var items []string
	kind := ""
	for _, x := range v.list {
		items = append(items, x.code)
		if kind != "float64" {
			kind = x.kind
		}
	}
	if declared == "" {
		declared = "[]" + kind
	}
	return declared + "{" + strings.Join(items, ", ") + "}"
}

// flag is the value in the form that flags have.
func (v value) flag() (string, error) {
	if v.kind != "list" {
		return v.text, nil
	}
	var items []string
	for _, x := range v.list {
		if strings.Contains(x.text, ",") {
			return "", errors.New("an item of a list cannot have a comma")
		}
		items = append(items, x.text)
	}
	return strings.Join(items, ","), nil
}
