// Package table holds the exported names of every package that scripts may
// import, one generated file per package. All of it is static data, which the
// linker lays out: a program that never looks at the table pays nothing for it
// when it starts.
package table

import "go/token"

// Package is what scripts see of one package.
type Package struct {
	Path, Name string
	// Refs are the paths of the other packages of All whose types can be
	// reached from the exported names of this one, sorted.
	Refs    []string
	Symbols []Symbol
}

// Symbol is one exported name of a package, or the wrapper of an interface,
// whose name is that of the interface after an underscore.
type Symbol struct {
	Name string
	Kind Kind
	// Value depends on Kind: a function or a typed constant itself, a pointer to
	// a variable, a nil pointer to a type, an Untyped.
	Value any
}

// Kind says what the Value of a Symbol stands for.
type Kind uint8

// The kinds of symbols.
const (
	Func Kind = iota
	Const
	Var
	Type
	Wrapper
)

// Untyped is an untyped numeric or string constant, exactly: the value of
// Literal, divided by that of Divisor unless that is empty.
type Untyped struct {
	Token            token.Token // INT, FLOAT, IMAG or STRING
	Literal, Divisor string
}
