package nb

import "fmt"

// Interpreted is a value of a type that interpreted code declares. Compiled code
// does not see the methods of such a type: it asks for them. It is for hosts only.
type Interpreted interface {
	fmt.Formatter // as fmt prints the value when it is compiled

	// Call calls a method without arguments; ok is false if there is none.
	Call(name string) (result any, ok bool)

	// Speaks reports whether the value says how it prints, by a method Error,
	// String or Format.
	Speaks() bool

	// IsNil reports whether it is a nil pointer.
	IsNil() bool

	// TypeName is the type as %T prints it when it is compiled.
	TypeName() string

	// Mirror is the value without its type: slices, maps and structs of the
	// exported fields, of which a table can be made. Of a list of n elements it
	// has the first and the last ones, if they are more than head and tail.
	Mirror(head, tail int) (v any, n int)

	// View is one level of the value for printing: a struct with all its fields,
	// a pointer, the first most elements of a list of n, a map, or a plain value.
	// What is interpreted inside of it is Interpreted.
	View(most int) (v any, n int)
}
