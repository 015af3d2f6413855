package eval

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/symbols"
)

// importer gives the checker what the session offers.
type importer struct{ s *Session }

// Import implements types.Importer.
func (i importer) Import(path string) (*types.Package, error) { return i.s.importPath(path) }

// importPath is the type information of a package that scripts may import.
func (s *Session) importPath(path string) (*types.Package, error) {
	if path == hostPath {
		return hostPackage, nil
	}
	if p := s.given[path]; p != nil {
		return p, nil
	}
	if symbols.Restricted(path) && !s.opt.Unrestricted {
		return nil, fmt.Errorf("package %s reaches out of the process: it needs --unrestricted", path)
	}
	p, err := s.imp.Import(path)
	if err == nil {
		return p, nil
	}
	if symbols.Name(path) == "" {
		return nil, fmt.Errorf("package %s is not offered to interpreted code (--compile runs it)", path)
	}
	return nil, err
}

// cellImports is what a cell that is no whole file has in reach: its own
// imports, those of earlier cells, and packages that it names without an import
// if only one package has the name.
func (s *Session) cellImports(c *cell) map[string]string {
	if c.reach != nil {
		return c.reach
	}
	c.reach = maps.Clone(c.imports)
	reach := func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok || c.reach[id.Name] != "" || s.objects[id.Name] != nil || c.declares(id.Name) {
			return true
		}
		if p := s.imports[id.Name]; p != "" {
			c.reach[id.Name] = p
		} else if p := byName(id.Name, s.opt.Unrestricted); p != "" {
			c.reach[id.Name] = p
		}
		return true
	}
	ast.Inspect(c.file, reach)
	for _, g := range c.lifted { // the types of variables stand only there
		ast.Inspect(g, reach)
	}
	for _, d := range c.decls {
		d.imports = c.reach
	}
	return c.reach
}

// declares reports whether the cell itself gives a meaning to a name.
func (c *cell) declares(name string) bool {
	for _, d := range c.decls {
		for _, k := range d.keys {
			if k == name {
				return true
			}
		}
	}
	for _, g := range c.lifted {
		for _, id := range g.Specs[0].(*ast.ValueSpec).Names {
			if id.Name == name {
				return true
			}
		}
	}
	return false
}

// byName is the one offered package of that name, or "". Of rand and template,
// of which there are several, the author says which.
func byName(name string, unrestricted bool) string {
	paths := symbols.Named(name)
	if !unrestricted {
		paths = slices.DeleteFunc(paths, symbols.Restricted)
	}
	if len(paths) != 1 {
		return ""
	}
	return paths[0]
}

func restrictedObject(o types.Object) bool { return symbols.RestrictedName(o.Pkg().Path(), keyOf(o)) }

// hostPath is the package that compiled cells call.
const hostPath = "vidur/host"

// hostPackage is its type information.
var hostPackage = func() *types.Package {
	p := types.NewPackage(hostPath, "host")
	str, any := types.Typ[types.String], types.Universe.Lookup("any").Type()
	param := func(name string, t types.Type) *types.Var { return types.NewParam(token.NoPos, p, name, t) }
	sig := types.NewSignatureType(nil, nil, nil, types.NewTuple(param("typ", str), param("v", any)), nil, false)
	p.Scope().Insert(types.NewFunc(token.NoPos, p, "Out", sig))
	set := types.NewSignatureType(nil, nil, nil, types.NewTuple(param("name", str)), nil, false)
	p.Scope().Insert(types.NewFunc(token.NoPos, p, "Set", set))
	p.MarkComplete()
	return p
}()

// aliasOf is the name under which the interpreter's files import a package. No
// name of the user's is like it.
func (s *Session) aliasOf(p *types.Package) string {
	a := s.alias[p.Path()]
	if a == "" {
		a = fmt.Sprintf("%sʹʹ%d", p.Name(), len(s.alias))
		s.alias[p.Path()] = a
	}
	return a
}

// plain takes the marks of versions out of a name or a message.
func plain(s string) string {
	if !strings.Contains(s, "ʹ") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], "ʹ") {
			i += len("ʹ")
			for i < len(s) && '0' <= s[i] && s[i] <= '9' {
				i++
			}
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}
