package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/server/internal/fake"
	"github.com/govidur/govidur/kernel/wire"
)

// testkernel builds the kernel of the tests.
func testkernel(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "testkernel")
	if out, err := exec.Command("go", "build", "-o", path, "./internal/testkernel").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// freePorts finds five ports that nobody listens to at the moment.
func freePorts(t *testing.T) wire.Connection {
	t.Helper()
	conn := wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "secret", Scheme: wire.Scheme}
	for _, p := range []*int{&conn.Shell, &conn.Control, &conn.Stdin, &conn.IOPub, &conn.Heartbeat} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		*p = ln.Addr().(*net.TCPAddr).Port
	}
	return conn
}

// child is a kernel in a process of its own.
type child struct {
	*exec.Cmd
	server *kernel // only to know where it listens
	stderr *bufio.Reader
}

// spawn starts the kernel of the tests and waits until it listens.
func spawn(t *testing.T, path string, env ...string) *child {
	t.Helper()
	conn := freePorts(t)
	file := filepath.Join(t.TempDir(), "connection.json")
	b, err := json.Marshal(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, file)
	cmd.Env = append(os.Environ(), env...)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	c := &child{Cmd: cmd, stderr: bufio.NewReader(pipe)}
	network, addr := conn.Address(conn.Shell) // bound last
	eventually(t, "the kernel listens", func() bool {
		s, err := net.Dial(network, addr)
		if err == nil {
			s.Close()
		}
		return err == nil
	})
	c.server = &kernel{Server: server.At(conn)}
	return c
}

// end waits for the end of the process and returns its status and what it said.
func (c *child) end(t *testing.T) (status int, said string) {
	t.Helper()
	b, err := io.ReadAll(c.stderr)
	if err != nil {
		t.Error(err)
	}
	c.Wait()
	return c.ProcessState.ExitCode(), string(b)
}

func TestSignals(t *testing.T) {
	path := testkernel(t)
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		k := spawn(t, path)
		c := connect(t, k.server)
		id := c.post(c.shell, "execute_request", cell("print on\nsleep 100000"))
		c.await("the cell", func(m message) bool { return m.kind == "stream" })
		k.Process.Signal(os.Interrupt)
		if reply := c.answer(c.shell, id); reply.content["ename"] != "Interrupted" {
			t.Error(reply)
		}
		if reply, _ := c.execute("print alive"); reply.content["status"] != "ok" {
			t.Error(reply)
		}
		k.Process.Signal(sig)
		if status, said := k.end(t); status != 0 {
			t.Errorf("%v: status %d, %s", sig, status, said)
		}
	}
}

func TestAKernelDiesWithItsParent(t *testing.T) {
	path := testkernel(t)
	sleeper := exec.Command("sleep", "1000")
	if err := sleeper.Start(); err != nil {
		t.Skip("no sleep: ", err)
	}
	k := spawn(t, path, fmt.Sprintf("JPY_PARENT_PID=%d", sleeper.Process.Pid))
	c := connect(t, k.server)
	time.Sleep(250 * time.Millisecond) // it looks more than once
	c.execute("print alive")
	sleeper.Process.Kill()
	sleeper.Wait()
	if status, said := k.end(t); status != 0 || !strings.Contains(said, "is gone") {
		t.Errorf("status %d, %s", status, said)
	}
	k = spawn(t, path, "JPY_PARENT_PID="+strconv.Itoa(os.Getpid())) // which is alive
	c = connect(t, k.server)
	time.Sleep(250 * time.Millisecond)
	c.execute("print alive")
	k.Process.Signal(syscall.SIGTERM)
	k.end(t)
}

func TestAKernelSaysWhyItDoesNotStart(t *testing.T) {
	path := testkernel(t)
	out, err := exec.Command(path, "no such file").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "connection file") {
		t.Errorf("%v %s", err, out)
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	k, err := server.New(wire.Connection{Transport: "tcp", IP: "127.0.0.1"}, fake.New(), server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := k.Serve(ctx); err != nil {
		t.Error(err)
	}
}

// A Runner without comms closes those that are opened.
func TestNoComms(t *testing.T) {
	srv, err := server.New(wire.Connection{Transport: "tcp", IP: "127.0.0.1"}, fake.New(), server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(context.Background())
	t.Cleanup(srv.Stop)
	c := connect(t, &kernel{Server: srv})
	id := c.post(c.shell, "comm_open", object{"comm_id": "1", "target_name": "echo"})
	if out := c.outputs(id); kinds(out) != "comm_close" {
		t.Errorf("%s", out)
	}
}
