package symbols

import (
	"encoding"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"reflect"
)

// MapTypes returns, for functions of a package that take any value but treat
// some better, the interfaces that they look for, the preferred one first:
// fmt.Println asks for Format, then Error, then String. An interpreter that knows
// them passes an interpreted value in the wrapper of the first that it has. It is
// the part of yaegi's Exports under "." and "MapTypes"; most packages have none.
func MapTypes(path string) map[reflect.Value][]reflect.Type {
	m := map[reflect.Value][]reflect.Type{}
	for _, l := range looksFor() {
		if l.path != path {
			continue
		}
		for _, f := range l.functions {
			m[reflect.ValueOf(f)] = l.interfaces
		}
	}
	return m
}

// looking says for which interfaces some functions of a package look.
type looking struct {
	path       string
	interfaces []reflect.Type
	functions  []any
}

// looksFor follows the documentation of the four packages.
func looksFor() []looking {
	printed := []reflect.Type{reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[error](), reflect.TypeFor[fmt.Stringer]()}
	scanned := []reflect.Type{reflect.TypeFor[fmt.Scanner]()}
	textOut, textIn := reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()
	return []looking{
		{"fmt", printed, []any{
			fmt.Append, fmt.Appendf, fmt.Appendln, fmt.Errorf, fmt.Fprint, fmt.Fprintf, fmt.Fprintln,
			fmt.Print, fmt.Printf, fmt.Println, fmt.Sprint, fmt.Sprintf, fmt.Sprintln}},
		{"fmt", scanned, []any{
			fmt.Fscan, fmt.Fscanf, fmt.Fscanln, fmt.Scan, fmt.Scanf, fmt.Scanln, fmt.Sscan, fmt.Sscanf, fmt.Sscanln}},
		{"log", printed, []any{
			log.Fatal, log.Fatalf, log.Fatalln, log.Panic, log.Panicf, log.Panicln, log.Print, log.Printf, log.Println}},
		{"encoding/json", []reflect.Type{reflect.TypeFor[json.Marshaler](), textOut}, []any{json.Marshal, json.MarshalIndent}},
		{"encoding/json", []reflect.Type{reflect.TypeFor[json.Unmarshaler](), textIn}, []any{json.Unmarshal}},
		{"encoding/xml", []reflect.Type{reflect.TypeFor[xml.Marshaler](), textOut}, []any{xml.Marshal, xml.MarshalIndent}},
		{"encoding/xml", []reflect.Type{reflect.TypeFor[xml.Unmarshaler](), textIn}, []any{xml.Unmarshal}},
	}
}
