package nb

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/govidur/govidur/vidur/spec"
)

// text is the text form of a value, the same as MIME's, without making the others.
func text(v any) string {
	s := &speaker{v: v}
	b := Bundle{typeText: s.text()}
	s.remark(b)
	return b[typeText].(string)
}

// text is the first of what the value is known by, what it says, and its fields.
func (s *speaker) text() string {
	if isNil(s.v) {
		return "<nil>"
	}
	for _, form := range []func() (string, bool){s.bundled, s.known, s.spoken, s.pictured, s.written, s.tabular} {
		if t, ok := form(); ok {
			return t
		}
	}
	return printed(reflect.ValueOf(s.v), !s.mute)
}

// bundled is the text of a bundle that the value gives.
func (s *speaker) bundled() (string, bool) {
	m, _ := s.ask("MimeBundle")
	bundle, _ := m.(map[string]any)
	b := Bundle{}
	b.put(typeText, bundle[typeText])
	t, ok := b[typeText].(string)
	return t, ok
}

// known is the text of types that this package knows.
func (s *speaker) known() (string, bool) {
	if t, ok := pictureText(s.v); ok {
		return t, true
	}
	switch x := s.v.(type) {
	case string:
		return x, true
	case HTML, Markdown, LaTeX, JSON:
		return reflect.ValueOf(x).String(), true
	case json.RawMessage:
		return string(x), true
	case []byte:
		return bytesText(x), true
	case *spec.Experiment:
		if keys, err := x.YAML(); err == nil {
			return string(keys), true
		}
	case *spec.Run:
		return runText(x), true
	}
	return frameText(asFrame(s.v))
}

// runText says what an experiment came to that is ready to run.
func runText(r *spec.Run) string {
	lines := []string{fmt.Sprintf("run of %d requests, operator times: %s", r.Requests, r.Times)}
	if r.Requests == 0 { // that is not known
		lines[0] = "run, operator times: " + r.Times
	}
	return strings.Join(append(lines, r.Notes...), "\n")
}

// spoken is what the value says by a method Error or String.
func (s *speaker) spoken() (string, bool) {
	if _, ok := s.v.(Interpreted); !ok {
		if f, ok := s.v.(fmt.Formatter); ok && speaks(reflect.TypeOf(s.v)) {
			return fmt.Sprint(f), true
		}
	}
	if data, ok := s.ask("Error"); ok {
		e, _ := s.v.(error)
		return fmt.Sprint(data) + chain(e), true
	}
	if data, ok := s.ask("String"); ok {
		return fmt.Sprint(data), true
	}
	return "", false
}

// pictured says what the picture is that the value gives.
func (s *speaker) pictured() (string, bool) {
	if data, ok := s.ask("PNG"); ok {
		png, _ := data.([]byte)
		return pngText(png), true
	}
	if data, ok := s.ask("SVG"); ok {
		return pictureText(SVG(fmt.Sprint(data)))
	}
	return "", false
}

// written is the source that the value gives, where that can be read as it is.
func (s *speaker) written() (string, bool) {
	for _, method := range []string{"Markdown", "LaTeX"} {
		if data, ok := s.ask(method); ok {
			return fmt.Sprint(data), true
		}
	}
	return "", false
}

// mostBytes is how many bytes are shown of data.
const mostBytes = 256

// bytesText is the length of data and its beginning, in hexadecimal and as text.
func bytesText(data []byte) string {
	t := fmt.Sprintf("%d bytes\n%s", len(data), hex.Dump(data[:min(len(data), mostBytes)]))
	if len(data) > mostBytes {
		return t + "…"
	}
	return strings.TrimSuffix(t, "\n")
}
