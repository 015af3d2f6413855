//go:build ignore

// A scheduler that does not return when a prompt is long.
package main

import "github.com/govidur/govidur/vidur"

type endless struct{}

func (*endless) Next(rep *vidur.Replica, b *vidur.Batch) {
	for rep.Waiting.Len() > 0 && rep.Waiting.At(0).Prompt > 10 {
	}
	rep.DecodeAll(b, vidur.Limits{})
	for rep.Admit(b, vidur.Limits{}) {
	}
}

func (*endless) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

func main() {}
