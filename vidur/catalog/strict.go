package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// decodeStrict decodes JSON into v and takes no key that v has not, none twice,
// and nothing after the value. Errors begin with the line.
func decodeStrict(raw []byte, v any) error {
	if err := decode(raw, v); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := checkKeys(dec, reflect.TypeOf(v)); err != nil {
		return fmt.Errorf("%d: %w", lineOf(raw, dec.InputOffset()), err)
	}
	return nil
}

// decode decodes JSON into v. Errors begin with the line.
func decode(raw []byte, v any) error {
	err := json.Unmarshal(raw, v)
	if err == nil {
		return nil
	}
	offset := int64(len(raw))
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	} else if errors.As(err, &kind) {
		offset = kind.Offset
	}
	return fmt.Errorf("%d: %w", lineOf(raw, offset), err)
}

func lineOf(raw []byte, offset int64) int {
	return 1 + bytes.Count(raw[:min(int(offset), len(raw))], []byte("\n"))
}

// checkKeys reads the next value and reports keys that a value of type t has
// not. The JSON is valid.
func checkKeys(dec *json.Decoder, t reflect.Type) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		var elem reflect.Type
		if t != nil && t.Kind() == reflect.Slice {
			elem = t.Elem()
		}
		for dec.More() {
			if err := checkKeys(dec, elem); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		if err := checkObject(dec, t); err != nil {
			return err
		}
	default:
		return nil
	}
	_, err = dec.Token() // the closing bracket
	return err
}

func checkObject(dec *json.Decoder, t reflect.Type) error {
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok {
			return io.ErrUnexpectedEOF
		}
		if seen[key] {
			return fmt.Errorf("key %q is given twice", key)
		}
		seen[key] = true
		value, err := fieldType(t, key)
		if err != nil {
			return err
		}
		if err := checkKeys(dec, value); err != nil {
			return err
		}
	}
	return nil
}

// fieldType is the type of the value under a key, nil for one that may be
// anything.
func fieldType(t reflect.Type, key string) (reflect.Type, error) {
	if t == nil {
		return nil, nil
	}
	if t.Kind() == reflect.Map {
		return t.Elem(), nil
	}
	if t.Kind() != reflect.Struct {
		return nil, nil
	}
	var known []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == key {
			return t.Field(i).Type, nil
		}
		known = append(known, name)
	}
	return nil, fmt.Errorf("unknown key %q; there is %s", key, strings.Join(known, ", "))
}
