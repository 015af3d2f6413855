package queue

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/search/queue/broker"
)

// TestCutConnections: connections of both sides are cut again and again, and all
// results come.
func TestCutConnections(t *testing.T) {
	server := address(serve(t, t.TempDir(), "").URL())
	asks, works := newWire(t, server), newWire(t, server)
	start(t, works.url(), 3, func(ctx context.Context, task []byte) ([]byte, error) {
		time.Sleep(5 * time.Millisecond)
		return upper(ctx, task)
	})
	q := connect(t, asks.url())
	ended := make(chan bool)
	go func() {
		defer close(ended)
		for i := range 6 {
			time.Sleep(150 * time.Millisecond)
			[]*wire{asks, works}[i%2].cut()
		}
	}()
	for i := 0; ; i++ {
		ask(t, q, fmt.Sprint("cut ", i), 50)
		select {
		case <-ended:
			return
		default:
		}
	}
}

// TestSilence: a connection that passes nothing on, of which nobody is told, costs the
// worker its task and no result.
func TestSilence(t *testing.T) {
	server := address(serve(t, t.TempDir(), "").URL())
	works := newWire(t, server)
	start(t, works.url(), 1, func(ctx context.Context, task []byte) ([]byte, error) {
		works.silence(true)
		return upper(ctx, task)
	})
	q := connect(t, "nats://"+server)
	go func() {
		time.Sleep(300 * time.Millisecond)
		start(t, "nats://"+server, 1, upper)
	}()
	ask(t, q, "silence", 3)
	works.silence(false)
	works.cut()
}

// TestServerThatRestarts: with its streams, and without them.
func TestServerThatRestarts(t *testing.T) {
	dir := t.TempDir()
	b := serve(t, dir, "")
	at, url := address(b.URL()), b.URL()
	start(t, url, 2, func(ctx context.Context, task []byte) ([]byte, error) {
		time.Sleep(10 * time.Millisecond)
		return upper(ctx, task)
	})
	q := connect(t, url)
	for i, dir := range []string{dir, t.TempDir()} {
		var all sync.WaitGroup
		all.Go(func() { ask(t, q, fmt.Sprint("restart ", i), 100) })
		time.Sleep(100 * time.Millisecond)
		b.Close()
		b = serve(t, dir, at)
		all.Wait()
	}
}

// TestRealServer is a nats-server of the same module in a process of its own, which is
// killed in the middle.
func TestRealServer(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds nats-server")
	}
	program := filepath.Join(t.TempDir(), "nats-server")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at, dir := l.Addr().String(), t.TempDir()
	_ = l.Close()
	run := func() (kill func()) {
		host, port, _ := net.SplitHostPort(at)
		cmd := exec.Command(program, "-js", "-sd", dir, "-a", host, "-p", port)
		var log bytes.Buffer
		cmd.Stderr = &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill = sync.OnceFunc(func() { _ = cmd.Process.Signal(os.Kill); _ = cmd.Wait() })
		t.Cleanup(kill)
		for range 200 {
			if c, err := net.Dial("tcp", at); err == nil {
				_ = c.Close()
				return kill
			}
			time.Sleep(50 * time.Millisecond)
		}
		kill()
		t.Fatalf("it does not listen\n%s", &log)
		return nil
	}
	kill := run()
	url := "nats://" + at
	for range 2 {
		start(t, url, 2, func(ctx context.Context, task []byte) ([]byte, error) {
			time.Sleep(10 * time.Millisecond)
			return upper(ctx, task)
		})
	}
	q := connect(t, url)
	var all sync.WaitGroup
	all.Go(func() { ask(t, q, "real", 200) })
	time.Sleep(200 * time.Millisecond)
	kill()
	run()
	all.Wait()
}

func TestBroker(t *testing.T) {
	dir := t.TempDir()
	b := serve(t, dir, "")
	for _, o := range []broker.Options{
		{},
		{Dir: dir, Listen: "0.0.0.0:0"},
		{Dir: dir, Listen: ":0"},
		{Dir: dir, Listen: "127.0.0.1"},
		{Dir: dir, Listen: "127.0.0.1:70000"},
		{Dir: dir, Config: filepath.Join(dir, "none")},
		{Dir: t.TempDir(), Listen: address(b.URL())},
	} {
		if b, err := broker.Start(o); err == nil {
			t.Errorf("%+v: it starts", o)
			b.Close()
		}
	}
}
