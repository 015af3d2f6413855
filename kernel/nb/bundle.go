package nb

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// MIME types of bundles.
const (
	typeText     = "text/plain"
	typeHTML     = "text/html"
	typeMarkdown = "text/markdown"
	typeLatex    = "text/latex"
	typeSVG      = "image/svg+xml"
	typePNG      = "image/png"
	typeJSON     = "application/json"
)

// Bundle is a value in several forms, of which a front end shows the one it
// likes best: by MIME type a string for text, []byte for other data, and a
// json.RawMessage for JSON.
type Bundle map[string]any

// HTML, Markdown, SVG and Latex are sources that are displayed as what they
// mean. In a terminal HTML, Markdown and Latex are shown as they are.
type (
	HTML     string
	Markdown string
	SVG      string
	Latex    string
)

// A value says how it is displayed by having one or more of these methods.
type (
	HTMLer      interface{ HTML() string }
	Markdowner  interface{ Markdown() string }
	SVGer       interface{ SVG() string }
	PNGer       interface{ PNG() []byte }
	Latexer     interface{ Latex() string }
	MimeBundler interface{ MimeBundle() map[string]any } // by MIME type: a string, []byte, or what JSON is made of
)

// MIME returns all the forms of a value. There is always text/plain; others are
//
//	methods         what they return, see HTMLer
//	HTML, SVG, ...  itself
//	figure, plot    image/png, and image/svg+xml if that is not too long
//	image.Image     image/png
//	data frame, sweep, metrics.Store, metrics.Summary  text/html, text/markdown
//	slice of structs or maps, map                      the same
//	json.RawMessage application/json
//
// NaN and infinite numbers in JSON become null.
func MIME(v any) Bundle {
	b := Bundle{}
	if isNil(v) {
		b[typeText] = "<nil>"
		return b
	}
	if x, ok := v.(Interpreted); ok {
		b.interpreted(x)
		return b
	}
	b.pictures(v)
	b.tables(v)
	b.sources(v)
	b.methods(v)
	if m, ok := v.(MimeBundler); ok {
		for kind, data := range m.MimeBundle() {
			b.put(kind, data)
		}
	}
	if _, ok := b[typeText].(string); !ok {
		b[typeText] = text(v)
	}
	return b
}

// put adds a form in the type that a bundle has for it.
func (b Bundle) put(kind string, data any) {
	if kind == typeJSON || strings.HasSuffix(kind, "+json") {
		b[kind] = asJSON(data)
		return
	}
	switch d := data.(type) {
	case string:
		b[kind] = d
	case []byte:
		b[kind] = d
		if strings.HasPrefix(kind, "text/") || kind == typeSVG {
			b[kind] = string(d)
		}
	case nil:
	default:
		b[kind] = text(d)
	}
}

// sources adds the forms of values that are sources.
func (b Bundle) sources(v any) {
	switch s := v.(type) {
	case HTML:
		b[typeHTML] = string(s)
	case Markdown:
		b[typeMarkdown] = string(s)
	case SVG:
		b[typeSVG] = string(s)
	case Latex:
		b[typeLatex] = string(s)
	case json.RawMessage:
		b[typeJSON] = asJSON(s)
	}
}

// methods adds what a value says of itself.
func (b Bundle) methods(v any) {
	if m, ok := v.(HTMLer); ok {
		b[typeHTML] = m.HTML()
	}
	if m, ok := v.(Markdowner); ok {
		b[typeMarkdown] = m.Markdown()
	}
	if m, ok := v.(SVGer); ok {
		b[typeSVG] = m.SVG()
	}
	if m, ok := v.(PNGer); ok {
		b[typePNG] = m.PNG()
	}
	if m, ok := v.(Latexer); ok {
		b[typeLatex] = m.Latex()
	}
}

// text is the text form of a value, the same as MIME's, without making the others.
func text(v any) string {
	if isNil(v) {
		return "<nil>"
	}
	if x, ok := v.(Interpreted); ok {
		return interpretedText(x)
	}
	if m, ok := v.(MimeBundler); ok {
		b := Bundle{}
		b.put(typeText, m.MimeBundle()[typeText])
		if s, ok := b[typeText].(string); ok {
			return s
		}
	}
	if s, ok := pictureText(v); ok {
		return s
	}
	if s, ok := frameText(v); ok {
		return s
	}
	switch x := v.(type) {
	case string:
		return x
	case HTML, Markdown, Latex:
		return reflect.ValueOf(x).String()
	case json.RawMessage:
		return string(x)
	case error:
		return fmt.Sprint(x) // which survives a method that panics
	case fmt.Stringer:
		return fmt.Sprint(x)
	case Markdowner:
		return x.Markdown()
	case Latexer:
		return x.Latex()
	}
	if s, ok := tableText(v); ok {
		return s
	}
	return plain(v)
}

// isNil reports whether there is nothing to show: methods of a nil pointer are
// not called.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}
