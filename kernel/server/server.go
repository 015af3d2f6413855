package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/govidur/govidur/kernel/wire"
	"github.com/govidur/govidur/kernel/zmtp"
)

// Options of a Server. The zero Options are ready.
type Options struct {
	Implementation string // name of the kernel; empty means govidur
	Version        string // of the kernel; empty means 0
	Banner         string // what consoles show at their start
	Help           []Link // for the menu of front ends

	// History is a file to which cells are added and from which those of earlier
	// sessions are read; if it is empty or cannot be opened, history ends with the
	// process.
	History string

	// StreamLimit is how many bytes of text a cell may show; 0 means 2 MiB. The rest
	// goes to a file in SpillDir, the system's folder for such files if empty.
	StreamLimit int
	SpillDir    string

	// ErrorHold is how far apart the cells of a "run all" may come: the reply of one
	// that failed is held until none has come for so long, three times as long if the
	// front end gives its cells names, as notebooks do; 0 means 100 ms.
	ErrorHold time.Duration

	Transport zmtp.Options                     // limits of the sockets; its functions are not used
	Log       func(format string, args ...any) // what front ends do wrong, 50 lines in 10 s at most; may be nil
}

// Link is an entry of the help menu.
type Link struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

const (
	subscriberWait = time.Second // for a subscriber, before the first request
	lastWait       = time.Second // for a cell, and for the sockets, at shutdown
)

// Server is a kernel at its sockets.
type Server struct {
	run     Runner
	opt     Options
	conn    wire.Connection
	session *wire.Session

	shell, control, stdin, iopub, heartbeat *zmtp.Socket

	queue     *queue
	comms     comms
	questions questions
	history   *history
	usage     usage
	seen      wire.Seen
	displays  sync.Map // identities of displays that exist
	count     int      // executions; of the shell's goroutine

	firstRequest sync.Once
	waited       chan struct{} // closed when the first request has waited long enough
	began        atomic.Bool   // a request has been handled

	stop    sync.Once
	stopped chan struct{} // closed when the kernel is to end

	mu     sync.Mutex
	cancel context.CancelFunc // ends the request of the shell that is handled; nil if there is none
}

// New binds the five sockets of a connection. Serve must be called to end them.
func New(conn wire.Connection, run Runner, opt Options) (*Server, error) {
	opt.Implementation = cmp.Or(opt.Implementation, "govidur")
	opt.Version = cmp.Or(opt.Version, "0")
	opt.StreamLimit = cmp.Or(opt.StreamLimit, 2<<20)
	opt.SpillDir = cmp.Or(opt.SpillDir, os.TempDir())
	opt.ErrorHold = cmp.Or(opt.ErrorHold, 100*time.Millisecond)
	if opt.Log == nil {
		opt.Log = func(string, ...any) {}
	}
	opt.Log = (&sparing{log: opt.Log}).line
	s := &Server{
		run: run, opt: opt, conn: conn, session: wire.NewSession(conn.Key, "kernel"),
		queue: newQueue(), waited: make(chan struct{}), stopped: make(chan struct{}),
	}
	var err error
	if s.history, err = openHistory(opt.History); err != nil {
		opt.Log("%v", err)
	}
	if err := s.bind(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// bind opens the sockets, iopub first, since the others bring requests. The
// connection is told the ports that were any.
func (s *Server) bind() error {
	opt := s.opt.Transport
	opt.Refused = func(err error) { s.opt.Log("%v", err) }
	opt.Subscribed = s.welcome
	opt.Left = s.questions.left // of any socket: a front end has one identity at all
	for _, b := range []struct {
		name string
		kind zmtp.Kind
		port *int
		sock **zmtp.Socket
		most int // bytes in a message that is received; 0 for as many as Transport says
	}{
		{"iopub", zmtp.XPub, &s.conn.IOPub, &s.iopub, 64 << 10},
		{"hb", zmtp.Rep, &s.conn.Heartbeat, &s.heartbeat, 64 << 10},
		{"stdin", zmtp.Router, &s.conn.Stdin, &s.stdin, 16 << 20},
		{"control", zmtp.Router, &s.conn.Control, &s.control, 16 << 20},
		{"shell", zmtp.Router, &s.conn.Shell, &s.shell, 0},
	} {
		opt.MaxMessage = cmp.Or(b.most, s.opt.Transport.MaxMessage)
		network, addr := s.conn.Address(*b.port)
		sock, err := zmtp.Listen(b.kind, network, addr, opt)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		*b.sock = sock
		if tcp, ok := sock.Addr().(*net.TCPAddr); ok {
			*b.port = tcp.Port
		}
	}
	return nil
}

// Connection is where the server listens, with the ports that it was given for
// port 0.
func (s *Server) Connection() wire.Connection { return s.conn }

// Dropped is how many messages with text were dropped for clients that did not
// keep up.
func (s *Server) Dropped() int64 { return s.iopub.Dropped() }

// Serve handles requests until a front end shuts the kernel down, Stop is called
// or the context ends. It then interrupts the cell that runs, closes the Runner
// and the sockets, and returns the error of closing the Runner.
func (s *Server) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.echo()
	go s.receiveAnswers()
	go s.receiveShell()
	go s.handleControl()
	idle := make(chan struct{})
	go func() { s.handleShell(ctx); close(idle) }()
	select {
	case <-ctx.Done():
	case <-s.stopped:
	}
	s.Stop()
	cancel()
	return s.end(idle)
}

// end lets the cell that runs come to its end, for so long, and closes everything.
func (s *Server) end(idle <-chan struct{}) error {
	within(lastWait/2, idle)
	err := s.run.Close() // which ends a cell that did not end by itself
	within(lastWait/2, idle)
	for _, sock := range []*zmtp.Socket{s.control, s.shell, s.iopub} {
		sock.Drain(lastWait / 2)
	}
	s.close()
	return err
}

func within(d time.Duration, done <-chan struct{}) {
	select {
	case <-done:
	case <-time.After(d):
	}
}

func (s *Server) close() {
	for _, sock := range []*zmtp.Socket{s.shell, s.control, s.stdin, s.iopub, s.heartbeat} {
		if sock != nil {
			sock.Close()
		}
	}
	s.history.close()
}

// Stop makes Serve return.
func (s *Server) Stop() {
	s.stop.Do(func() {
		close(s.stopped)
		s.queue.close()
	})
}

// Interrupt ends the cell that runs, if any, and what earlier ones left behind.
func (s *Server) Interrupt() {
	s.mu.Lock()
	if s.cancel != nil {
		s.cancel()
	}
	s.mu.Unlock()
	s.run.Interrupt()
}

// echo answers heartbeats with the same bytes.
func (s *Server) echo() {
	for {
		m, err := s.heartbeat.Recv()
		if err != nil {
			return
		}
		s.heartbeat.Send(m.From, m.Frames)
	}
}

// receive waits for the next message that is in order; nil if the socket is closed.
func (s *Server) receive(sock *zmtp.Socket) *request {
	for {
		in, err := sock.Recv()
		if err != nil {
			return nil
		}
		m, err := s.session.Decode(in.Frames)
		if err == nil && s.seen.Again(m.Signature) {
			err = errors.New("it came before")
		}
		if err == nil {
			return &request{Message: m, from: in.From, sock: sock}
		}
		if errors.Is(err, wire.ErrSignature) {
			err = fmt.Errorf("%w: another key, or a stranger", err)
		}
		s.opt.Log("a message was dropped: %v", err)
	}
}
