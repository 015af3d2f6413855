package zmtp

import (
	"bufio"
	"errors"
	"io"
	"net"
)

// read takes messages from a peer until its end.
func (s *Socket) read(p *peer, r *bufio.Reader) {
	for {
		frames, err := readMessage(r, s.opt.MaxMessage, func(body []byte) error { return s.command(p, body) })
		if err != nil {
			var broken net.Error
			if err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &broken) {
				s.refuse(err)
			}
			return
		}
		if s.kind == XPub {
			s.subscription(p, frames)
			continue
		}
		select {
		case s.in <- Message{p.id, frames}:
		case <-s.done:
			return
		}
	}
}

// command obeys a command of a peer. Those of ZMTP 3.1 are known too, since
// libzmq sends PING to whom it likes; unknown ones mean nothing.
func (s *Socket) command(p *peer, body []byte) error {
	name, data, err := splitCommand(body)
	if err != nil {
		return err
	}
	switch name {
	case "PING": // two bytes of time, then what PONG gives back
		if len(data) >= 2 && len(data) <= 2+16 {
			p.push(appendFrame(nil, flagCommand, append([]byte("\x04PONG"), data[2:]...)))
		}
	case "SUBSCRIBE":
		s.subscribe(p, string(data), 1)
	case "CANCEL":
		s.subscribe(p, string(data), -1)
	}
	return nil
}

// subscription reads a message to an XPub: a byte that says whether a
// subscription comes or goes, and its topic. Others mean nothing.
func (s *Socket) subscription(p *peer, frames [][]byte) {
	if len(frames) != 1 || len(frames[0]) == 0 {
		return
	}
	switch topic := string(frames[0][1:]); frames[0][0] {
	case 1:
		s.subscribe(p, topic, 1)
	case 0:
		s.subscribe(p, topic, -1)
	}
}

func (s *Socket) subscribe(p *peer, topic string, by int) {
	if s.kind != XPub {
		return
	}
	if by > 0 && s.opt.Subscribed != nil {
		s.opt.Subscribed(s, p.id, topic)
	}
	p.subscribe(topic, by)
	if by > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		select {
		case <-s.first:
		default:
			close(s.first)
		}
	}
}
