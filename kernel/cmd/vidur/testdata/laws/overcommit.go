//go:build ignore

// A scheduler that reserves a block less than a request needs.
package main

import "github.com/govidur/govidur/vidur"

type greedy struct{}

func newGreedy(*vidur.Replica) (vidur.Scheduler, error) { return greedy{}, nil }

func (greedy) Next(rep *vidur.Replica, b *vidur.Batch) {
	for n := rep.Running.Len(); n > 0; n-- {
		b.Add(rep.Running.Pop(), 1)
	}
	for rep.Waiting.Len() > 0 {
		r := rep.Waiting.At(0)
		if !rep.KV.Alloc(r, max(rep.KV.For(r.Total())-1, 1)) {
			break
		}
		b.Add(rep.Waiting.Pop(), r.Prompt)
	}
}

func (greedy) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

func main() {}
