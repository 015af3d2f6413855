package spec

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Unmarshal reads one YAML document into the struct that v points to. A field
// that it does not have and a value of another type are errors with their line;
// no document and a second one are errors, too.
func Unmarshal(text []byte, v any) error {
	in := yaml.NewDecoder(bytes.NewReader(text))
	in.KnownFields(true)
	switch err := in.Decode(v); {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case err != nil:
		return errors.New(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  "))
	}
	if err := in.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return errors.New("there is a second document")
	}
	return nil
}
