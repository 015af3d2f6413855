package wandb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// readLog is a reader of logs of its own, written against the format and not against the writer.
func readLog(b []byte) (records [][]byte, err error) {
	if len(b) < 7 || string(b[:4]) != ":W&B" || binary.LittleEndian.Uint16(b[4:]) != 0xBEE1 || b[6] != 0 {
		return nil, errors.New("no log of W&B")
	}
	var whole []byte
	inside := false
	for at := 7; at < len(b); {
		if left := 32768 - at%32768; left < 7 {
			for _, c := range b[at:min(at+left, len(b))] {
				if c != 0 {
					return nil, fmt.Errorf("a block ends with %x", c)
				}
			}
			at += left
			continue
		}
		if len(b)-at < 7 {
			return nil, errors.New("a header is cut")
		}
		sum, n, kind := binary.LittleEndian.Uint32(b[at:]), int(binary.LittleEndian.Uint16(b[at+4:])), b[at+6]
		if n > 32768-at%32768-7 || at+7+n > len(b) {
			return nil, errors.New("a fragment leaves its block")
		}
		if crc32.ChecksumIEEE(b[at+6:at+7+n]) != sum {
			return nil, errors.New("a fragment has another checksum")
		}
		if begins := kind == 1 || kind == 2; begins == inside || kind < 1 || kind > 4 {
			return nil, fmt.Errorf("a fragment of type %d, inside: %v", kind, inside)
		}
		whole = append(whole, b[at+7:at+7+n]...)
		if inside = kind == 2 || kind == 3; !inside {
			records, whole = append(records, whole), nil
		}
		at += 7 + n
	}
	if inside {
		return nil, errors.New("a record is cut")
	}
	return records, nil
}

// entry is a field of a message as it is on the wire.
type entry struct {
	field int
	num   uint64
	bytes []byte // nil of a number
}

// readMessage reads the fields of a message.
func readMessage(m []byte) (list []entry, err error) {
	for len(m) > 0 {
		tag, n := binary.Uvarint(m)
		if n <= 0 {
			return nil, errors.New("no tag")
		}
		m = m[n:]
		v, n := binary.Uvarint(m)
		if n <= 0 {
			return nil, errors.New("no number")
		}
		m = m[n:]
		switch tag & 7 {
		case 0:
			list = append(list, entry{int(tag >> 3), v, nil})
		case 2:
			if v > uint64(len(m)) {
				return nil, errors.New("bytes are cut")
			}
			list = append(list, entry{int(tag >> 3), 0, append([]byte{}, m[:v]...)})
			m = m[v:]
		default:
			return nil, fmt.Errorf("wire type %d", tag&7)
		}
	}
	return list, nil
}
