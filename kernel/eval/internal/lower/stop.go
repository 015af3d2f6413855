package lower

import (
	"fmt"
	"go/ast"
	"runtime"
	"strings"
)

// Interpreted code can be stopped: the lowered program has a variable that every
// loop looks at each time round, and so does a goto.

// loopBody writes the body of a loop and its closing brace.
func (g *gen) loopBody(body *ast.BlockStmt, loop ast.Node) {
	text := g.captureLines(func() { g.breakable(true, func() { g.stmts(body.List) }) })
	g.turn(loop, text)
	g.line("}")
}

// turn writes what is done each time round before the statements of text. Where
// no statement of them says where it is, a loop that is stopped does: to note it
// each time would cost as much as the smallest body.
func (g *gen) turn(loop ast.Node, text string) {
	place := ""
	if g.l.Positions && loop.Pos().IsValid() && !strings.Contains(text, posVar) {
		place = fmt.Sprintf("%s = %d; ", posVar, g.l.rt.addPosition(loop.Pos()))
	}
	g.line("if %s { %s%s() }", stopVar, place, g.l.rtf("Stopped"))
	g.w.WriteString(text)
}

// begin takes the variables of the lowered program.
func (r *Runtime) begin(position *int, stop *bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.position, r.stop = position, stop
	r.setStop(r.stopping)
}

// Stop ends all goroutines that run interpreted code: each at the next turn of a
// loop, goto or some thousand calls. Deferred calls run, loops in them end at
// once. A goroutine that waits, or runs compiled code, ends when it is back. The
// goroutine in which the host executes the program ends too, as by
// runtime.Goexit, so it must be one that the host started for that. Once it has
// ended, Position is the statement or the loop where it was. Stop may be called
// from any goroutine. What was declared is kept: after Resume, functions and
// closures run as before.
func (r *Runtime) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopping = true
	r.setStop(true)
}

// Resume lets interpreted code run again after Stop. The host calls it when the
// goroutine that it stopped has ended.
func (r *Runtime) Resume() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopping = false
	r.setStop(false)
}

// isStopping reports whether Stop was called and Resume was not.
func (r *Runtime) isStopping() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.stopping
}

// setStop writes a variable that interpreted code reads without a lock: a loop
// that reads it late goes round once more.
//
//go:norace
func (r *Runtime) setStop(stop bool) {
	if r.stop != nil {
		*r.stop = stop
	}
}

// stopped ends the goroutine. A panic could be recovered, and the interpreter
// takes one up again in every call on its way.
func (r *Runtime) stopped() { runtime.Goexit() }
