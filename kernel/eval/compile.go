package eval

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"github.com/traefik/yaegi/interp"

	"github.com/govidur/govidur/kernel/eval/internal/lower"
	"github.com/govidur/govidur/kernel/symbols"
)

// compile brings the unit to the interpreter: it gives every new version of a
// name its own, makes one file of the unit, checks that once more for the types
// under these names, and has it rewritten.
func (s *Session) compile(u *unit) error {
	s.showCall(u)
	s.tellSet(u)
	s.rename(u)
	file := s.merge(u)
	var errs []types.Error
	conf := types.Config{Importer: importer{s}, Error: func(err error) { errs = append(errs, err.(types.Error)) }}
	types.NewChecker(&conf, s.fset, s.back, s.backInfo).Files([]*ast.File{file})
	if len(errs) > 0 {
		return s.compileError(errs)
	}
	lowered, err := s.low.File(file)
	if err != nil {
		return s.refusal(err)
	}
	if err := s.use(lowered); err != nil {
		return s.internalError(err)
	}
	u.program, err = s.interpret(lowered)
	if err != nil {
		s.low.Undo()
		return s.refusal(&lower.Refused{Construct: "this program", Why: plain(err.Error())})
	}
	return nil
}

// showCall makes the call that ends a cell give its value, now that it is known
// to have one. What prints says what it has to say itself.
func (s *Session) showCall(u *unit) {
	c := u.cell
	n := len(c.stmts)
	if n == 0 || !c.shows {
		return
	}
	x, ok := c.stmts[n-1].(*ast.ExprStmt)
	if !ok {
		return
	}
	if v, ok := shown(x); ok {
		c.stmts[n-1] = s.out1(v, u.info.TypeOf(v))
		return
	}
	switch t := u.info.TypeOf(x.X).(type) {
	case nil:
	case *types.Tuple:
		if t.Len() > 0 && !Prints(u.info, x.X) {
			c.stmts[n-1] = s.outMany(x.X, t)
		}
	default:
		if tv := u.info.Types[x.X]; !tv.IsVoid() {
			c.stmts[n-1] = s.out1(x.X, t)
		}
	}
}

// tellSet has the host told when a new variable has got its value: one that an
// error comes before does not come to be.
func (s *Session) tellSet(u *unit) {
	c := u.cell
	var out []ast.Stmt
	for i, st := range c.stmts {
		out = append(out, st)
		for _, id := range c.sets[i] {
			if !u.kept[id.Name] {
				u.unset = append(u.unset, id.Name)
				out = append(out, &ast.ExprStmt{X: s.callOf(hostPackage, "Set", text(id.Pos(), id.Name))})
			}
		}
	}
	c.stmts = out
}

// callOf calls a function of a package, at the place of its first argument.
func (s *Session) callOf(p *types.Package, name string, args ...ast.Expr) *ast.CallExpr {
	at := args[0].Pos()
	fun := &ast.SelectorExpr{X: &ast.Ident{NamePos: at, Name: s.aliasOf(p)}, Sel: &ast.Ident{NamePos: at, Name: name}}
	return &ast.CallExpr{Fun: fun, Lparen: at, Args: args, Rparen: at}
}

// text is a string in the program.
func text(at token.Pos, s string) ast.Expr {
	return &ast.BasicLit{ValuePos: at, Kind: token.STRING, Value: strconv.Quote(s)}
}

// Prints reports whether x, of which info knows the types, calls a function of fmt:
// what that gives is not shown when a cell ends with it.
func Prints(info *types.Info, x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "fmt" && f.Signature().Recv() == nil
}

// out1 gives the value of x to the host, with the text that fmt makes of it
// where its methods are known.
func (s *Session) out1(x ast.Expr, t types.Type) ast.Stmt {
	if b, ok := t.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		t = types.Universe.Lookup("any").Type()
	}
	v := &ast.Ident{NamePos: x.Pos(), Name: "valueʹ"}
	spec := &ast.ValueSpec{Names: []*ast.Ident{v}, Values: []ast.Expr{x}}
	if types.IsInterface(t) {
		spec.Type = &ast.Ident{NamePos: x.Pos(), Name: "any"}
	}
	return &ast.BlockStmt{Lbrace: x.Pos(), Rbrace: x.End(), List: []ast.Stmt{
		&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: x.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}}},
		s.outCall(v, types.Default(t)),
	}}
}

// outMany does so for a call with several results.
func (s *Session) outMany(x ast.Expr, t *types.Tuple) ast.Stmt {
	block := &ast.BlockStmt{Lbrace: x.Pos(), Rbrace: x.End()}
	set := &ast.AssignStmt{TokPos: x.Pos(), Tok: token.DEFINE, Rhs: []ast.Expr{x}}
	block.List = append(block.List, set)
	for i := range t.Len() {
		v := &ast.Ident{NamePos: x.Pos(), Name: fmt.Sprintf("valueʹ%d", i)}
		set.Lhs = append(set.Lhs, v)
		block.List = append(block.List, s.outCall(v, t.At(i).Type()))
	}
	return block
}

// outCall gives the variable v, which has type t, to the host.
func (s *Session) outCall(v *ast.Ident, t types.Type) ast.Stmt {
	value := &ast.Ident{NamePos: v.NamePos, Name: v.Name}
	return &ast.ExprStmt{X: s.callOf(hostPackage, "Out", text(v.NamePos, types.TypeString(t, short)), value)}
}

// rename gives the names of package level that the unit defines, and the uses
// of all, their names in the interpreter.
func (s *Session) rename(u *unit) {
	own := map[types.Object]string{}
	for _, name := range u.pkg.Scope().Names() {
		o := u.pkg.Scope().Lookup(name)
		if _, old := s.names[o]; old || o == outFunc {
			continue
		}
		if u.kept[name] {
			own[o] = s.names[s.objects[name]]
			continue
		}
		own[o] = s.version(name)
	}
	u.names = own
	for id, o := range u.info.Defs {
		u.renameIdent(s, id, o)
	}
	for id, o := range u.info.Uses {
		u.renameIdent(s, id, o)
	}
}

// version is a name that no other version has.
func (s *Session) version(name string) string {
	s.versions[name]++
	if v := s.versions[name]; v > 1 || name == "main" {
		return fmt.Sprintf("%sʹ%d", name, v)
	}
	return name
}

func (u *unit) renameIdent(s *Session, id *ast.Ident, o types.Object) {
	switch o := o.(type) {
	case nil:
		return
	case *types.PkgName:
		id.Name = s.aliasOf(o.Imported())
		return
	case *types.Var:
		if o.Embedded() { // the field has the name of its type
			if n := u.typeName(s, o.Type()); n != "" {
				id.Name = n
			}
			return
		}
	}
	if n := u.nameOf(s, o); n != "" {
		id.Name = n
	}
}

// nameOf is the interpreter's name of an object of package level, or "".
func (u *unit) nameOf(s *Session, o types.Object) string {
	if n, ok := u.names[o]; ok {
		return n
	}
	return s.names[o]
}

// typeName is the interpreter's name of a declared type, or "".
func (u *unit) typeName(s *Session, t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t := t.(type) {
	case *types.Named:
		return u.nameOf(s, t.Origin().Obj())
	case *types.Alias:
		return u.nameOf(s, t.Origin().Obj())
	}
	return ""
}

// merge makes one file of the unit.
func (s *Session) merge(u *unit) *ast.File {
	f := *u.cell.file
	f.Decls, f.Imports = nil, nil
	var decls []ast.Decl
	take := func(list []ast.Decl) {
		for _, d := range list {
			if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
				decls = append(decls, d)
			}
		}
	}
	for _, file := range u.files[1:] {
		take(file.Decls)
	}
	if u.cell.whole {
		take(u.files[0].Decls)
		decls = append(decls, u.callMain()...)
	} else {
		for _, d := range u.fresh {
			decls = append(decls, d.node)
		}
		for _, id := range u.vars {
			if !u.kept[u.frontName(id)] {
				decls = append(decls, s.varDecl(u, id))
			}
		}
		if len(u.cell.stmts) > 0 {
			decls = append(decls, initFunc(u.cell.stmts))
		}
	}
	for _, p := range s.importsOf(decls) {
		spec := importDecl(f.Package, s.alias[p], p)
		f.Decls = append(f.Decls, spec)
		f.Imports = append(f.Imports, spec.Specs[0].(*ast.ImportSpec))
	}
	f.Decls = append(f.Decls, decls...)
	return &f
}

// callMain is what calls main, if the unit defines that and it is to run.
func (u *unit) callMain() []ast.Decl {
	m, ok := u.pkg.Scope().Lookup("main").(*types.Func)
	if !ok || u.cell.noMain || !slices.ContainsFunc(u.fresh, func(d *decl) bool { return slices.Contains(d.keys, "main") }) {
		return nil
	}
	id := &ast.Ident{NamePos: m.Pos(), Name: u.names[m]}
	return []ast.Decl{initFunc([]ast.Stmt{&ast.ExprStmt{X: &ast.CallExpr{Fun: id, Lparen: m.Pos(), Rparen: m.Pos()}}})}
}

// importsOf lists the paths that declarations name by their aliases.
func (s *Session) importsOf(decls []ast.Decl) []string {
	paths := map[string]string{}
	for path, alias := range s.alias {
		paths[alias] = path
	}
	used := map[string]bool{}
	for _, d := range decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && paths[id.Name] != "" {
					used[paths[id.Name]] = true
				}
			}
			return true
		})
	}
	return sortedKeys(used)
}

// varDecl declares a variable of a cell with the type that was found for it.
func (s *Session) varDecl(u *unit, id *ast.Ident) ast.Decl {
	o := u.info.Defs[id]
	w := typeWriter{s: s, u: u, pos: id.Pos()}
	spec := &ast.ValueSpec{Names: []*ast.Ident{{NamePos: id.Pos(), Name: u.names[o]}}, Type: w.expr(o.Type())}
	return &ast.GenDecl{TokPos: id.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}}
}

// use gives the interpreter the packages that a file imports, and those that
// their types come from.
func (s *Session) use(f *ast.File) error {
	var paths []string
	for _, spec := range f.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && !s.used[path] {
			paths = append(paths, path)
		}
	}
	for _, path := range symbols.Closure(paths...) {
		if s.used[path] {
			continue
		}
		s.used[path] = true
		// Of two slashes the interpreter makes one, but does not take the package
		// for its own copy of the standard one, which it would change.
		name, values, _ := symbols.Values(path)
		if err := s.in.Use(interp.Exports{path + "//" + name: s.adapt(path, values)}); err != nil {
			return err
		}
	}
	return nil
}

// interpret compiles a file. The interpreter panics on what it does not know.
func (s *Session) interpret(f *ast.File) (p *interp.Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the interpreter cannot compile it: %v", r)
		}
	}()
	return s.in.CompileAST(f)
}

// commit makes what the unit defines current.
func (s *Session) commit(u *unit) {
	s.referTo(u)
	list := slices.Concat(u.fresh, u.again)
	for _, id := range u.vars {
		if d := s.decls.by[u.frontName(id)]; d != nil {
			s.decls.drop([]*decl{d})
		}
	}
	for _, d := range u.again {
		d.keys = slices.DeleteFunc(slices.Clone(d.keys), func(k string) bool { return u.taken[k] })
	}
	s.decls.enter(list)
	if len(list)+len(u.vars) > 0 {
		s.changes++
	}
	for o, name := range u.names {
		s.objects[o.Name()] = o
		s.names[o] = name
	}
	s.remember(u.cell.imports)
	s.remember(u.cell.reach)
}

// frontName is the name that the author gave to a variable.
func (u *unit) frontName(id *ast.Ident) string { return u.info.Defs[id].Name() }

// refusal makes an Error of what cannot be interpreted.
func (s *Session) refusal(err error) *Error {
	var list []types.Error
	for _, e := range unjoin(err) {
		var r *lower.Refused
		if errors.As(e, &r) {
			list = append(list, types.Error{Fset: s.fset, Pos: r.Pos, Msg: r.Error()})
		} else {
			list = append(list, types.Error{Fset: s.fset, Msg: e.Error()})
		}
	}
	e := s.compileError(list)
	e.Kind = Refused
	return e
}

func unjoin(err error) []error {
	if m, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range m.Unwrap() {
			out = append(out, unjoin(e)...)
		}
		return out
	}
	return []error{err}
}
