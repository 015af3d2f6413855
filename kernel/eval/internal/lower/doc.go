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
//	slices, maps, cmp, sync.OnceValue,  the prelude's source, treated like the user's
//	nb.Must
//	constant expression                 typed literal
//	package variables, init, main       assignments in the order of go/types, then calls
//	%T, errors.Is, errors.As, JSON      run-time support, which knows the types
//	index, slice, conversion to array   as it is; checked with Go's text once recover is used
//	<-c, c <- v                         run-time support, so that Stop ends what waits
//	loop, goto                          looks at the flag that Runtime.Stop sets
//	&&, ||, case with constants         folded: the interpreter evaluates what it must not
//	float parameter                     variadic or any, for -0 (see keepSigns)
//
// Refused by name: types that refer to themselves other than through a struct;
// compiled generic types (atomic.Pointer); generic functions that the prelude
// does not have; goto to several labels in one function; conversions between
// pointer types; the address of a field that closes a circle of types; defer
// recover(); a builtin of the results of a call; variadic methods that compiled
// code calls; reflection, XML and gob of types of the program, and templates and
// data frames of those that have methods or hidden fields; what looks at the
// stack (runtime.Caller, Stack, SetFinalizer). When it runs: JSON of what only
// the pointer to it encodes, of maps by keys that encode themselves, and into
// structs that embed pointers; templates of interpreted values within an any.
// What the interpreter cannot compile in the end is refused by the host.
//
// Known to differ: a struct or array of nothing but zeros, some of them negative,
// arrives at a function with none negative; without recover in the program a bad
// index is reported without its numbers; a lookup in an empty map by a key that
// cannot be hashed has the text of other maps; errors of JSON name the type of a
// view; what a method that fmt calls panics with when it recurs without end is
// printed by fmt; the order in which variables of an expression are read, and
// what functions called in it do to them, where the language leaves it open.
package lower
