package layerwise

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// tokens reads a JSON text value by value and knows the line that it is in.
type tokens struct {
	file     string
	raw      []byte
	dec      *json.Decoder
	line, at int // lines before the offset at
}

func newTokens(file string, raw []byte) *tokens {
	t := &tokens{file: file, raw: raw, dec: json.NewDecoder(bytes.NewReader(raw)), line: 1}
	t.dec.UseNumber()
	return t
}

// here is the line of what was read last.
func (t *tokens) here() int {
	to := min(int(t.dec.InputOffset()), len(t.raw))
	t.line += bytes.Count(t.raw[t.at:to], []byte("\n"))
	t.at = to
	return t.line
}

func (t *tokens) fail(format string, args ...any) error {
	return &Error{File: t.file, Line: t.here(), Text: fmt.Sprintf(format, args...)}
}

// broken is the error of the decoder with its place.
func (t *tokens) broken(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{t.file, 1 + bytes.Count(t.raw, []byte("\n")), "the file is cut short"}
	case errors.As(err, &syntax):
		to := min(max(int(syntax.Offset)-1, 0), len(t.raw))
		to += len(t.raw[to:]) - len(bytes.TrimLeft(t.raw[to:], " \t\r\n")) // what is wrong comes after the blanks
		return &Error{t.file, 1 + bytes.Count(t.raw[:to], []byte("\n")), syntax.Error()}
	}
	return t.fail("%v", err)
}

func (t *tokens) next() (json.Token, error) {
	tok, err := t.dec.Token()
	if err != nil {
		return nil, t.broken(err)
	}
	return tok, nil
}

// object calls each with every key; each must read its value.
func (t *tokens) object(what string, each func(key string) error) error {
	tok, err := t.next()
	if err != nil {
		return err
	}
	if tok != json.Delim('{') {
		return t.fail("%s is %s, not an object", what, show(tok))
	}
	seen := map[string]bool{}
	for t.dec.More() {
		tok, err := t.next()
		if err != nil {
			return err
		}
		key, _ := tok.(string)
		if seen[key] {
			return t.fail("%q stands twice in %s", key, what)
		}
		seen[key] = true
		if err := each(key); err != nil {
			return err
		}
	}
	_, err = t.next()
	return err
}

// array calls each for every element; each must read it.
func (t *tokens) array(what string, each func() error) error {
	tok, err := t.next()
	if err != nil {
		return err
	}
	if tok != json.Delim('[') {
		return t.fail("%s is %s, not a list", what, show(tok))
	}
	for t.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err = t.next()
	return err
}

// number reads a number that is finite and not negative; null is 0.
func (t *tokens) number(what string) (float64, error) {
	tok, err := t.next()
	if err != nil || tok == nil {
		return 0, err
	}
	n, ok := tok.(json.Number)
	if !ok {
		return 0, t.fail("%s is %s, not a number", what, show(tok))
	}
	v, err := n.Float64()
	if err != nil || v < 0 {
		return 0, t.fail("%s is %s", what, n)
	}
	return v, nil
}

// whole reads a number from 0 to 2^31 without a fraction; null is 0.
func (t *tokens) whole(what string) (int, error) {
	v, err := t.number(what)
	if err == nil && (v != math.Trunc(v) || v > 1<<31) {
		err = t.fail("%s is %g, not a number of things", what, v)
	}
	return int(v), err
}

func (t *tokens) text(what string) (string, error) {
	tok, err := t.next()
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", t.fail("%s is %s, not text", what, show(tok))
	}
	return s, nil
}

// value reads anything as it stands.
func (t *tokens) value() (json.RawMessage, error) {
	var raw json.RawMessage
	if err := t.dec.Decode(&raw); err != nil {
		return nil, t.broken(err)
	}
	return raw, nil
}

// show names a token in an error.
func show(tok json.Token) string {
	switch v := tok.(type) {
	case nil:
		return "null"
	case json.Delim:
		return map[json.Delim]string{'{': "an object", '[': "a list"}[v]
	case string:
		return fmt.Sprintf("%.40q", v)
	}
	return fmt.Sprint(tok)
}
