package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// JSON is a value as JSON. Numbers that are not finite, and whatever else JSON has
// no word for, become null.
func JSON(v any) []byte {
	b, err := marshal(v)
	if err == nil {
		return b
	}
	if b, err = marshal(plain(reflect.ValueOf(v), 0)); err == nil {
		return b
	}
	return []byte("null")
}

// marshal leaves <, > and & as they are: nothing here goes into a web page.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// maxDepth is how deep a value may be that JSON cannot express as it is; what
// contains itself is deeper.
const maxDepth = 64

// plain is a value without the parts that JSON has no word for.
func plain(v reflect.Value, depth int) any {
	if !v.IsValid() || depth > maxDepth {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface:
		return plain(v.Elem(), depth+1)
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil
		}
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String && !v.IsNil() {
			out := make(map[string]any, v.Len())
			for it := v.MapRange(); it.Next(); {
				out[it.Key().String()] = plain(it.Value(), depth+1)
			}
			return out
		}
	case reflect.Array, reflect.Slice:
		if v.Kind() == reflect.Array || !v.IsNil() && v.Type().Elem().Kind() != reflect.Uint8 {
			out := make([]any, v.Len())
			for i := range out {
				out[i] = plain(v.Index(i), depth+1)
			}
			return out
		}
	}
	if b, err := marshal(v.Interface()); err == nil {
		return json.RawMessage(b)
	}
	return nil
}

// Bundle is a value in several forms as front ends want it: text as strings, JSON
// as what it is and not as a string, other bytes in base64 without newlines, and
// always text/plain.
func Bundle(forms map[string]any) map[string]any {
	out := make(map[string]any, len(forms)+1)
	for kind, data := range forms {
		if data != nil {
			out[kind] = form(kind, data)
		}
	}
	if _, ok := out["text/plain"]; !ok && len(out) > 0 {
		kinds := make([]string, 0, len(out))
		for kind := range out {
			kinds = append(kinds, kind)
		}
		slices.Sort(kinds)
		out["text/plain"] = "<" + strings.Join(kinds, ", ") + ">"
	}
	return out
}

func form(kind string, data any) any {
	text, isText := data.(string)
	bin, isBytes := data.([]byte)
	switch {
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		return jsonForm(data)
	case isText:
		return text
	case isBytes && (strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+xml")):
		return string(bin)
	case isBytes:
		return base64.StdEncoding.EncodeToString(bin)
	}
	return fmt.Sprint(data)
}

// jsonForm takes bytes and strings for JSON in writing if they are that.
func jsonForm(data any) any {
	var written []byte
	switch d := data.(type) {
	case json.RawMessage:
		written = d
	case []byte:
		written = d
	case string:
		written = []byte(d)
	default:
		return json.RawMessage(JSON(data))
	}
	if json.Valid(written) {
		return json.RawMessage(written)
	}
	return string(written)
}
