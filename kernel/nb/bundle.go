package nb

import (
	"encoding/json"
	"html"
	"strings"
)

// MIME types of bundles.
const (
	typeText     = "text/plain"
	typeHTML     = "text/html"
	typeMarkdown = "text/markdown"
	typeLaTeX    = "text/latex"
	typeSVG      = "image/svg+xml"
	typePNG      = "image/png"
	typeJSON     = "application/json"
)

// Bundle is a value in several forms, of which a front end shows the one it
// likes best: by MIME type a string for text, []byte for other data, and a
// json.RawMessage for JSON.
type Bundle map[string]any

// HTML, Markdown, SVG, LaTeX and JSON are sources that are displayed as what
// they mean. In a terminal all but SVG are shown as they are.
type (
	HTML     string
	Markdown string
	SVG      string
	LaTeX    string
	JSON     string
)

// A value says how it is displayed by having one or more of these methods. One
// that panics, or returns what is not of its form, gives a note below the text.
type (
	HTMLer      interface{ HTML() string }
	Markdowner  interface{ Markdown() string }
	SVGer       interface{ SVG() string }
	PNGer       interface{ PNG() []byte }
	LaTeXer     interface{ LaTeX() string }
	JSONer      interface{ JSON() []byte }
	MimeBundler interface{ MimeBundle() map[string]any } // by MIME type: a string, []byte, or what JSON is made of
)

// MIME returns all the forms of a value. There is always text/plain; others are
//
//	methods         what they return, see HTMLer
//	HTML, SVG, ...  itself
//	figure, plot    image/png, and image/svg+xml if that is not too long
//	image.Image     image/png
//	data frame, sweep, metrics.Store, metrics.Summary  text/html, text/markdown
//	slice of structs, of maps or of slices, map, comparison  the same
//	json.RawMessage application/json
//
// Of a struct's fields those have their unit in the header that have the tag
// unit, as in `unit:"ms"`. NaN and infinite numbers in JSON become null. A long
// value is shown in part, whatever its length.
func MIME(v any) Bundle {
	b := Bundle{}
	s := &speaker{v: v}
	if isNil(v) {
		b[typeText] = s.text()
		return b
	}
	s.pictures(b)
	s.tables(b)
	b.sources(v)
	s.methods(b)
	if _, ok := b[typeText].(string); !ok {
		b[typeText] = s.text()
	}
	s.remark(b)
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
	case LaTeX:
		b[typeLaTeX] = string(s)
	case JSON:
		b[typeJSON] = asJSON([]byte(s))
	case json.RawMessage:
		b[typeJSON] = asJSON(s)
	}
}

// methods adds what a value says of itself.
func (s *speaker) methods(b Bundle) {
	for _, f := range forms {
		if data, ok := s.ask(f.method); ok {
			b.put(f.kind, data)
		}
	}
	m, _ := s.ask("MimeBundle")
	bundle, _ := m.(map[string]any)
	for _, kind := range sortedNames(bundle) {
		if !strings.Contains(kind, "/") {
			s.note("MimeBundle has %q, which is no MIME type", kind)
			continue
		}
		b.put(kind, bundle[kind])
	}
}

// remark adds the notes to the forms that are text.
func (s *speaker) remark(b Bundle) {
	if len(s.notes) == 0 {
		return
	}
	notes := strings.Join(s.notes, "\n")
	if t, _ := b[typeText].(string); !strings.HasSuffix(t, notes) {
		b[typeText] = strings.TrimSuffix(t, "\n") + "\n" + notes
	}
	if page, ok := b[typeHTML].(string); ok {
		b[typeHTML] = page + "<pre>" + html.EscapeString(notes) + "</pre>\n"
	}
}
