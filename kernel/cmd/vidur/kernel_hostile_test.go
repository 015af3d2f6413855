package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/wire"
	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

// ports are those of a kernel.
func (k *kernelUnderTest) ports() []int {
	return []int{k.conn.Shell, k.conn.Control, k.conn.Stdin, k.conn.IOPub, k.conn.Heartbeat}
}

// Whatever strangers send to whatever port, the kernel goes on, its memory is
// bounded and its log short.
func TestKernelAmongStrangers(t *testing.T) {
	k := startKernel(t, "tcp")
	c := connectKernel(t, k)
	c.good("x := 41")
	before := resident(k.cmd.Process.Pid)
	for _, port := range k.ports() {
		_, addr := k.conn.Address(port)
		otherProtocols(t, addr)
		brokenFrames(t, addr)
		halfOpen(t, addr, soak(300, 3000))
	}
	c = connectKernel(t, k) // for a page that is loaded again, too
	forgeries(t, k, c)
	if got := c.value("x + 1"); got != "42" {
		t.Errorf("a cell gives %s", got)
	}
	grown := resident(k.cmd.Process.Pid) - before
	t.Logf("the kernel has %.0f MB more memory, and its log %d lines", float64(grown)/1e6, strings.Count(k.log.String(), "\n"))
	if grown > 200<<20 {
		t.Errorf("memory grew by %d bytes", grown)
	}
	if n := strings.Count(k.log.String(), "\n"); n == 0 || n > 500 {
		t.Errorf("the log has %d lines", n)
	}
}

// open connects to an address without a word.
func open(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// otherProtocols asks for a web page and for TLS.
func otherProtocols(t *testing.T, addr string) {
	t.Helper()
	web := open(t, addr)
	fmt.Fprintf(web, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", addr)
	closed(t, web, "HTTP")
	secret := open(t, addr)
	secret.SetDeadline(time.Now().Add(hang))
	if err := tls.Client(secret, &tls.Config{InsecureSkipVerify: true}).Handshake(); err == nil {
		t.Error("the kernel speaks TLS")
	}
	line := open(t, addr)
	fmt.Fprint(line, "\n")
	closed(t, line, "a line")
}

// closed reads until the kernel closes a connection.
func closed(t *testing.T, c net.Conn, what string) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(hang))
	for b := make([]byte, 4096); ; {
		if _, err := c.Read(b); err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Errorf("%s: the connection stays open", what)
			}
			return
		}
	}
}

// brokenFrames introduces itself and then sends what is no message, and lengths
// without what they promise.
func brokenFrames(t *testing.T, addr string) {
	t.Helper()
	for _, frame := range []string{
		"\xff\xff\xff\xff",
		"\x05\x00",
		"\x02\x00\x00\x00\x00\x40\x00\x00\x00abc", // 1 GiB
		"\x02\xff\xff\xff\xff\xff\xff\xff\xff",
		"\x02\x00\x00\x00\x00\x0f\xff\xff\xffabc", // just what is allowed, and never comes
		"\x04\x00",
		strings.Repeat("\x01\x00", 5000),
	} {
		for _, kind := range []string{"DEALER", "SUB", "REQ"} {
			c, err := zmtptest.Dial("tcp", addr, zmtptest.Options{Kind: kind})
			if err != nil {
				continue // another type of socket
			}
			t.Cleanup(func() { c.Close() })
			c.Conn.Write([]byte(frame))
		}
	}
}

// halfOpen opens connections that say nothing, or stop in their greeting.
func halfOpen(t *testing.T, addr string, n int) {
	t.Helper()
	for i := range n {
		c := open(t, addr)
		c.Write(zmtptest.Greeting(0)[:i%64])
	}
}

// forgeries sends what is not signed, or not for the first time, or no request.
func forgeries(t *testing.T, k *kernelUnderTest, c *kernelClient) {
	t.Helper()
	request := func(s *wire.Session, kind string, content any) [][]byte {
		return s.Encode(wire.Draft{Type: kind, Content: content})
	}
	eve := wire.NewSession("another key", "eve")
	unsigned := wire.NewSession("", "eve")
	execute := map[string]any{"code": "x = 0"}
	for _, sock := range []*zmtptest.Client{c.shell, c.control} {
		sock.Send(request(eve, "shutdown_request", map[string]any{})...)
		sock.Send(request(unsigned, "execute_request", execute)...)
		changed := request(c.session, "execute_request", map[string]any{"code": "1"})
		changed[5] = []byte(`{"code":"x = 0"}`)
		sock.Send(changed...)
		sock.Send(request(c.session, "execute_request", json.RawMessage(`{"code":`))...)
		sock.Send([]byte(wire.Delimiter))
		for range 300 {
			sock.Send(request(eve, "shutdown_request", map[string]any{})...)
		}
	}
	once := request(c.session, "execute_request", map[string]any{"code": "x++", "silent": true})
	c.shell.Send(once...)
	if frames, err := c.shell.Recv(hang); err != nil || c.read(frames).content["status"] != "ok" {
		t.Fatal(err)
	}
	for range 3 {
		c.shell.Send(once...)
		c.control.Send(once...)
	}
	c.outputs(c.post(c.shell, "no_such_request", map[string]any{}))
	c.outputs(c.post(c.control, "execute_request", execute))
	c.post(c.shell, "execute_reply", map[string]any{"status": "ok"})
	bad := c.post(c.shell, "execute_request", map[string]any{"code": 1})
	if reply := c.reply(c.shell, bad); reply.content["status"] != "error" {
		t.Errorf("%v", reply)
	}
	if got := c.value("x"); got != "42" {
		t.Errorf("x is %s; it was 41 and was raised once", got)
	}
	c.good("x = 41")
}
