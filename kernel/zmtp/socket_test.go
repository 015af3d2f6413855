package zmtp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

const wait = 10 * time.Second // for what must come

func listen(t *testing.T, kind Kind, opt Options) *Socket {
	t.Helper()
	s, err := Listen(kind, "tcp", "127.0.0.1:0", opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func dial(t *testing.T, s *Socket, opt zmtptest.Options) *zmtptest.Client {
	t.Helper()
	c, err := zmtptest.Dial(s.Addr().Network(), s.Addr().String(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func frames(text ...string) (fr [][]byte) {
	for _, s := range text {
		fr = append(fr, []byte(s))
	}
	return fr
}

func expect(t *testing.T, c *zmtptest.Client, want ...string) {
	t.Helper()
	got, err := c.Recv(wait)
	if err != nil || !equal(got, frames(want...)) {
		t.Fatalf("got %q, %v; want %q", got, err, want)
	}
}

func recv(t *testing.T, s *Socket) Message {
	t.Helper()
	m, err := s.Recv()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(wait); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

func TestRouterKnowsItsPeers(t *testing.T) {
	s := listen(t, Router, Options{})
	a := dial(t, s, zmtptest.Options{Kind: "DEALER", Identity: "alice"})
	b := dial(t, s, zmtptest.Options{Kind: "DEALER", Minor: 1})
	c := dial(t, s, zmtptest.Options{Kind: "DEALER"})
	from := map[string]string{}
	for name, client := range map[string]*zmtptest.Client{"a": a, "b": b, "c": c} {
		client.Send([]byte(name), nil, []byte("x"))
	}
	for range 3 {
		m := recv(t, s)
		if len(m.Frames) != 3 || len(m.Frames[1]) != 0 {
			t.Fatalf("%q", m)
		}
		from[string(m.Frames[0])] = m.From
	}
	if from["a"] != "alice" || from["b"] == from["c"] || len(from["b"]) != 5 {
		t.Errorf("identities %q", from)
	}
	for name, id := range from {
		if err := s.Send(id, frames("to", name)); err != nil {
			t.Error(err)
		}
	}
	expect(t, a, "to", "a")
	expect(t, b, "to", "b")
	expect(t, c, "to", "c")
	if err := s.Send("nobody", frames("x")); !errors.Is(err, ErrNoPeer) {
		t.Error(err)
	}
	a.Close()
	eventually(t, "the peer is gone", func() bool { return errors.Is(s.Send("alice", frames("x")), ErrNoPeer) })
}

func TestANewConnectionTakesTheIdentityOver(t *testing.T) {
	left := make(chan string, 2)
	s := listen(t, Router, Options{Left: func(peer string) { left <- peer }})
	old := dial(t, s, zmtptest.Options{Kind: "DEALER", Identity: "me"})
	old.Send([]byte("1"))
	recv(t, s)
	young := dial(t, s, zmtptest.Options{Kind: "DEALER", Identity: "me"})
	young.Send([]byte("2"))
	recv(t, s)
	if _, err := old.Recv(wait); err == nil {
		t.Error("the old connection is still open")
	}
	eventually(t, "the old one has left", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.conns) == 1
	})
	if err := s.Send("me", frames("hello")); err != nil {
		t.Fatal(err)
	}
	expect(t, young, "hello")
	if len(left) > 0 {
		t.Error("who was replaced has not left")
	}
	young.Close()
	if peer := <-left; peer != "me" {
		t.Errorf("%q left", peer)
	}
}

func TestRepGivesTheEnvelopeBack(t *testing.T) {
	s := listen(t, Rep, Options{})
	c := dial(t, s, zmtptest.Options{Kind: "REQ"})
	c.Send(nil, []byte("beat"))
	m := recv(t, s)
	s.Send(m.From, m.Frames)
	expect(t, c, "", "beat")
}

func TestSubscriptions(t *testing.T) {
	s := listen(t, XPub, Options{Subscribed: func(s *Socket, peer, topic string) {
		s.Send(peer, frames("welcome", topic))
	}})
	select {
	case <-s.Subscribed():
		t.Fatal("nobody has subscribed")
	default:
	}
	a := dial(t, s, zmtptest.Options{Kind: "SUB"})
	a.Subscribe("st")
	expect(t, a, "welcome", "st")
	<-s.Subscribed()
	b := dial(t, s, zmtptest.Options{Kind: "SUB", Minor: 1})
	b.Conn.Write(zmtptest.Frame(4, []byte("\x09SUBSCRIBEstatus")))
	expect(t, b, "welcome", "status")
	eventually(t, "both have subscribed", func() bool { return len(s.subscribers([]byte("status"))) == 2 })
	s.Publish(frames("stream"))
	s.Publish(frames("s"))
	s.Publish(frames("status"))
	expect(t, a, "stream")
	expect(t, a, "status")
	expect(t, b, "status")

	a.Subscribe("st") // twice, so one goes and one stays
	expect(t, a, "welcome", "st")
	a.Send([]byte("\x00st"))
	b.Conn.Write(zmtptest.Frame(4, []byte("\x06CANCELstatus")))
	eventually(t, "one is left", func() bool { return len(s.subscribers([]byte("status"))) == 1 })
	a.Send([]byte("\x07what"), []byte("ever")) // means nothing
	a.Send([]byte("\x00st"))
	a.Send([]byte("\x00st"))
	eventually(t, "none is left", func() bool { return len(s.subscribers([]byte("status"))) == 0 })
}

func TestPingIsAnsweredBetweenMessages(t *testing.T) {
	s := listen(t, XPub, Options{})
	c := dial(t, s, zmtptest.Options{Kind: "SUB", Minor: 1})
	c.Conn.Write(zmtptest.Frame(4, []byte("\x04PING\x00\x0ahello")))
	if got, err := c.Command(wait); err != nil || string(got) != "\x04PONGhello" {
		t.Errorf("%q %v", got, err)
	}
	c.Conn.Write(zmtptest.Frame(4, []byte("\x04PING")))  // too short
	c.Conn.Write(zmtptest.Frame(4, []byte("\x05OTHER"))) // unknown
	c.Subscribe("")
	eventually(t, "the connection lives", func() bool { return len(s.subscribers(nil)) == 1 })
}

func TestStrangersAreRefused(t *testing.T) {
	ready := zmtptest.Ready
	mechanism := zmtptest.Greeting(0)
	copy(mechanism[12:], "CURVE")
	for _, c := range []struct{ name, send, want string }{
		{"another protocol", "GET / HTTP/1.1\r\n\r\n", "does not speak"},
		{"version 2", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x05", "version 1"},
		{"mechanism", string(mechanism), "CURVE"},
		{"wrong type", string(zmtptest.Greeting(0)) + string(ready("SUB", "")), `"SUB" socket cannot`},
		{"reserved identity", string(zmtptest.Greeting(0)) + string(ready("DEALER", "\x00abc")), "identity"},
		{"long identity", string(zmtptest.Greeting(0)) + string(ready("DEALER", strings.Repeat("x", 256))), "identity"},
		{"message first", string(zmtptest.Greeting(0)) + "\x00\x01a", "before it is ready"},
		{"error", string(zmtptest.Greeting(0)) + string(zmtptest.Frame(4, []byte("\x05ERROR\x03why"))), "refuses"},
		{"other command", string(zmtptest.Greeting(0)) + string(zmtptest.Frame(4, []byte("\x05HELLO"))), "READY is due"},
		{"cut property", string(zmtptest.Greeting(0)) + string(zmtptest.Frame(4, []byte("\x05READY\x0bSocket"))), "cut off"},
		{"cut value", string(zmtptest.Greeting(0)) + string(zmtptest.Frame(4, []byte("\x05READY\x01a\xff\xff\xff\xff"))), "cut off"},
		{"long command", string(zmtptest.Greeting(0)) + string(zmtptest.Frame(4, make([]byte, maxReady+1))), "limit"},
		{"broken frame later", string(zmtptest.Greeting(0)) + string(ready("DEALER", "")) + "\x08\x00", "flags"},
	} {
		why := make(chan error, 1)
		s := listen(t, Router, Options{Refused: func(err error) { why <- err }})
		conn, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte(c.send))
		if err := <-why; !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		conn.Close()
	}
}

func TestASilentStrangerIsDisconnected(t *testing.T) {
	why := make(chan error, 1)
	s := listen(t, Router, Options{Handshake: 20 * time.Millisecond, Refused: func(err error) { why <- err }})
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := <-why; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

func TestTooLargeAMessageEndsTheConnection(t *testing.T) {
	s := listen(t, Router, Options{MaxMessage: 1000})
	c := dial(t, s, zmtptest.Options{Kind: "DEALER"})
	c.Send(make([]byte, 1000))
	recv(t, s)
	c.Send(make([]byte, 1001))
	if _, err := c.Recv(wait); err == nil {
		t.Error("the connection is still open")
	}
}

func TestUnixSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sock-1")
	s, err := Listen(Router, "unix", path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(Router, "unix", path, Options{}); err == nil {
		t.Error("two sockets have one address")
	}
	c, err := zmtptest.Dial("unix", path, zmtptest.Options{Kind: "DEALER"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Send([]byte("x"))
	m := recv(t, s)
	s.Send(m.From, frames("y"))
	expect(t, c, "y")
	s.ln.(*net.UnixListener).SetUnlinkOnClose(false) // as after a crash
	s.Close()
	again, err := Listen(Router, "unix", path, Options{})
	if err != nil {
		t.Fatalf("the file of a dead socket: %v", err)
	}
	again.Close()
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(Router, "unix", path, Options{}); err == nil {
		t.Error("a file that is no socket was replaced")
	}
}

func TestClose(t *testing.T) {
	s := listen(t, Router, Options{})
	c := dial(t, s, zmtptest.Options{Kind: "DEALER"})
	half, err := net.Dial("tcp", s.Addr().String()) // still in its handshake
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	ended := make(chan error)
	go func() { _, err := s.Recv(); ended <- err }()
	s.Close()
	s.Close()
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := c.Recv(wait); err == nil {
		t.Error("the connection is still open")
	}
	if _, err := Listen("PAIR", "tcp", "127.0.0.1:0", Options{}); err == nil {
		t.Error("PAIR is not there")
	}
	if _, err := Listen(Router, "tcp", "256.0.0.1:1", Options{}); err == nil {
		t.Error("no such address")
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	s, err := Listen(Rep, "tcp", "127.0.0.1:0", Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	go func() {
		for {
			m, err := s.Recv()
			if err != nil {
				return
			}
			s.Send(m.From, m.Frames)
		}
	}()
	c, err := zmtptest.Dial("tcp", s.Addr().String(), zmtptest.Options{Kind: "DEALER"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for i := 0; b.Loop(); i++ {
		c.Send(fmt.Append(nil, i))
		if _, err := c.Recv(wait); err != nil {
			b.Fatal(err)
		}
	}
}
