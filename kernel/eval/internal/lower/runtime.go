package lower

import (
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/types/typeutil"
)

// DefaultMaxDepth is the number of nested calls of functions after which a
// program is stopped with a panic. Go would end the process when the stack has
// 1 GB, but the interpreter takes up a panic again in every call on its way, and
// that costs time in proportion to the square of the depth: some 4 s for 5,000.
const DefaultMaxDepth = 5_000

// Runtime is the run-time support of one interpreter. The host sets its fields
// before the first program runs, and passes Exports to the interpreter's Use.
type Runtime struct {
	// OnPanic is told of a panic that no code recovered in a goroutine that the
	// script started, with the position of the statement where that is known.
	// The goroutine ends; the process goes on. Without OnPanic the process ends.
	OnPanic func(value any, pos token.Position)
	// Fatal reports whether the value of a panic ends the program, as that of
	// the host's os.Exit does: such a panic is not recovered and runs no
	// deferred calls. nil means that none does.
	Fatal func(value any) bool
	// OnOverflow is told, with the limit, that calls have gone too deep. The
	// goroutine then ends without a panic: to recover one at each of so many
	// levels takes minutes, and Go does not let a program recover from this.
	// Without OnOverflow it is a panic.
	OnOverflow func(limit int)
	// MaxDepth limits nested calls of interpreted functions; 0 means DefaultMaxDepth.
	MaxDepth int

	fset      *token.FileSet
	mu        sync.RWMutex
	types     []*Type
	numbers   typeutil.Map
	position  *int
	stop      *bool         // of the lowered program, which looks at it in every loop
	stopping  chan struct{} // closed by Stop
	positions []token.Pos
	calls     atomic.Uint64 // of functions that may run into themselves
	left      atomic.Int64  // goroutines of go statements that run
	catch     *bool         // of the lowered program: pending is not empty
	pending   pending
}

// Type is a type of the user's program at run time.
type Type struct {
	rt      *Runtime
	index   int
	typ     types.Type
	rep     reflect.Type // of values; nil if none has been made yet
	boxed   bool
	methods map[string]any // functions of the value in its interface and the arguments
	binders map[string]func(any) any
	impl    map[int]bool
}

// String is the type as %T prints it.
func (t *Type) String() string { return typeString(t.typ) }

func newRuntime(fset *token.FileSet) *Runtime {
	r := &Runtime{fset: fset, stopping: make(chan struct{})}
	r.pending = pending{frame: map[uint64]*Frame{}, rt: r}
	return r
}

// add returns the number of a type.
func (r *Runtime) add(t types.Type) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.numbers.At(t); i != nil {
		return i.(int)
	}
	i := len(r.types) + 1
	r.types = append(r.types, &Type{rt: r, index: i, typ: t, methods: map[string]any{}, binders: map[string]func(any) any{}, impl: map[int]bool{}})
	r.numbers.Set(t, i)
	return i
}

func (r *Runtime) typeNumber(t types.Type) int { return r.add(t) }

// at is the type of a number.
func (r *Runtime) at(i int) *Type {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.types[i-1]
}

// find is the Type of a types.Type, or nil.
func (r *Runtime) find(t types.Type) *Type {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if i := r.numbers.At(t); i != nil {
		return r.types[i.(int)-1]
	}
	return nil
}

func (r *Runtime) setBoxed(i int) { r.at(i).boxed = true }

func (r *Runtime) addPosition(p token.Pos) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.positions = append(r.positions, p)
	return len(r.positions)
}

// Position is where the statement stands that last began to run and can panic.
// While a panic of interpreted code is being handled, that is where it came
// from, unless a function that the same statement called earlier had returned
// before, or another goroutine of the script runs: then it may be the last
// statement of those. It is not valid without Lowerer.Positions.
func (r *Runtime) Position() token.Position {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := r.statement()
	if n <= 0 || n > len(r.positions) {
		return token.Position{}
	}
	return r.fset.Position(r.positions[n-1])
}

// statement reads a variable that interpreted code writes without a lock.
//
//go:norace
func (r *Runtime) statement() int {
	if r.position == nil {
		return 0
	}
	return *r.position
}

// Exports is the run-time support in the form that interp.Use takes.
func (r *Runtime) Exports() map[string]map[string]reflect.Value {
	m := map[string]reflect.Value{}
	for name, f := range map[string]any{
		"Begin": r.begin, "Stopped": runtime.Goexit,
		"Type": r.setType, "Method": r.setMethod, "Binder": r.setBinder,
		"Box": r.box, "I": func(v any) any { return v }, "Any": normal, "Error": r.toError, "Native": r.native,
		"ID": r.id, "Is": r.is, "Must": r.must, "Key": key, "NilMethod": nilMethod, "Get": get, "Bind": r.bind, "Equal": equal,
		"Unwrap": unwrap, "Hide": hide, "Plain": plainValue, "Fill": fill,
		"NewFrame": func() *Frame { return &Frame{rt: r} }, "Caught": r.pending.take, "Uncaught": func() { r.pending.take() }, "NoRecover": func() any { return nil },
		"Panic": func(v any) { panic(v) }, "Go": r.start, "Enter": r.enter, "Misuse": misuse,
		"Index": index, "IndexU": indexUnsigned, "NilPointer": func() { panic(nilDereference()) }, "NotNil": notNil, "Slice": sliceIndex, "Slice3": slice3Index, "Size": makeSize,
		"Shift": shift, "Runes": runes, "RuneString": runeString, "MapRange": mapRange, "ArrayLen": arrayLen, "Second": func(_ any, n int) int { return n },
		"Min": minFloat, "Max": maxFloat, "ClearMap": func(m any) { reflect.ValueOf(m).Clear() }, "ClearSlice": func(s any) { reflect.ValueOf(s).Clear() },
		"Select": r.selectCase, "Send": r.send, "Recv": r.recv, "SendCase": sendCase, "RecvCase": recvCase,
		"LockMutex": r.lockMutex, "LockRW": r.lockRW, "RLockRW": r.rlockRW, "WaitGroup": r.waitGroup,
		"Print": printBuiltin, "Println": printlnBuiltin,
		"ErrorsAs": r.errorsAs, "ErrorsIs": errorsIs, "Sprintf": sprintf, "Errorf": errorf, "Sort": sortBasic,
	} {
		m[name] = reflect.ValueOf(f)
	}
	m["Frame"] = reflect.ValueOf((*Frame)(nil))
	return map[string]map[string]reflect.Value{rtPath + "/rt": m}
}

// enter counts a call of a function that may run into itself. Now and then it
// looks at the depth of the stack, which takes time in proportion to that.
func (r *Runtime) enter() {
	if r.calls.Add(1)%1024 != 0 {
		return
	}
	if closed(r.stopped()) {
		runtime.Goexit()
	}
	limit := r.MaxDepth
	if limit == 0 {
		limit = DefaultMaxDepth
	}
	var pc [1]uintptr
	if runtime.Callers(limit*framesPerCall, pc[:]) > 0 {
		if r.OnOverflow != nil {
			r.OnOverflow(limit)
			runtime.Goexit()
		}
		panic(overflow{limit})
	}
}

// framesPerCall is how many frames of Go's stack one interpreted call takes.
const framesPerCall = 4
