//go:build unix

package worker

import (
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// The pipes of the process, beside its standard streams.
const (
	requestsFD = 3
	repliesFD  = 4
)

// childPipes are the pipes that the front gave this process. What cells start
// does not get them.
func childPipes() (requests, replies *os.File, err error) {
	for _, fd := range []int{requestsFD, repliesFD} {
		var stat syscall.Stat_t
		if err := syscall.Fstat(fd, &stat); err != nil {
			return nil, nil, err
		}
		if stat.Mode&syscall.S_IFMT != syscall.S_IFIFO {
			return nil, nil, errors.New("there are no pipes")
		}
		syscall.CloseOnExec(fd)
	}
	return os.NewFile(requestsFD, "requests"), os.NewFile(repliesFD, "replies"), nil
}

// apart makes a command the head of a process group: a Ctrl-C in the terminal of
// the server is not for it, and what it starts ends with it.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// endGroup ends a command and what it has started. Mostly there is nothing left.
func endGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// endAll ends this process and what it has started.
func endAll() {
	if syscall.Getpgrp() == os.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
	os.Exit(0)
}

// stream reads a standard stream of the process. It may be read by two: who
// follows it and who empties it.
type stream struct {
	raw syscall.RawConn

	mu   sync.Mutex
	buf  []byte
	take func(text string) // called one at a time
}

func newStream(f *os.File, take func(text string)) (*stream, error) {
	raw, err := f.SyscallConn()
	return &stream{raw: raw, buf: make([]byte, 64<<10), take: take}, err
}

// follow takes all that comes, until the end.
func (s *stream) follow() {
	for n, err := 1, error(nil); n > 0 && err == nil; {
		err = s.raw.Read(func(fd uintptr) bool {
			var empty bool
			n, empty = s.read(fd)
			return !empty
		})
	}
}

// drain takes what lies in the stream now. What comes meanwhile can wait.
func (s *stream) drain() {
	const most = 1 << 20 // more than a pipe holds
	_ = s.raw.Control(func(fd uintptr) {
		for got, n := 0, 1; got < most && n > 0; got += n {
			n, _ = s.read(fd)
		}
	})
}

// read takes one piece. None at all is the end, unless the stream is empty.
func (s *stream) read(fd uintptr) (n int, empty bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := syscall.Read(int(fd), s.buf)
	for err == syscall.EINTR {
		n, err = syscall.Read(int(fd), s.buf)
	}
	if n > 0 {
		s.take(string(s.buf[:n]))
	}
	return max(n, 0), err == syscall.EAGAIN
}

// locked calls f while nothing is read.
func (s *stream) locked(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}
