package symbols_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/govidur/govidur/kernel/symbols"
)

// Every function that looks for interfaces is one that scripts can call, and
// whoever can call it has the wrappers of those interfaces.
func TestMapTypes(t *testing.T) {
	functions := 0
	for _, path := range symbols.Packages() {
		_, values, _ := symbols.Values(path)
		closure := symbols.Closure(path)
		for f, interfaces := range symbols.MapTypes(path) {
			functions++
			offered := false
			for _, v := range values {
				offered = offered || v == f // as yaegi looks it up
			}
			if !offered {
				t.Errorf("%s has no function %v", path, f.Type())
			}
			for _, i := range interfaces {
				_, wrappers, _ := symbols.Values(i.PkgPath())
				isError := i == reflect.TypeFor[error]() // yaegi has a wrapper of its own
				if !isError && (!slices.Contains(closure, i.PkgPath()) || !wrappers["_"+i.Name()].IsValid()) {
					t.Errorf("%s: no wrapper of %v", path, i)
				}
			}
		}
	}
	if functions < 35 {
		t.Errorf("only %d functions look for interfaces", functions)
	}
}
