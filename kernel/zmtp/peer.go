package zmtp

import (
	"net"
	"sync"
	"time"
)

// batch is the most bytes that one write takes, so that room for more comes
// steadily.
const batch = 256 << 10

// maxTopics is the most topics that a peer may subscribe to.
const maxTopics = 1024

// peer is a connection after its handshake, with what waits to be written to it.
type peer struct {
	conn net.Conn
	id   string
	opt  *Options

	mu      sync.Mutex
	changed *sync.Cond     // the queue has become shorter or longer, or is closed
	queue   [][]byte       // encoded messages
	size    int            // bytes in the queue and in the present write
	lagging bool           // an offer was in vain, and the queue is still long
	missed  int            // offers in vain, since that was asked
	closed  bool           // nothing more is taken
	topics  map[string]int // how many times it has subscribed to each
}

func newPeer(conn net.Conn, id string, opt *Options) *peer {
	p := &peer{conn: conn, id: id, opt: opt, topics: map[string]int{}}
	p.changed = sync.NewCond(&p.mu)
	return p
}

// push queues a message whatever the length of the queue. A peer with too much
// unread is disconnected, since it would take all memory.
func (p *peer) push(msg []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.size+len(msg) > p.opt.MaxQueue && p.size > 0 {
		p.closeLocked()
	}
	return p.putLocked(msg)
}

func (p *peer) putLocked(msg []byte) bool {
	if p.closed {
		return false
	}
	p.queue = append(p.queue, msg)
	p.size += len(msg)
	p.changed.Broadcast()
	return true
}

// tryOffer queues a message if there is room for it.
func (p *peer) tryOffer(msg []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed || p.roomLocked(msg) && p.putLocked(msg)
}

// offer queues a message when there is room for it, or gives up after
// Options.Patience. It waits once: until the queue of a peer that did not keep up
// is half empty, offers are in vain at once. That a peer is gone is no drop.
func (p *peer) offer(msg []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	late := p.lagging
	if !late && !p.closed && !p.roomLocked(msg) {
		t := time.AfterFunc(p.opt.Patience, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			late = true
			p.changed.Broadcast()
		})
		defer t.Stop()
		for !late && !p.closed && !p.roomLocked(msg) {
			p.changed.Wait()
		}
	}
	if p.closed {
		return true
	}
	if !p.roomLocked(msg) {
		p.lagging = true
		p.missed++
		return false
	}
	return p.putLocked(msg)
}

func (p *peer) takeMissed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.missed
	p.missed = 0
	return n
}

func (p *peer) roomLocked(msg []byte) bool {
	if p.size == 0 || p.lagging && p.size <= p.opt.Room/2 {
		p.lagging = false
	}
	return p.size == 0 || !p.lagging && p.size+len(msg) <= p.opt.Room
}

// write sends what is queued until the peer is closed.
func (p *peer) write() {
	for {
		msgs, n := p.take()
		if n == 0 {
			return
		}
		bufs := net.Buffers(msgs)
		_, err := bufs.WriteTo(p.conn)
		p.mu.Lock()
		if !p.closed {
			p.size -= n
		}
		if err != nil {
			p.closeLocked()
		}
		p.changed.Broadcast()
		p.mu.Unlock()
	}
}

// take waits for messages and removes some from the queue; none if the peer is
// closed.
func (p *peer) take() (msgs [][]byte, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.queue) == 0 && !p.closed {
		p.changed.Wait()
	}
	if p.closed {
		return nil, 0
	}
	k := 0
	for k < len(p.queue) && (k == 0 || bytes+len(p.queue[k]) <= batch) {
		bytes += len(p.queue[k])
		k++
	}
	msgs, p.queue = p.queue[:k:k], p.queue[k:]
	return msgs, bytes
}

func (p *peer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeLocked()
}

func (p *peer) closeLocked() {
	if p.closed {
		return
	}
	p.closed = true
	p.queue, p.size = nil, 0
	p.changed.Broadcast()
	p.conn.Close()
}

// unsent is how many bytes have not been given to the operating system.
func (p *peer) unsent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size
}

// subscribe counts a subscription, or takes one back. A front end has one; what
// goes beyond maxTopics means nothing.
func (p *peer) subscribe(topic string, by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.topics) == maxTopics && p.topics[topic] == 0 {
		return
	}
	if p.topics[topic] += by; p.topics[topic] <= 0 {
		delete(p.topics, topic)
	}
}

// wants says whether the peer has subscribed to a beginning of a message.
func (p *peer) wants(first []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for t := range p.topics {
		if len(first) >= len(t) && string(first[:len(t)]) == t {
			return true
		}
	}
	return false
}
