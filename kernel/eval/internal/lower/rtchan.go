package lower

import (
	"reflect"
	"runtime"
)

// Operations on channels are the run-time support's, so that a goroutine that
// waits for one can be stopped.

// SelectCase is a case of a select statement.
type SelectCase struct {
	c   reflect.SelectCase
	dst reflect.Value
}

func sendCase(ch, v any) *SelectCase {
	c := reflect.ValueOf(ch)
	val := reflect.Zero(c.Type().Elem())
	if v != nil {
		val = reflect.ValueOf(v)
	}
	return &SelectCase{c: reflect.SelectCase{Dir: reflect.SelectSend, Chan: c, Send: val}}
}

func recvCase(ch, p any) *SelectCase {
	return &SelectCase{c: reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)}, dst: reflect.ValueOf(p).Elem()}
}

// selectCase does one of the cases, or none if there is a default and none can
// be done, and then returns their number.
func (r *Runtime) selectCase(hasDefault bool, cases ...*SelectCase) (int, bool) {
	list := make([]reflect.SelectCase, len(cases), len(cases)+1)
	for i, c := range cases {
		list[i] = c.c
	}
	last := reflect.SelectCase{Dir: reflect.SelectDefault}
	if !hasDefault {
		last = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(r.stopped())}
	}
	n, v, ok := reflect.Select(append(list, last))
	switch {
	case n == len(cases) && !hasDefault:
		runtime.Goexit()
	case n < len(cases) && list[n].Dir == reflect.SelectRecv:
		cases[n].dst.Set(v)
	}
	return n, ok
}

// send is ch <- v.
func (r *Runtime) send(ch, v any) {
	c := sendCase(ch, v)
	if !c.c.Chan.TrySend(c.c.Send) {
		r.selectCase(false, c)
	}
}

// recv is *p, ok = <-ch.
func (r *Runtime) recv(ch, p any) bool {
	c := recvCase(ch, p)
	if v, ok := c.c.Chan.TryRecv(); v.IsValid() {
		c.dst.Set(v)
		return ok
	}
	_, ok := r.selectCase(false, c)
	return ok
}
