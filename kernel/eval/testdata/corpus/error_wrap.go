//go:build ignore

package main

import (
	"errors"
	"fmt"
)

type E struct{ code int }

func (e *E) Error() string { return fmt.Sprintf("E%d", e.code) }

var Sentinel = errors.New("sentinel")

func main() {
	err := fmt.Errorf("outer: %w", &E{404})
	var e *E
	fmt.Println(errors.As(err, &e), e.code, err, errors.Unwrap(err) == error(e))
	fmt.Println(errors.Is(fmt.Errorf("x: %w", Sentinel), Sentinel), errors.Is(err, Sentinel))
}

// Output:
//	true 404 outer: E404 true
//	true false
