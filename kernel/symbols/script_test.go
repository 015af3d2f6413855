package symbols_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/govidur/govidur/kernel/symbols"
)

// interpret runs a script with the values of what it imports, and no others.
func interpret(t *testing.T, src string) string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "script.go", src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	if err := check(src); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	in := interp.New(interp.Options{Stdout: &out})
	if err := in.Use(exports(f.Imports)); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Eval(src); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return out.String()
}

func exports(specs []*ast.ImportSpec) interp.Exports {
	var paths []string
	for _, spec := range specs {
		path, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, path)
	}
	all, mapTypes := interp.Exports{}, map[reflect.Value][]reflect.Type{}
	for _, path := range symbols.Closure(paths...) {
		name, values, _ := symbols.Values(path)
		all[path+"/"+name] = values
		for f, interfaces := range symbols.MapTypes(path) {
			mapTypes[f] = interfaces
		}
	}
	all["."] = map[string]reflect.Value{"MapTypes": reflect.ValueOf(mapTypes)}
	return all
}

// One script for each family of packages.
func TestScripts(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"interpreted sort.Interface", sortScript, "[1 2 3] true\n"},
		{"interpreted io.Writer without an import of io", writerScript, "5 HELLO\n"},
		{"interpreted Stringer and error", stringerScript, "3 blocks, lost: 4\n"},
		{"constants", constantScript, "3.141592653589793 9223372036854775807 1m0s 1114111 2.718281828459045\n"},
		{"interpreted vidur.Scheduler", schedulerScript, "20 of 20, 20 calls or more: true\n"},
		{"gota", gotaScript, "2 2.5\n"},
		{"gonum", gonumScript, "2 1.0000 3.0000\n"},
		{"gonum/plot", plotScript, "true\n"},
		{"golearn", golearnScript, "2 1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := interpret(t, c.src); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
