//go:build ignore

package main

import (
	"errors"
	"fmt"
	"strconv"
)

func main() {
	_, err := strconv.Atoi("x1")
	var ne *strconv.NumError
	fmt.Println(errors.As(err, &ne), ne.Func, errors.Is(err, strconv.ErrSyntax), err)
}

// Output:
//	true Atoi true strconv.Atoi: parsing "x1": invalid syntax
