package sketch

import "math"

// Accuracy is the relative error of a bin's value: every value of a bin is
// within this fraction of it.
const Accuracy = 0.001

const (
	gamma   = (1 + Accuracy) / (1 - Accuracy) // ratio of two bin boundaries
	center  = 2 / (1 + gamma)                 // of a bin's value to its upper boundary
	cellBit = 8                               // bits of the mantissa that choose a cell
	lowBits = 52 - cellBit                    // the other bits of the mantissa

	// bias makes the keys of all positive normal numbers positive, so that a
	// conversion to int, which truncates, rounds down.
	bias = 355000

	// slack is how close to a boundary, in bins, the linear interpolation within
	// a cell is not trusted. Its error is at most 1/8 · 2^-16 · log2(e) · 347 =
	// 0.00096 bins.
	slack = 0.002

	zeroKey = math.MinInt32 // of the bin of zero

	smallest = 0x1p-1022 // the smallest normal number; what is less is zero
)

// logGamma is the width of a bin on the scale of natural logarithms.
var logGamma = math.Log1p(2 * Accuracy / (1 - Accuracy))

// perOctave is the number of bins between v and 2v.
var perOctave = math.Ln2 / logGamma

// cell is the logarithm on a piece of the mantissa, in bins: at its beginning,
// with the biases of the exponent and of the key, and its slope.
type cell struct{ at, slope float64 }

var cells = makeCells()

func makeCells() (cells [1 << cellBit]cell) {
	at := func(i int) float64 { return math.Log2(1+float64(i)/float64(len(cells))) * perOctave }
	for i := range cells {
		cells[i].at = at(i) - 1023*perOctave + bias
		cells[i].slope = (at(i+1) - at(i)) / (1 << lowBits)
	}
	return cells
}

// index returns the bin of a normal number v > 0: the smallest k of which
// gamma^k >= v.
func index(v float64) int32 {
	bits := math.Float64bits(v)
	c := &cells[bits>>lowBits&(1<<cellBit-1)]
	x := float64(int64(bits>>52))*perOctave + c.at + c.slope*float64(int64(bits&(1<<lowBits-1)))
	k := int32(x)
	if f := x - float64(k); f < slack || f > 1-slack {
		return nearBoundary(v, int32(x+0.5)-bias)
	}
	return k + 1 - bias
}

// nearBoundary returns the bin of a v that is next to gamma^k.
func nearBoundary(v float64, k int32) int32 {
	if v <= boundary(k) {
		return k
	}
	return k + 1
}

// boundary is gamma^k.
func boundary(k int32) float64 { return math.Exp(float64(k) * logGamma) }

// binValue is what stands for all values of a bin.
func binValue(key int32) float64 {
	if key == zeroKey {
		return 0
	}
	return boundary(key) * center
}
