package zmtp

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Flags of a frame (ZMTP 3.0, https://rfc.zeromq.org/spec/23).
const (
	flagMore    = 1 // another frame of the message follows
	flagLong    = 2 // the length has eight bytes, not one
	flagCommand = 4 // for the peer's transport, not for its user
)

// maxFrames is the most frames in a message; a Jupyter message has about seven
// and its buffers.
const maxFrames = 4096

// chunk is how much is allocated for a frame before its bytes have come, so that
// a length that a stranger claims costs nothing.
const chunk = 64 << 10

// readFrame reads one frame of at most limit bytes.
func readFrame(r *bufio.Reader, limit int) (flags byte, body []byte, err error) {
	if flags, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	if flags&^(flagMore|flagLong|flagCommand) != 0 || flags&flagCommand != 0 && flags&flagMore != 0 {
		return 0, nil, fmt.Errorf("zmtp: a frame has the flags %#x", flags)
	}
	size := [8]byte{}
	length := size[7:]
	if flags&flagLong != 0 {
		length = size[:]
	}
	if _, err = io.ReadFull(r, length); err != nil {
		return 0, nil, unexpected(err)
	}
	n := binary.BigEndian.Uint64(size[:])
	if n > uint64(limit) {
		return 0, nil, fmt.Errorf("zmtp: a frame of %d bytes; the limit is %d", n, limit)
	}
	body, err = readBody(r, int(n))
	return flags, body, err
}

func readBody(r io.Reader, n int) ([]byte, error) {
	body := make([]byte, min(n, chunk))
	for got := 0; ; {
		if _, err := io.ReadFull(r, body[got:]); err != nil {
			return nil, unexpected(err)
		}
		if got = len(body); got == n {
			return body, nil
		}
		body = append(body, make([]byte, min(n-got, got))...)
	}
}

// unexpected is an end of file in the middle of a frame.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readMessage reads the frames of one message, limit bytes at most. Commands in
// between go to command.
func readMessage(r *bufio.Reader, limit int, command func(body []byte) error) ([][]byte, error) {
	var frames [][]byte
	for {
		flags, body, err := readFrame(r, limit)
		if err != nil {
			return nil, err
		}
		if flags&flagCommand != 0 {
			if err := command(body); err != nil {
				return nil, err
			}
			continue
		}
		frames = append(frames, body)
		if flags&flagMore == 0 {
			return frames, nil
		}
		if limit -= len(body); len(frames) == maxFrames {
			return nil, fmt.Errorf("zmtp: a message of more than %d frames", maxFrames)
		}
	}
}

// appendFrame appends a frame in its shortest form.
func appendFrame(dst []byte, flags byte, body []byte) []byte {
	if len(body) > 255 {
		dst = append(dst, flags|flagLong)
		dst = binary.BigEndian.AppendUint64(dst, uint64(len(body)))
	} else {
		dst = append(dst, flags, byte(len(body)))
	}
	return append(dst, body...)
}

// encode is a message as it goes over the wire.
func encode(frames [][]byte) []byte {
	size := 0
	for _, f := range frames {
		size += len(f) + 9
	}
	dst := make([]byte, 0, size)
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		dst = appendFrame(dst, flags, f)
	}
	return dst
}
