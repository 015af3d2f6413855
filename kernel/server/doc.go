// Package server has the rules of Jupyter's protocol for kernels: five sockets,
// what is answered to which request, and in what order. Code is run by a [Runner].
//
//	srv, err := server.New(conn, runner, server.Options{})
//	defer srv.HandleSignals()()
//	srv.WatchParent(time.Second)
//	err = srv.Serve(ctx) // until a front end shuts the kernel down
//
// # A request, once through
//
//	shell ─▶ queue ─▶ busy ─▶ handler ─▶ outputs ─▶ reply ─▶ idle
//	control ────────▶ busy ─▶ handler ─▶ reply ─▶ idle         beside a cell that runs
//	stdin ─▶ the answer to the question that a cell has asked
//
// All that a request causes on iopub has it as its parent and stands between its
// busy and its idle. The reply leaves when all outputs have.
//
// # Rules that front ends rely on and the specification does not spell out
//
// The first request waits for a subscriber of iopub, a second at most: a front
// end that misses the first idle waits for ever.
//
// "Run all" sends every cell at once and trusts the kernel to drop the rest when
// one fails. The reply with the error is held until no cell has come for 100 ms, or
// 300 ms from a notebook; what has arrived by then is answered "aborted". A cell that
// took longer to fail is answered at once.
//
// Text is sent in pieces of up to 64 KiB every 50 ms, and 2 MiB of a cell at most;
// the rest goes to a file. Servers cut off what is faster than 1000 messages or
// 1 MB a second for three seconds.
//
// # Strangers
//
// Anybody on the machine can connect to a port of TCP. What is not signed with the
// key of the connection, or came before, is dropped; connections that do not
// introduce themselves are few and short; the log has 50 lines in 10 s at most.
// Sockets of the transport ipc are files that only their owner can open.
//
// # Tests under load
//
// The tests of the whole kernel are those of package kernel/cmd/vidur that begin
// with TestKernel. With KERNEL_SOAK=1 in the environment they are long: millions of
// lines, 120 times "run all", 50 starts, thousands of strangers, and their logs (-v)
// have the figures. VIDUR_TEST_PYTHON names a Python with Jupyter's own clients.
package server
