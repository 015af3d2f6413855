package main

import "go/ast"

// docs are the doc comments of a package by symbol: "" for the package itself,
// "Sort", "DataFrame.Filter" for a method, a field or a method of an interface.
// Only what is exported is kept.
func docs(files []*ast.File) map[string]string {
	d := commentsOf{}
	for _, f := range files {
		d.set("", f.Doc)
		for _, decl := range f.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				d.function(decl)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					d.spec(spec, decl)
				}
			}
		}
	}
	return d
}

type commentsOf map[string]string

// set keeps the first of the comments that says anything.
func (d commentsOf) set(symbol string, groups ...*ast.CommentGroup) {
	for _, g := range groups {
		if text := g.Text(); text != "" && d[symbol] == "" {
			d[symbol] = text
		}
	}
}

func (d commentsOf) function(decl *ast.FuncDecl) {
	if !decl.Name.IsExported() {
		return
	}
	if decl.Recv == nil {
		d.set(decl.Name.Name, decl.Doc)
	} else if recv := receiver(decl.Recv.List[0].Type); ast.IsExported(recv) {
		d.set(recv+"."+decl.Name.Name, decl.Doc)
	}
}

// receiver is the name of the type of a receiver: T of T, *T and *T[K, V].
func receiver(t ast.Expr) string {
	for {
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

// spec takes the comment of a constant, a variable or a type: its own, the one
// at the end of its line, or that of its group.
func (d commentsOf) spec(spec ast.Spec, decl *ast.GenDecl) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if name.IsExported() {
				d.set(name.Name, spec.Doc, spec.Comment, decl.Doc)
			}
		}
	case *ast.TypeSpec:
		if !spec.Name.IsExported() {
			return
		}
		d.set(spec.Name.Name, spec.Doc, spec.Comment, decl.Doc)
		switch t := spec.Type.(type) {
		case *ast.StructType:
			d.fields(spec.Name.Name, t.Fields)
		case *ast.InterfaceType:
			d.fields(spec.Name.Name, t.Methods)
		}
	}
}

func (d commentsOf) fields(of string, list *ast.FieldList) {
	for _, f := range list.List {
		for _, name := range f.Names {
			if name.IsExported() {
				d.set(of+"."+name.Name, f.Doc, f.Comment)
			}
		}
	}
}
