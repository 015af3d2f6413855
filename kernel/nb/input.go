package nb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"
)

// errNoInput is of a script that asks where nobody can answer.
var errNoInput = errors.New("there is nobody to ask: standard input is not a terminal")

// Input asks the user for a line and returns it without its end: the front end of
// a notebook, or the terminal in which a script runs. The error says that nobody
// can be asked, as when a notebook is executed without a front end or standard
// input is a file, or is that of [Context], which an interrupt ends. A cell that
// is interrupted while it asks does not go on.
func Input(prompt string) (string, error) { return ask(prompt, false) }

// Password is [Input] for what must not be seen: the line is not shown while it
// is typed.
func Password(prompt string) (string, error) { return ask(prompt, true) }

func ask(prompt string, secret bool) (string, error) {
	ctx := Context()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	h, _ := host()
	if h.Input == nil {
		return askTerminal(ctx, h, prompt, secret)
	}
	line, err := h.Input(prompt, secret)
	if ctx.Err() != nil {
		runtime.Goexit() // as everything ends that a cell does when it is interrupted
	}
	return line, err
}

// askTerminal asks in the terminal. Whoever types is left as the terminal was, also
// when an interrupt ends the wait.
func askTerminal(ctx context.Context, h *Host, prompt string, secret bool) (string, error) {
	fd := int(os.Stdin.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", errNoInput
	}
	fmt.Fprint(h.stdout(), prompt)
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		if secret {
			line, err := term.ReadPassword(fd)
			a = answer{string(line), err}
		} else {
			a.line, a.err = readLine(os.Stdin)
		}
		answers <- a
	}()
	select {
	case a := <-answers:
		if secret {
			fmt.Fprintln(h.stdout()) // the one that was typed is not shown
		}
		return a.line, a.err
	case <-ctx.Done():
		_ = term.Restore(fd, state)
		fmt.Fprintln(h.stdout())
		return "", ctx.Err()
	}
}

// readLine reads a line, and nothing behind it: others read standard input too.
func readLine(in *os.File) (string, error) {
	var line []byte
	var b [1]byte
	for {
		n, err := in.Read(b[:])
		if n > 0 && b[0] == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		line = append(line, b[:n]...)
		if err != nil {
			if len(line) > 0 {
				return string(line), nil
			}
			return "", err
		}
	}
}
