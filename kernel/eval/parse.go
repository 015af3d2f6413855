package eval

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
	"strings"
)

// Source is a piece of Go: a whole file, which begins with a package clause, or
// a cell, in which imports, declarations and statements may be mixed.
type Source struct {
	Name string // of the file, or of the cell, as positions show it
	Code string
}

// cell is a parsed Source.
type cell struct {
	Source
	text    string // as it is parsed
	whole   bool   // a file with a package clause
	file    *ast.File
	imports map[string]string // name → path; "_" and "." are refused
	decls   []*decl
	stmts   []ast.Stmt
	lifted  []*ast.GenDecl       // package-level declarations of the variables of stmts
	sets    map[int][]*ast.Ident // statement → the variables it declares
	reach   map[string]string    // imports and what else the cell can name; see cellImports
	noMain  bool                 // main is not called
	shows   bool                 // the value of the last statement is asked for
}

// chunk is a run of tokens of a cell: one declaration, or statements.
type chunk struct {
	start, end int // bytes of the code
	token      int // the byte at which its first token begins
	first      token.Token
	stmt       bool
}

// resultFunc is the function around the statements of a cell.
const resultFunc = "cellʹ"

// parse reads src. Errors are scanner.ErrorLists with positions in src.
func (s *Session) parse(src Source) (*cell, error) {
	c := &cell{Source: src, imports: map[string]string{}}
	chunks, err := split(src)
	if err != nil {
		return nil, err
	}
	c.text, c.whole = fileText(src, chunks)
	c.shows = shows(src, chunks)
	c.file, err = s.parseFile(c.text)
	if err != nil {
		return nil, err
	}
	if c.file.Name.Name != "main" {
		return nil, scanner.ErrorList{{Pos: s.fset.Position(c.file.Name.Pos()), Msg: "a script is package main, not package " + c.file.Name.Name}}
	}
	if err := s.readImports(c); err != nil {
		return nil, err
	}
	c.take(s.fset)
	return c, nil
}

// parseFile parses text that says by line directives where it is from. Each
// gets a file name of its own, without a directory: directives are relative to
// that, and the interpreter keeps imports by it.
func (s *Session) parseFile(text string) (*ast.File, error) {
	s.files++
	name := fmt.Sprintf("ʹ%d.go", s.files)
	return parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
}

// fileText is the text of the file that is parsed for src, and whether src is
// one itself.
func fileText(src Source, chunks []chunk) (text string, whole bool) {
	if len(chunks) > 0 && chunks[0].first == token.PACKAGE {
		return fmt.Sprintf("/*line %s:1:1*/%s", src.Name, src.Code), true
	}
	return wrap(src, chunks), false
}

// wrap makes a file of the chunks of a cell. Line directives keep the
// positions.
func wrap(src Source, chunks []chunk) string {
	var decls, stmts strings.Builder
	decls.WriteString("package main\n")
	for _, k := range chunks {
		to := &decls
		if k.stmt {
			to = &stmts
		}
		line, col := place(src.Code, k.start)
		fmt.Fprintf(to, "/*line %s:%d:%d*/%s\n", src.Name, line, col, src.Code[k.start:k.end])
	}
	if stmts.Len() > 0 {
		fmt.Fprintf(&decls, "func %s() {\n%s}\n", resultFunc, stmts.String())
	}
	return decls.String()
}

// place is the line and the column, both from 1, of a byte of code.
func place(code string, off int) (line, col int) {
	before := code[:off]
	return 1 + strings.Count(before, "\n"), off - strings.LastIndexByte(before, '\n')
}

// strip drops comments at the end of code.
func strip(code string) string {
	for {
		code = strings.TrimRight(code, " \t\r\n")
		last := code[strings.LastIndexByte(code, '\n')+1:]
		if !strings.HasPrefix(strings.TrimSpace(last), "//") {
			return code
		}
		code = code[:len(code)-len(last)]
	}
}

type lexeme struct {
	off int
	tok token.Token
	lit string
}

// split cuts a cell into declarations and statements. It cuts at the ends of
// lines only where the scanner puts a semicolon: an explicit one may stand in
// the head of a for, an if or a switch.
func split(src Source) ([]chunk, error) {
	list, err := scan(src)
	if err != nil {
		return nil, err
	}
	var out []chunk
	depth := 0
	for i, open := 0, false; i < len(list); i++ {
		l := list[i]
		if !open {
			if l.tok == token.SEMICOLON {
				continue
			}
			k := chunk{start: l.off, token: l.off, first: l.tok, stmt: !declares(list[i:])}
			if n := len(out); n > 0 && !k.stmt {
				k.start = out[n-1].end // with the comment before it
			} else if !k.stmt {
				k.start = 0
			}
			out = append(out, k)
			open, depth = true, 0
		}
		switch l.tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		}
		k := &out[len(out)-1]
		k.end = len(src.Code)
		if l.tok == token.SEMICOLON && depth <= 0 && (l.lit == "\n" || !k.stmt) {
			k.end = l.off
			open = false
		}
	}
	return out, nil
}

// scan lists the tokens of a Source.
func scan(src Source) ([]lexeme, error) {
	fset := token.NewFileSet()
	f := fset.AddFile(src.Name, -1, len(src.Code))
	var sc scanner.Scanner
	var errs scanner.ErrorList
	sc.Init(f, []byte(src.Code), errs.Add, 0)
	var list []lexeme
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			return list, errs.Err()
		}
		list = append(list, lexeme{f.Offset(pos), tok, lit})
	}
}

// declares reports whether the tokens begin a declaration that is not a
// statement of variables: those are run where they stand.
func declares(list []lexeme) bool {
	switch list[0].tok {
	case token.IMPORT, token.TYPE, token.CONST, token.PACKAGE:
		return true
	case token.FUNC:
	default:
		return false
	}
	if len(list) > 1 && list[1].tok == token.IDENT {
		return true
	}
	depth := 0 // a method, or a function literal?
	for j := 1; j < len(list); j++ {
		switch list[j].tok {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
		}
		if depth == 0 {
			return j+2 < len(list) && list[j+1].tok == token.IDENT && list[j+2].tok == token.LPAREN
		}
	}
	return false
}

// readImports fills the table of names that the cell imports.
func (s *Session) readImports(c *cell) error {
	var errs scanner.ErrorList
	for _, spec := range c.file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		p, err := s.importPath(path)
		if err != nil {
			errs.Add(s.fset.Position(spec.Path.Pos()), err.Error())
			continue
		}
		name := p.Name()
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
		case ".":
			errs.Add(s.fset.Position(spec.Pos()), "an import into the file's own scope (a dot import) is not interpreted; --compile runs it")
		default:
			c.imports[name] = path
		}
	}
	return errs.Err()
}

// take sorts what the file holds into declarations and statements.
func (c *cell) take(fset *token.FileSet) {
	for _, d := range c.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == resultFunc && d.Recv == nil {
				c.stmts = d.Body.List
				continue
			}
			c.add(fset, d, d)
		case *ast.GenDecl:
			switch d.Tok {
			case token.IMPORT:
			case token.TYPE:
				for _, spec := range d.Specs {
					c.add(fset, spec, &ast.GenDecl{Doc: d.Doc, TokPos: spec.Pos(), Tok: token.TYPE, Specs: []ast.Spec{spec}})
				}
			default:
				c.add(fset, d, d)
			}
		}
	}
}

// add enters one declaration, with its own text so that it can be compiled
// again when something that it refers to changes.
func (c *cell) add(fset *token.FileSet, at ast.Node, d ast.Decl) {
	pos := fset.Position(at.Pos())
	file := fset.File(at.Pos())
	text := c.text[file.Offset(at.Pos()):min(file.Offset(at.End()), len(c.text))]
	x := &decl{node: d, file: pos.Filename, line: pos.Line, col: pos.Column, text: text, imports: c.imports}
	if g, ok := d.(*ast.GenDecl); ok {
		if g.Tok == token.TYPE {
			x.text = "type " + x.text
			x.col -= len("type ")
		}
		x.isVar = g.Tok == token.VAR
	}
	x.keys = keys(d)
	x.doc = docOf(d)
	x.recv = receiver(d)
	c.decls = append(c.decls, x)
}
