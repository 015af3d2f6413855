// Package lower rewrites type-checked Go into the part of Go that the
// interpreter, yaegi, runs as the compiler would, or refuses it. It knows the
// type of everything from go/types and leaves little to the interpreter: plain
// variables, arithmetic, structs, pointers, slices, maps, channels, calls of
// declared functions. What it writes is Go source again (Lowerer.Text), parsed
// into the interpreter's FileSet.
//
//	source                              lowered to
//	------                              ----------
//	named type, not a struct            what it stands for
//	struct type                         a declaration with exported field names
//	structs that refer to each other    fields that close a circle are any
//	interface of the user, any          any; a value travels with its type's number (Obj)
//	interface of compiled code          itself; an interpreted value is wrapped
//	method, promoted method             function of the receiver, found statically
//	call through a user's interface     table of functions by type number
//	type switch, assertion, ==          questions to the run-time support
//	method value, method expression     closure made by a function of its own
//	function literal                    the same: captured variables are its arguments
//	captured and changed, or & taken    pointer to a value made at the declaration
//	for, range                          hidden counters; a variable per iteration
//	range over a function               closure and a code that says how it was left
//	defer, recover, named results       Frame of the run-time support, in compiled code
//	go                                  closure with evaluated operands; panics are reported
//	select, range over a map or string  run-time support
//	switch                              conditions; fallthrough as a chain of ifs
//	a, b = b, a; x op= f()              temporaries
//	generic function, type              one copy for each list of type arguments
//	slices, maps, cmp, sync.OnceValue   the prelude's source, treated like the user's
//	constant expression                 typed literal
//	package variables, init, main       assignments in the order of go/types, then calls
//	%T, errors.Is, errors.As, JSON      run-time support, which knows the types
//	index, slice, conversion to array   as it is; checked with Go's text once recover is used
//
// Refused by name: types that refer to themselves other than through a struct;
// compiled generic types (atomic.Pointer); generic functions that the prelude
// does not have; goto to several labels in one function; conversions between
// pointer types; the address of a field that closes a circle of types; defer
// recover(); a builtin of the results of a call; reflection, templates, XML and
// gob of types of the program; what looks at the stack (runtime.Caller, Stack,
// SetFinalizer); when it runs, JSON of embedded fields, of recursive types and of
// fields that encode themselves. What the interpreter cannot compile in the end
// is refused by the host.
//
// Known to differ: -0 passed to a function arrives as 0; without recover in the
// program a bad index is reported without its numbers; a function that recovers
// and is called by a deferred method expression or function value which itself
// does not recover ends the panic although Go's would not; the text of panics
// for map keys that cannot be hashed, and of value methods called through nil
// pointers in interfaces; what a method that fmt calls panics with when it
// recurs without end is printed by fmt.
package lower
