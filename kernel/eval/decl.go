package eval

import (
	"go/ast"
	"slices"
)

// decl is one declaration of package level: a type, a function, a method, a
// group of constants, or, of a whole file, variables.
type decl struct {
	keys    []string // what it declares; "T.M" for a method, "init" is never listed
	recv    string   // the type of a method
	isVar   bool
	file    string // where it stands
	line    int
	col     int
	text    string
	doc     string
	imports map[string]string // name → path, as where it stands

	node ast.Decl        // the latest parse
	refs map[string]bool // names of package level that it uses
	seq  int             // the order of first definition
}

// same reports whether two declarations say the same.
func (d *decl) same(o *decl) bool {
	if o == nil || d.text != o.text || !slices.Equal(d.keys, o.keys) {
		return false
	}
	for name, path := range o.imports {
		if p, ok := d.imports[name]; ok && p != path {
			return false
		}
	}
	return true
}

// declSet is what has been declared and is current.
type declSet struct {
	by  map[string]*decl
	seq int
}

// keys lists what a declaration declares.
func keys(d ast.Decl) []string {
	var out []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		switch recv := receiver(d); {
		case recv != "":
			out = append(out, recv+"."+d.Name.Name)
		case d.Name.Name != "init" && d.Name.Name != "_":
			out = append(out, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				out = append(out, spec.Name.Name)
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					if n.Name != "_" {
						out = append(out, n.Name)
					}
				}
			}
		}
	}
	return out
}

// receiver is the name of the type that a method belongs to, or "".
func receiver(d ast.Decl) string {
	f, ok := d.(*ast.FuncDecl)
	if !ok || f.Recv == nil || len(f.Recv.List) != 1 {
		return ""
	}
	for t := f.Recv.List[0].Type; ; {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// stale returns, in order of first definition, the declarations that must be
// compiled again when those of fresh are: what refers to a name that they
// define anew, and so on. More names may be given.
func (s *declSet) stale(fresh []*decl, names ...string) []*decl {
	changed := map[string]bool{}
	for _, n := range names {
		changed[n] = true
	}
	replaced := map[*decl]bool{}
	for _, d := range fresh {
		for _, k := range d.keys {
			if old := s.by[k]; old != nil {
				replaced[old] = true
				changed[k] = true
			}
		}
		if d.recv != "" && s.by[d.recv] != nil {
			changed[d.recv] = true // a type gets its methods when it is compiled
		}
	}
	again := map[*decl]bool{}
	for grew := true; grew; {
		grew = false
		for _, d := range s.by {
			if again[d] || d.isVar || gone(d, replaced, fresh) || !d.touches(changed) {
				continue
			}
			again[d], grew = true, true
			for _, k := range d.keys {
				changed[k] = true
			}
			if d.recv != "" {
				changed[d.recv] = true
			}
		}
	}
	out := make([]*decl, 0, len(again))
	for d := range again {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *decl) int { return a.seq - b.seq })
	return out
}

// gone reports whether every name of d is defined anew.
func gone(d *decl, replaced map[*decl]bool, fresh []*decl) bool {
	if !replaced[d] {
		return false
	}
	for _, k := range d.keys {
		if !slices.ContainsFunc(fresh, func(f *decl) bool { return slices.Contains(f.keys, k) }) {
			return false
		}
	}
	return true
}

// touches reports whether d refers to, declares or belongs to one of names.
func (d *decl) touches(names map[string]bool) bool {
	if names[d.recv] {
		return true
	}
	for _, k := range d.keys {
		if names[k] {
			return true
		}
	}
	for r := range d.refs {
		if names[r] {
			return true
		}
	}
	return false
}

// enter makes declarations current.
func (s *declSet) enter(list []*decl) {
	for _, d := range list {
		if d.seq == 0 {
			s.seq++
			d.seq = s.seq
		}
		for _, k := range d.keys {
			if old := s.by[k]; old != nil && old != d {
				d.seq = min(d.seq, old.seq)
			}
			s.by[k] = d
		}
	}
}

// drop forgets declarations.
func (s *declSet) drop(list []*decl) {
	for _, d := range list {
		for _, k := range d.keys {
			if s.by[k] == d {
				delete(s.by, k)
			}
		}
	}
}
