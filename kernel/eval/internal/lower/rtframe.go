package lower

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
)

// Frame holds the deferred calls of one call of a function.
type Frame struct {
	rt        *Runtime
	deferred  []deferred
	panicking bool
	value     any
}

type deferred struct {
	recovers bool
	call     func()
}

// Defer adds a call.
func (f *Frame) Defer(recovers bool, call func()) {
	f.deferred = append(f.deferred, deferred{recovers, call})
}

// Run runs a function's body and then what it deferred.
func (f *Frame) Run(body func()) {
	defer f.finish()
	body()
}

func (f *Frame) finish() {
	if v := recover(); v != nil {
		f.panicWith(v)
	}
	f.runDeferred()
	if f.panicking {
		panic(f.value)
	}
}

// runDeferred makes the deferred calls; one that ends the goroutine does not
// keep the others from being made.
func (f *Frame) runDeferred() {
	if len(f.deferred) == 0 {
		return
	}
	defer f.runDeferred()
	for len(f.deferred) > 0 {
		d := f.deferred[len(f.deferred)-1]
		f.deferred = f.deferred[:len(f.deferred)-1]
		f.call(d)
	}
}

// panicWith takes a panic; one that ends the program drops the deferred calls.
func (f *Frame) panicWith(v any) {
	f.panicking, f.value = true, Explain(v)
	_, refused := v.(*Refused)
	if refused || f.rt.Fatal != nil && f.rt.Fatal(v) {
		f.deferred = nil
	}
}

func (f *Frame) call(d deferred) {
	defer func() {
		if v := recover(); v != nil {
			f.panicWith(v)
		}
	}()
	if d.recovers && f.panicking {
		f.rt.pending.put(f)
		defer f.rt.pending.take()
	}
	if d.call == nil {
		panic(nilDereference())
	}
	d.call()
}

// Recover ends the panic for which a deferred call runs.
func (f *Frame) Recover() any {
	if f == nil || !f.panicking {
		return nil
	}
	v := f.value
	f.panicking, f.value = false, nil
	return v
}

// pending holds, for each goroutine, the frame whose deferred call is about to
// begin. The function that is called first takes it: no other may recover.
type pending struct {
	mu    sync.Mutex
	frame map[uint64]*Frame
	rt    *Runtime
}

func (p *pending) put(f *Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frame[goroutine()] = f
	setFlag(p.rt.catch, true)
}

// take returns the frame whose deferred call the caller is, or nil.
func (p *pending) take() *Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.frame) == 0 {
		return nil
	}
	id := goroutine()
	f := p.frame[id]
	delete(p.frame, id)
	setFlag(p.rt.catch, len(p.frame) > 0)
	return f
}

// goroutine is the number of the running goroutine.
func goroutine() uint64 {
	var buf [64]byte
	s := buf[:runtime.Stack(buf[:], false)]
	s = bytes.TrimPrefix(s, []byte("goroutine "))
	n, _ := strconv.ParseUint(string(s[:bytes.IndexByte(s, ' ')]), 10, 64)
	return n
}
