package nb

import (
	"fmt"
	"reflect"
	"strings"
)

// mostWrapped is how many of the errors within an error are shown.
const mostWrapped = 20

// chain is a line for each error that an error wraps, if that tells more than
// the error's own text: what does not stand in it, or a type that errors.As can
// find.
func chain(e error) (lines string) {
	var b strings.Builder
	left := mostWrapped
	defer func() { // a method that panics ends the chain
		_ = recover()
		lines = b.String()
	}()
	wrapped(&b, e, 1, &left)
	return ""
}

func wrapped(b *strings.Builder, e error, depth int, left *int) {
	for _, inner := range unwrap(e) {
		if inner == nil {
			continue
		}
		if *left--; *left < 0 {
			return
		}
		msg := inner.Error()
		line, _, _ := strings.Cut(msg, "\n")
		if name := errorType(inner); name != "" {
			fmt.Fprintf(b, "\n%s↳ %s (%s)", strings.Repeat("  ", depth), line, name)
		} else if !strings.Contains(e.Error(), msg) {
			fmt.Fprintf(b, "\n%s↳ %s", strings.Repeat("  ", depth), line)
		}
		wrapped(b, inner, depth+1, left)
	}
}

func unwrap(e error) []error {
	switch w := e.(type) {
	case Interpreted:
		if list, ok := w.Call("Unwrap"); ok {
			several, _ := list.([]error)
			return several
		}
	case interface{ Unwrap() []error }:
		return w.Unwrap()
	}
	if w, ok := e.(interface{ Unwrap() error }); ok {
		return []error{w.Unwrap()}
	}
	return nil
}

// errorType is the type of an error, or "" if it is one of the library's that
// have nothing but a text.
func errorType(e error) string {
	if x, ok := e.(Interpreted); ok {
		return x.TypeName()
	}
	t := reflect.TypeOf(e)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if path := t.PkgPath(); path == "errors" || path == "fmt" {
		return ""
	}
	return fmt.Sprintf("%T", e)
}
