package server

import (
	"errors"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// HandleSignals makes SIGINT an interrupt and SIGTERM and SIGHUP a clean end,
// until stop is called. A server or terminal sends SIGINT to all processes of its
// group; a kernel that took it for its end would lose what the user has.
func (s *Server) HandleSignals() (stop func()) {
	got := make(chan os.Signal, 8)
	signal.Notify(got, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case sig := <-got:
				if sig == os.Interrupt {
					s.Interrupt()
				} else {
					s.Stop()
				}
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(got)
		close(done)
	}
}

// WatchParent stops the server when the process that started it is gone, which is
// the one that JPY_PARENT_PID in the environment names. It looks at every
// interval. Without the variable nobody is watched.
func (s *Server) WatchParent(every time.Duration) {
	pid, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || pid <= 1 {
		return
	}
	child := os.Getppid() == pid // else something stands in between, a shell perhaps
	go func() {
		for {
			select {
			case <-time.After(every):
			case <-s.stopped:
				return
			}
			if child && os.Getppid() != pid || !alive(pid) {
				s.opt.Log("the process %d that started the kernel is gone", pid)
				s.Stop()
				return
			}
		}
	}()
}

func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release()
	return !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
