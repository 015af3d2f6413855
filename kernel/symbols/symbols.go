// Package symbols is what interpreted scripts may import: of each package the
// values of its exported names, its types, and its doc comments, all inside the
// binary, so that neither a toolchain nor a source is needed at run time.
//
// The values come from static tables and the rest from compressed archives that
// are read package by package: a program pays for what its scripts import, and
// nothing when it starts.
//
// Generic functions, generic types and constraint interfaces have types and
// comments but no values: an interpreter instantiates their sources. An untyped
// rune is a constant.Value like any integer: only its type says that it is one.
// Functions are the real ones, also those that end the process, as os.Exit.
//
// Which packages are offered is said in internal/gen/table.go. After a change
// there or in the API or the comments of an offered package, go generate writes
// the tables and archives again; with -check the generator compares instead.
package symbols

//go:generate go run ./internal/gen

import (
	"go/constant"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/symbols/internal/table"
)

// Packages returns the import paths of the packages that scripts may import,
// sorted. Some need more rights, see Restricted.
func Packages() []string {
	paths := make([]string, len(table.All))
	for i, p := range table.All {
		paths[i] = p.Path
	}
	return paths
}

// Name returns the name of a package, "" if it is not offered.
func Name(path string) string {
	if p := find(path); p != nil {
		return p.Name
	}
	return ""
}

// Named returns the import paths of the packages of that name, sorted: of rand
// there are two.
func Named(name string) []string {
	var paths []string
	for _, p := range table.All {
		if p.Name == name {
			paths = append(paths, p.Path)
		}
	}
	return paths
}

// Values returns the name of a package and its exported names in the form of
// yaegi's interp.Exports: functions and typed constants as they are, variables
// addressable, types as nil pointers to them, untyped numbers and strings as
// exact constant.Values, and for each interface with methods a wrapper, under
// its name after an underscore, by which an interpreted type implements it. The
// map is made for the caller. ok is false for a package that is not offered.
func Values(path string) (name string, values map[string]reflect.Value, ok bool) {
	p := find(path)
	if p == nil {
		return "", nil, false
	}
	values = make(map[string]reflect.Value, len(p.Symbols))
	for _, s := range p.Symbols {
		values[s.Name] = value(s)
	}
	return p.Name, values, true
}

// Closure returns the given packages and all offered ones whose types can be
// reached from theirs or for which their functions look (see MapTypes), sorted.
// An interpreter needs the values of them all: a script that imports only fmt
// may pass a type of its own as an io.Writer, which takes the wrapper that io
// has. Paths that are not offered are left out.
func Closure(paths ...string) []string {
	var all []string
	for _, path := range paths {
		if p := find(path); p != nil {
			all = append(append(all, path), p.Refs...)
		}
	}
	for _, l := range looksFor() {
		for _, t := range l.interfaces {
			if slices.Contains(all, l.path) && find(t.PkgPath()) != nil {
				all = append(all, t.PkgPath())
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func find(path string) *table.Package {
	i, ok := slices.BinarySearchFunc(table.All, path, func(p *table.Package, path string) int {
		return strings.Compare(p.Path, path)
	})
	if !ok {
		return nil
	}
	return table.All[i]
}

func value(s table.Symbol) reflect.Value {
	if s.Kind == table.Var {
		return reflect.ValueOf(s.Value).Elem()
	}
	if u, ok := s.Value.(table.Untyped); ok {
		return reflect.ValueOf(exact(u))
	}
	return reflect.ValueOf(s.Value)
}

func exact(u table.Untyped) constant.Value {
	v := constant.MakeFromLiteral(u.Literal, u.Token, 0)
	if u.Divisor == "" {
		return v
	}
	return constant.BinaryOp(v, token.QUO, constant.MakeFromLiteral(u.Divisor, token.FLOAT, 0))
}
