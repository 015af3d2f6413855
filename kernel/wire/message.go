package wire

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Version is the version of the protocol.
const Version = "5.5"

// Delimiter is the frame before the signature.
const Delimiter = "<IDS|MSG>"

// ErrSignature says that a message was not signed with the key of the connection.
var ErrSignature = errors.New("wire: the signature is wrong")

// Header says what a message is.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"` // ISO 8601, UTC, microseconds
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// Message is a message that was received.
type Message struct {
	IDs       [][]byte // frames before the delimiter: identities, or a topic
	Header    Header
	RawHeader json.RawMessage // as it came; answers have it as their parent
	Parent    Header          // zero if there is none
	Metadata  map[string]any
	Content   json.RawMessage // an object
	Buffers   [][]byte
	Signature string // in hexadecimal; empty if messages are not signed
}

// Draft is a message to be sent.
type Draft struct {
	Type     string
	ID       string          // of the message; a new one if it is empty
	Parent   json.RawMessage // the header of the request, byte for byte; empty if there is none
	Metadata map[string]any  // may be nil
	Content  any             // becomes an object
	Buffers  [][]byte
}

// Session makes and reads the messages of one process. It may be used from any
// goroutine.
type Session struct {
	ID   string // random: a new one says that a kernel has started anew
	user string
	key  []byte
}

// NewSession makes a Session that signs with a key, or not at all if it is empty.
func NewSession(key, user string) *Session {
	return &Session{ID: NewID(), user: user, key: []byte(key)}
}

// NewID returns 128 random bits in hexadecimal.
func NewID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Now is the present time in the form of headers.
func Now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000000Z") }

// Encode makes the frames of a message from the delimiter on. What JSON has no
// word for becomes null; a message is never lost for that.
func (s *Session) Encode(d Draft) [][]byte {
	header := Header{ID: cmp.Or(d.ID, NewID()), Session: s.ID, Username: s.user, Date: Now(), Type: d.Type, Version: Version}
	parent := []byte(d.Parent)
	if len(parent) == 0 {
		parent = []byte("{}")
	}
	metadata := []byte("{}")
	if len(d.Metadata) > 0 {
		metadata = JSON(d.Metadata)
	}
	parts := [][]byte{JSON(header), parent, metadata, JSON(d.Content)}
	frames := append([][]byte{[]byte(Delimiter), s.sign(parts)}, parts...)
	return append(frames, d.Buffers...)
}

// sign is the signature of the four parts, in hexadecimal.
func (s *Session) sign(parts [][]byte) []byte {
	if len(s.key) == 0 {
		return []byte{}
	}
	mac := hmac.New(sha256.New, s.key)
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// Decode reads the frames of a message, from its identities or its topic on. The
// error is ErrSignature, or says what is broken.
func (s *Session) Decode(frames [][]byte) (*Message, error) {
	at := 0
	for at < len(frames) && string(frames[at]) != Delimiter {
		at++
	}
	if at == len(frames) {
		return nil, fmt.Errorf("wire: none of %d frames is %s", len(frames), Delimiter)
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, fmt.Errorf("wire: %d frames after %s; there must be 5", len(rest), Delimiter)
	}
	if len(s.key) > 0 && !hmac.Equal(s.sign(rest[1:5]), rest[0]) {
		return nil, ErrSignature
	}
	m := &Message{IDs: frames[:at], RawHeader: rest[1], Content: rest[4], Buffers: rest[5:]}
	if len(s.key) > 0 {
		m.Signature = string(rest[0])
	}
	return m, m.parse(rest[2], rest[3])
}

// parse reads the parts of a message that are JSON.
func (m *Message) parse(parent, metadata []byte) error {
	for _, p := range []struct {
		name string
		data []byte
		to   any
	}{
		{"header", m.RawHeader, &m.Header},
		{"parent_header", parent, &m.Parent},
		{"metadata", metadata, &m.Metadata},
		{"content", m.Content, nil},
	} {
		if !json.Valid(p.data) || bytes.TrimLeft(p.data, " \t\r\n")[0] != '{' {
			return fmt.Errorf("wire: the %s %.40q is no object", p.name, p.data)
		}
		if p.to == nil {
			continue
		}
		if err := json.Unmarshal(p.data, p.to); err != nil {
			return fmt.Errorf("wire: the %s: %w", p.name, err)
		}
	}
	if m.Header.Type == "" {
		return errors.New("wire: the header has no msg_type")
	}
	return nil
}
