package spec

import (
	"fmt"
	"os"
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
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: an experiment is a list of lines like \"model: llama-3-8b\"", file, root.Line)
	}
	params := Params()
	seen := map[string]int{}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		p := find(params, key.Value)
		if p == nil {
			return fmt.Errorf("%s:%d: unknown key %q%s", file, key.Line, key.Value, nearby(key.Value, paramNames(params), ""))
		}
		if line := seen[key.Value]; line > 0 {
			return fmt.Errorf("%s:%d: %q stands in line %d already", file, key.Line, key.Value, line)
		}
		seen[key.Value] = key.Line
		if value.Kind != yaml.ScalarNode {
			return fmt.Errorf("%s:%d: %q takes one value", file, value.Line, key.Value)
		}
		if err := set(p.field(e), value.Value); err != nil {
			return fmt.Errorf("%s:%d: %q: %w", file, value.Line, key.Value, err)
		}
	}
	return nil
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
