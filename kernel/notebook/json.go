package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/govidur/govidur/kernel/wire"
)

// decode reads JSON into maps, lists, strings, bools, nil and numbers as they are
// written by encode.
func decode(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, jsonError(text, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("there is more behind its end")
	}
	return canonical(v)
}

// jsonError says in which line the JSON is wrong.
func jsonError(text []byte, err error) error {
	var wrong *json.SyntaxError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("it is not JSON: %w", err)
	}
	line := 1 + bytes.Count(text[:min(int(wrong.Offset), len(text))], []byte("\n"))
	return fmt.Errorf("it is not JSON: line %d: %w", line, err)
}

// canonical writes the numbers in a value as Python does.
func canonical(v any) (_ any, err error) {
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case []any:
		for i := range v {
			if v[i], err = canonical(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if v[k], err = canonical(v[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// number is a number of JSON as Python's json module writes what it has read:
// integers as they are, others as the shortest text of their float64.
func number(s string) (json.Number, error) {
	if !strings.ContainsAny(s, ".eE") {
		if s == "-0" {
			s = "0"
		}
		return json.Number(s), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "", fmt.Errorf("the number %s is too large", s)
	}
	return json.Number(pythonFloat(f)), nil
}

// pythonFloat is repr(f) of Python: an exponent below -4 and from 16 on.
func pythonFloat(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// tree is any value as decode would have read it. What JSON has no word for is null.
func tree(v any) any {
	out, err := decode(wire.JSON(v))
	if err != nil { // numbers of Go are not too large
		return nil
	}
	return out
}

// encode appends a value that decode gives, indented by a space for each level.
func encode(b []byte, v any, level int) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case json.Number:
		return append(b, v...)
	case string:
		return quote(b, v)
	case []any:
		return encodeList(b, v, level)
	case map[string]any:
		return encodeMap(b, v, level)
	}
	return encode(b, tree(v), level)
}

func encodeList(b []byte, list []any, level int) []byte {
	if len(list) == 0 {
		return append(b, "[]"...)
	}
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = encode(newline(b, level+1), v, level+1)
	}
	return append(newline(b, level), ']')
}

func encodeMap(b []byte, m map[string]any, level int) []byte {
	if len(m) == 0 {
		return append(b, "{}"...)
	}
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(quote(newline(b, level+1), k), ": "...)
		b = encode(b, m[k], level+1)
	}
	return append(newline(b, level), '}')
}

func newline(b []byte, level int) []byte {
	b = append(b, '\n')
	for range level {
		b = append(b, ' ')
	}
	return b
}

// escapes are the characters that Python's json module writes by a letter.
var escapes = map[byte]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\f': `\f`, '\b': `\b`}

// quote appends a string, in which only control characters are escaped.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		switch short := escapes[c]; {
		case short != "":
			b = append(b, short...)
		case c < 0x20:
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
