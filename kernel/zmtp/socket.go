package zmtp

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of sockets.
var (
	ErrClosed = errors.New("zmtp: the socket is closed")
	ErrNoPeer = errors.New("zmtp: no peer has this identity")
)

// Options of a Socket. The zero Options are ready.
type Options struct {
	MaxMessage int           // bytes in a message that is received; 0 means 256 MiB
	MaxQueue   int           // bytes that may wait for a peer before it is disconnected; 0 means 256 MiB
	Room       int           // bytes that may wait for a peer before offers wait; 0 means 8 MiB
	Patience   time.Duration // how long offers wait; 0 means 5 s
	Handshake  time.Duration // how long a peer may take to introduce itself; 0 means 30 s
	Strangers  int           // connections that have not introduced themselves; 0 means 256

	// Subscribed is told of each subscription at an XPub, before anything that is
	// published reaches the peer by it; it may Send to the peer.
	Subscribed func(s *Socket, peer, topic string)

	// Left is told of a peer that has gone, unless a new connection has its identity.
	Left func(peer string)

	// Refused is told why a connection was given up that broke the protocol.
	Refused func(err error)
}

func (o Options) withDefaults() *Options {
	o.MaxMessage = cmp.Or(o.MaxMessage, 256<<20)
	o.MaxQueue = cmp.Or(o.MaxQueue, 256<<20)
	o.Room = cmp.Or(o.Room, 8<<20)
	o.Patience = cmp.Or(o.Patience, 5*time.Second)
	o.Handshake = cmp.Or(o.Handshake, 30*time.Second)
	o.Strangers = cmp.Or(o.Strangers, 256)
	return &o
}

// Message is what a peer sent: at a Rep with the envelope, which must be sent
// back before the answer.
type Message struct {
	From   string // the peer's identity, its own or one that was given to it
	Frames [][]byte
}

// Socket is a bound socket. Its methods may be called from any goroutine.
type Socket struct {
	kind    Kind
	opt     *Options
	ln      net.Listener
	in      chan Message
	done    chan struct{}
	first   chan struct{} // closed at the first subscription
	dropped atomic.Int64
	running sync.WaitGroup

	mu        sync.Mutex
	peers     map[string]*peer
	conns     map[net.Conn]bool // all that are open, also in their handshake
	strangers []net.Conn        // those in their handshake, oldest first
	given     uint32            // the last identity given to a peer without one
	closed    bool
}

// Listen binds a socket to an address of the network "tcp" or "unix". A file of
// a Unix socket that nobody listens to any more is replaced.
func Listen(kind Kind, network, addr string, opt Options) (*Socket, error) {
	if partners[kind] == nil {
		return nil, fmt.Errorf("zmtp: no socket of type %q", kind)
	}
	if network == "unix" {
		removeStale(addr)
	}
	ln, err := net.Listen(network, addr)
	if err != nil {
		return nil, listenError(network, addr, err)
	}
	if network == "unix" { // whatever the umask, only its owner may connect
		if err := os.Chmod(addr, 0o600); err != nil {
			return nil, errors.Join(fmt.Errorf("zmtp: %w", err), ln.Close())
		}
	}
	s := &Socket{
		kind: kind, opt: opt.withDefaults(), ln: ln, in: make(chan Message, 64),
		done: make(chan struct{}), first: make(chan struct{}),
		peers: map[string]*peer{}, conns: map[net.Conn]bool{},
		given: rand.Uint32(), // so that an identity of one socket means nothing to another
	}
	s.running.Add(1)
	go s.accept()
	return s, nil
}

// maxPath is how many bytes of a path every system takes for a Unix socket
// (unix(7): 108 with the final zero on Linux, 104 on BSD).
const maxPath = 103

func listenError(network, addr string, err error) error {
	if network == "unix" && len(addr) > maxPath {
		return fmt.Errorf("zmtp: the path of a Unix socket has %d bytes; up to %d are sure to work: %w", len(addr), maxPath, err)
	}
	return fmt.Errorf("zmtp: %w", err)
}

// removeStale removes the file of a Unix socket after a crash.
func removeStale(path string) {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return
	}
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return
	}
	os.Remove(path)
}

// Addr is the address that the socket is bound to.
func (s *Socket) Addr() net.Addr { return s.ln.Addr() }

// Subscribed is closed when a peer has subscribed for the first time.
func (s *Socket) Subscribed() <-chan struct{} { return s.first }

// Dropped is how many messages were dropped for peers that did not keep up, one
// for each peer.
func (s *Socket) Dropped() int64 { return s.dropped.Load() }

// Missed is how many messages were dropped for each peer since it was last called.
func (s *Socket) Missed() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missed map[string]int
	for id, p := range s.peers {
		if n := p.takeMissed(); n > 0 {
			if missed == nil {
				missed = map[string]int{}
			}
			missed[id] = n
		}
	}
	return missed
}

// Recv waits for a message. The error is ErrClosed.
func (s *Socket) Recv() (Message, error) {
	select {
	case m := <-s.in:
		return m, nil
	case <-s.done:
		return Message{}, ErrClosed
	}
}

// Send queues a message for one peer. The error is ErrNoPeer if it is gone.
func (s *Socket) Send(to string, frames [][]byte) error {
	s.mu.Lock()
	p := s.peers[to]
	s.mu.Unlock()
	if p == nil || !p.push(encode(frames)) {
		return ErrNoPeer
	}
	return nil
}

// Publish queues a message for all peers that subscribed to a beginning of its
// first frame. It is never dropped.
func (s *Socket) Publish(frames [][]byte) {
	msg := encode(frames)
	for _, p := range s.subscribers(frames[0]) {
		p.push(msg)
	}
}

// Offer does the same with a message that can be spared: it waits for room in the
// queues of slow peers, and for those that make none in time it is dropped.
func (s *Socket) Offer(frames [][]byte) {
	msg := encode(frames)
	var slow []*peer
	for _, p := range s.subscribers(frames[0]) {
		if !p.tryOffer(msg) {
			slow = append(slow, p)
		}
	}
	for _, p := range slow {
		if !p.offer(msg) {
			s.dropped.Add(1)
		}
	}
}

func (s *Socket) subscribers(first []byte) []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var to []*peer
	for _, p := range s.peers {
		if p.wants(first) {
			to = append(to, p)
		}
	}
	return to
}

// Drain waits until everything that was queued has been given to the operating
// system, or the time is over.
func (s *Socket) Drain(timeout time.Duration) {
	for end := time.Now().Add(timeout); s.unsent() > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

func (s *Socket) unsent() (bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.peers {
		bytes += p.unsent()
	}
	return bytes
}

// Close ends the socket and its connections; what is queued is lost.
func (s *Socket) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	err := s.ln.Close()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
	return err
}

// accept takes connections. A failure that is not the socket's end, such as too
// many open files, passes.
func (s *Socket) accept() {
	defer s.running.Done()
	for {
		c, err := s.ln.Accept()
		switch {
		case err == nil && s.track(c):
			go s.serve(c)
		case err == nil:
			c.Close()
		case errors.Is(err, net.ErrClosed):
			return
		default:
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// track takes a connection. Of too many that do not introduce themselves the
// oldest goes: who speaks the protocol takes a millisecond.
func (s *Socket) track(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = true
	s.running.Add(1)
	if s.strangers = append(s.strangers, c); len(s.strangers) > s.opt.Strangers {
		s.strangers[0].Close()
		s.strangers = slices.Delete(s.strangers, 0, 1)
	}
	return true
}

// introduced notes that a connection has introduced itself, or never will.
func (s *Socket) introduced(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.strangers, c); i >= 0 {
		s.strangers = slices.Delete(s.strangers, i, i+1)
	}
}

// serve is the life of a connection.
func (s *Socket) serve(c net.Conn) {
	defer s.running.Done()
	defer func() {
		c.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, c)
	}()
	c.SetDeadline(time.Now().Add(s.opt.Handshake))
	r := bufio.NewReader(c) // large frames are read past its buffer
	id, err := handshake(r, c, s.kind)
	s.introduced(c)
	if err != nil {
		s.refuse(err)
		return
	}
	c.SetDeadline(time.Time{})
	p := newPeer(c, id, s.opt)
	s.join(p)
	defer s.leave(p)
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		p.write()
	}()
	s.read(p, r)
}

func (s *Socket) refuse(err error) {
	if s.opt.Refused != nil && !errors.Is(err, net.ErrClosed) {
		s.opt.Refused(err)
	}
}

// join makes a peer known. A new connection takes over the identity of an old one,
// whose end may not have been noticed yet.
func (s *Socket) join(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.id == "" {
		s.given++
		p.id = string(binary.BigEndian.AppendUint32([]byte{0}, s.given))
	}
	if old := s.peers[p.id]; old != nil {
		old.close()
	}
	s.peers[p.id] = p
}

func (s *Socket) leave(p *peer) {
	p.close()
	s.mu.Lock()
	gone := s.peers[p.id] == p
	if gone {
		delete(s.peers, p.id)
	}
	s.mu.Unlock()
	if gone && s.opt.Left != nil {
		s.opt.Left(p.id)
	}
}
