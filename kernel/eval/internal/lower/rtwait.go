package lower

import (
	"go/types"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Compiled code that waits cannot be stopped, so the functions of it that wait
// longest have forms here that can.

// waiting are methods of compiled types, by their full names, and the functions of
// the run-time support that do the same.
var waiting = map[string]string{
	"(*sync.Mutex).Lock":     "LockMutex",
	"(*sync.RWMutex).Lock":   "LockRW",
	"(*sync.RWMutex).RLock":  "RLockRW",
	"(*sync.WaitGroup).Wait": "WaitGroup",
}

// stoppable is the function that stands for a method that waits.
func (g *gen) stoppable(t types.Type, name string) (string, bool) {
	o, _, _ := types.LookupFieldOrMethod(t, true, g.src.pkg, name)
	f, ok := o.(*types.Func)
	if !ok || waiting[f.FullName()] == "" {
		return "", false
	}
	return g.l.rtf(waiting[f.FullName()]), true
}

// Sleep is time.Sleep.
func (r *Runtime) Sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.stopped():
		runtime.Goexit()
	}
}

func (r *Runtime) lockMutex(m *sync.Mutex) { r.lock(m.TryLock, m.Lock, m.Unlock) }

func (r *Runtime) lockRW(m *sync.RWMutex) { r.lock(m.TryLock, m.Lock, m.Unlock) }

func (r *Runtime) rlockRW(m *sync.RWMutex) { r.lock(m.TryRLock, m.RLock, m.RUnlock) }

func (r *Runtime) waitGroup(w *sync.WaitGroup) { r.wait(w.Wait, func() {}) }

func (r *Runtime) lock(try func() bool, lock, unlock func()) {
	if !try() {
		r.wait(lock, unlock)
	}
}

// wait does what f does, which waits, until the program is stopped; what f gets
// later is given back.
func (r *Runtime) wait(f, giveBack func()) {
	var over atomic.Bool // f has returned, or nobody waits for it
	done := make(chan any, 1)
	go func() {
		defer func() {
			p := recover()
			if !over.CompareAndSwap(false, true) && p == nil {
				giveBack()
			}
			done <- p
		}()
		f()
	}()
	select {
	case p := <-done:
		if p != nil {
			panic(p)
		}
	case <-r.stopped():
		if !over.CompareAndSwap(false, true) && <-done == nil {
			giveBack()
		}
		runtime.Goexit()
	}
}
