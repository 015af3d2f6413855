//go:build ignore

package main

import (
	"errors"
	"fmt"
)

var ErrTemp = errors.New("temporary")

type Temp struct{ s string }

func (t Temp) Error() string        { return t.s }
func (t Temp) Is(target error) bool { return target == ErrTemp }

type W struct{ err error }

func (w W) Error() string { return "W:" + w.err.Error() }
func (w W) Unwrap() error { return w.err }
func main() {
	e := Temp{"net"}
	fmt.Println(errors.Is(e, ErrTemp), errors.Is(fmt.Errorf("a: %w", e), ErrTemp), errors.Unwrap(W{e}) == e, errors.Is(W{e}, ErrTemp))
}

// Output:
//	true true true true
