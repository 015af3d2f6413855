package wandb

import (
	"encoding/binary"
	"hash/crc32"
)

// Sizes and types of the LevelDB log format
// (https://github.com/google/leveldb/blob/main/doc/log_format.md).
const (
	blockSize  = 32 << 10 // bytes
	headerSize = 7        // bytes before a fragment: CRC-32, length, type

	fullType   = 1
	firstType  = 2
	middleType = 3
	lastType   = 4
)

// logHead begins a file of W&B: a name, a magic number and version 0. It has the size of a
// fragment's header and counts in the first block.
var logHead = []byte(":W&B\xe1\xbe\x00")

// log is a transaction log that is being written.
type log struct{ bytes []byte }

func newLog() *log { return &log{append([]byte{}, logHead...)} }

// add adds a record, in as many fragments as there are blocks that it is in. A block's
// end that has no room for a header is zeros.
func (l *log) add(record []byte) {
	for first := true; ; first = false {
		left := blockSize - len(l.bytes)%blockSize
		if left < headerSize {
			l.bytes = append(l.bytes, make([]byte, left)...)
			left = blockSize
		}
		n := min(len(record), left-headerSize)
		l.fragment(record[:n], fragmentType(first, n == len(record)))
		record = record[n:]
		if len(record) == 0 {
			return
		}
	}
}

func fragmentType(first, last bool) byte {
	switch {
	case first && last:
		return fullType
	case first:
		return firstType
	case last:
		return lastType
	}
	return middleType
}

// fragment adds a piece of a record. Its checksum is CRC-32 (IEEE) of type and bytes, not
// LevelDB's masked CRC-32C.
func (l *log) fragment(piece []byte, kind byte) {
	sum := crc32.Update(crc32.ChecksumIEEE([]byte{kind}), crc32.IEEETable, piece)
	l.bytes = binary.LittleEndian.AppendUint32(l.bytes, sum)
	l.bytes = binary.LittleEndian.AppendUint16(l.bytes, uint16(len(piece)))
	l.bytes = append(append(l.bytes, kind), piece...)
}
