//go:build ignore

// A scheduler that gives the blocks of completed requests back only if they were
// alone in their batch.
package main

import "github.com/govidur/govidur/vidur"

type leaky struct{}

func newLeaky(*vidur.Replica) (vidur.Scheduler, error) { return &leaky{}, nil }

func (*leaky) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.DecodeAll(b, vidur.Limits{})
	for rep.Admit(b, vidur.Limits{}) {
	}
}

func (*leaky) Done(rep *vidur.Replica, b *vidur.Batch) {
	for i := range b.Slots {
		r := b.Slots[i].Request
		switch {
		case !r.Completed():
			rep.Running.Push(r)
		case b.Len() == 1:
			rep.KV.Release(r)
		}
	}
}

func main() { println("main is not run") }
