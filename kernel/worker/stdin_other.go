//go:build !linux

package worker

import (
	"fmt"
	"os"
)

// input is standard input of cells. Here there is none: only Linux says that a
// process waits for it. Reading it is an error that says so.
type input struct{}

func newInput() (*input, error) {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	os.Stdin = f // which cannot be read
	return &input{}, nil
}

func (*input) waits() bool { return false }

func (*input) fill(string) {}

func (*input) end() {}
