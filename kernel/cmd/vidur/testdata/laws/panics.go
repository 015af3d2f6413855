//go:build ignore

// A scheduler that panics when two requests wait.
package main

import "github.com/govidur/govidur/vidur"

type nervous struct{}

func (*nervous) Next(rep *vidur.Replica, b *vidur.Batch) {
	if rep.Waiting.Len() > 1 {
		panic("two are too many")
	}
	rep.DecodeAll(b, vidur.Limits{})
	for rep.Admit(b, vidur.Limits{}) {
	}
}

func (*nervous) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

func main() {}
