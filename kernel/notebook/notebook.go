package notebook

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Notebook is a notebook of nbformat 4.
type Notebook struct {
	Minor    int            // nbformat_minor: 5 for 4.5
	Metadata map[string]any // not nil
	Cells    []*Cell
	rest     map[string]any // other fields
}

// The kinds of cells.
const (
	Code     = "code"
	Markdown = "markdown"
	Raw      = "raw"
)

// Cell is a cell.
type Cell struct {
	Kind     string
	ID       string // from nbformat 4.5 on; else empty
	Source   string
	Metadata map[string]any // not nil
	Count    *int           // execution_count of a code cell; nil if it has not been run
	Outputs  []Output       // of a code cell
	rest     map[string]any // other fields
}

// Output is an output of a cell with the fields that nbformat gives it: output_type,
// which is stream, display_data, execute_result or error, and those of the type.
// Text and bundles are not cut into lines.
type Output map[string]any

// Kind is the type of the output.
func (o Output) Kind() string { s, _ := o["output_type"].(string); return s }

// Read reads a file. Text that is cut into lines is joined. What is missing and
// must not be, such as empty metadata, is added.
func Read(text []byte) (*Notebook, error) {
	v, err := decode(bytes.TrimPrefix(text, []byte("\ufeff")))
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	n := &Notebook{}
	if err := n.read(v); err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	return n, nil
}

// object reads the fields of a JSON object. The first field of a wrong type is its
// error.
type object struct {
	fields map[string]any
	err    error
}

func (o *object) wrong(name, want string) {
	o.err = cmp.Or(o.err, fmt.Errorf("%s is not %s", name, want))
}

// take removes a field and returns it, or nil.
func (o *object) take(name string) any {
	v := o.fields[name]
	delete(o.fields, name)
	return v
}

// dict takes an object, empty if it is missing.
func (o *object) dict(name string) map[string]any {
	v := o.take(name)
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		o.wrong(name, "an object")
	}
	if m == nil {
		m = map[string]any{}
	}
	return m
}

// list takes a list, empty if it is missing.
func (o *object) list(name string) []any {
	v := o.take(name)
	list, ok := v.([]any)
	if !ok && v != nil {
		o.wrong(name, "a list")
	}
	return list
}

// count takes a natural number; nil for null and none.
func (o *object) count(name string) *int {
	v := o.take(name)
	if v == nil {
		return nil
	}
	num, _ := v.(json.Number)
	n, err := strconv.Atoi(string(num))
	if err != nil || n < 0 {
		o.wrong(name, "a number from 0 on")
	}
	return &n
}

// text takes a string, or the lines of one.
func (o *object) text(name string) string {
	v := o.take(name)
	s, ok := v.(string)
	if !ok {
		s, ok = joinLines(v)
	}
	if !ok {
		o.wrong(name, "a string or a list of strings")
	}
	return s
}

func (n *Notebook) read(v any) error {
	fields, ok := v.(map[string]any)
	if !ok {
		return errors.New("it is not an object")
	}
	o := &object{fields: fields}
	major, minor := o.count("nbformat"), o.count("nbformat_minor")
	if o.err == nil && (major == nil || *major != 4) {
		return errors.New("it is not of nbformat 4: Jupyter makes it that when it opens and saves it")
	}
	if minor != nil {
		n.Minor = *minor
	}
	n.Metadata = o.dict("metadata")
	for _, name := range []string{"orig_nbformat", "orig_nbformat_minor", "signature"} {
		delete(n.Metadata, name)
	}
	for i, v := range o.list("cells") {
		c := &Cell{}
		if err := c.read(v); err != nil {
			return fmt.Errorf("cell %d: %w", i+1, err)
		}
		n.Cells = append(n.Cells, c)
	}
	n.rest = o.fields
	return o.err
}

func (c *Cell) read(v any) error {
	fields, ok := v.(map[string]any)
	if !ok {
		return errors.New("it is not an object")
	}
	o := &object{fields: fields}
	c.Kind, c.Source, c.Metadata = o.text("cell_type"), o.text("source"), o.dict("metadata")
	delete(c.Metadata, "trusted")
	if fields["id"] != nil {
		c.ID = o.text("id")
	}
	if c.Kind == Code {
		c.Count = o.count("execution_count")
		for _, v := range o.list("outputs") {
			out, err := readOutput(v)
			if err != nil {
				return err
			}
			c.Outputs = append(c.Outputs, out)
		}
	}
	if attachments, ok := fields["attachments"].(map[string]any); ok {
		for _, bundle := range attachments {
			joinBundle(bundle)
		}
	}
	c.rest = o.fields
	return o.err
}

func readOutput(v any) (Output, error) {
	out, ok := v.(map[string]any)
	kind, isText := out["output_type"].(string)
	switch {
	case !ok || !isText:
		return nil, errors.New("an output has no output_type")
	case kind == "display_data" || kind == "execute_result":
		joinBundle(out["data"])
	default:
		if text, ok := joinLines(out["text"]); ok {
			out["text"] = text
		}
	}
	return out, nil
}

// Bytes is the notebook as a file, as nbformat of Python writes it.
func (n *Notebook) Bytes() []byte {
	file := maps.Clone(n.rest)
	if file == nil {
		file = map[string]any{}
	}
	cells := make([]any, len(n.Cells))
	for i, c := range n.Cells {
		cells[i] = c.fields()
	}
	file["nbformat"], file["nbformat_minor"] = 4, n.Minor
	file["metadata"], file["cells"] = n.Metadata, cells
	return append(encode(nil, file, 0), '\n')
}

// fields are those of the cell as they are stored.
func (c *Cell) fields() map[string]any {
	out := maps.Clone(c.rest)
	if out == nil {
		out = map[string]any{}
	}
	out["cell_type"], out["source"], out["metadata"] = c.Kind, splitLines(c.Source), c.Metadata
	if c.ID != "" {
		out["id"] = c.ID
	}
	if attachments, ok := out["attachments"].(map[string]any); ok {
		split := map[string]any{}
		for name, bundle := range attachments {
			split[name] = splitBundle(bundle)
		}
		out["attachments"] = split
	}
	if c.Kind != Code {
		return out
	}
	out["execution_count"] = nil
	if c.Count != nil {
		out["execution_count"] = *c.Count
	}
	outputs := make([]any, len(c.Outputs))
	for i, o := range c.Outputs {
		outputs[i] = o.fields()
	}
	out["outputs"] = outputs
	return out
}

func (o Output) fields() map[string]any {
	out := maps.Clone(map[string]any(o))
	switch o.Kind() {
	case "display_data", "execute_result":
		if data, ok := out["data"]; ok {
			out["data"] = splitBundle(data)
		}
	case "stream":
		if text, ok := out["text"].(string); ok {
			out["text"] = splitLines(text)
		}
	}
	return out
}

// Tagged reports whether the cell has a tag.
func (c *Cell) Tagged(tag string) bool {
	tags, _ := c.Metadata["tags"].([]any)
	return slices.Contains(tags, any(tag))
}

// runs reports whether a run of the notebook runs the cell.
func (c *Cell) runs() bool {
	return c.Kind == Code && strings.TrimSpace(c.Source) != "" && !c.Tagged("skip-execution")
}

// find is the index of the first cell with a tag, or -1.
func (n *Notebook) find(tag string) int {
	return slices.IndexFunc(n.Cells, func(c *Cell) bool { return c.Tagged(tag) })
}
