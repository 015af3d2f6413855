package trace

import (
	"io"
	"math"
	"strconv"
)

// writer appends JSON to a buffer, and flushes it. Its first error stops it.
type writer struct {
	w    io.Writer
	buf  []byte
	err  error
	rows int
}

const bufferSize = 1 << 16

func newWriter(w io.Writer) writer { return writer{w: w, buf: make([]byte, 0, 2*bufferSize)} }

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

func (w *writer) int(v int) {
	if uint(v) < 10 {
		w.buf = append(w.buf, byte('0'+v))
		return
	}
	w.buf = strconv.AppendInt(w.buf, int64(v), 10)
}

// float writes v with all its digits.
func (w *writer) float(v float64) {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		w.int(int(v))
		return
	}
	w.buf = strconv.AppendFloat(w.buf, v, 'f', -1, 64)
}

// row begins an element of the outer list.
func (w *writer) row(s string) {
	if w.rows > 0 {
		w.buf = append(w.buf, ",\n"...)
	}
	w.rows++
	w.raw(s)
}

// flush hands a full buffer on.
func (w *writer) flush() {
	if len(w.buf) >= bufferSize {
		w.write()
	}
}

func (w *writer) write() {
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

// ints writes a list of n numbers.
func (w *writer) ints(n int, at func(int) int) {
	w.buf = append(w.buf, '[')
	for i := range n {
		if i > 0 {
			w.buf = append(w.buf, ", "...)
		}
		w.int(at(i))
	}
	w.buf = append(w.buf, ']')
}
