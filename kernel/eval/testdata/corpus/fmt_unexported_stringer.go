//go:build ignore

package main

import (
	"fmt"
	"strconv"
)

type Level int

func (l Level) String() string { return "L" + strconv.Itoa(int(l)) }

type T struct {
	Pub  Level
	priv Level
}

func main() {
	fmt.Println(T{Level(1), Level(1)}, &T{})
	fmt.Printf("%+v\n", T{1, 1})
}

// Output:
//	{L1 1} &{L0 0}
//	{Pub:L1 priv:1}
