// Package worker runs the cells of a notebook in a process of its own. The front,
// a [Worker], speaks with the kernel's server and never runs user code; the
// process, [Serve], is the same binary. What ends the process ends the cell only:
// the front starts another one, declares there what was declared, and says which
// variables are lost.
//
//	server ─ Execute ─▶ Worker ─ requests, fd 3 ─▶ process: eval.Session
//	       ◀─ Output ──        ◀─ replies, fd 4 ──
//	                           ◀─ stdout, stderr ─
//
// # Order
//
// Text goes through the standard streams, whoever writes it: interpreted code,
// compiled code, the Go runtime, other programs. Displays and results are replies.
// Before the front handles a reply it empties both streams, in which everything
// lies that was written before the reply; who displays waits until that is done. So
// text and displays keep their order; that of stdout and stderr among each other is
// not kept by pipes.
//
// # Input
//
// Standard input of cells is a pipe. When a thread of the process reads it, which
// Linux says, the front asks the user, with what the cell has printed in the line
// as the question. Elsewhere reading it is an error.
//
// A cell can also ask by a call, nb.Input, which is a question in the pipes.
//
// # Comms
//
// Messages of comms, in either direction, are requests and replies like others.
// What the front end says is handled by nb.Host.Take as a cell runs: an interrupt
// ends it, what it shows belongs to the message. While it runs, text is captured:
// the front keeps it until the process asks for it, to show it with the result. The
// front knows which comms are open and closes them when the process dies.
//
// # Ends
//
// A process whose pipe of requests is closed ends at once, with all it has
// started: it never outlives the front. A cell that is interrupted and does not
// end in [Options].Grace is ended with its process, and so is one whose session
// has left it to itself: it would take time for ever. An interrupt while no cell
// runs ends the goroutines that earlier cells left behind.
package worker
