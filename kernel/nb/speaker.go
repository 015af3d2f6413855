package nb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/frames"
)

// speaker is a value that is asked for its forms. It is asked for each once,
// and survives answers of any kind.
type speaker struct {
	v       any
	answers map[string]answer
	notes   []string // what was wrong with answers
	mute    bool     // what it says of itself cannot be used

	tabled bool // table was looked for
	table  any  // data frame; nil if there is none
	limit  frames.Limit
}

type answer struct {
	data any
	ok   bool
}

// forms are the methods that give a form each, in the order in which they are asked.
var forms = []struct{ method, kind string }{
	{"HTML", typeHTML}, {"Markdown", typeMarkdown}, {"SVG", typeSVG}, {"PNG", typePNG}, {"LaTeX", typeLaTeX}, {"JSON", typeJSON},
}

// ask is what a method of the value returns; ok is false without a method, or
// without an answer that is of any use.
func (s *speaker) ask(method string) (data any, ok bool) {
	a, known := s.answers[method]
	if !known {
		a = s.answer(method)
		if s.answers == nil {
			s.answers = map[string]answer{}
		}
		s.answers[method] = a
	}
	return a.data, a.ok
}

func (s *speaker) answer(method string) (a answer) {
	defer s.guard(method)
	data, ok := called(s.v, method)
	if speech := method == "Error" || method == "String"; !ok || !speech && extent(data) == 0 {
		return answer{}
	}
	if wrong := misshapen(method, data); wrong != "" {
		s.note("%s returns %s", method, wrong)
		return answer{}
	}
	return answer{data, true}
}

// guard, when deferred, turns a panic into a note.
func (s *speaker) guard(what string) {
	switch r := recover().(type) {
	case nil:
	case Ended: // it ends the cell
		panic(r)
	default:
		s.mute = s.mute || what == "Error" || what == "String"
		s.note("%s panics: %v", what, r)
	}
}

// note says in a line what is wrong with the value's methods.
func (s *speaker) note(format string, args ...any) {
	line, _, _ := strings.Cut(fmt.Sprintf(format, args...), "\n")
	if line = "(" + line + ")"; !slices.Contains(s.notes, line) {
		s.notes = append(s.notes, line)
	}
}

// called calls a method that the value may have.
func called(v any, method string) (data any, ok bool) {
	if x, ok := v.(Interpreted); ok {
		return x.Call(method)
	}
	switch method {
	case "HTML":
		data, ok = callOf(v, HTMLer.HTML)
	case "Markdown":
		data, ok = callOf(v, Markdowner.Markdown)
	case "SVG":
		data, ok = callOf(v, SVGer.SVG)
	case "PNG":
		data, ok = callOf(v, PNGer.PNG)
	case "LaTeX":
		data, ok = callOf(v, LaTeXer.LaTeX)
	case "JSON":
		data, ok = callOf(v, JSONer.JSON)
	case "MimeBundle":
		data, ok = callOf(v, MimeBundler.MimeBundle)
	case "Error":
		data, ok = callOf(v, error.Error)
	case "String":
		data, ok = callOf(v, fmt.Stringer.String)
	}
	return data, ok
}

func callOf[I, R any](v any, method func(I) R) (data any, ok bool) {
	if i, ok := v.(I); ok {
		return method(i), true
	}
	return nil, false
}

// extent is how long an answer is: an empty form is none.
func extent(data any) int {
	switch d := data.(type) {
	case string:
		return len(d)
	case []byte:
		return len(d)
	case map[string]any:
		return len(d)
	}
	return 1
}

// misshapen says what an answer is, if it is not of the form that it should be.
func misshapen(method string, data any) string {
	raw, _ := data.([]byte)
	page, _ := data.(string)
	switch {
	case method == "PNG" && !bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return fmt.Sprintf("%d bytes that are no PNG", len(raw))
	case method == "SVG" && !strings.Contains(page, "<svg"):
		return fmt.Sprintf("%d bytes that are no SVG", len(page))
	case method == "JSON" && !json.Valid(raw):
		return fmt.Sprintf("%d bytes that are no JSON", len(raw))
	}
	return ""
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// isNil reports whether there is nothing to show: methods of a nil pointer are
// not called.
func isNil(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case Interpreted:
		return x.IsNil()
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}
