package server_test

import (
	"testing"

	"github.com/govidur/govidur/kernel/server"
)

// A trivial cell from its request to its reply and its idle.
func BenchmarkCell(b *testing.B) {
	c := connect(b, start(b, server.Options{}))
	for b.Loop() {
		c.execute("value 1")
		c.mu.Lock()
		c.iopub = c.iopub[:0]
		c.mu.Unlock()
	}
}

// Text in writes of one line, as prints make it.
func BenchmarkLines(b *testing.B) {
	c := connect(b, start(b, server.Options{StreamLimit: 1 << 40}))
	for b.Loop() {
		c.execute("lines 100000")
		c.mu.Lock()
		c.iopub = c.iopub[:0]
		c.mu.Unlock()
	}
}
