package nb

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"strings"
)

// asJSON is a value as JSON: bytes that are JSON are taken as they are, text and
// every other value is encoded. It never fails: what JSON cannot say becomes
// null (NaN and infinite numbers) or text.
func asJSON(v any) json.RawMessage {
	switch raw := v.(type) {
	case json.RawMessage:
		v = []byte(raw)
	}
	if raw, ok := v.([]byte); ok {
		if json.Valid(raw) {
			return json.RawMessage(raw)
		}
		v = string(raw)
	}
	if data, err := json.Marshal(v); err == nil {
		return data
	}
	data, err := json.Marshal(clean(reflect.ValueOf(v), 0))
	if err != nil {
		return json.RawMessage("null")
	}
	return data
}

// clean is a value that encoding/json encodes as it encodes v, but for what it
// cannot encode.
func clean(v reflect.Value, depth int) any {
	switch {
	case !v.IsValid():
		return nil
	case depth > mostDepth:
		return "…"
	case marshals(v):
		if data, err := json.Marshal(v.Interface()); err == nil {
			return json.RawMessage(data)
		}
		return cleanMarshaler(v, depth)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return clean(v.Elem(), depth+1)
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil
		}
		return v.Interface()
	case reflect.Slice, reflect.Array:
		return cleanList(v, depth)
	case reflect.Map:
		return cleanMap(v, depth)
	case reflect.Struct:
		object := map[string]any{}
		cleanStruct(object, v, depth)
		return object
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return printed(v, true)
	}
	return v.Interface()
}

// jsonViewer is an interpreted value, which a host gives to package json in this
// form; nil if the program encodes it itself.
type jsonViewer interface{ JSONView() any }

// cleanMarshaler is a value whose own JSON cannot be had.
func cleanMarshaler(v reflect.Value, depth int) any {
	if x, ok := v.Interface().(jsonViewer); ok {
		if view := x.JSONView(); view != nil {
			return clean(reflect.ValueOf(view), depth+1)
		}
	}
	return printed(v, true)
}

func marshals(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return false
	}
	switch v.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return true
	}
	return false
}

func cleanList(v reflect.Value, depth int) any {
	if v.Kind() == reflect.Slice && (v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8) {
		return v.Interface()
	}
	list := make([]any, v.Len())
	for i := range list {
		list[i] = clean(v.Index(i), depth+1)
	}
	return list
}

func cleanMap(v reflect.Value, depth int) any {
	if v.IsNil() {
		return nil
	}
	object := make(map[string]any, v.Len())
	for _, k := range sortedKeys(v, v.Len(), 0) {
		name := printed(k, true)
		if m, ok := k.Interface().(encoding.TextMarshaler); ok && inner(k).Kind() != reflect.String {
			if text, err := m.MarshalText(); err == nil {
				name = string(text)
			}
		}
		object[name] = clean(v.MapIndex(k), depth+1)
	}
	return object
}

// cleanStruct puts fields into an object, those of embedded structs where the
// struct has none of the name itself.
func cleanStruct(object map[string]any, v reflect.Value, depth int) {
	var embedded []reflect.Value
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			if e := pointed(v.Field(i)); e.IsValid() && e.Kind() == reflect.Struct {
				embedded = append(embedded, e)
				continue
			}
		}
		if hidden(f) || name == "-" && options == "" {
			continue
		}
		empty := strings.Contains(options, "omitempty") && isEmpty(v.Field(i)) || strings.Contains(options, "omitzero") && v.Field(i).IsZero()
		if empty {
			continue
		}
		if name == "" {
			name = f.Name
		}
		object[name] = clean(v.Field(i), depth+1)
	}
	for _, e := range embedded {
		inner := map[string]any{}
		cleanStruct(inner, e, depth+1)
		for name, value := range inner {
			if _, ok := object[name]; !ok {
				object[name] = value
			}
		}
	}
}

// isEmpty is what omitempty leaves out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
