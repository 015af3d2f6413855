package learn

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur/internal/forest"
)

// An encoding starts with this word and a byte for the kind of model. The digit
// is the version of the format.
const magic = "learn1\n"

const (
	kindForest = 'f'
	kindSteps  = 's'
	kindPoly   = 'p'
)

// Encode writes a model of this package or of a package below it as bytes: the
// same bytes for the same model.
func Encode(m Model) ([]byte, error) {
	kind := byte(0)
	switch m.(type) {
	case *forest.Forest:
		kind = kindForest
	case *forest.Steps:
		kind = kindSteps
	case *polyModel:
		kind = kindPoly
	default:
		return nil, fmt.Errorf("a model of type %T cannot be encoded", m)
	}
	body, err := m.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return nil, err
	}
	return append(append([]byte(magic), kind), body...), nil
}

// Decode reads what [Encode] wrote, and checks it.
func Decode(data []byte) (Model, error) {
	n := len(magic)
	if len(data) <= n || string(data[:n]) != magic {
		return nil, fmt.Errorf("not an encoded model: it does not start with %q", magic)
	}
	switch data[n] {
	case kindForest:
		return decode(new(forest.Forest), data[n+1:])
	case kindSteps:
		return decode(new(forest.Steps), data[n+1:])
	case kindPoly:
		return decode(new(polyModel), data[n+1:])
	}
	return nil, fmt.Errorf("an encoded model of the unknown kind %q", data[n])
}

func decode[M interface {
	Model
	encoding.BinaryUnmarshaler
}](m M, data []byte) (Model, error) {
	if err := m.UnmarshalBinary(data); err != nil {
		return nil, err
	}
	return m, nil
}

// MarshalBinary encodes a polynomial: varints for counts and features, 8 bytes
// with the low one first for numbers.
func (m *polyModel) MarshalBinary() ([]byte, error) {
	b := binary.AppendUvarint(nil, uint64(len(m.scale)))
	number := func(v float64) { b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v)) }
	for _, v := range m.scale {
		number(v)
	}
	number(m.intercept)
	b = binary.AppendUvarint(b, uint64(len(m.terms)))
	for t, term := range m.terms {
		b = binary.AppendUvarint(b, uint64(len(term)))
		for _, k := range term {
			b = binary.AppendUvarint(b, uint64(k))
		}
		number(m.factors[t])
	}
	return b, nil
}

// UnmarshalBinary decodes a polynomial and checks it.
func (m *polyModel) UnmarshalBinary(data []byte) error {
	r := &reader{rest: data}
	got := polyModel{scale: make([]float64, r.count(8))}
	for k := range got.scale {
		got.scale[k] = r.number()
		r.bad = r.bad || got.scale[k] <= 0
	}
	got.intercept = r.number()
	for n := r.count(9); n > 0 && !r.bad; n-- {
		term := make([]int, r.count(1))
		for i := range term {
			k := r.uint()
			r.bad = r.bad || k >= uint64(len(got.scale))
			term[i] = int(k)
		}
		got.terms, got.factors = append(got.terms, term), append(got.factors, r.number())
	}
	if r.bad || len(r.rest) > 0 || len(got.scale) == 0 {
		return fmt.Errorf("a damaged polynomial of %d bytes", len(data))
	}
	*m = got
	return nil
}

// A reader reads an encoding; it turns bad at the first thing wrong, and then
// reads zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if r.bad = r.bad || n <= 0; r.bad {
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads a number of things that take some bytes each.
func (r *reader) count(size int) int {
	n := r.uint()
	if r.bad = r.bad || n > uint64(len(r.rest)/size); r.bad {
		return 0
	}
	return int(n)
}

func (r *reader) number() float64 {
	if r.bad = r.bad || len(r.rest) < 8; r.bad {
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(r.rest))
	r.rest = r.rest[8:]
	r.bad = math.IsNaN(v) || math.IsInf(v, 0)
	return v
}
