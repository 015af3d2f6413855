package zmtp

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

// model is what an XPub must do, without queues and connections: who has which
// subscriptions, and what each has been sent.
type model struct {
	t     *testing.T
	sock  *Socket
	peers []*modelPeer
	sent  int
}

type modelPeer struct {
	client *zmtptest.Client
	topics []string
	due    [][]byte // first frames of messages
}

// operation is one step: the low bits of a byte say which, the others with what.
func (m *model) operation(b byte) {
	topic := []string{"", "a", "ab", "b"}[b>>3&3]
	switch kind := b & 7; {
	case kind == 0 && len(m.peers) < 4:
		m.peers = append(m.peers, &modelPeer{client: dial(m.t, m.sock, zmtptest.Options{Kind: "SUB", Minor: b >> 7})})
	case len(m.peers) == 0:
	case kind == 1 || kind == 2:
		m.subscribe(m.peers[int(b>>5)%len(m.peers)], topic)
	case kind == 3:
		m.cancel(m.peers[int(b>>5)%len(m.peers)], topic)
	case kind == 4:
		m.leave(int(b>>5) % len(m.peers))
	default:
		m.publish(topic, kind == 5)
	}
}

// settle waits until the socket has heard what a peer has said: it answers a PING
// that was sent after it.
func (m *model) settle(p *modelPeer) {
	p.client.Conn.Write(zmtptest.Frame(4, []byte("\x04PING\x00\x0aok")))
	m.receive(p)
	if got, err := p.client.Command(wait); err != nil || string(got) != "\x04PONGok" {
		m.t.Fatalf("%q, %v", got, err)
	}
}

func (m *model) subscribe(p *modelPeer, topic string) {
	p.client.Subscribe(topic)
	p.topics = append(p.topics, topic)
	m.settle(p)
}

func (m *model) cancel(p *modelPeer, topic string) {
	p.client.Send([]byte("\x00" + topic))
	for i, have := range p.topics {
		if have == topic {
			p.topics = append(p.topics[:i], p.topics[i+1:]...)
			break
		}
	}
	m.settle(p)
}

func (m *model) leave(i int) {
	m.peers[i].client.Close()
	m.peers = append(m.peers[:i], m.peers[i+1:]...)
	eventually(m.t, "it has left", func() bool {
		m.sock.mu.Lock()
		defer m.sock.mu.Unlock()
		return len(m.sock.peers) == len(m.peers)
	})
}

func (m *model) publish(topic string, spared bool) {
	m.sent++
	first := fmt.Appendf(nil, "%s-%d", topic, m.sent)
	if msg := [][]byte{first, bytes.Repeat([]byte{'x'}, m.sent%300)}; spared {
		m.sock.Offer(msg)
	} else {
		m.sock.Publish(msg)
	}
	for _, p := range m.peers {
		for _, have := range p.topics {
			if strings.HasPrefix(string(first), have) {
				p.due = append(p.due, first)
				break
			}
		}
	}
}

// receive takes what is due to a peer, and nothing else.
func (m *model) receive(p *modelPeer) {
	for _, want := range p.due {
		got, err := p.client.Recv(wait)
		if err != nil || len(got) != 2 || !bytes.Equal(got[0], want) {
			m.t.Fatalf("%q, %v; %q is due", got, err, want)
		}
	}
	p.due = nil
}

// Any sequence of subscriptions, messages and ends does what the model does.
func FuzzSocket(f *testing.F) {
	f.Add([]byte{0, 1, 5, 6, 7, 3, 5, 4, 5})
	f.Add([]byte{0, 128, 9, 9, 11, 13, 21, 33 + 8, 14, 22, 4, 14})
	f.Add([]byte{0, 0, 0, 0, 1, 33, 65, 97, 5, 5, 36, 5, 0, 1, 5})
	f.Fuzz(func(t *testing.T, steps []byte) {
		m := &model{t: t, sock: listen(t, XPub, Options{})}
		for _, b := range steps[:min(len(steps), 40)] {
			m.operation(b)
		}
		for _, p := range m.peers {
			m.settle(p)
		}
	})
}
