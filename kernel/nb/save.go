package nb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/govidur/govidur/kernel/internal/whole"
)

// Renderer is what SaveFigure saves: a figure of package plots, or anything that
// makes the bytes of a format, "svg", "png", "pdf" or "eps", and the numbers that
// it draws as "csv", if it knows them.
type Renderer interface {
	Bytes(format string) ([]byte, error)
}

// provenance is what stands in the JSON file beside a figure.
type provenance struct {
	Figure     string       `json:"figure"`
	Parameters []savedParam `json:"parameters"`
	Build      BuildInfo    `json:"build"`
	Files      []Hash       `json:"files"` // SHA-256 of what was written
}

type savedParam struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
	Unit  string `json:"unit,omitempty"`
}

// SaveFigure writes a figure to name.svg, name.png and name.pdf, or to name
// alone if that ends in .svg, .png, .pdf or .eps, and returns the paths it wrote.
// The figure is a [Renderer] or a plot of gonum. Beside it, name.csv has the
// numbers that it draws, in full precision, unless it is a plot of gonum, which
// keeps them to itself; and name.json says where it comes from: the parameters
// that [Params] read (seeds among them), or that are the variables of a cell that
// declares nothing else, as they stand now, the versions of [Info], and SHA-256 of
// the built-in data and of the files. A relative name is one in the folder that the
// environment's VIDUR_FIGURES names, or else in the present one. Directories are made
// as needed. The same figure gives the same bytes each time, but for the versions; the
// date in PDF and EPS is that of SOURCE_DATE_EPOCH (Unix seconds), or else 2000-01-01.
// Each file comes into being whole, and none does if the figure cannot be drawn.
func SaveFigure(name string, fig any) ([]string, error) {
	r, err := renderer(fig)
	if err != nil {
		return nil, fmt.Errorf("nb: figure %s: %w", name, err)
	}
	base, formats, err := formatsOf(name)
	if err != nil {
		return nil, err
	}
	if dir := os.Getenv("VIDUR_FIGURES"); dir != "" && !filepath.IsAbs(base) {
		base = filepath.Join(dir, base)
	}
	p := provenance{Figure: filepath.Base(base), Parameters: append(savedParams(), savedVariables()...), Build: Info()}
	var paths []string
	var contents [][]byte
	for _, format := range append(formats, "csv") {
		data, err := r.Bytes(format)
		if format == "csv" && (err != nil || len(data) == 0) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("nb: figure %s: %w", name, err)
		}
		path := base + "." + format
		paths, contents = append(paths, path), append(contents, data)
		p.Files = append(p.Files, Hash{filepath.Base(path), sum(data)})
	}
	note, err := p.json()
	if err != nil {
		return nil, fmt.Errorf("nb: figure %s: %w", name, err)
	}
	return writeAll(append(paths, base+".json"), append(contents, note))
}

func (p provenance) json() ([]byte, error) {
	var note bytes.Buffer
	enc := json.NewEncoder(&note)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(p)
	return note.Bytes(), err
}

func renderer(fig any) (Renderer, error) {
	if f, ok := figureOf(fig); ok {
		return f, nil
	}
	if r, ok := fig.(Renderer); ok && !isNil(fig) {
		return r, nil
	}
	return nil, fmt.Errorf("a value of type %T is no figure", fig)
}

// formatsOf takes the format off a name. An extension that could be meant as one
// but is none is an error; that of run2.5 is a part of the name.
func formatsOf(name string) (base string, formats []string, err error) {
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	base = strings.TrimSuffix(name, filepath.Ext(name))
	switch {
	case slices.Contains([]string{"svg", "png", "pdf", "eps"}, ext):
		formats = []string{ext}
	case ext != "" && strings.IndexFunc(ext, func(c rune) bool { return !unicode.IsLetter(c) }) < 0:
		return "", nil, fmt.Errorf("nb: figure %s: there is no format %s; there are svg, png, pdf and eps", name, ext)
	default:
		base, formats = name, []string{"svg", "png", "pdf"}
	}
	if last := filepath.Base(base); base == "" || strings.HasSuffix(base, "/") || last == "." || last == ".." {
		return "", nil, fmt.Errorf("nb: %q is no name for a figure", name)
	}
	return base, formats, nil
}

// savedParams are the parameters of the script, in order.
func savedParams() []savedParam {
	state.Lock()
	p := state.params
	state.Unlock()
	list := []savedParam{}
	if p == nil {
		return list
	}
	_, fields, err := fieldsOf(p)
	if err != nil {
		return list
	}
	for _, f := range fields {
		list = append(list, savedParam{f.name, f.plainValue(), f.unit})
	}
	return list
}

// savedVariables are the parameters of a notebook that are variables.
func savedVariables() (list []savedParam) {
	h, _ := host()
	if h.Parameters == nil {
		return nil
	}
	for _, v := range h.Parameters() {
		p := savedParam{Name: v.Name, Value: v.Value}
		if json.Valid([]byte(v.Value)) {
			p.Value = json.RawMessage(v.Value)
		}
		list = append(list, p)
	}
	return list
}

// plainValue is the value for JSON: a duration is its text, and so is a number
// that JSON cannot say.
func (f field) plainValue() any {
	if !f.list {
		return plainScalar(f.value)
	}
	list := make([]any, f.value.Len())
	for i := range list {
		list[i] = plainScalar(f.value.Index(i))
	}
	return list
}

func plainScalar(v reflect.Value) any {
	if v.Type() == durationType || v.CanFloat() && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0)) {
		return format(v)
	}
	return v.Interface()
}

// writeAll writes files and returns the paths of those that it wrote.
func writeAll(paths []string, contents [][]byte) ([]string, error) {
	if err := os.MkdirAll(filepath.Dir(paths[0]), 0o777); err != nil {
		return nil, fmt.Errorf("nb: %w", err)
	}
	for i, path := range paths {
		if err := whole.Write(path, contents[i]); err != nil {
			return paths[:i], fmt.Errorf("nb: %w", err)
		}
	}
	return paths, nil
}
