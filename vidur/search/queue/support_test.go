package queue

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/search/queue/broker"
)

// serve runs a server in a folder; an empty address is a free port.
func serve(t *testing.T, dir, address string) *broker.Broker {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	b, err := broker.Start(broker.Options{Listen: address, Dir: dir, Log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// address is HOST:PORT of a URL.
func address(url string) string { return strings.TrimPrefix(url, "nats://") }

// connect is a queue that waits for little.
func connect(t *testing.T, url string) *Queue {
	t.Helper()
	q, err := Connect(t.Context(), Options{URL: url, Lease: leastLease, Notice: func(text string) { t.Log(text) }})
	if err != nil {
		t.Fatal(err)
	}
	q.pace = pace{look: 300 * time.Millisecond, again: 20 * time.Millisecond, idle: 100 * time.Millisecond}
	t.Cleanup(q.Close)
	return q
}

// lease has the workers of a server lease tasks for long, so that none is given to
// another while a busy machine holds its worker up.
func lease(t *testing.T, url string) {
	t.Helper()
	q := connect(t, url)
	q.options.Lease = time.Minute
	if _, err := q.consumer(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// upper is work whose result is easy to tell.
func upper(_ context.Context, task []byte) ([]byte, error) {
	return []byte(strings.ToUpper(string(task))), nil
}

type work = func(ctx context.Context, task []byte) ([]byte, error)

// start has a worker of its own connection work until the test or stop ends it.
func start(t *testing.T, url string, n int, do work) (stop func() error) {
	t.Helper()
	q := connect(t, url)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Work(ctx, n, do) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

// ask asks for n tasks at once, and reports what is not their result.
func ask(t *testing.T, q *Queue, prefix string, n int) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 60*time.Second)
	defer stop()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			task := fmt.Appendf(nil, "%s task %d", prefix, i)
			result, err := q.Do(ctx, keyOf(task), task)
			if err != nil || string(result) != strings.ToUpper(string(task)) {
				t.Errorf("%s: %q, %v", task, result, err)
			}
		})
	}
	all.Wait()
}

// wire is a way to a server that can be cut.
type wire struct {
	listener net.Listener
	mu       sync.Mutex
	to       string
	open     map[net.Conn]bool
	silent   bool // passes nothing on
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, to: to, open: map[net.Conn]bool{}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.pass(c)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); w.cut() })
	return w
}

func (w *wire) url() string { return "nats://" + w.listener.Addr().String() }

func (w *wire) pass(c net.Conn) {
	s, err := net.Dial("tcp", w.to)
	if err != nil {
		_ = c.Close()
		return
	}
	w.mu.Lock()
	w.open[c], w.open[s] = true, true
	w.mu.Unlock()
	go w.copy(c, s)
	w.copy(s, c)
}

func (w *wire) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		w.mu.Lock()
		silent := w.silent
		w.mu.Unlock()
		if silent {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cut ends all connections; new ones may be made.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		_ = c.Close()
	}
	clear(w.open)
}

func (w *wire) silence(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silent = on
}
