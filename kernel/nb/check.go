package nb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Exit statuses; an interrupted program has the one that shells give it.
const (
	exitError       = 1
	exitParams      = 2
	exitInterrupted = 130
)

// Check does nothing if err is nil. Otherwise the script or the cell ends with
// it and Check does not return: a program prints "error: ..." to standard error
// and exits with status 1, or 130 if err is that its [Context] was interrupted.
// Deferred functions do not run then, as with log.Fatal.
func Check(err error) {
	if err != nil {
		fail(err, exitError)
	}
}

// fail ends the script or cell.
func fail(err error, code int) {
	h, hosted := host()
	if hosted {
		if h.Fail != nil {
			h.Fail(err)
		}
		panic(Ended{Code: code, Err: err})
	}
	if errors.Is(err, context.Canceled) && signalled() {
		err, code = errors.New("interrupted"), exitInterrupted
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(code)
}

// exit ends the script or cell without an error.
func exit(code int) {
	h, hosted := host()
	if !hosted {
		os.Exit(code)
	}
	if h.Exit != nil {
		h.Exit(code)
	}
	panic(Ended{Code: code})
}

// interrupts is the context that ends with a signal. It is made when first asked
// for: a program that never asks dies of the signal.
func interrupts() context.Context {
	state.Lock()
	defer state.Unlock()
	if state.signals == nil {
		ctx, cancel := context.WithCancel(context.Background())
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		go func() {
			<-signals
			signal.Stop(signals) // before anybody sees the first one, so that a second one ends the program
			cancel()
		}()
		state.signals = ctx
	}
	return state.signals
}

// signalled reports whether a signal has ended the context.
func signalled() bool {
	state.Lock()
	defer state.Unlock()
	return state.signals != nil && state.signals.Err() != nil
}

// Context is the context for what a script or cell does: it ends with Ctrl-C or
// SIGTERM, in a notebook when the cell is interrupted. Pass it to simulations
// and sweeps. Once a program has asked for it, the first signal ends the context
// only; the second one ends the program.
func Context() context.Context {
	if h, _ := host(); h.Context != nil {
		return h.Context()
	}
	return interrupts()
}
