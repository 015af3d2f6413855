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

// valueText is how a value is shown: in the form that package nb has for it.
func valueText(v eval.Value) string {
	text, _ := nb.MIME(v.Any)["text/plain"].(string)
	if text == "func" || text == "chan" {
		return v.Type // which says more
	}
	return strings.TrimSuffix(text, "\n")
}

// badParameters reports whether a script ended because of the parameters it was
// given, which is no fault of a line of it.
func badParameters(e *eval.Error) (*nb.ParamError, bool) {
	var p *nb.ParamError
	ok := errors.As(e, &p)
	return p, ok
}
