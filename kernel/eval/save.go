package eval

import (
	"go/types"
	"maps"
	"slices"
)

// Saved is what was declared in a session, without the values of variables. It
// can be encoded as JSON.
type Saved struct {
	Declarations []Declaration
	Imports      map[string]string // name → path, of every cell so far
	Sources      map[string]string // name → code, of where the declarations stand
	Variables    []string          // whose values are not saved
	Dropped      map[string]string // name → why it is gone
}

// Declaration is one type, function, method or group of constants.
type Declaration struct {
	Keys      []string // what it declares; "T.M" for a method
	Type      string   // that a method belongs to
	File      string
	Line, Col int
	Text, Doc string
	Imports   map[string]string
}

// Save returns what is declared now.
func (s *Session) Save() Saved {
	saved := Saved{Imports: maps.Clone(s.imports), Sources: map[string]string{}, Variables: s.variables(), Dropped: maps.Clone(s.dropped)}
	for _, d := range s.decls.list() {
		saved.Declarations = append(saved.Declarations, Declaration{d.keys, d.recv, d.file, d.line, d.col, d.text, d.doc, d.imports})
		saved.Sources[d.file] = joinLines(s.lines[d.file])
	}
	return saved
}

// Restore declares in a session in which nothing is declared what another one
// has saved. The notes say what could not be: what refers to a variable.
func (s *Session) Restore(saved Saved) (notes []string, err error) {
	for name, code := range saved.Sources {
		s.lines[name] = splitLines(code)
	}
	maps.Copy(s.imports, saved.Imports)
	maps.Copy(s.dropped, saved.Dropped)
	s.changes++
	for _, name := range saved.Variables {
		s.dropped[name] = "its value was lost"
	}
	var list []*decl
	for _, d := range saved.Declarations {
		list = append(list, &decl{keys: d.Keys, recv: d.Type, file: d.File, line: d.Line, col: d.Col, text: d.Text, doc: d.Doc, imports: d.Imports})
	}
	return s.declare(list)
}

// Version is a number that grows whenever what [Session.Save] returns changes.
func (s *Session) Version() int { return s.changes }

// enterLines keeps the lines of a source. That of a cell which is run again under
// the same name takes the place of one to which declarations refer.
func (s *Session) enterLines(src Source) {
	lines := splitLines(src.Code)
	if old, ok := s.lines[src.Name]; ok && !slices.Equal(old, lines) {
		s.changes++
	}
	s.lines[src.Name] = lines
}

// remember keeps imports for later cells.
func (s *Session) remember(imports map[string]string) {
	for name, path := range imports {
		if s.imports[name] != path {
			s.imports[name] = path
			s.changes++
		}
	}
}

// list is what is declared but for variables, in order of first definition.
func (s *declSet) list() []*decl {
	var out []*decl
	for _, d := range s.by {
		if !d.isVar && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b *decl) int { return a.seq - b.seq })
	return out
}

// variables lists the names of the variables.
func (s *Session) variables() []string {
	var names []string
	for _, name := range sortedKeys(s.objects) {
		if _, ok := s.objects[name].(*types.Var); ok {
			names = append(names, name)
		}
	}
	return names
}
