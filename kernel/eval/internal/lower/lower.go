package lower

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
)

// Refused is the error for a construct that cannot be interpreted faithfully.
type Refused struct {
	Pos       token.Pos // where it stands in the user's source
	Construct string    // its name, such as "goto"
	Why       string    // one clause; may be empty
}

// Error names the construct and the way out.
func (r *Refused) Error() string {
	why := ""
	if r.Why != "" {
		why = ": " + r.Why
	}
	return fmt.Sprintf("%s cannot be interpreted%s (--compile runs it)", r.Construct, why)
}

// Lowerer rewrites the files of one interpreter's package main, in the order in
// which they are run. It is not safe for concurrent use.
type Lowerer struct {
	// Positions asks for the bookkeeping that lets Runtime.Position name the
	// statement that panicked. It costs some 30 ns per statement that can panic.
	Positions bool

	fset *token.FileSet
	pkg  *types.Package
	rt   *Runtime
	main *source

	count   int // makes names unique
	files   int
	queue   []func() // instances that are still to be written
	prelude map[string]*source
	saved   *state
	state

	file *file
}

// source is a checked package: the user's, or one of the prelude.
type source struct {
	pkg  *types.Package
	info *types.Info
}

// function is a declaration with the package that it was checked in.
type function struct {
	decl *ast.FuncDecl
	src  *source
}

// file collects the text of one lowered file.
type file struct {
	name    string
	types   strings.Builder
	funcs   strings.Builder
	early   []string // registrations, before any code of the user runs
	late    []string // the variables' values, then the user's init functions, then main
	imports map[string]string
	order   []string
	errs    []error
	guarded map[*ast.FuncDecl]bool
}

// New returns the Lowerer of pkg, whose files are checked into info.
func New(fset *token.FileSet, pkg *types.Package, info *types.Info) *Lowerer {
	src := &source{pkg, info}
	return &Lowerer{
		fset: fset, pkg: pkg, main: src,
		rt:      newRuntime(fset),
		prelude: map[string]*source{},
		state: state{
			names:   map[types.Object]string{},
			tableOf: map[string]*table{},
			decls:   map[*types.Func]*function{},
			named:   map[string]string{},
		},
	}
}

// Runtime is the run-time support of the programs that l makes.
func (l *Lowerer) Runtime() *Runtime { return l.rt }

// File lowers one further file, which has been checked into the info that New
// took. The error joins a *Refused for each construct that is refused.
func (l *Lowerer) File(f *ast.File) (*ast.File, error) {
	text, err := l.Text(f)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(l.fset, fmt.Sprintf("lowered%d.go", l.files), text, parser.SkipObjectResolution)
	if err == nil {
		keepSigns(file)
	}
	return file, err
}

// Text is the source of what File returns, for a reader: without what keepSigns
// adds.
func (l *Lowerer) Text(f *ast.File) (string, error) {
	saved := l.state.clone()
	l.saved = &saved
	l.files++
	l.file = &file{name: l.fset.Position(f.Package).Filename, imports: map[string]string{}}
	l.strict = l.strict || usesRecover(f)
	l.enter(f)
	l.file.guarded = l.cycles(f)
	l.each(f)
	l.guard(f.Package, func() { l.initialize(f) })
	for len(l.queue) > 0 || l.unjoined() {
		if len(l.queue) > 0 {
			next := l.queue[0]
			l.queue = l.queue[1:]
			l.guard(f.Package, next)
			continue
		}
		l.guard(f.Package, l.join)
	}
	if len(l.file.errs) > 0 {
		l.Undo()
		return "", errors.Join(l.file.errs...)
	}
	return l.assemble(), nil
}

// enter gives every package-level object of the file its name.
func (l *Lowerer) enter(f *ast.File) {
	for _, d := range f.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if o, ok := l.main.info.Defs[d.Name].(*types.Func); ok {
			l.decls[o] = &function{d, l.main}
		}
	}
}

// each lowers the functions of the file that are not generic; those are lowered
// where they are used.
func (l *Lowerer) each(f *ast.File) {
	inits := 0
	for _, d := range f.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Name.Name == "_" {
			continue
		}
		l.guard(d.Pos(), func() {
			o := l.main.info.Defs[d.Name].(*types.Func)
			if isGeneric(o) {
				return
			}
			if d.Body == nil {
				refuse(d.Pos(), "a function without a body", "")
			}
			name := l.funcName(o)
			if o.Name() == "init" && d.Recv == nil {
				inits++
			}
			l.writeFunc(name, &function{d, l.main}, nil)
		})
	}
}

func isGeneric(o *types.Func) bool {
	sig := o.Signature()
	return sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0
}

// guard runs a step and keeps what it refuses.
func (l *Lowerer) guard(pos token.Pos, step func()) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Refused:
			if !r.Pos.IsValid() {
				r.Pos = pos
			}
			l.file.errs = append(l.file.errs, r)
		default:
			panic(r)
		}
	}()
	step()
}

func refuse(pos token.Pos, construct, why string) {
	panic(&Refused{pos, construct, why})
}

// assemble makes the file's text of its parts.
func (l *Lowerer) assemble() string {
	var b strings.Builder
	b.WriteString("package main\n\n")
	rt := l.imported(rtPath)
	for _, path := range l.file.order {
		fmt.Fprintf(&b, "import %s %q\n", l.file.imports[path], path)
	}
	b.WriteString(l.file.types.String())
	b.WriteString(l.file.funcs.String())
	b.WriteString("func init() {\n")
	if !l.began {
		l.began = true
		fmt.Fprintf(&b, "\t%s.Begin(&%s, &%s, &%s)\n", rt, posVar, stopVar, catchVar)
	}
	for _, s := range append(l.file.early, l.file.late...) {
		b.WriteString(s)
		b.WriteByte('\n')
	}
	b.WriteString("}\n")
	return b.String()
}

const (
	rtPath   = "govidur/lower/rt"
	posVar   = "lower_pos"
	stopVar  = "lower_stop"
	catchVar = "lower_catch"
	noVar    = "lower_no" // is always false
)

// imported is the name under which the current file imports a package. It holds
// the file's number: the interpreter keeps the imports of all files of one name
// together.
func (l *Lowerer) imported(path string) string {
	if name, ok := l.file.imports[path]; ok {
		return name
	}
	base := path[strings.LastIndexByte(path, '/')+1:]
	name := fmt.Sprintf("%s_%d_%d", clean(base), l.files, len(l.file.order))
	l.file.imports[path] = name
	l.file.order = append(l.file.order, path)
	return name
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, s)
}

// fresh is a name that nothing else has.
func (l *Lowerer) fresh(base string) string {
	l.count++
	return fmt.Sprintf("%s_%d", clean(base), l.count)
}

// rtf is a reference to a function of the run-time support.
func (l *Lowerer) rtf(name string) string { return l.imported(rtPath) + "." + name }

// global is the name of a package-level object.
func (l *Lowerer) global(o types.Object) string {
	if n, ok := l.names[o]; ok {
		return n
	}
	n := l.fresh(o.Name())
	l.names[o] = n
	return n
}

// funcName is the name of a function or method that is not generic.
func (l *Lowerer) funcName(o *types.Func) string {
	if n, ok := l.names[o]; ok {
		return n
	}
	base := o.Name()
	if r := o.Signature().Recv(); r != nil {
		t := types.Unalias(r.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok {
			base = n.Obj().Name() + "_" + base
		}
	}
	n := l.fresh(base)
	l.names[o] = n
	return n
}

// usesRecover reports whether the file calls recover, by which a program sees
// the text of run-time errors.
func usesRecover(f *ast.File) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			id, ok := ast.Unparen(c.Fun).(*ast.Ident)
			found = found || ok && id.Name == "recover"
		}
		return !found
	})
	return found
}
