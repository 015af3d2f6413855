package main

import (
	"go/types"
	"slices"
)

// refs are the offered packages whose types can be reached from the exported
// names of another one, sorted: an interpreter that imports that one needs the
// wrappers of their interfaces.
func refs(pkg *types.Package, offered []string) []string {
	w := walker{seen: map[types.Type]bool{}, pkgs: map[string]bool{}}
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			w.visit(obj.Type())
		}
	}
	return slices.DeleteFunc(slices.Clone(offered), func(path string) bool {
		return path == pkg.Path() || !w.pkgs[path]
	})
}

// walker visits the types that a user can reach from another one.
type walker struct {
	seen map[types.Type]bool
	pkgs map[string]bool // paths of the packages that define them
}

func (w *walker) visit(t types.Type) {
	if t == nil || w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		w.visit(types.Unalias(t))
	case *types.Named:
		w.named(t)
	case interface{ Elem() types.Type }: // pointer, slice, array, channel, map
		w.visit(t.Elem())
		if m, ok := t.(*types.Map); ok {
			w.visit(m.Key())
		}
	case *types.Signature:
		w.visit(t.Params())
		w.visit(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			w.visit(v.Type())
		}
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() || f.Embedded() {
				w.visit(f.Type())
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			w.visit(m.Type())
		}
	case *types.TypeParam:
		w.visit(t.Constraint())
	}
}

func (w *walker) named(t *types.Named) {
	if p := t.Obj().Pkg(); p != nil {
		w.pkgs[p.Path()] = true
	}
	w.visit(t.Underlying())
	for m := range t.Methods() {
		if m.Exported() {
			w.visit(m.Type())
		}
	}
	for arg := range t.TypeArgs().Types() {
		w.visit(arg)
	}
}
