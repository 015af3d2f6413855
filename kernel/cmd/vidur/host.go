package main

import (
	"context"
	"errors"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
)

// hosted makes a session what the functions of package nb that scripts call have
// to do with, until it is undone.
func hosted(session func() *eval.Session, std streams) (undo func()) {
	return nb.SetHost(&nb.Host{
		Context: func() context.Context { return session().Context() },
		Fail:    func(err error) { session().Fail(err) },
		Exit:    func(code int) { session().Exit(code) },
		Stdout:  std.out,
		Stderr:  std.err,
	})
}

// valueText is how a value is shown: in the form that package nb has for it, or
// as fmt prints it, with the methods of types that are interpreted.
func valueText(v eval.Value) string {
	if forms := nb.MIME(v.Any); len(forms) > 1 {
		if text, ok := forms["text/plain"].(string); ok {
			return strings.TrimSuffix(text, "\n")
		}
	}
	return v.Text
}

// badParameters reports whether a script ended because of the parameters it was
// given, which is no fault of a line of it.
func badParameters(e *eval.Error) (*nb.ParamError, bool) {
	var p *nb.ParamError
	ok := errors.As(e, &p)
	return p, ok
}
