//go:build ignore

package main

import (
	"fmt"
)

type Level int

const (
	Low Level = iota
	High
)

func (l Level) String() string { return []string{"low", "high"}[l] }
func main() {
	l := []Level{Low, High}
	fmt.Println(l, map[Level]int{High: 2, Low: 1}, struct{ L Level }{High}, [2]Level{})
	fmt.Printf("%v %s %d %q %x|%6s|%-6v|%T\n", High, High, High, High, High, High, Low, High)
}

// Output:
//	[low high] map[low:1 high:2] {high} [low low]
//	high high 1 "high" 68696768|  high|low   |main.Level
