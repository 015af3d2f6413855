package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Load sets what an experiment file says: a YAML mapping from keys of [Params]
// to values. A key that is unknown or stands twice, and a value that does not
// fit, are errors with file and line.
func (e *Experiment) Load(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return e.parse(path, text)
}

func (e *Experiment) parse(file string, text []byte) error {
	var doc, second yaml.Node
	in := yaml.NewDecoder(bytes.NewReader(text))
	switch err := in.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil // empty
	case err != nil:
		return yamlError(file, err)
	}
	switch err := in.Decode(&second); {
	case err == nil:
		return fmt.Errorf("%s:%d: an experiment is one document; here a second begins", file, second.Line)
	case !errors.Is(err, io.EOF):
		return yamlError(file, err)
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: an experiment is a list of lines like \"model: llama-3-8b\"", file, root.Line)
	}
	params, seen := Params(), map[string]int{}
	for i := 0; i < len(root.Content); i += 2 {
		if err := e.setLine(params, seen, root.Content[i], root.Content[i+1]); err != nil {
			return fmt.Errorf("%s:%w", file, err)
		}
	}
	return nil
}

// setLine sets one key of a file. Its errors begin with the line.
func (e *Experiment) setLine(params []Param, seen map[string]int, key, value *yaml.Node) error {
	p := find(params, key.Value)
	if p == nil {
		return fmt.Errorf("%d: unknown key %q%s", key.Line, key.Value, nearby(key.Value, paramNames(params), ""))
	}
	if line := seen[key.Value]; line > 0 {
		return fmt.Errorf("%d: %q stands in line %d already", key.Line, key.Value, line)
	}
	seen[key.Value] = key.Line
	if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
		return fmt.Errorf("%d: %q takes one value", value.Line, key.Value)
	}
	if err := set(p.field(e), value.Value); err != nil {
		return fmt.Errorf("%d: %q: %w", value.Line, key.Value, err)
	}
	return nil
}

var yamlLine = regexp.MustCompile(`^(?s)(?:yaml: )?(?:.*?)line (\d+):(?: column \d+:)? (.*)$`)

// yamlError is an error of the YAML reader with file and line.
func yamlError(file string, err error) error {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%s:%s: %s", file, m[1], m[2])
	}
	return fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
}

// YAML is the experiment as a file: the keys that differ from [Default].
func (e *Experiment) YAML() ([]byte, error) {
	var doc yaml.Node
	doc.Kind = yaml.MappingNode
	d := Default()
	for _, p := range Params() {
		value := show(p.field(e))
		if value == show(p.field(d)) {
			continue
		}
		v := yaml.Node{Kind: yaml.ScalarNode, Value: value}
		if _, ok := p.field(e).(*string); ok {
			v.SetString(value)
		}
		doc.Content = append(doc.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: p.Name}, &v)
	}
	if len(doc.Content) == 0 {
		return []byte("{} # all defaults\n"), nil
	}
	return yaml.Marshal(&doc)
}

func find(params []Param, name string) *Param {
	for i := range params {
		if params[i].Name == name {
			return &params[i]
		}
	}
	return nil
}

func paramNames(params []Param) []string {
	var names []string
	for _, p := range params {
		names = append(names, p.Name)
	}
	return names
}
