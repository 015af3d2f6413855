package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/server/internal/fake"
	"github.com/govidur/govidur/kernel/wire"
	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

const wait = 10 * time.Second // for what must come

type object = map[string]any

// kernel is a server that runs.
type kernel struct {
	*server.Server
	run   *fake.Runner
	ended chan error

	mu  sync.Mutex
	log []string
}

// start runs a server with the fake Runner on free ports.
func start(t testing.TB, opt server.Options) *kernel {
	t.Helper()
	return startAt(t, wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "secret"}, opt)
}

func startAt(t testing.TB, conn wire.Connection, opt server.Options) *kernel {
	t.Helper()
	k := &kernel{run: fake.New(), ended: make(chan error, 1)}
	opt.Log = func(format string, args ...any) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.log = append(k.log, fmt.Sprintf(format, args...))
	}
	if opt.SpillDir == "" {
		opt.SpillDir = t.TempDir()
	}
	var err error
	if k.Server, err = server.New(conn, fake.Comms{Runner: k.run}, opt); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { k.ended <- k.Serve(context.Background()); close(done) }()
	t.Cleanup(func() { k.Stop(); <-done })
	return k
}

func (k *kernel) logged(text string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.log, func(l string) bool { return strings.Contains(l, text) })
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(wait); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

// message is a message that a client received, its content read.
type message struct {
	*wire.Message
	kind    string
	content object
}

func (m message) String() string { return m.kind + " " + string(m.Content) }

// client is a front end. Of every message it checks what must hold for all.
type client struct {
	t                              testing.TB
	session                        *wire.Session
	shell, control, stdin, beating *zmtptest.Client

	mu    sync.Mutex
	more  *sync.Cond
	iopub []message
	idle  map[string]bool // requests whose idle came; nothing may follow
	late  bool            // except where a test says so
}

// connect connects all sockets and waits for the welcome.
func connect(t testing.TB, k *kernel) *client {
	t.Helper()
	c := connectDeaf(t, k)
	c.listen(k)
	c.await("a welcome", func(m message) bool { return m.kind == "iopub_welcome" })
	return c
}

// connectDeaf connects all sockets but iopub.
func connectDeaf(t testing.TB, k *kernel) *client {
	t.Helper()
	c := &client{t: t, session: wire.NewSession(k.Connection().Key, "ann"), idle: map[string]bool{}}
	c.more = sync.NewCond(&c.mu)
	conn := k.Connection()
	c.shell, c.control = c.dial(k, "DEALER", conn.Shell), c.dial(k, "DEALER", conn.Control)
	c.stdin, c.beating = c.dial(k, "DEALER", conn.Stdin), c.dial(k, "REQ", conn.Heartbeat)
	return c
}

func (c *client) dial(k *kernel, kind string, port int) *zmtptest.Client {
	c.t.Helper()
	network, addr := k.Connection().Address(port)
	opt := zmtptest.Options{Kind: kind}
	if kind == "DEALER" {
		opt.Identity = c.session.ID
	}
	sock, err := zmtptest.Dial(network, addr, opt)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { sock.Close() })
	return sock
}

// listen subscribes to iopub and gathers what comes.
func (c *client) listen(k *kernel) {
	c.t.Helper()
	sub := c.dial(k, "SUB", k.Connection().IOPub)
	sub.Subscribe("")
	go func() {
		for {
			frames, err := sub.Recv(time.Hour)
			if err != nil {
				return
			}
			m := c.read(frames)
			c.mu.Lock()
			parent := m.Parent.ID
			if c.idle[parent] && !c.late {
				c.t.Errorf("%s comes after the idle of its request", m)
			}
			if m.kind == "status" && m.content["execution_state"] == "idle" {
				c.idle[parent] = true
			}
			c.iopub = append(c.iopub, m)
			c.more.Broadcast()
			c.mu.Unlock()
		}
	}()
}

// read decodes a message and checks it.
func (c *client) read(frames [][]byte) message {
	m, err := c.session.Decode(frames)
	if err != nil {
		c.t.Errorf("%q: %v", frames, err)
		return message{Message: &wire.Message{}}
	}
	got := message{Message: m, kind: m.Header.Type}
	if err := json.Unmarshal(m.Content, &got.content); err != nil {
		c.t.Error(err)
	}
	if m.Header.Version != wire.Version || m.Header.Username != "kernel" || m.Header.Session == c.session.ID || m.Header.Session == "" {
		c.t.Errorf("%s has the header %+v", got, m.Header)
	}
	noNulls(c.t, got, got.content)
	return got
}

// noNulls checks that nothing is null but what users made and outputs of history.
func noNulls(t testing.TB, m message, v any) {
	switch v := v.(type) {
	case nil:
		t.Errorf("%s has a null", m)
	case object:
		for name, x := range v {
			if name != "application/json" && name != "history" {
				noNulls(t, m, x)
			}
		}
	case []any:
		for _, x := range v {
			noNulls(t, m, x)
		}
	}
}

// post sends a request and returns its identity.
func (c *client) post(sock *zmtptest.Client, kind string, content object) string {
	id := wire.NewID()
	sock.Send(c.session.Encode(wire.Draft{Type: kind, ID: id, Content: content})...)
	return id
}

// postAll sends cells in one write.
func (c *client) postAll(cells ...object) (ids []string) {
	var out []byte
	for _, content := range cells {
		ids = append(ids, wire.NewID())
		frames := c.session.Encode(wire.Draft{Type: "execute_request", ID: ids[len(ids)-1], Content: content})
		for i, f := range frames {
			more := byte(1)
			if i == len(frames)-1 {
				more = 0
			}
			out = append(out, zmtptest.Frame(more, f)...)
		}
	}
	c.shell.Conn.Write(out)
	return ids
}

// answer waits for the next message on a socket, which must belong to a request.
func (c *client) answer(sock *zmtptest.Client, id string) message {
	c.t.Helper()
	frames, err := sock.Recv(wait)
	if err != nil {
		c.t.Fatalf("no answer: %v", err)
	}
	m := c.read(frames)
	if m.Parent.ID != id {
		c.t.Errorf("%s belongs to %s and not to %s", m, m.Parent.ID, id)
	}
	return m
}

// await waits for a message on iopub and returns all that had come by then.
func (c *client) await(what string, is func(message) bool) []message {
	c.t.Helper()
	timer := time.AfterFunc(wait, c.more.Broadcast)
	defer timer.Stop()
	end := time.Now().Add(wait)
	c.mu.Lock()
	defer c.mu.Unlock()
	for from := 0; ; {
		for ; from < len(c.iopub); from++ {
			if is(c.iopub[from]) {
				return slices.Clone(c.iopub[:from+1])
			}
		}
		if !time.Now().Before(end) {
			c.t.Fatalf("never came: %s", what)
		}
		c.more.Wait()
	}
}

// outputs waits for the idle of a request and returns what it published between
// its busy and its idle, which must be there.
func (c *client) outputs(id string) []message {
	c.t.Helper()
	all := c.await("the idle of "+id, func(m message) bool {
		return m.Parent.ID == id && m.kind == "status" && m.content["execution_state"] == "idle"
	})
	mine := slices.DeleteFunc(all, func(m message) bool { return m.Parent.ID != id })
	if mine[0].kind != "status" || mine[0].content["execution_state"] != "busy" {
		c.t.Errorf("%s comes before busy", mine[0])
	}
	return mine[1 : len(mine)-1]
}

// ask makes a request on the shell and returns its reply and outputs.
func (c *client) ask(kind string, content object) (message, []message) {
	c.t.Helper()
	id := c.post(c.shell, kind, content)
	return c.answer(c.shell, id), c.outputs(id)
}

// execute runs a cell.
func (c *client) execute(code string) (message, []message) {
	c.t.Helper()
	return c.ask("execute_request", cell(code))
}

// cell is the content of an execute_request.
func cell(code string) object { return object{"code": code} }

// with adds to the content of a request.
func with(content object, more object) object {
	for name, v := range more {
		content[name] = v
	}
	return content
}

// kinds lists types of messages in a line.
func kinds(ms []message) string {
	var all []string
	for _, m := range ms {
		all = append(all, m.kind)
	}
	return strings.Join(all, " ")
}

// printed joins the text of one stream.
func printed(ms []message, name string) string {
	var all strings.Builder
	for _, m := range ms {
		if m.kind == "stream" && m.content["name"] == name {
			all.WriteString(m.content["text"].(string))
		}
	}
	return all.String()
}
