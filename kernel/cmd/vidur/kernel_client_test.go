package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/wire"
	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

// hang is for what must come, on a machine with much else to do.
const hang = time.Minute

// kernelUnderTest is the command as the process of a kernel.
type kernelUnderTest struct {
	cmd  *exec.Cmd
	conn wire.Connection
	dir  string // for its files, all of them
	log  *lockedBuffer
}

// lockedBuffer is a buffer that is written and read at once.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startKernel starts a kernel that listens to a transport, tcp or ipc, and ends
// with the test.
func startKernel(t testing.TB, transport string, env ...string) *kernelUnderTest {
	t.Helper()
	dir, err := os.MkdirTemp("", "k") // short: it begins paths of sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	k := &kernelUnderTest{dir: dir, log: &lockedBuffer{}}
	k.conn = wire.Connection{
		Transport: transport, IP: filepath.Join(dir, "s"), Key: "secret", Scheme: wire.Scheme,
		Shell: 1, Control: 2, Stdin: 3, IOPub: 4, Heartbeat: 5,
	}
	if transport == "tcp" {
		k.conn.IP = "127.0.0.1"
		freePorts(t, &k.conn.Shell, &k.conn.Control, &k.conn.Stdin, &k.conn.IOPub, &k.conn.Heartbeat)
	}
	file := filepath.Join(dir, "connection.json")
	text, err := json.Marshal(k.conn)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	k.cmd = exec.Command(os.Args[0], "kernel", "run", file)
	k.cmd.Env = append(os.Environ(), asVidur+"=1", "TMPDIR="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"))
	k.cmd.Env = append(k.cmd.Env, env...)
	k.cmd.Stderr = k.log
	if err := k.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.kill)
	return k
}

func (k *kernelUnderTest) kill() {
	k.cmd.Process.Kill()
	k.cmd.Wait()
}

// freePorts finds ports that nobody has at the moment.
func freePorts(t testing.TB, ports ...*int) {
	t.Helper()
	for _, p := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		*p = l.Addr().(*net.TCPAddr).Port
	}
}

// workers are the processes that the kernel has started.
func (k *kernelUnderTest) workers() (pids []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", k.cmd.Process.Pid))
	for _, path := range lists {
		text, _ := os.ReadFile(path)
		for _, f := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(f)
			pids = append(pids, pid)
		}
	}
	return pids
}

// resident is how many bytes of memory a process has, by Linux.
func resident(pid int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	var all, pages int
	fmt.Sscan(string(text), &all, &pages)
	return pages * os.Getpagesize()
}

// said is a message of the kernel.
type said struct {
	kind, parent string
	content      map[string]any
}

func (s said) text(name string) string {
	text, _ := s.content[name].(string)
	return text
}

// kernelClient is a front end of a kernel.
type kernelClient struct {
	t              testing.TB
	session        *wire.Session
	shell, control *zmtptest.Client

	mu    sync.Mutex
	more  *sync.Cond
	iopub []said
}

// dialKernel connects to a port of a kernel as soon as it listens.
func dialKernel(t testing.TB, k *kernelUnderTest, port int, opt zmtptest.Options) *zmtptest.Client {
	t.Helper()
	network, addr := k.conn.Address(port)
	for end := time.Now().Add(hang); ; time.Sleep(time.Millisecond) {
		c, err := zmtptest.Dial(network, addr, opt)
		if err == nil {
			t.Cleanup(func() { c.Close() })
			return c
		}
		if time.Now().After(end) {
			t.Fatalf("%v\n%s", err, k.log)
		}
	}
}

// newClient connects shell and control.
func newClient(t testing.TB, k *kernelUnderTest) *kernelClient {
	t.Helper()
	c := &kernelClient{t: t, session: wire.NewSession(k.conn.Key, "ann")}
	c.more = sync.NewCond(&c.mu)
	opt := zmtptest.Options{Kind: "DEALER", Identity: c.session.ID}
	c.shell = dialKernel(t, k, k.conn.Shell, opt)
	c.control = dialKernel(t, k, k.conn.Control, opt)
	return c
}

// subscribe gathers what the kernel publishes, after a pause in which nothing is
// read.
func (c *kernelClient) subscribe(k *kernelUnderTest, stall time.Duration) {
	sub := dialKernel(c.t, k, k.conn.IOPub, zmtptest.Options{Kind: "SUB"})
	sub.Subscribe("")
	go func() {
		time.Sleep(stall)
		for {
			frames, err := sub.Recv(time.Hour)
			if err != nil {
				return
			}
			m := c.read(frames)
			c.mu.Lock()
			c.iopub = append(c.iopub, m)
			c.more.Broadcast()
			c.mu.Unlock()
		}
	}()
}

// connectKernel is a client that is ready for cells.
func connectKernel(t testing.TB, k *kernelUnderTest) *kernelClient {
	t.Helper()
	c := newClient(t, k)
	c.subscribe(k, 0)
	c.await("a welcome", func(m said) bool { return m.kind == "iopub_welcome" })
	id := c.post(c.shell, "kernel_info_request", map[string]any{})
	c.reply(c.shell, id)
	c.outputs(id)
	return c
}

func (c *kernelClient) read(frames [][]byte) said {
	m, err := c.session.Decode(frames)
	if err != nil {
		c.t.Errorf("%.200q: %v", frames, err)
		return said{}
	}
	s := said{kind: m.Header.Type, parent: m.Parent.ID}
	if err := json.Unmarshal(m.Content, &s.content); err != nil {
		c.t.Error(err)
	}
	return s
}

// post sends a request and returns its identity.
func (c *kernelClient) post(sock *zmtptest.Client, kind string, content map[string]any) string {
	id := wire.NewID()
	sock.Send(c.session.Encode(wire.Draft{Type: kind, ID: id, Content: content})...)
	return id
}

func (c *kernelClient) postCell(code string) string {
	return c.post(c.shell, "execute_request", map[string]any{"code": code})
}

// reply waits for the next reply on a socket, which must be to a request.
func (c *kernelClient) reply(sock *zmtptest.Client, id string) said {
	c.t.Helper()
	frames, err := sock.Recv(hang)
	if err != nil {
		c.t.Fatalf("no reply: %v", err)
	}
	m := c.read(frames)
	if m.parent != id {
		c.t.Fatalf("%v is no reply to %s", m, id)
	}
	return m
}

// outputs waits for the idle of a request and returns what it published, without
// its states.
func (c *kernelClient) outputs(id string) []said {
	c.t.Helper()
	all := c.await("idle", func(m said) bool { return m.parent == id && m.text("execution_state") == "idle" })
	var mine []said
	for _, m := range all {
		if m.parent == id && m.kind != "status" {
			mine = append(mine, m)
		}
	}
	return mine
}

// await waits for a message and returns all that had been published by then.
func (c *kernelClient) await(what string, is func(said) bool) []said {
	c.t.Helper()
	end := time.Now().Add(hang)
	defer time.AfterFunc(hang, c.more.Broadcast).Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := 0; ; c.more.Wait() {
		for ; i < len(c.iopub); i++ {
			if is(c.iopub[i]) {
				return c.iopub[: i+1 : i+1]
			}
		}
		if time.Now().After(end) {
			c.t.Fatalf("never came: %s", what)
		}
	}
}

// forget drops what has been published.
func (c *kernelClient) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.iopub = nil
}

// execute runs a cell.
func (c *kernelClient) execute(code string) (said, []said) {
	c.t.Helper()
	id := c.postCell(code)
	reply := c.reply(c.shell, id)
	out := c.outputs(id)
	return reply, out
}

// value runs a cell and returns the text of its result.
func (c *kernelClient) value(code string) string {
	c.t.Helper()
	reply, out := c.execute(code)
	for _, m := range out {
		if m.kind == "execute_result" {
			text, _ := m.content["data"].(map[string]any)["text/plain"].(string)
			return text
		}
	}
	return fmt.Sprint(reply.content)
}

// good runs a cell that must succeed and returns what it prints.
func (c *kernelClient) good(code string) string {
	c.t.Helper()
	reply, out := c.execute(code)
	if reply.content["status"] != "ok" {
		c.t.Fatalf("%s: %v", code, reply.content)
	}
	return streamed(out, "stdout")
}

// streamed joins the text of one stream.
func streamed(out []said, name string) string {
	var all strings.Builder
	for _, m := range out {
		if m.kind == "stream" && m.content["name"] == name {
			all.WriteString(m.text("text"))
		}
	}
	return all.String()
}

// traceback is the text of an error reply.
func traceback(reply said) string {
	lines, _ := reply.content["traceback"].([]any)
	return fmt.Sprint(lines...)
}
