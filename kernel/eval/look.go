package eval

import (
	"go/ast"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cursor is the identifier that stands where completion is asked for.
const cursor = "cursorʹ"

// view is code that is being typed, checked as far as it goes.
type view struct {
	u   *unit
	id  *ast.Ident        // at the cursor
	sel *ast.SelectorExpr // whose Sel is at the cursor, or nil
	key *ast.CompositeLit // of which the cursor may be at a field's name, or nil
}

// look checks code in which an identifier of the cursor's stands, and leaves the
// session as it is. It returns nil if the code is too broken.
func (s *Session) look(code, name string, off int) *view {
	src := Source{Name: "lookʹ", Code: code}
	chunks, err := split(src)
	if err != nil {
		return nil
	}
	c := &cell{Source: src, imports: map[string]string{}}
	c.text, c.whole = fileText(src, chunks)
	if c.file, _ = s.parseFile(c.text); c.file == nil {
		return nil
	}
	_ = s.readImports(c) // what can be imported is
	c.take(s.fset)
	u := &unit{cell: c, fresh: c.decls}
	s.liftVariables(u)
	u.take()
	s.checkFront(u)
	v := &view{u: u}
	line, col := place(code, off)
	here := func(id *ast.Ident) bool {
		if id == nil || id.Name != name {
			return false
		}
		p := s.fset.Position(id.Pos())
		return p.Line == line && p.Column == col
	}
	for _, f := range u.files {
		ast.Inspect(f, func(n ast.Node) bool { return v.visit(n, here) })
	}
	if v.id == nil {
		return nil
	}
	return v
}

// visit takes a node if it is what is looked at.
func (v *view) visit(n ast.Node, here func(*ast.Ident) bool) bool {
	switch n := n.(type) {
	case *ast.Ident:
		if here(n) {
			v.id = n
		}
	case *ast.SelectorExpr:
		if here(n.Sel) {
			v.id, v.sel = n.Sel, n
		}
	case *ast.CompositeLit:
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				e = kv.Key
			}
			if id, ok := e.(*ast.Ident); ok && here(id) {
				v.key = n
			}
		}
	}
	return true
}

// scope is the innermost scope at the cursor.
func (v *view) scope() *types.Scope {
	best := v.u.pkg.Scope()
	for node, sc := range v.u.info.Scopes {
		if _, file := node.(*ast.File); file {
			continue
		}
		if node.Pos() <= v.id.Pos() && v.id.Pos() <= node.End() && within(best, sc, v.u.pkg.Scope()) {
			best = sc
		}
	}
	return best
}

// within reports whether sc is inside of best, or best is the package.
func within(best, sc, pkg *types.Scope) bool {
	if best == pkg {
		return true
	}
	for p := sc; p != nil; p = p.Parent() {
		if p == best {
			return true
		}
	}
	return false
}

// word is the identifier that ends at, or spans, a byte of code.
func word(code string, off int) (start, end int) {
	start, end = off, off
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(code[:start])
		if !identRune(r) {
			break
		}
		start -= n
	}
	for end < len(code) {
		r, n := utf8.DecodeRuneInString(code[end:])
		if !identRune(r) {
			break
		}
		end += n
	}
	return start, end
}

func identRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// selectable lists the fields and methods of a type, promoted ones too.
func selectable(t types.Type) []types.Object {
	var out []types.Object
	seen := map[string]bool{}
	add := func(o types.Object) {
		if (o.Exported() || o.Pkg() == nil || o.Pkg().Path() == "main") && !seen[o.Name()] && !strings.Contains(o.Name(), "ʹ") {
			seen[o.Name()] = true
			out = append(out, o)
		}
	}
	set := types.NewMethodSet(t)
	if _, ok := t.Underlying().(*types.Pointer); !ok && !types.IsInterface(t) {
		set = types.NewMethodSet(types.NewPointer(t))
	}
	fieldsOf(t, 0, add)
	for i := range set.Len() {
		add(set.At(i).Obj())
	}
	return out
}

// maxEmbedding bounds the way down into embedded types, which may embed
// pointers to each other.
const maxEmbedding = 8

func fieldsOf(t types.Type, depth int, add func(types.Object)) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || depth > maxEmbedding {
		return
	}
	for i := range st.NumFields() {
		add(st.Field(i))
	}
	for i := range st.NumFields() {
		if st.Field(i).Embedded() {
			fieldsOf(st.Field(i).Type(), depth+1, add)
		}
	}
}
