package nb

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

var durationType = reflect.TypeFor[time.Duration]()

// kindOf names the kind of a parameter, as help does: bool, int, uint, float,
// string, duration. A list is its elements' with list true. ok is false for
// every other type.
func kindOf(t reflect.Type) (kind string, list, ok bool) {
	if t.Kind() == reflect.Slice {
		kind, inner, ok := kindOf(t.Elem())
		return kind, true, ok && !inner
	}
	switch t.Kind() {
	case reflect.Bool:
		return "bool", false, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if t == durationType {
			return "duration", false, true
		}
		return "int", false, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "uint", false, true
	case reflect.Float32, reflect.Float64:
		return "float", false, true
	case reflect.String:
		return "string", false, true
	}
	return "", false, false
}

// parse reads a value of a parameter's type; it is the inverse of format.
func parse(t reflect.Type, text string) (reflect.Value, error) {
	if t.Kind() == reflect.Slice {
		return parseList(t, text)
	}
	v := reflect.New(t).Elem()
	trimmed := strings.TrimSpace(text)
	var err error
	switch kind, _, _ := kindOf(t); kind {
	case "bool":
		var b bool
		b, err = parseBool(trimmed)
		v.SetBool(b)
	case "int":
		var n int64
		n, err = strconv.ParseInt(integral(trimmed), 10, t.Bits())
		v.SetInt(n)
	case "uint":
		var n uint64
		n, err = strconv.ParseUint(integral(trimmed), 10, t.Bits())
		v.SetUint(n)
	case "float":
		var f float64
		f, err = strconv.ParseFloat(trimmed, t.Bits())
		v.SetFloat(f)
	case "duration":
		var d time.Duration
		d, err = time.ParseDuration(trimmed)
		v.SetInt(int64(d))
	default:
		v.SetString(text)
	}
	if err != nil {
		return v, wrongValue(t, text, err)
	}
	return v, nil
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on":
		return true, nil
	case "false", "0", "no", "off":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// integral writes an integer plainly that was typed as 1_000 or 1e6. What is not
// one stays as it is.
func integral(text string) string {
	plain := strings.ReplaceAll(text, "_", "")
	if !strings.ContainsAny(plain, "eE") || strings.ContainsAny(plain, "xX") {
		return plain
	}
	const exact = 1 << 53 // beyond it floats are not all the integers
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > exact {
		return text
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

func parseList(t reflect.Type, text string) (reflect.Value, error) {
	v := reflect.MakeSlice(t, 0, 0)
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "[")
	if ok {
		inner, ok = strings.CutSuffix(inner, "]")
	}
	if !ok {
		inner = text
	}
	if strings.TrimSpace(inner) == "" {
		return v, nil
	}
	for item := range strings.SplitSeq(inner, ",") {
		e, err := parse(t.Elem(), strings.TrimSpace(item))
		if err != nil {
			return v, err
		}
		v = reflect.Append(v, e)
	}
	return v, nil
}

// wrongValue says what was expected, in one line.
func wrongValue(t reflect.Type, text string, err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%s is out of range for %s", strconv.Quote(text), t.Kind())
	}
	expected := map[string]string{
		"bool":     "true or false",
		"int":      "a whole number",
		"uint":     "a whole number of at least 0",
		"float":    "a number",
		"duration": "a duration such as 1.5s or 200ms",
	}
	kind, _, _ := kindOf(t)
	return fmt.Errorf("%s is not %s", strconv.Quote(text), expected[kind])
}

// format is the text of a parameter's value that parse reads.
func format(v reflect.Value) string {
	switch kind, list, _ := kindOf(v.Type()); {
	case list:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = format(v.Index(i))
		}
		return strings.Join(items, ",")
	case kind == "bool":
		return strconv.FormatBool(v.Bool())
	case kind == "int":
		return strconv.FormatInt(v.Int(), 10)
	case kind == "uint":
		return strconv.FormatUint(v.Uint(), 10)
	case kind == "float":
		return formatFloat(v.Float(), v.Type().Bits())
	case kind == "duration":
		return time.Duration(v.Int()).String()
	}
	return v.String()
}

// formatFloat is the shortest text that is read as the same number, without an
// exponent where people write none.
func formatFloat(f float64, bits int) string {
	if a := math.Abs(f); a == 0 || a >= 1e-4 && a < 1e15 {
		return strconv.FormatFloat(f, 'f', -1, bits)
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}
