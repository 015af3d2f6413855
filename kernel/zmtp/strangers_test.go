package zmtp

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

// Of those that say nothing only so many stay, and who speaks the protocol gets
// through all the same, and stays.
func TestStrangersDoNotCrowdOthersOut(t *testing.T) {
	s := listen(t, Router, Options{Strangers: 5, Handshake: time.Hour})
	early := dial(t, s, zmtptest.Options{Kind: "DEALER", Identity: "early"})
	var silent []net.Conn
	for range 50 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Write(zmtptest.Greeting(0)[:20])
		silent = append(silent, c)
	}
	late := dial(t, s, zmtptest.Options{Kind: "DEALER", Identity: "late"})
	for _, c := range []*zmtptest.Client{early, late} {
		c.Send([]byte("x"))
		recv(t, s)
	}
	eventually(t, "few are left", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.strangers) <= 5 && len(s.conns) <= 5+2
	})
	silent[0].SetReadDeadline(time.Now().Add(wait))
	for b := make([]byte, 100); ; {
		if _, err := silent[0].Read(b); err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Error("the oldest stays")
			}
			break
		}
	}
}

func TestAnotherProtocolIsRefusedAtItsFirstByte(t *testing.T) {
	why := make(chan error, 1)
	s := listen(t, Router, Options{Handshake: time.Hour, Refused: func(err error) { why <- err }})
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write([]byte("\n"))
	if err := <-why; err != errStranger {
		t.Error(err)
	}
}

func TestUnixSocketsAreTheirOwners(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes")
	}
	dir, err := os.MkdirTemp("", "z")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for n := 20; n <= 200; n++ {
		if n <= len(dir)+1 {
			continue
		}
		path := filepath.Join(dir, strings.Repeat("s", n-len(dir)-1))
		s, err := Listen(Rep, "unix", path, Options{})
		if err != nil {
			if n <= maxPath || !strings.Contains(err.Error(), "the path of a Unix socket has") {
				t.Errorf("a path of %d bytes: %v", n, err)
			}
			continue
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
		s.Close()
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("the socket's file is left: %v", err)
		}
	}
}
