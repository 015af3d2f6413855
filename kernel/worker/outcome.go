package worker

import (
	"errors"
	"fmt"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/kernel/server"
)

// shown is how the values of an expression are shown, one below the other: those
// that have nothing but text as one result, others each by itself, of which the
// last is the result.
func shown(values []eval.Value) (before []server.Display, result *server.Display) {
	var texts []string
	var all []server.Display
	rich := false
	for _, v := range values {
		forms := nb.MIME(v.Any)
		if t := forms[plainText]; t == "func" || t == "chan" {
			forms[plainText] = v.Type // which says more
		}
		rich = rich || len(forms) > 1
		texts = append(texts, fmt.Sprint(forms[plainText]))
		all = append(all, server.Display{Data: server.Bundle(forms)})
	}
	switch {
	case len(all) == 0:
		return nil, nil
	case rich:
		return all[:len(all)-1], &all[len(all)-1]
	}
	return nil, &server.Display{Data: server.Bundle{plainText: strings.Join(texts, "\n")}}
}

const plainText = "text/plain"

// ANSI sequences that front ends show.
const (
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	red   = "\x1b[1;31m"
	cyan  = "\x1b[1;36m" // of the normal colours the one that JupyterLab shows well on a light and a dark page
	plain = "\x1b[0m"
)

// failure is an error without a place in a cell. Lines follow its message.
func failure(name, msg string, lines []string) *server.Failure {
	first, rest, more := strings.Cut(clipped(msg), "\n")
	trace := []string{red + first + plain}
	if more {
		trace = append(trace, rest)
	}
	return &server.Failure{Name: name, Value: strings.TrimPrefix(first, name+": "), Traceback: append(trace, lines...)}
}

// maxMessage is how many bytes of a message are shown: what a program panics with
// may be anything.
const maxMessage = 16 << 10

// clipped is the beginning of a message.
func clipped(msg string) string {
	if len(msg) <= maxMessage {
		return msg
	}
	return fmt.Sprintf("%s… (%d bytes more)", strings.ToValidUTF8(msg[:maxMessage], ""), len(msg)-maxMessage)
}

// explain is an error of a cell, with the lines of code that it comes from.
func explain(e *eval.Error) *server.Failure {
	var wrong *nb.ParamError
	if errors.As(e, &wrong) {
		return failure(string(e.Kind), wrong.Error(), nil) // no fault of a line
	}
	f := &server.Failure{Name: string(e.Kind)}
	for i, p := range e.Problems {
		if i == eval.MaxProblems {
			f.Traceback = append(f.Traceback, fmt.Sprintf("(%d more)", len(e.Problems)-i))
			break
		}
		p.Msg = clipped(p.Msg)
		if i == 0 {
			first, _, _ := strings.Cut(p.Msg, "\n")
			f.Value = strings.TrimPrefix(first, f.Name+": ") // front ends put the name before it
		}
		f.Traceback = append(f.Traceback, lines(p)...)
	}
	return f
}

// lines are a problem: its place, its message, the line and a caret.
func lines(p eval.Problem) []string {
	msg := red + p.Msg + plain
	if !p.IsValid() {
		return []string{msg}
	}
	out := []string{fmt.Sprintf("%s%s%s: %s", cyan, p.Position, plain, msg)}
	if p.Source == "" {
		return out
	}
	return append(out, "    "+p.Source, "    "+p.Indent()+red+"^"+plain)
}
