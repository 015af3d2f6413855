package nb

import "fmt"

// Interpreted is a value of a type that interpreted code declares. Compiled code
// does not see the methods of such a type: it asks for them. It is for hosts only.
type Interpreted interface {
	fmt.Formatter // as fmt prints the value when it is compiled

	// Call calls a method without arguments; ok is false if there is none.
	Call(name string) (result any, ok bool)

	// Mirror is the value without its type: slices, maps and structs of the
	// exported fields, of which a table can be made.
	Mirror() any
}

// interpreted adds the forms of an interpreted value.
func (b Bundle) interpreted(x Interpreted) {
	if m := x.Mirror(); !speaksInterpreted(x) && !isNil(m) {
		b.tables(m)
	}
	for name, kind := range map[string]string{"HTML": typeHTML, "Markdown": typeMarkdown, "SVG": typeSVG, "PNG": typePNG, "Latex": typeLatex} {
		if data, ok := x.Call(name); ok {
			b.put(kind, data)
		}
	}
	if m, ok := x.Call("MimeBundle"); ok {
		if forms, ok := m.(map[string]any); ok {
			for kind, data := range forms {
				b.put(kind, data)
			}
		}
	}
	if _, ok := b[typeText].(string); !ok {
		b[typeText] = interpretedText(x)
	}
}

// speaksInterpreted reports whether a value says how it prints.
func speaksInterpreted(x Interpreted) bool {
	for _, name := range []string{"Error", "String"} {
		if _, ok := x.Call(name); ok {
			return true
		}
	}
	return false
}

// interpretedText is the text form of an interpreted value.
func interpretedText(x Interpreted) string {
	if m, ok := x.Call("MimeBundle"); ok {
		if forms, ok := m.(map[string]any); ok {
			if s, ok := forms[typeText].(string); ok {
				return s
			}
		}
	}
	if speaksInterpreted(x) {
		return fmt.Sprint(x)
	}
	if data, ok := x.Call("PNG"); ok {
		if b, ok := data.([]byte); ok {
			s, _ := pictureText(pngData(b))
			return s
		}
	}
	if data, ok := x.Call("SVG"); ok {
		s, _ := pictureText(SVG(fmt.Sprint(data)))
		return s
	}
	for _, name := range []string{"Markdown", "Latex"} {
		if data, ok := x.Call(name); ok {
			return fmt.Sprint(data)
		}
	}
	if m := x.Mirror(); !isNil(m) {
		if s, ok := tableText(m); ok {
			return s
		}
	}
	return fmt.Sprintf("%+v", x)
}

// pngData is a picture that a method of an interpreted value gave.
type pngData []byte

// PNG returns it.
func (p pngData) PNG() []byte { return p }
