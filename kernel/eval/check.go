package eval

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/traefik/yaegi/interp"
)

// unit is a cell on its way to the interpreter, with what must be compiled
// again because of it.
type unit struct {
	cell  *cell
	fresh []*decl     // declarations of the cell that are new or differ
	again []*decl     // others that refer to what changes
	files []*ast.File // the cell's, then one for each of again
	vars  []*ast.Ident
	pkg   *types.Package
	info  *types.Info
	kept  map[string]bool // variables that stay the interpreter's, with a new value
	notes []string

	taken   map[string]bool         // names that the cell itself defines
	names   map[types.Object]string // in the interpreter, of what the unit defines
	unset   []string                // new variables that have no value yet
	program *interp.Program
}

// check type-checks a cell together with what depends on what it defines.
func (s *Session) check(c *cell) (*unit, error) {
	u := &unit{cell: c}
	for _, d := range c.decls {
		if c.whole || !s.known(d) {
			u.fresh = append(u.fresh, d)
		}
	}
	s.liftVariables(u)
	u.take()
	u.again = s.decls.stale(u.fresh, s.redefined(u)...)
	for {
		errs := s.checkFront(u)
		if u.showLast(errs) {
			continue
		}
		if dropped := u.failing(errs); len(dropped) > 0 {
			s.dropStale(u, dropped, errs)
			continue
		}
		if len(errs) > 0 {
			return nil, s.compileError(errs)
		}
		if !s.growStale(u) {
			break
		}
	}
	if errs := s.forbidden(u); len(errs) > 0 {
		return nil, s.compileError(errs)
	}
	u.note()
	return u, nil
}

// showLast makes the call that ends the cell one whose value is shown, if it
// turns out to be none that can stand alone, as a conversion or len(x).
func (u *unit) showLast(errs []types.Error) bool {
	c := u.cell
	n := len(c.stmts)
	if n == 0 {
		return false
	}
	x, ok := c.stmts[n-1].(*ast.ExprStmt)
	if !ok || !slices.ContainsFunc(errs, func(e types.Error) bool {
		return strings.HasSuffix(e.Msg, "is not used") && x.Pos() <= e.Pos && e.Pos < x.End()
	}) {
		return false
	}
	if _, already := shown(x); already {
		return false
	}
	c.stmts[n-1] = c.last(x.X)
	return true
}

// known reports whether a declaration is current as it stands.
func (s *Session) known(d *decl) bool {
	if len(d.keys) == 0 {
		return false
	}
	for _, k := range d.keys {
		if !d.same(s.decls.by[k]) {
			return false
		}
	}
	return true
}

// redefined lists the names that the cell's variables take from declarations.
func (s *Session) redefined(u *unit) []string {
	var out []string
	for _, id := range u.vars {
		if s.decls.by[id.Name] != nil {
			out = append(out, id.Name)
		}
	}
	return out
}

// growStale adds what refers to variables whose type the unit changes, and
// reports whether there was any.
func (s *Session) growStale(u *unit) bool {
	u.kept = map[string]bool{}
	var changed []string
	for _, id := range u.vars {
		now := u.pkg.Scope().Lookup(id.Name)
		old, isVar := s.objects[id.Name].(*types.Var)
		if isVar && !u.cell.whole && types.Identical(old.Type(), now.Type()) {
			u.kept[id.Name] = true
		} else if s.objects[id.Name] != nil {
			changed = append(changed, id.Name)
		}
	}
	if len(changed) == 0 {
		return false
	}
	again := s.decls.stale(u.fresh, append(changed, s.redefined(u)...)...)
	if len(again) <= len(u.again) {
		return false
	}
	u.again = again
	return true
}

// checkFront checks the unit under natural names.
func (s *Session) checkFront(u *unit) []types.Error {
	c := u.cell
	u.files = []*ast.File{c.file}
	if !c.whole {
		u.files[0] = s.cellFile(u)
	}
	for _, d := range u.again {
		u.files = append(u.files, s.declFile(u, d))
	}
	u.pkg, u.info = types.NewPackage("main", "main"), newInfo()
	own := u.defines()
	for name, o := range s.objects {
		if !own[name] {
			u.pkg.Scope().Insert(o)
		}
	}
	u.pkg.Scope().Insert(outFunc)
	var errs []types.Error
	conf := types.Config{Importer: importer{s}, Error: func(err error) { errs = append(errs, err.(types.Error)) }}
	types.NewChecker(&conf, s.fset, u.pkg, u.info).Files(u.files)
	return u.serious(errs)
}

// defines is the set of names that the unit defines, those of methods with the
// names of their types.
func (u *unit) defines() map[string]bool {
	own := maps.Clone(u.taken)
	for _, d := range u.again {
		for _, k := range d.keys {
			own[k] = true
		}
	}
	return own
}

// serious leaves out what is no fault in a cell: an import that only another
// cell uses, a variable whose first value depends on its last, a struct of an
// earlier cell whose fields are given without names, and what else is said of a
// place: the value of a variable is checked in its declaration and in the statement
// that sets it.
func (u *unit) serious(errs []types.Error) []types.Error {
	seen := map[token.Pos]bool{}
	out := errs[:0]
	for _, e := range errs {
		own := u.cell.whole && u.fileOf(e.Pos) == 0
		lax := strings.Contains(e.Msg, " imported ") && strings.HasSuffix(e.Msg, "and not used") || strings.HasPrefix(e.Msg, "initialization cycle")
		lax = lax || strings.HasPrefix(e.Msg, "implicit assignment to unexported field") && strings.Contains(e.Msg, " main.")
		if seen[e.Pos] || strings.HasPrefix(e.Msg, "\t") || !own && lax {
			continue
		}
		seen[e.Pos] = true
		out = append(out, e)
	}
	return out
}

// fileOf is the index of the file that holds pos.
func (u *unit) fileOf(pos token.Pos) int {
	for i, f := range u.files {
		if f.FileStart <= pos && pos < f.FileEnd {
			return i
		}
	}
	return 0
}

// failing lists the declarations of again that do not compile any more, if the
// cell itself does.
func (u *unit) failing(errs []types.Error) []*decl {
	var out []*decl
	for _, e := range errs {
		i := u.fileOf(e.Pos)
		if i == 0 {
			return nil
		}
		if d := u.again[i-1]; !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// dropStale forgets declarations that what the unit defines has broken, and
// says so: the alternative is to run them as they were.
func (s *Session) dropStale(u *unit, list []*decl, errs []types.Error) {
	for _, d := range list {
		why := ""
		for _, e := range errs {
			if u.again[max(u.fileOf(e.Pos), 1)-1] == d {
				why = e.Msg
				break
			}
		}
		u.notes = append(u.notes, fmt.Sprintf("%s no longer compiles and was dropped: %s", strings.Join(d.keys, ", "), why))
		for _, k := range d.keys {
			delete(s.objects, k)
			s.dropped[k] = "it was dropped: " + why
			s.changes++
		}
	}
	s.decls.drop(list)
	u.again = slices.DeleteFunc(u.again, func(d *decl) bool { return slices.Contains(list, d) })
}

// note says what is compiled again.
func (u *unit) note() {
	if len(u.again) == 0 {
		return
	}
	var names []string
	for _, d := range u.again {
		names = append(names, d.keys...)
	}
	if len(names) > 6 {
		names = append(names[:5], fmt.Sprintf("%d more", len(names)-5))
	}
	u.notes = append(u.notes, "compiled again: "+strings.Join(names, ", "))
}

// declFile parses a declaration that is compiled again.
func (s *Session) declFile(u *unit, d *decl) *ast.File {
	var b strings.Builder
	b.WriteString("package main\n")
	for _, name := range sortedKeys(d.imports) {
		if strings.Contains(d.text, name+".") {
			fmt.Fprintf(&b, "import %s %q\n", name, d.imports[name])
		}
	}
	fmt.Fprintf(&b, "/*line %s:%d:%d*/%s\n", d.file, d.line, max(d.col, 1), d.text)
	f, err := s.parseFile(b.String())
	if err != nil { // it was parsed before
		panic(fmt.Sprintf("eval: a declaration that was parsed does not parse again: %v", err))
	}
	d.node = f.Decls[len(f.Decls)-1]
	if g, ok := d.node.(*ast.GenDecl); ok && g.Tok == token.CONST {
		disown(g, func(name string) bool { return s.decls.by[name] == d && !u.taken[name] })
	}
	return f
}

// disown makes blanks of the constants of a group that other declarations have
// taken over.
func disown(g *ast.GenDecl, owns func(name string) bool) {
	for _, spec := range g.Specs {
		for _, n := range spec.(*ast.ValueSpec).Names {
			if !owns(n.Name) {
				n.Name = "_"
			}
		}
	}
}

// take notes what names the cell itself defines.
func (u *unit) take() {
	u.taken = map[string]bool{}
	for _, d := range u.fresh {
		for _, k := range d.keys {
			u.taken[k] = true
		}
	}
	for _, id := range u.vars {
		u.taken[id.Name] = true
	}
}

// forbidden finds uses of what only an unrestricted session offers.
func (s *Session) forbidden(u *unit) []types.Error {
	if s.opt.Unrestricted {
		return nil
	}
	var errs []types.Error
	for id, o := range u.info.Uses {
		if o.Pkg() != nil && restrictedObject(o) {
			errs = append(errs, types.Error{Fset: s.fset, Pos: id.Pos(), Msg: o.Pkg().Name() + "." + o.Name() + " reaches out of the process: it needs --unrestricted"})
		}
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Pos < errs[j].Pos })
	return errs
}

// referTo notes in every declaration of the unit what names it uses.
func (s *Session) referTo(u *unit) {
	top := u.pkg.Scope()
	for _, d := range slices.Concat(u.fresh, u.again) {
		d.refs = map[string]bool{}
		ast.Inspect(d.node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if o := u.info.Uses[id]; o != nil && o.Pkg() != nil && o.Pkg().Path() == "main" && top.Lookup(o.Name()) == o {
					d.refs[o.Name()] = true
				}
			}
			return true
		})
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
