// Package zmtptest has a naive client of ZMTP 3.0 for tests: every call writes or
// reads at once, and nothing is shared with package zmtp.
package zmtptest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"
)

// Client is a connection to a bound socket. It is for one goroutine that sends and
// one that receives.
type Client struct {
	Conn net.Conn
	r    *bufio.Reader
}

// Options say who the client is.
type Options struct {
	Kind     string // DEALER, REQ, SUB and so on
	Identity string // may be empty
	Minor    byte   // of the protocol's version 3
}

// Dial connects to an address and introduces the client.
func Dial(network, addr string, opt Options) (*Client, error) {
	conn, err := net.DialTimeout(network, addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	c := &Client{conn, bufio.NewReaderSize(conn, 4096)}
	if err := c.introduce(opt); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *Client) introduce(opt Options) error {
	c.Conn.SetDeadline(time.Now().Add(10 * time.Second))
	defer c.Conn.SetDeadline(time.Time{})
	if _, err := c.Conn.Write(Greeting(opt.Minor)); err != nil {
		return err
	}
	if _, err := c.Conn.Write(Ready(opt.Kind, opt.Identity)); err != nil {
		return err
	}
	if _, err := io.ReadFull(c.r, make([]byte, 64)); err != nil {
		return err
	}
	flags, body, err := c.frame()
	if err != nil {
		return err
	}
	if flags != 4 || len(body) < 6 || string(body[:6]) != "\x05READY" {
		return fmt.Errorf("zmtptest: %q where READY is due", body)
	}
	return nil
}

// Greeting is the greeting of a client of version 3.minor with the mechanism NULL.
func Greeting(minor byte) []byte {
	g := make([]byte, 64)
	copy(g, "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03"+string(rune(minor))+"NULL")
	return g
}

// Ready is a READY command as it goes over the wire.
func Ready(kind, identity string) []byte {
	body := "\x05READY" + property("Socket-Type", kind) + property("Identity", identity)
	return Frame(4, []byte(body))
}

func property(name, value string) string {
	size := binary.BigEndian.AppendUint32(nil, uint32(len(value)))
	return string(rune(len(name))) + name + string(size) + value
}

// Frame is a frame as it goes over the wire.
func Frame(flags byte, body []byte) []byte {
	if len(body) < 256 {
		return append([]byte{flags, byte(len(body))}, body...)
	}
	return append(binary.BigEndian.AppendUint64([]byte{flags | 2}, uint64(len(body))), body...)
}

// Send sends a message.
func (c *Client) Send(frames ...[]byte) error {
	var out []byte
	for i, f := range frames {
		more := byte(1)
		if i == len(frames)-1 {
			more = 0
		}
		out = append(out, Frame(more, f)...)
	}
	_, err := c.Conn.Write(out)
	return err
}

// Subscribe subscribes to a topic.
func (c *Client) Subscribe(topic string) error { return c.Send([]byte("\x01" + topic)) }

// Recv waits for a message for so long. Commands are left out.
func (c *Client) Recv(wait time.Duration) ([][]byte, error) {
	c.Conn.SetReadDeadline(time.Now().Add(wait))
	var frames [][]byte
	for {
		flags, body, err := c.frame()
		if err != nil {
			return nil, err
		}
		if flags&4 != 0 {
			continue
		}
		if frames = append(frames, body); flags&1 == 0 {
			return frames, nil
		}
	}
}

// Command waits for a command for so long. It is an error if a message comes.
func (c *Client) Command(wait time.Duration) ([]byte, error) {
	c.Conn.SetReadDeadline(time.Now().Add(wait))
	flags, body, err := c.frame()
	if err == nil && flags&4 == 0 {
		err = fmt.Errorf("zmtptest: the message %q where a command is due", body)
	}
	return body, err
}

func (c *Client) frame() (byte, []byte, error) {
	flags, err := c.r.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	size := make([]byte, 8)
	if flags&2 != 0 {
		_, err = io.ReadFull(c.r, size)
	} else {
		_, err = io.ReadFull(c.r, size[7:])
	}
	if err != nil {
		return 0, nil, err
	}
	body := make([]byte, binary.BigEndian.Uint64(size))
	_, err = io.ReadFull(c.r, body)
	return flags, body, err
}

// Close ends the connection.
func (c *Client) Close() error { return c.Conn.Close() }
