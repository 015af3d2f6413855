package notebook

import (
	"go/ast"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/govidur/govidur/kernel/nb"
)

// structs are the structs and variables that cells declare.
type structs struct {
	types map[string]*ast.StructType
	vars  map[string]ast.Expr // their types
}

// add adds those of a cell.
func (s *structs) add(src *source) {
	for _, d := range src.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok {
				s.types[t.Name.Name], _ = t.Type.(*ast.StructType)
			}
		}
	}
	for _, v := range src.variables() {
		s.vars[v.name] = v.typeOf()
	}
}

// of is the struct of a variable; nil if it is not known.
func (s *structs) of(x ast.Expr) *paramStruct {
	id, ok := x.(*ast.Ident)
	if !ok {
		return nil
	}
	t := s.vars[id.Name]
	if named, ok := t.(*ast.Ident); ok {
		t = s.types[named.Name]
	}
	st, ok := t.(*ast.StructType)
	if !ok || st == nil {
		return nil
	}
	var fields []reflect.StructField
	for _, f := range st.Fields.List {
		typ := basicType(f.Type)
		if typ == nil || len(f.Names) == 0 {
			return nil
		}
		tag := ""
		if f.Tag != nil {
			tag, _ = strconv.Unquote(f.Tag.Value)
		}
		for _, name := range f.Names {
			if name.IsExported() {
				fields = append(fields, reflect.StructField{Name: name.Name, Type: typ, Tag: reflect.StructTag(tag)})
			}
		}
	}
	return newParamStruct(fields)
}

// basicTypes are the types that parameters have.
var basicTypes = map[string]reflect.Type{
	"bool": reflect.TypeFor[bool](), "string": reflect.TypeFor[string](),
	"int": reflect.TypeFor[int](), "int8": reflect.TypeFor[int8](), "int16": reflect.TypeFor[int16](),
	"int32": reflect.TypeFor[int32](), "int64": reflect.TypeFor[int64](),
	"uint": reflect.TypeFor[uint](), "uint8": reflect.TypeFor[uint8](), "uint16": reflect.TypeFor[uint16](),
	"uint32": reflect.TypeFor[uint32](), "uint64": reflect.TypeFor[uint64](),
	"float32": reflect.TypeFor[float32](), "float64": reflect.TypeFor[float64](),
	"time.Duration": reflect.TypeFor[time.Duration](),
}

// basicType is the type that an expression names, nil if it is another.
func basicType(x ast.Expr) reflect.Type {
	switch x := x.(type) {
	case *ast.Ident:
		return basicTypes[x.Name]
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			return basicTypes[id.Name+"."+x.Sel.Name]
		}
	case *ast.ArrayType:
		if elem := basicType(x.Elt); elem != nil && x.Len == nil {
			return reflect.SliceOf(elem)
		}
	}
	return nil
}

// paramStruct is a struct like one in a notebook, for package nb to say what can be
// given.
type paramStruct struct {
	value any // a pointer to it
	names []string
}

// newParamStruct is nil if nb.Params will refuse the struct.
func newParamStruct(fields []reflect.StructField) (p *paramStruct) {
	names := map[string]bool{}
	for _, f := range fields {
		if names[f.Name] {
			return nil // reflect does not take it
		}
		names[f.Name] = true
	}
	p = &paramStruct{value: reflect.New(reflect.StructOf(fields)).Interface()}
	table, err := nb.ParamsTable(p.value)
	if err != nil {
		return nil
	}
	for _, row := range table {
		p.names = append(p.names, row.Name)
	}
	return p
}

// check says what is wrong with a parameter.
func (p *paramStruct) check(name, text string) error {
	_, err := nb.ParseParams(p.value, []string{"--" + name + "=" + text})
	if err == nil {
		return nil
	}
	for _, n := range p.names {
		if n == strings.ReplaceAll(name, "-", "_") {
			return err
		}
	}
	return unknownParam(name, p.names)
}
