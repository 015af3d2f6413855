package notebook

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/govidur/govidur/kernel/symbols"
)

// nbPath is the package that shows the value of the last expression of a cell.
const nbPath = "github.com/govidur/govidur/kernel/nb"

// Go is the notebook as one Go file that prints what the cells print, interpreted
// and compiled; name is that of the notebook. Imports are merged, declarations and
// variables stand at package level, the statements of all cells in main, in order;
// the value of a last expression is shown by nb.Display. A variable that a later
// cell declares again with the same type is assigned to.
//
// The error names what a program cannot do as the cells did, and the cell: a name
// that is declared again with another meaning, a cell that is a file of its own or
// may fail, a command to the kernel.
func (n *Notebook) Go(name string) ([]byte, error) {
	x := &exporter{imports: map[string]string{}, declared: map[string]declaration{}, vars: map[string]int{}}
	prose := ""
	for i, c := range n.Cells {
		if c.Kind == Markdown {
			prose += c.Source + "\n\n"
		}
		if !c.runs() {
			continue
		}
		if err := x.add(i+1, c, prose); err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		prose = ""
	}
	x.findImports()
	if err := x.check(); err != nil {
		return nil, err
	}
	return x.write(name)
}

// exporter makes a program of cells.
type exporter struct {
	cells    []*exported
	imports  map[string]string      // name → path
	declared map[string]declaration // at package level
	vars     map[string]int         // variables → the cell that declares them first
	order    []string               // of variables
	infer    []string               // declarations from which their types follow
	again    []twin                 // variables that are declared again
	pkg      *types.Package
}

// exported is a cell.
type exported struct {
	*source
	number int
	prose  string
	edits  []edit        // of the code
	last   *ast.ExprStmt // at the end; may be nil
	value  bool          // last has one that is shown, or not asked for
	skip   []int         // parts that an earlier cell has
	alone  bool          // the statements must be in a function of their own
	defers bool
}

// edit replaces bytes of code.
type edit struct {
	start, end int
	text       string
}

// declaration is something that a cell declares at package level.
type declaration struct {
	cell int
	text string
}

// add takes a cell into the program.
func (x *exporter) add(number int, c *Cell, prose string) error {
	src, err := parseCell("cell", c.Source)
	switch {
	case c.Tagged("raises-exception"):
		return fmt.Errorf("it is tagged raises-exception, but a program ends at its first error")
	case err != nil && withoutCommands(c.Source) != c.Source:
		return fmt.Errorf("it has a command to the kernel, which is not Go")
	case err != nil:
		return err
	case src.Whole:
		return fmt.Errorf("it is a file of its own, with a package clause")
	}
	cell := &exported{source: src, number: number, prose: prose}
	if err := x.addImports(src); err != nil {
		return err
	}
	if err := x.addDeclarations(cell); err != nil {
		return err
	}
	x.lift(cell)
	cell.ends()
	x.cells = append(x.cells, cell)
	return nil
}

func (x *exporter) addImports(src *source) error {
	for _, spec := range src.file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		name := cmp.Or(symbols.Name(path), path[strings.LastIndexByte(path, '/')+1:])
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if before := x.imports[name]; before != "" && before != path {
			return fmt.Errorf("%s is the package %s here and %s in an earlier cell", name, path, before)
		}
		x.imports[name] = path
	}
	return nil
}

// addDeclarations enters what a cell declares. What an earlier cell has declared with
// the same text is left out.
func (x *exporter) addDeclarations(c *exported) error {
	for i, p := range c.Parts {
		if p.Statement || p.First.String() == "import" {
			continue
		}
		text := c.code[p.Start:p.End]
		known := 0
		names := c.namesOf(p.Start, p.End)
		for _, name := range names {
			if name == "main" || name == "init" {
				return fmt.Errorf("it declares func %s", name)
			}
			before, ok := x.declared[name]
			if ok && before.text != text {
				return fmt.Errorf("it declares %s again, which cell %d declares otherwise", name, before.cell)
			}
			if ok {
				known++
			}
			x.declared[name] = declaration{c.number, text}
		}
		if known > 0 && known == len(names) {
			c.skip = append(c.skip, i)
		}
	}
	return nil
}

// namesOf are the names, type.name of methods, that are declared between two bytes.
func (s *source) namesOf(start, end int) (names []string) {
	for _, d := range s.file.Decls {
		if off := s.offset(d.Pos()); off < start || off >= end {
			continue
		}
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) > 0 {
				name = strings.TrimPrefix(s.text(d.Recv.List[0].Type), "*") + "." + name
			}
			names = append(names, name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						names = append(names, id.Name)
					}
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "_" })
}

// findImports adds the packages that cells name without an import, if only one
// package has the name, as the kernel does.
func (x *exporter) findImports() {
	for _, c := range x.cells {
		ast.Inspect(c.file, func(node ast.Node) bool {
			sel, ok := node.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, ok := sel.X.(*ast.Ident)
			if !ok || x.imports[id.Name] != "" || x.taken(id.Name) {
				return true
			}
			paths := slices.DeleteFunc(symbols.Named(id.Name), symbols.Restricted)
			if len(paths) == 1 {
				x.imports[id.Name] = paths[0]
			}
			return true
		})
	}
}

// taken reports whether a name has a meaning at package level.
func (x *exporter) taken(name string) bool {
	_, declared := x.declared[name]
	_, variable := x.vars[name]
	return declared || variable
}

// nameOf is the name under which the program imports a package, which is added if it
// is not there.
func (x *exporter) nameOf(path, name string) string {
	for _, have := range slices.Sorted(maps.Keys(x.imports)) {
		if x.imports[have] == path && have != "_" {
			return have
		}
	}
	for x.taken(name) || x.imports[name] != "" {
		name = "x" + name
	}
	x.imports[name] = path
	return name
}

// write is the text of the program, which compiles.
func (x *exporter) write(name string) ([]byte, error) {
	vars := x.varBlock()
	var b strings.Builder
	fmt.Fprintf(&b, "// Command %s is the notebook %s.ipynb as a program.\n//\n// Code generated by vidur nb export; DO NOT EDIT.\n\n//go:build ignore\n\npackage main\n\n", name, name)
	body := vars + x.declarations(false) + x.mainFunc(false)
	b.WriteString(x.importBlock(body))
	b.WriteString(body)
	text, err := format.Source([]byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("the program does not parse, a fault of this command: %w", err)
	}
	return text, compiles(string(text))
}
