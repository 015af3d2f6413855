package lower

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"

	"github.com/govidur/govidur/kernel/symbols"
)

//go:embed prelude
var preludeFiles embed.FS

// preludePath begins the import paths of the prelude.
const preludePath = "prelude/"

func (s *source) prelude() bool { return strings.HasPrefix(s.pkg.Path(), preludePath) }

// instance is the name of a generic function or method with type arguments; its
// text is written when it is first used.
func (l *Lowerer) instance(f *types.Func, args []types.Type, pos token.Pos) string {
	fn := l.decls[f]
	if fn == nil {
		fn = l.preludeFunc(f)
	}
	if fn == nil {
		refuse(pos, "the generic function "+f.FullName(), "")
	}
	key := fmt.Sprintf("instance %p", fn.decl)
	for _, a := range args {
		key += fmt.Sprintf(" %d", l.rt.typeNumber(a))
	}
	if n, ok := l.named[key]; ok {
		return n
	}
	name := l.fresh(f.Name())
	l.named[key] = name
	origin := fn.src.info.Defs[fn.decl.Name].(*types.Func).Signature()
	params := origin.TypeParams()
	if params.Len() == 0 {
		params = origin.RecvTypeParams()
	}
	e := newEnv(params, args)
	l.queue = append(l.queue, func() {
		l.file.guarded[fn.decl] = true
		defer func() {
			if r, ok := recover().(*Refused); ok {
				if !r.Pos.IsValid() || fn.src != l.main {
					r.Pos = pos
				}
				panic(r)
			}
		}()
		l.writeFunc(name, fn, e)
	})
	return name
}

// preludeFunc is our own source of a generic function that is not the user's,
// or nil.
func (l *Lowerer) preludeFunc(f *types.Func) *function {
	if f.Pkg() == nil || l.own(f) {
		return nil
	}
	src := l.preludeOf(f.Pkg().Path())
	if src == nil {
		return nil
	}
	o, ok := src.pkg.Scope().Lookup(f.Name()).(*types.Func)
	if !ok {
		return nil
	}
	return l.decls[o]
}

// preludeOf checks the prelude's source for a package, once.
func (l *Lowerer) preludeOf(path string) *source {
	if s, ok := l.prelude[path]; ok {
		return s
	}
	text, err := preludeFiles.ReadFile("prelude/" + strings.ReplaceAll(path, "/", "_") + ".go.txt")
	if err != nil {
		return nil
	}
	fset := l.fset
	f, err := parser.ParseFile(fset, "prelude/"+path+".go", text, parser.SkipObjectResolution)
	if err != nil {
		panic(fmt.Sprintf("lower: prelude: %v", err))
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	conf := types.Config{Importer: l.importer()}
	pkg, err := conf.Check(preludePath+path, fset, []*ast.File{f}, info)
	if err != nil {
		panic(fmt.Sprintf("lower: prelude: %v", err))
	}
	s := &source{pkg, info}
	l.prelude[path] = s
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			l.decls[info.Defs[d.Name].(*types.Func)] = &function{d, s}
		}
	}
	return s
}

// importer finds the packages that the prelude imports.
func (l *Lowerer) importer() types.Importer { return symbols.Importer(l.fset) }
