//go:build ignore

package main

import (
	"fmt"
)

type State int

const (
	Idle State = iota
	Running
	Paused
	Done
)

var names = map[State]string{Idle: "idle", Running: "running", Paused: "paused", Done: "done"}

func (s State) String() string { return names[s] }
func (s State) next(e string) State {
	switch {
	case s == Idle && e == "start", s == Paused && e == "start":
		return Running
	case e == "pause":
		return Paused
	case e == "stop":
		return Done
	}
	return s
}
func main() {
	s := Idle
	for _, e := range []string{"start", "pause", "start", "stop"} {
		s = s.next(e)
		fmt.Print(s, " ")
	}
	fmt.Println()
}

// Output:
//	running paused running done
