package eval

import (
	"context"
	"runtime/debug"

	"github.com/traefik/yaegi/interp"
)

// Do calls f, which calls functions that cells have made, as Eval runs a cell: it
// ends when ctx does, its panics and what it gives up with are the *Error. f runs on
// a goroutine of its own and may be ended at any call of interpreted code, without
// returning; deferred calls run.
func (s *Session) Do(ctx context.Context, f func()) error {
	return s.conduct(ctx, func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = interp.Panic{Value: p, Stack: debug.Stack()}
			}
		}()
		f()
		return nil
	})
}
