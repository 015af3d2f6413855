//go:build !unix

package worker

import (
	"errors"
	"os"
	"os/exec"
)

// errPlatform is why cells do not run on this system: a process there inherits no
// pipes but its standard streams.
var errPlatform = errors.New("cells run on Unix systems only")

func childPipes() (requests, replies *os.File, err error) { return nil, nil, errPlatform }

func apart(*exec.Cmd) {}

func endGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func endAll() { os.Exit(0) }

type stream struct{}

func newStream(*os.File, func(text string)) (*stream, error) { return nil, errPlatform }

func (*stream) follow() {}

func (*stream) drain() {}

func (*stream) locked(f func()) { f() }
