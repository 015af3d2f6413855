package eval

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"strings"

	"github.com/govidur/govidur/kernel/symbols"
)

// Description is what is known of a name.
type Description struct {
	Signature string // as Go declares it
	Doc       string // its comment; may be empty
	Source    string // of what the user declared; may be empty
	Place     string // where that is
}

// Inspect describes the identifier at a byte of code; ok is false if there is
// none or nothing is known of it.
func (s *Session) Inspect(code string, off int) (d Description, ok bool) {
	start, end := word(code, min(max(off, 0), len(code)))
	if start == end {
		return d, false
	}
	name := code[start:end]
	v := s.look(code, name, start)
	if v == nil {
		v = s.look(closed(code[:end]), name, start)
	}
	var o types.Object
	if v != nil {
		if o = v.u.info.Uses[v.id]; o == nil {
			o = v.u.info.Defs[v.id]
		}
	}
	if o == nil {
		if p := byName(name, s.opt.Unrestricted); p != "" {
			return Description{Signature: fmt.Sprintf("package %s // import %q", name, p), Doc: symbols.Doc(p, "")}, true
		}
		return d, false
	}
	return s.describe(o), true
}

func (s *Session) describe(o types.Object) Description {
	d := Description{Signature: types.ObjectString(o, short)}
	if p, ok := o.(*types.PkgName); ok {
		d.Signature = fmt.Sprintf("package %s // import %q", path.Base(p.Imported().Path()), p.Imported().Path())
		d.Doc = symbols.Doc(p.Imported().Path(), "")
		return d
	}
	if t, ok := o.(*types.TypeName); ok {
		d.Signature = typeText(t)
	}
	if o.Pkg() == nil {
		return d
	}
	key := keyOf(o)
	if o.Pkg().Path() != "main" {
		d.Doc = symbols.Doc(o.Pkg().Path(), key)
		return d
	}
	if known := s.decls.by[key]; known != nil {
		d.Source = known.text
		d.Place = fmt.Sprintf("%s:%d", known.file, known.line)
		d.Doc = known.doc
	}
	return d
}

// typeText is the declaration of a type with its exported methods.
func typeText(t *types.TypeName) string {
	var b strings.Builder
	fmt.Fprintf(&b, "type %s %s", t.Name(), types.TypeString(t.Type().Underlying(), short))
	n, ok := types.Unalias(t.Type()).(*types.Named)
	if !ok {
		return b.String()
	}
	for i := range n.NumMethods() {
		if m := n.Method(i); m.Exported() || t.Pkg() != nil && t.Pkg().Path() == "main" {
			b.WriteString("\n" + types.ObjectString(m, short))
		}
	}
	return b.String()
}

// keyOf is the name under which doc comments and declarations are kept.
func keyOf(o types.Object) string {
	f, ok := o.(*types.Func)
	if !ok || f.Signature().Recv() == nil {
		return o.Name()
	}
	t := types.Unalias(f.Signature().Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name() + "." + o.Name()
	}
	return o.Name()
}

// docOf is the comment of a declaration.
func docOf(d ast.Decl) string {
	var doc *ast.CommentGroup
	switch d := d.(type) {
	case *ast.FuncDecl:
		doc = d.Doc
	case *ast.GenDecl:
		doc = d.Doc
		if len(d.Specs) == 1 {
			if t, ok := d.Specs[0].(*ast.TypeSpec); ok && t.Doc != nil {
				doc = t.Doc
			}
		}
	}
	if doc == nil {
		return ""
	}
	var words ast.CommentGroup
	for _, c := range doc.List {
		if !strings.HasPrefix(c.Text, "/*line ") { // which this package puts before it
			words.List = append(words.List, c)
		}
	}
	return strings.TrimSpace(words.Text())
}
