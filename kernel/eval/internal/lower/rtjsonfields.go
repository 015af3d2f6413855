package lower

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// viewField is a field of a view of a struct.
type viewField struct {
	path   []int // of the fields that lead to it
	typ    types.Type
	rep    reflect.Type
	goName string // in the program
	name   string // in JSON
	opts   string // after the name in its tag
	tagged bool
}

// structOf is the view of a struct: of the fields that package json sees, those
// of embedded structs among them.
func (w *viewer) structOf(t types.Type, rep reflect.Type, v reflect.Value, within []types.Type) reflect.Type {
	if embedsPointer(t) && !w.encoding {
		panic(unsupported("JSON into a struct that embeds a pointer"))
	}
	list := fieldsOf(t, rep)
	if v.IsValid() {
		list = slices.DeleteFunc(list, func(f viewField) bool {
			_, ok := follow(v, f.path)
			return !ok
		})
	}
	fields := make([]reflect.StructField, len(list))
	for i, f := range list {
		ft := w.typeOf(f.typ, f.rep, reflect.Value{}, within)
		if f.opts != "" && f.opts != "omitempty" || f.opts != "" && ft == selfCodedType {
			w.option(f, ft)
		}
		tag := reflect.StructTag(fmt.Sprintf("json:%q", f.name+","+f.opts))
		fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d_%s", i, clean(f.goName)), Type: ft, Tag: tag}
	}
	view := reflect.StructOf(fields)
	if w.fields == nil {
		w.fields = map[reflect.Type][]viewField{}
	}
	w.fields[view] = list
	return view
}

// option refuses the options of a tag that ask for what the view does not have.
func (w *viewer) option(f viewField, ft reflect.Type) {
	if ft == selfCodedType || strings.Contains(f.opts, "omitzero") && codes(types.NewPointer(f.typ), map[string]bool{"IsZero": true}) {
		panic(unsupported("JSON with " + f.opts + " of a " + typeString(f.typ)))
	}
}

// follow goes from a struct to one of its fields. It is not there if it is
// embedded by way of a nil pointer.
func follow(v reflect.Value, path []int) (reflect.Value, bool) {
	for _, i := range path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

// embedsPointer reports whether a struct embeds a pointer to a struct, itself or
// in a struct that it embeds.
func embedsPointer(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if !f.Embedded() {
			continue
		}
		if isPointer(f.Type()) || embedsPointer(f.Type()) {
			return true
		}
	}
	return false
}

// fieldsOf lists the fields that package json sees in a struct, by its rules: of
// several with one name the least deep, and if there are several of those the
// one with a tag, if there is one.
func fieldsOf(t types.Type, rep reflect.Type) []viewField {
	byName := map[string][]viewField{}
	collect(t, rep, nil, nil, func(f viewField) { byName[f.name] = append(byName[f.name], f) })
	var out []viewField
	for _, list := range byName {
		slices.SortStableFunc(list, func(a, b viewField) int {
			if d := len(a.path) - len(b.path); d != 0 || a.tagged == b.tagged {
				return d
			}
			if a.tagged {
				return -1
			}
			return 1
		})
		if len(list) == 1 || len(list[0].path) != len(list[1].path) || list[0].tagged != list[1].tagged {
			out = append(out, list[0])
		}
	}
	slices.SortFunc(out, func(a, b viewField) int { return slices.Compare(a.path, b.path) })
	return out
}

// collect finds the fields of a struct and those of the structs that it embeds.
func collect(t types.Type, rep reflect.Type, path []int, within []types.Type, found func(viewField)) {
	if slices.ContainsFunc(within, func(u types.Type) bool { return types.Identical(t, u) }) {
		return
	}
	within = append(slices.Clone(within), t)
	s := t.Underlying().(*types.Struct)
	for i := range s.NumFields() {
		f := s.Field(i)
		tag := reflect.StructTag(s.Tag(i)).Get("json")
		name, opts, _ := strings.Cut(tag, ",")
		at := append(slices.Clone(path), i)
		ft, fr := f.Type(), rep.Field(i).Type
		if p, ok := types.Unalias(ft).(*types.Pointer); ok && f.Embedded() && fr.Kind() == reflect.Pointer {
			ft, fr = p.Elem(), fr.Elem()
		}
		_, isStruct := ft.Underlying().(*types.Struct)
		switch {
		case tag == "-" || !f.Exported() && !(f.Embedded() && isStruct):
		case f.Embedded() && isStruct && name == "":
			if fr.Kind() != reflect.Struct || !hasOwn(ft, nil) {
				panic(unsupported("JSON of a struct that embeds a " + typeString(ft)))
			}
			collect(ft, fr, at, within, found)
		default:
			tagged := name != ""
			if !tagged {
				name = f.Name()
			}
			found(viewField{at, f.Type(), rep.Field(i).Type, f.Name(), name, opts, tagged})
		}
	}
}
