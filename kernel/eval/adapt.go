package eval

import (
	"errors"
	"fmt"
	"log"
	"reflect"

	"github.com/govidur/govidur/vidur"
)

// adapt changes the few functions of the standard library that end the process, and
// the one that waits whatever happens.
func (s *Session) adapt(path string, values map[string]reflect.Value) map[string]reflect.Value {
	switch path {
	case "os":
		values["Exit"] = reflect.ValueOf(s.Exit)
	case "time":
		values["Sleep"] = reflect.ValueOf(s.rt.Sleep)
	case "log":
		fatal := func(text string, v []any) {
			s.failRun(v)
			_ = log.Output(3, text) // standard error is gone: nothing to say it on
			s.Exit(1)
		}
		values["Fatal"] = reflect.ValueOf(func(v ...any) { fatal(fmt.Sprint(v...), v) })
		values["Fatalf"] = reflect.ValueOf(func(f string, v ...any) { fatal(fmt.Sprintf(f, v...), v) })
		values["Fatalln"] = reflect.ValueOf(func(v ...any) { fatal(fmt.Sprintln(v...), v) })
	}
	return values
}

// failRun ends the program with the error of a simulation, if one of v is: it
// has a line of user code to show.
func (s *Session) failRun(v []any) {
	for _, x := range v {
		var run *vidur.RunError
		var stuck *vidur.StuckError
		if err, ok := x.(error); ok && (errors.As(err, &run) || errors.As(err, &stuck)) {
			s.Fail(err)
		}
	}
}
