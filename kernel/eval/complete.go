package eval

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/symbols"
)

// Candidate is one way to go on.
type Candidate struct {
	Text string
	Kind string // function, method, field, type, constant, variable, package, keyword
	Type string // its type or signature; may be empty
}

// Completion is what can stand at a place of code.
type Completion struct {
	Start, End int // bytes of the code that a candidate replaces
	Candidates []Candidate
}

// Complete lists what the identifier that ends at a byte of code can be. It
// knows the types of what was declared and of the code around, and says nothing
// inside strings and comments.
func (s *Session) Complete(code string, off int) Completion {
	off = min(max(off, 0), len(code))
	start, _ := word(code, off)
	done := Completion{Start: start, End: off}
	prefix := code[start:off]
	if quoted(code, start) {
		return done
	}
	marked := code[:start] + cursor + code[off:]
	v := s.look(marked, cursor, start)
	if v == nil { // the rest of the code may be what is broken
		marked = code[:start] + cursor
		v = s.look(closed(marked), cursor, start)
	}
	if v == nil {
		return done
	}
	done.Candidates = matching(s.candidates(v), prefix)
	slices.SortStableFunc(done.Candidates, func(a, b Candidate) int { return strings.Compare(a.Text, b.Text) })
	done.Candidates = slices.CompactFunc(done.Candidates, func(a, b Candidate) bool { return a.Text == b.Text })
	return done
}

// matching keeps the candidates that begin with prefix, or if there is none
// those that do but for upper and lower case.
func matching(all []Candidate, prefix string) []Candidate {
	var exact, alike []Candidate
	lower := strings.ToLower(prefix)
	for _, c := range all {
		if strings.HasPrefix(c.Text, prefix) {
			exact = append(exact, c)
		}
		if strings.HasPrefix(strings.ToLower(c.Text), lower) {
			alike = append(alike, c)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return alike
}

// quoted reports whether a byte of code is inside of a literal or a comment.
func quoted(code string, off int) bool {
	list, _ := scan(Source{Name: "lookʹ", Code: code[:off] + cursor})
	return len(list) == 0 || !slices.ContainsFunc(list, func(l lexeme) bool { return l.tok == token.IDENT && l.lit == cursor })
}

// closed adds the brackets that code lacks.
func closed(code string) string {
	list, _ := scan(Source{Name: "lookʹ", Code: code})
	var open []string
	for _, l := range list {
		switch l.tok {
		case token.LPAREN:
			open = append(open, ")")
		case token.LBRACE:
			open = append(open, "\n}")
		case token.LBRACK:
			open = append(open, "]")
		case token.RPAREN, token.RBRACE, token.RBRACK:
			open = open[:max(len(open)-1, 0)]
		}
	}
	slices.Reverse(open)
	return code + strings.Join(open, "")
}

func (s *Session) candidates(v *view) []Candidate {
	switch {
	case v.sel != nil:
		return s.members(v)
	case v.key != nil:
		if t := v.u.info.TypeOf(v.key); t != nil {
			if _, ok := t.Underlying().(*types.Struct); ok {
				var out []Candidate
				fieldsOf(t, maxEmbedding, func(o types.Object) { out = append(out, candidate(o)) })
				return append(out, s.visible(v)...)
			}
		}
	}
	return s.visible(v)
}

// members lists what can stand after a dot.
func (s *Session) members(v *view) []Candidate {
	var out []Candidate
	if id, ok := v.sel.X.(*ast.Ident); ok {
		if p, ok := v.u.info.Uses[id].(*types.PkgName); ok {
			scope := p.Imported().Scope()
			for _, name := range scope.Names() {
				if o := scope.Lookup(name); o.Exported() && (s.opt.Unrestricted || !restrictedObject(o)) {
					out = append(out, candidate(o))
				}
			}
			return out
		}
	}
	t := v.u.info.TypeOf(v.sel.X)
	if t == nil || t == types.Typ[types.Invalid] {
		return nil
	}
	for _, o := range selectable(t) {
		out = append(out, candidate(o))
	}
	return out
}

// visible lists what can stand alone: what is in scope, packages, keywords.
func (s *Session) visible(v *view) []Candidate {
	var out []Candidate
	for sc := v.scope(); sc != nil; sc = sc.Parent() {
		for _, name := range sc.Names() {
			o := sc.Lookup(name)
			local := sc != v.u.pkg.Scope() && sc != types.Universe
			if strings.Contains(name, "ʹ") || local && o.Pos() > v.id.Pos() {
				continue
			}
			out = append(out, candidate(o))
		}
	}
	for _, p := range symbols.Packages() {
		if name := symbols.Name(p); byName(name, s.opt.Unrestricted) == p {
			out = append(out, Candidate{Text: name, Kind: "package", Type: p})
		}
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		out = append(out, Candidate{Text: t.String(), Kind: "keyword"})
	}
	return out
}

func candidate(o types.Object) Candidate {
	c := Candidate{Text: o.Name(), Kind: "variable"}
	if o.Type() != nil {
		c.Type = types.TypeString(o.Type(), short)
	}
	switch o := o.(type) {
	case *types.Func:
		c.Kind = "function"
		if o.Signature().Recv() != nil {
			c.Kind = "method"
		}
	case *types.Builtin:
		c.Kind, c.Type = "function", ""
	case *types.TypeName:
		c.Kind = "type"
	case *types.Const, *types.Nil:
		c.Kind = "constant"
	case *types.PkgName:
		c.Kind, c.Type = "package", o.Imported().Path()
	case *types.Var:
		if o.IsField() {
			c.Kind = "field"
		}
	}
	return c
}

// short writes packages by their names, and the user's own not at all.
func short(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	return p.Name()
}
