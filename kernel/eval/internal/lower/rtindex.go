package lower

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

func misuse() {
	panic(runtimeError("range function continued iteration after function for loop body returned false"))
}

func index(i, n int) int {
	if i < 0 {
		panic(runtimeError(fmt.Sprintf("index out of range [%d]", i)))
	}
	if i >= n {
		panic(runtimeError(fmt.Sprintf("index out of range [%d] with length %d", i, n)))
	}
	return i
}

func indexUnsigned(i uint64, n int) int {
	if i >= uint64(n) {
		panic(runtimeError(fmt.Sprintf("index out of range [%d] with length %d", i, n)))
	}
	return int(i)
}

// notNil returns an interface value whose method is called later.
func notNil(v any) any {
	if v == nil {
		panic(nilDereference())
	}
	return v
}

// What is special in the bounds of a slice expression: bounds of a type that has
// numbers beyond int, which come in as negative, and operands without capacity.
const (
	lowUnsigned = 1 << iota
	highUnsigned
	maxUnsigned
	fixedLength
)

// sliceIndex checks the bounds of x[lo:hi] and returns lo.
func sliceIndex(lo, hi, limit, flags int) int {
	if uint(hi) > uint(limit) {
		badBound("[:%s]", hi, limit, flags&highUnsigned, flags)
	}
	if uint(lo) > uint(hi) {
		if lo < 0 && flags&lowUnsigned == 0 {
			panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:]", lo)))
		}
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%s:%d]", bound(lo, flags&lowUnsigned), hi)))
	}
	return lo
}

// slice3Index checks the bounds of x[lo:hi:most] with bounds = {lo, hi, most,
// limit} and returns lo.
func slice3Index(flags int, bounds ...int) int {
	lo, hi, most, limit := bounds[0], bounds[1], bounds[2], bounds[3]
	switch {
	case uint(most) > uint(limit):
		badBound("[::%s]", most, limit, flags&maxUnsigned, flags)
	case uint(hi) > uint(most):
		if hi < 0 && flags&highUnsigned == 0 {
			panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d:]", hi)))
		}
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%s:%d]", bound(hi, flags&highUnsigned), most)))
	case uint(lo) > uint(hi):
		if lo < 0 && flags&lowUnsigned == 0 {
			panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d::]", lo)))
		}
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%s:%d:]", bound(lo, flags&lowUnsigned), hi)))
	}
	return lo
}

// badBound panics for a bound that is compared with the operand's size.
func badBound(format string, i, limit, unsigned, flags int) {
	text := "slice bounds out of range " + fmt.Sprintf(format, bound(i, unsigned))
	switch {
	case i < 0 && unsigned == 0:
	case flags&fixedLength != 0:
		text += fmt.Sprintf(" with length %d", limit)
	default:
		text += fmt.Sprintf(" with capacity %d", limit)
	}
	panic(runtimeError(text))
}

func bound(i, unsigned int) string {
	if unsigned != 0 {
		return strconv.FormatUint(uint64(i), 10)
	}
	return strconv.Itoa(i)
}

func makeSize(sizes ...int) int {
	if sizes[0] < 0 {
		panic(runtimeError("makeslice: len out of range"))
	}
	if len(sizes) > 1 && sizes[1] < sizes[0] {
		panic(runtimeError("makeslice: cap out of range"))
	}
	return sizes[0]
}

func arrayLen(n, want int) {
	if n < want {
		panic(runtimeError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", n, want)))
	}
}

func shift(n int64) uint64 {
	if n < 0 {
		panic(runtimeError("negative shift amount"))
	}
	return uint64(n)
}

// runes decodes a string as a range statement does.
func runes(s string) ([]int, []rune) {
	at, rs := make([]int, 0, len(s)), make([]rune, 0, len(s))
	for i, c := range s {
		at, rs = append(at, i), append(rs, c)
	}
	return at, rs
}

func runeString(n int64) string {
	if n < 0 || n > utf8.MaxRune {
		return "\uFFFD"
	}
	return string(rune(n))
}

func minFloat(a, b float64) float64 { return min(a, b) }
func maxFloat(a, b float64) float64 { return max(a, b) }
