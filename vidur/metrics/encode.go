package metrics

import (
	"io"
	"math"
	"strconv"
)

// encoder writes CSV and JSON. Its first error stops it.
type encoder struct {
	w   io.Writer
	buf []byte
	err error
}

const encoderBuffer = 1 << 16

func (e *encoder) raw(s string) { e.buf = append(e.buf, s...) }

// sep ends a field.
func (e *encoder) sep() { e.buf = append(e.buf, ',') }

// end ends a line.
func (e *encoder) end() {
	e.buf = append(e.buf, '\n')
	if len(e.buf) >= encoderBuffer {
		e.flush()
	}
}

func (e *encoder) flush() {
	if e.err == nil {
		_, e.err = e.w.Write(e.buf)
	}
	e.buf = e.buf[:0]
}

func (e *encoder) int(v int) { e.buf = strconv.AppendInt(e.buf, int64(v), 10) }

// float writes v with all its digits, as Python's repr does; NaN is empty.
func (e *encoder) float(v float64) { e.buf = appendFloat(e.buf, v) }

func appendFloat(buf []byte, v float64) []byte {
	a := math.Abs(v)
	switch {
	case v != v:
		return buf
	case a > math.MaxFloat64:
		if v < 0 {
			buf = append(buf, '-')
		}
		return append(buf, "inf"...)
	case a != 0 && (a < 1e-4 || a >= 1e16):
		return strconv.AppendFloat(buf, v, 'e', -1, 64)
	case v == math.Trunc(v):
		return append(strconv.AppendInt(buf, int64(v), 10), ".0"...)
	}
	return strconv.AppendFloat(buf, v, 'f', -1, 64)
}

// whole writes a whole number without a point; NaN is empty.
func (e *encoder) whole(v float64) {
	if v == v {
		e.int(int(v))
	}
}

// number writes v as JSON.
func (e *encoder) number(v float64) {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		e.int(int(v))
		return
	}
	e.float(v)
}
