package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Claims are kept alive while their process lives, and expire without: a machine
// that went away holds nobody up for longer.
const (
	expires = time.Minute
	renewed = 10 * time.Second
	written = time.Second // a claim that names nobody for so long is of a process that was killed as it wrote it
)

// claims are those that this process holds, by path.
type claims struct {
	mu   sync.Mutex
	held map[string]bool
	stop chan struct{} // of the goroutine that renews them; nil if none does
}

// Claim marks a key as being worked at, so that others that share the folder take
// something else. It is no lock: a claim of a process that has ended, or was not
// renewed for a minute, is taken over, and if two processes do the same work after
// all, both write the same. ok is false if somebody else has it. release must be
// called when the work is done or given up; a folder that cannot be written to
// gives every claim.
func (s *Store) Claim(key string) (release func(), ok bool) {
	path, err := s.path(key)
	if err != nil {
		return func() {}, true
	}
	path += ".claim"
	if !s.claims.add(path) {
		return nil, false
	}
	if !s.take(path) {
		s.claims.remove(path)
		return nil, false
	}
	return func() {
		os.Remove(path)
		s.claims.remove(path)
	}, true
}

// take makes the file of a claim.
func (s *Store) take(path string) bool {
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return true
	}
	for range 3 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		switch {
		case err == nil:
			fmt.Fprint(f, owner())
			f.Close()
			return true
		case !errors.Is(err, fs.ErrExist):
			return true
		}
		switch info, err := os.Stat(path); {
		case err != nil: // released meanwhile
		case stale(path, info):
			os.Remove(path)
		default:
			return false
		}
	}
	return false
}

// began tells this process from earlier ones of the same number, as the first
// process of a container has each time.
var began = time.Now().UnixNano()

// owner names this process: its machine, its number there and when it began.
func owner() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s %d %d", host, os.Getpid(), began)
}

// stale reports whether nobody keeps a claim any more.
func stale(path string, info fs.FileInfo) bool {
	if time.Since(info.ModTime()) > expires {
		return true
	}
	text, err := os.ReadFile(path)
	words, own := strings.Fields(string(text)), strings.Fields(owner())
	if err == nil && len(words) < 3 {
		return time.Since(info.ModTime()) > written
	}
	if err != nil || len(words) != len(own) || len(own) != 3 || words[0] != own[0] {
		return false // of another machine
	}
	pid, err := strconv.Atoi(words[1])
	if err != nil || words[1] == own[1] {
		return words[2] != own[2]
	}
	return !alive(pid)
}

// alive reports whether a process of this machine may be there.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH)
}

// add notes a claim of this process; false if another goroutine has it.
func (c *claims) add(path string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[path] {
		return false
	}
	c.held[path] = true
	if c.stop == nil {
		c.stop = make(chan struct{})
		go c.renew(c.stop)
	}
	return true
}

// remove forgets a claim; with the last one its renewal ends.
func (c *claims) remove(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, path)
	if len(c.held) == 0 && c.stop != nil {
		close(c.stop)
		c.stop = nil
	}
}

// renew keeps claims from expiring.
func (c *claims) renew(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(renewed):
		}
		c.mu.Lock()
		now := time.Now()
		for path := range c.held {
			os.Chtimes(path, now, now)
		}
		c.mu.Unlock()
	}
}
