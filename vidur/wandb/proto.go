package wandb

import (
	"encoding/binary"
	"strings"
	"time"
)

// message is a message of Protocol Buffers in their wire format
// (https://protobuf.dev/programming-guides/encoding/). Fields stand in the order
// in which they are added; zero values are left out, as proto3 does.
type message []byte

// The wire types that are needed.
const (
	varintType = 0
	bytesType  = 2
)

func (m message) tag(field, wire int) message {
	return binary.AppendUvarint(m, uint64(field)<<3|uint64(wire))
}

// int adds an int32 or int64.
func (m message) int(field int, v int64) message {
	if v == 0 {
		return m
	}
	return binary.AppendUvarint(m.tag(field, varintType), uint64(v))
}

// bool adds a bool.
func (m message) bool(field int, v bool) message {
	if !v {
		return m
	}
	return m.int(field, 1)
}

// text adds a string. What is not UTF-8 in it is replaced: readers refuse it.
func (m message) text(field int, v string) message {
	if v == "" {
		return m
	}
	return m.sub(field, message(strings.ToValidUTF8(v, "\ufffd")))
}

// sub adds a message, which may be empty: that it is there says something.
func (m message) sub(field int, v message) message {
	return append(binary.AppendUvarint(m.tag(field, bytesType), uint64(len(v))), v...)
}

// timestamp is a google.protobuf.Timestamp.
func timestamp(t time.Time) message {
	return message{}.int(1, t.Unix()).int(2, int64(t.Nanosecond()))
}
