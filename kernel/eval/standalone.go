package eval

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// CellDir is the directory that Standalone gives to the names of cells in line
// directives: the toolchain makes other names those of files beside its own.
const CellDir = "/cells/"

// displayPath is the package whose Display shows the value of the last expression.
const displayPath = "github.com/govidur/govidur/kernel/nb"

// Standalone is the program of a cell for the compiler: the files of a package main
// with the cell itself, whose statements are the body of main, and those
// declarations of the session that it uses. Line directives name CellDir and the
// cell. A variable of the session that the program would need is an error, since
// its value lives in the interpreter. What the compiler itself says of the cell is
// left to it; the session stays as it is. The error is an *Error.
func (s *Session) Standalone(src Source) ([]Source, error) {
	s.enterLines(src)
	chunks, err := split(src)
	if err != nil {
		return nil, s.syntaxError(err)
	}
	c := &cell{Source: src, imports: map[string]string{}}
	c.text, c.whole = fileText(src, chunks)
	if c.file, err = s.parseFile(c.text); err != nil {
		return nil, s.syntaxError(err)
	}
	if c.whole {
		return []Source{{Name: "cell.go", Code: directed(c.text, src.Name)}}, nil
	}
	c.shows = len(chunks) > 0 && chunks[len(chunks)-1].stmt && !strings.HasSuffix(strings.TrimSpace(strip(src.Code)), ";")
	_ = s.readImports(c) // the compiler has more packages
	c.take(s.fset)
	x := &extract{s: s, c: c, u: &unit{cell: c, fresh: c.decls}, own: importNames(c.file)}
	return x.files()
}

// extract takes a program for the compiler out of a session.
type extract struct {
	s   *Session
	c   *cell
	u   *unit
	own map[string]bool // names that the cell imports
}

func (x *extract) files() ([]Source, error) {
	x.u.take()
	x.s.checkFront(x.u)
	if err := x.need(); err != nil {
		return nil, err
	}
	x.s.checkFront(x.u) // once more, for what the declarations import
	out := []Source{{Name: "cell.go", Code: x.cellText()}}
	for i, d := range x.u.again {
		out = append(out, Source{Name: fmt.Sprintf("d%d.go", i+1), Code: x.declText(i+1, d)})
	}
	return out, nil
}

// need finds the declarations of the session that the cell uses, and those that
// they use.
func (x *extract) need() *Error {
	var wrong []types.Error
	for _, id := range x.usesOf(x.u.files[0]) {
		if o := x.u.info.Uses[id]; x.s.objects[id.Name] == o && o != nil {
			if v, ok := o.(*types.Var); ok {
				wrong = append(wrong, types.Error{Fset: x.s.fset, Pos: id.Pos(), Msg: "variable " + v.Name() + " of the notebook lives in the interpreter: a compiled cell does not see it"})
				continue
			}
			wrong = append(wrong, x.add(id.Name, id)...)
		}
	}
	if len(wrong) > 0 {
		return x.s.compileError(wrong)
	}
	slices.SortFunc(x.u.again, func(a, b *decl) int { return a.seq - b.seq })
	return nil
}

// usesOf lists the identifiers of a file.
func (x *extract) usesOf(f *ast.File) (out []*ast.Ident) {
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			out = append(out, id)
		}
		return true
	})
	return out
}

// add adds a declaration with all that it needs. at is what asks for it.
func (x *extract) add(name string, at *ast.Ident) (wrong []types.Error) {
	if v, ok := x.s.objects[name].(*types.Var); ok {
		msg := fmt.Sprintf("%s uses variable %s of the notebook, which lives in the interpreter: a compiled cell does not see it", at.Name, v.Name())
		return []types.Error{{Fset: x.s.fset, Pos: at.Pos(), Msg: msg}}
	}
	for _, key := range sortedKeys(x.s.decls.by) {
		d := x.s.decls.by[key]
		if key != name && d.recv != name || x.u.taken[key] || x.u.taken[d.recv] || slices.Contains(x.u.again, d) {
			continue
		}
		x.u.again = append(x.u.again, d)
		if d.recv != "" {
			wrong = append(wrong, x.add(d.recv, at)...)
		}
		for _, r := range sortedKeys(d.refs) {
			if !x.u.taken[r] {
				wrong = append(wrong, x.add(r, at)...)
			}
		}
	}
	return wrong
}

// imports are the import declarations that a file needs beside its own.
func (x *extract) imports(i int) string {
	paths := map[string]string{}
	for _, id := range x.usesOf(x.u.files[i]) {
		if p, ok := x.u.info.Uses[id].(*types.PkgName); ok && (i > 0 || !x.own[id.Name]) {
			paths[id.Name] = p.Imported().Path()
		}
	}
	var b strings.Builder
	for _, name := range sortedKeys(paths) {
		fmt.Fprintf(&b, "import %s %q\n", name, paths[name])
	}
	return b.String()
}

// declText is the file of a declaration.
func (x *extract) declText(i int, d *decl) string {
	text := d.text
	if g, ok := d.node.(*ast.GenDecl); ok && g.Tok == token.CONST { // some may belong to others now
		var b bytes.Buffer
		if format.Node(&b, token.NewFileSet(), g) == nil {
			text = b.String()
		}
	}
	return fmt.Sprintf("package main\n%s/*line %s%s:%d:%d*/%s\n", x.imports(i), CellDir, d.file, d.line, max(d.col, 1), text)
}

// cellText is the file of the cell itself.
func (x *extract) cellText() string {
	text := x.shown(x.c.text)
	head, rest, _ := strings.Cut(text, "\n") // the package clause
	text = head + "\n" + x.imports(0) + rest
	if len(x.c.stmts) > 0 {
		text = strings.Replace(text, "\nfunc "+resultFunc+"()", "\nfunc main()", 1)
	} else if !slices.ContainsFunc(x.c.decls, func(d *decl) bool { return slices.Contains(d.keys, "main") }) {
		text += "\nfunc main() {}\n"
	}
	return directed(text, x.c.Name)
}

// shown wraps the last expression in a call that displays it, if it is one.
func (x *extract) shown(text string) string {
	n := len(x.c.stmts)
	if n == 0 || !x.c.shows {
		return text
	}
	st, ok := x.c.stmts[n-1].(*ast.ExprStmt)
	if !ok || !x.hasValue(st.X) {
		return text
	}
	file := x.s.fset.File(st.Pos())
	from, to := file.Offset(st.X.Pos()), file.Offset(st.X.End())
	at := x.s.fset.Position(st.X.Pos())
	text = fmt.Sprintf("%sdisplayʹ.Display(/*line %s:%d:%d*/%s)%s", text[:from], at.Filename, at.Line, at.Column, text[from:to], text[to:])
	head, rest, _ := strings.Cut(text, "\n")
	return fmt.Sprintf("%s\nimport displayʹ %q\n%s", head, displayPath, rest)
}

// hasValue reports whether an expression has a value to show.
func (x *extract) hasValue(e ast.Expr) bool {
	if !isCall(e) {
		return true
	}
	switch t := x.u.info.TypeOf(e).(type) {
	case nil:
		return false
	case *types.Tuple:
		return t.Len() > 0 && !Prints(x.u.info, e)
	case *types.Basic:
		return t.Kind() != types.Invalid
	}
	return true
}

// directed puts CellDir before the name of the cell in line directives.
func directed(text, name string) string {
	return strings.ReplaceAll(text, "/*line "+name+":", "/*line "+CellDir+name+":")
}

// importNames are the names under which a file imports, as far as the file says.
func importNames(f *ast.File) map[string]bool {
	out := map[string]bool{}
	for _, spec := range f.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		name := p[strings.LastIndexByte(p, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		out[name] = true
	}
	return out
}
