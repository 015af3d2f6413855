package lower

import (
	"fmt"
	"go/ast"
	"strings"
)

// Interpreted code can be stopped: the lowered program has a variable that every
// loop looks at each time round, and so does a goto. The goroutine then ends by
// runtime.Goexit: a panic could be recovered, and the interpreter takes one up
// again in every call on its way.

// loopBody writes the body of a loop and its closing brace.
func (g *gen) loopBody(body *ast.BlockStmt, loop ast.Node, t turning) {
	g.turn(loop, g.within(t, body.List))
	g.line("}")
}

// turn writes what is done each time round before the statements of text. Where
// no statement of them says where it is, a loop that is stopped does: to note it
// each time would cost as much as the smallest body.
func (g *gen) turn(loop ast.Node, text string) {
	place := ""
	if g.placed(loop) && !strings.Contains(text, posVar) {
		place = fmt.Sprintf("%s = %d; ", posVar, g.l.rt.addPosition(loop.Pos()))
	}
	g.line("if %s { %s%s() }", stopVar, place, g.l.rtf("Stopped"))
	g.w.WriteString(text)
}

// begin takes the variables of the lowered program.
func (r *Runtime) begin(position *int, stop, catch *bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.position, r.stop, r.catch = position, stop, catch
	setFlag(stop, closed(r.stopping))
}

// Stop ends all goroutines that run interpreted code: each at the next turn of a
// loop, goto or some thousand calls, or while it waits for a channel, a lock, a
// WaitGroup or time. Deferred
// calls run, loops in them end at once. A goroutine that runs compiled code, or
// waits there (sync.Cond), ends when it is back. The
// goroutine in which the host executes the program ends too, as by
// runtime.Goexit, so it must be one that the host started for that. Once it has
// ended, Position is the statement or the loop where it was. Stop may be called
// from any goroutine. What was declared is kept: after Resume, functions and
// closures run as before.
func (r *Runtime) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	setFlag(r.stop, true)
	if !closed(r.stopping) {
		close(r.stopping)
	}
}

// Resume lets interpreted code run again after Stop. The host calls it when the
// goroutine that it stopped has ended.
func (r *Runtime) Resume() {
	r.mu.Lock()
	defer r.mu.Unlock()
	setFlag(r.stop, false)
	if closed(r.stopping) {
		r.stopping = make(chan struct{})
	}
}

// stopped is a channel that Stop closes.
func (r *Runtime) stopped() <-chan struct{} {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.stopping
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// setFlag writes a variable that interpreted code reads without a lock: what
// reads it late does so once more.
//
//go:norace
func setFlag(flag *bool, on bool) {
	if flag != nil {
		*flag = on
	}
}
