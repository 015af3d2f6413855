//go:build ignore

// A scheduler that never takes a prompt of more than 12 tokens.
package main

import "github.com/govidur/govidur/vidur"

type picky struct{}

func (*picky) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.DecodeAll(b, vidur.Limits{})
	for rep.Waiting.Len() > 0 && rep.Waiting.At(0).Prompt <= 12 && rep.Admit(b, vidur.Limits{}) {
	}
}

func (*picky) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

func main() {}
