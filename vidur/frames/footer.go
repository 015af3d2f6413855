package frames

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// parquetMagic begins and ends a Parquet file.
const parquetMagic = "PAR1"

// checkFooter reports a footer that does not fit into the file, or whose lists
// and texts do not fit into it. The Parquet reader makes room for as many items
// as a damaged file claims, which can be more memory than there is.
func checkFooter(file []byte) error {
	n := len(file)
	if n < 12 || string(file[:4]) != parquetMagic || string(file[n-4:]) != parquetMagic {
		return fmt.Errorf("%d bytes without %q at both ends; the file may be cut short", n, parquetMagic)
	}
	size := binary.LittleEndian.Uint32(file[n-8:])
	if uint64(size) > uint64(n-12) {
		return fmt.Errorf("its footer of %d bytes does not fit into %d", size, n)
	}
	t := thrift{file[n-8-int(size) : n-8]}
	return t.structure(0)
}

// thrift walks through data of Thrift's compact protocol, see
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
type thrift struct{ rest []byte }

// Types of that protocol. A set is as a list, and Parquet's footer has no maps.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftInt16
	thriftInt32
	thriftInt64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

const maxDepth = 32 // a footer has less than ten levels

var errThrift = errors.New("its footer is damaged")

// structure goes over a struct: fields until a stop.
func (t *thrift) structure(depth int) error {
	for {
		head, err := t.take(1)
		if err != nil {
			return err
		}
		kind := head[0] & 0xf
		if head[0] == thriftStop {
			return nil
		}
		if head[0]>>4 == 0 { // the number of the field follows
			if _, err := t.varint(); err != nil {
				return err
			}
		}
		if kind == thriftTrue || kind == thriftFalse {
			continue // that is the value
		}
		if err := t.value(kind, depth); err != nil {
			return err
		}
	}
}

// value goes over a value.
func (t *thrift) value(kind byte, depth int) error {
	var err error
	switch {
	case depth > maxDepth:
		return errThrift
	case kind == thriftTrue || kind == thriftFalse || kind == thriftByte: // in a list a boolean takes a byte
		_, err = t.take(1)
	case kind == thriftInt16 || kind == thriftInt32 || kind == thriftInt64:
		_, err = t.varint()
	case kind == thriftDouble:
		_, err = t.take(8)
	case kind == thriftBinary:
		var n uint64
		if n, err = t.varint(); err == nil {
			_, err = t.take(n)
		}
	case kind == thriftList || kind == thriftSet:
		err = t.list(depth)
	case kind == thriftStruct:
		err = t.structure(depth + 1)
	default:
		err = errThrift
	}
	return err
}

// list goes over a list. Every item takes a byte at least.
func (t *thrift) list(depth int) error {
	head, err := t.take(1)
	if err != nil {
		return err
	}
	n := uint64(head[0] >> 4)
	if n == 15 {
		if n, err = t.varint(); err != nil {
			return err
		}
	}
	if n > uint64(len(t.rest)) {
		return errThrift
	}
	for range n {
		if err := t.value(head[0]&0xf, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (t *thrift) take(n uint64) ([]byte, error) {
	if n > uint64(len(t.rest)) {
		return nil, errThrift
	}
	b := t.rest[:n]
	t.rest = t.rest[n:]
	return b, nil
}

func (t *thrift) varint() (uint64, error) {
	v, n := binary.Uvarint(t.rest)
	if n <= 0 {
		return 0, errThrift
	}
	t.rest = t.rest[n:]
	return v, nil
}
