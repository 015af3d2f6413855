//go:build ignore

package main

import (
	"context"
	"fmt"
)

type key struct{}
type other struct{}
type T struct{ n int }

func main() {
	ctx := context.WithValue(context.Background(), key{}, T{5})
	t, ok := ctx.Value(key{}).(T)
	fmt.Println(t.n, ok, ctx.Value(other{}))
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	<-ctx.Done()
	fmt.Println(ctx.Err())
}

// Output:
//	5 true <nil>
//	context canceled
