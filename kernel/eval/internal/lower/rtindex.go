package lower

import (
	"fmt"
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

func sliceIndex(lo, hi, n, limit int) int {
	if hi < 0 {
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d]", hi)))
	}
	if hi > limit {
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d] with capacity %d", hi, limit)))
	}
	return lowIndex(lo, hi)
}

func sliceStringIndex(lo, hi, n, limit int) int {
	if hi < 0 {
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d]", hi)))
	}
	if hi > n {
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d] with length %d", hi, n)))
	}
	return lowIndex(lo, hi)
}

func lowIndex(lo, hi int) int {
	if lo < 0 {
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:]", lo)))
	}
	if lo > hi {
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:%d]", lo, hi)))
	}
	return lo
}

func slice3Index(lo, hi, most, limit int) int {
	switch {
	case most < 0:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [::%d]", most)))
	case most > limit:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [::%d] with capacity %d", most, limit)))
	case hi < 0:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d:]", hi)))
	case hi > most:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d:%d]", hi, most)))
	case lo < 0:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d::]", lo)))
	case lo > hi:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:%d:]", lo, hi)))
	}
	return lo
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
