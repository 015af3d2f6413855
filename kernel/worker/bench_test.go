package worker_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

// The round trip of a small cell, without Jupyter.
func BenchmarkCell(b *testing.B) {
	w, err := worker.Start(worker.Options{Command: []string{os.Args[0]}})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	for b.Loop() {
		if o := w.Execute(b.Context(), server.Cell{Code: "1", Name: "In[1]"}, &screen{}); o.Err != nil {
			b.Fatal(o.Err)
		}
	}
}

// The same when much is declared, of which the front is told what changes.
func BenchmarkCellAmong200(b *testing.B) {
	w, err := worker.Start(worker.Options{Command: []string{os.Args[0]}})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	for i := range 200 {
		code := fmt.Sprintf("func f%d(x int) int {\n%s\treturn x\n}", i, strings.Repeat("\tx += 2 // some more\n", 30))
		if o := w.Execute(b.Context(), server.Cell{Code: code, Name: fmt.Sprint("In", i)}, &screen{}); o.Err != nil {
			b.Fatal(o.Err)
		}
	}
	for b.Loop() {
		w.Execute(b.Context(), server.Cell{Code: "1", Name: "In[1]"}, &screen{})
	}
}

// A new process until its first cell is over.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		w, err := worker.Start(worker.Options{Command: []string{os.Args[0]}})
		if err != nil {
			b.Fatal(err)
		}
		w.Execute(b.Context(), server.Cell{Code: "1", Name: "In[1]"}, &screen{})
		w.Close()
	}
}
