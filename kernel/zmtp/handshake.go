package zmtp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Kind is a type of socket.
type Kind string

// The types of sockets that a Socket can be.
const (
	Router Kind = "ROUTER" // messages to and from each peer by its identity
	XPub   Kind = "XPUB"   // messages to all that subscribed to their beginning
	Rep    Kind = "REP"    // answers to questions
)

// partners are the types of peers that may connect to a type of socket
// (https://rfc.zeromq.org/spec/23, the Socket-Type property).
var partners = map[Kind][]string{
	Router: {"REQ", "DEALER", "ROUTER"},
	XPub:   {"SUB", "XSUB"},
	Rep:    {"REQ", "DEALER"},
}

// maxReady is the most bytes in a command of the handshake.
const maxReady = 8 << 10

// greeting is what both sides send first: signature, version 3.0, mechanism
// NULL, not a server (which means nothing under NULL), filler.
func greeting() []byte {
	g := make([]byte, 64)
	g[0], g[8], g[9], g[10] = 0xFF, 1, 0x7F, 3
	copy(g[12:32], "NULL")
	return g
}

// errStranger is the error of a peer of another protocol.
var errStranger = errors.New("zmtp: the peer does not speak ZMTP")

// checkGreeting reads a peer's greeting. Another protocol is refused at its first
// byte, and an older peer before the part that it does not send.
func checkGreeting(r io.Reader) error {
	g := make([]byte, 64)
	if _, err := io.ReadFull(r, g[:1]); err != nil {
		return unexpected(err)
	}
	if g[0] != 0xFF {
		return errStranger
	}
	if _, err := io.ReadFull(r, g[1:11]); err != nil {
		return unexpected(err)
	}
	if g[9] != 0x7F {
		return errStranger
	}
	if g[10] < 3 {
		return fmt.Errorf("zmtp: the peer speaks version %d; this is version 3", g[10])
	}
	if _, err := io.ReadFull(r, g[11:]); err != nil {
		return unexpected(err)
	}
	if m := bytes.TrimRight(g[12:32], "\x00"); string(m) != "NULL" {
		return fmt.Errorf("zmtp: the peer wants the mechanism %q; this has NULL", m)
	}
	return nil
}

// handshake exchanges greetings and READY commands and returns the identity that
// the peer gives itself, which may be empty.
func handshake(r *bufio.Reader, w io.Writer, kind Kind) (identity string, err error) {
	if _, err := w.Write(greeting()); err != nil {
		return "", err
	}
	if err := checkGreeting(r); err != nil {
		return "", err
	}
	if _, err := w.Write(appendFrame(nil, flagCommand, ready(kind))); err != nil {
		return "", err
	}
	flags, body, err := readFrame(r, maxReady)
	if err != nil {
		return "", unexpected(err)
	}
	if flags&flagCommand == 0 {
		return "", errors.New("zmtp: the peer sends a message before it is ready")
	}
	return checkReady(body, kind)
}

// ready is the body of a READY command.
func ready(kind Kind) []byte {
	body := []byte("\x05READY")
	for _, p := range [][2]string{{"Socket-Type", string(kind)}, {"Identity", ""}} {
		body = append(body, byte(len(p[0])))
		body = append(body, p[0]...)
		body = binary.BigEndian.AppendUint32(body, uint32(len(p[1])))
		body = append(body, p[1]...)
	}
	return body
}

// checkReady reads a peer's READY command.
func checkReady(body []byte, kind Kind) (identity string, err error) {
	name, data, err := splitCommand(body)
	if err != nil {
		return "", err
	}
	if name == "ERROR" {
		return "", fmt.Errorf("zmtp: the peer refuses: %q", data)
	}
	if name != "READY" {
		return "", fmt.Errorf("zmtp: the command %q where READY is due", name)
	}
	props, err := properties(data)
	if err != nil {
		return "", err
	}
	if peer := props["socket-type"]; !slices.Contains(partners[kind], peer) {
		return "", fmt.Errorf("zmtp: a %q socket cannot talk to %s", peer, kind)
	}
	identity = props["identity"]
	if len(identity) > 255 || strings.HasPrefix(identity, "\x00") {
		return "", fmt.Errorf("zmtp: the identity %.40q is not allowed", identity)
	}
	return identity, nil
}

// splitCommand takes the body of a command apart.
func splitCommand(body []byte) (name string, data []byte, err error) {
	if len(body) == 0 || len(body) < 1+int(body[0]) {
		return "", nil, errors.New("zmtp: a command without a name")
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:], nil
}

// properties reads the properties of a READY command; their names are in lower
// case, since case means nothing in them.
func properties(b []byte) (map[string]string, error) {
	props := map[string]string{}
	for len(b) > 0 {
		name, rest, err := splitCommand(b)
		if err != nil || len(rest) < 4 {
			return nil, errors.New("zmtp: a property is cut off")
		}
		n := binary.BigEndian.Uint32(rest)
		if rest = rest[4:]; uint64(n) > uint64(len(rest)) {
			return nil, errors.New("zmtp: the value of a property is cut off")
		}
		props[strings.ToLower(name)] = string(rest[:n])
		b = rest[n:]
	}
	return props, nil
}
