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
)

// Renderer is what SaveFigure saves: a figure of package plots, or anything that
// makes the bytes of a format, "svg", "png", "pdf" or "eps".
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
// The figure is a [Renderer] or a plot of gonum. Beside it, name.json says where
// it comes from: the parameters that [Params] read, as they stand now, versions,
// and SHA-256 of data and files. Directories are made as needed. The same figure
// gives the same bytes each time. Each file comes into being whole, and none
// does if the figure cannot be drawn.
func SaveFigure(name string, fig any) ([]string, error) {
	r, err := renderer(fig)
	if err != nil {
		return nil, fmt.Errorf("nb: figure %s: %w", name, err)
	}
	base, formats, err := formatsOf(name)
	if err != nil {
		return nil, err
	}
	p := provenance{Figure: filepath.Base(base), Parameters: savedParams(), Build: Info()}
	var paths []string
	var contents [][]byte
	for _, format := range formats {
		data, err := r.Bytes(format)
		if err != nil {
			return nil, fmt.Errorf("nb: figure %s: %w", name, err)
		}
		path := base + "." + format
		paths, contents = append(paths, path), append(contents, data)
		p.Files = append(p.Files, Hash{filepath.Base(path), sum(data)})
	}
	var note bytes.Buffer
	enc := json.NewEncoder(&note)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("nb: figure %s: %w", name, err)
	}
	paths, contents = append(paths, base+".json"), append(contents, note.Bytes())
	return writeAll(paths, contents)
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
		if err := writeFile(path, contents[i]); err != nil {
			return paths[:i], fmt.Errorf("nb: %w", err)
		}
	}
	return paths, nil
}

// writeFile writes a file under another name and renames it.
func writeFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if e := f.Chmod(0o644); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
