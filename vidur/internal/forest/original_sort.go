package forest

import "math/bits"

// A key is a row to be sorted by a feature: the index of its value in the upper
// half, which alone is compared, and the row in the lower one.
type key uint64

func newKey(code, row int32) key { return key(code)<<32 | key(uint32(row)) }

func (k key) code() int32 { return int32(k >> 32) }
func (k key) row() int32  { return int32(uint32(k)) }

// keys are the rows of a node.
type keys []key

// sort sorts by value. Where rows of one value end up is part of the result. It
// is a quicksort in three parts around the median of first, middle and last, and
// a heapsort below twice the logarithm of the length (Musser, Software: Practice
// and Experience 27, 1997).
func (k keys) sort() {
	if len(k) > 0 {
		k.quick(2 * (bits.Len(uint(len(k))) - 1))
	}
}

func (k keys) quick(depth int) {
	for len(k) > 1 {
		if depth <= 0 {
			k.heap()
			return
		}
		depth--
		below, above := k.partition(k.pivot())
		k[:below].quick(depth)
		k = k[above:]
	}
}

// pivot is the median value of first, middle and last.
func (k keys) pivot() int32 {
	x, y, z := k[0].code(), k[len(k)/2].code(), k[len(k)-1].code()
	return max(min(x, y), min(max(x, y), z))
}

// partition moves what is less than the pivot to the front and what is more to
// the end.
func (k keys) partition(pivot int32) (below, above int) {
	above = len(k)
	for i := 0; i < above; {
		v := k[i]
		switch c := v.code(); {
		case c < pivot:
			k[i], k[below] = k[below], v
			i++
			below++
		case c > pivot:
			above--
			k[i], k[above] = k[above], v
		default:
			i++
		}
	}
	return below, above
}

func (k keys) heap() {
	for i := (len(k) - 2) / 2; i >= 0; i-- {
		k.sink(i)
	}
	for end := len(k) - 1; end > 0; end-- {
		k[0], k[end] = k[end], k[0]
		k[:end].sink(0)
	}
}

// sink lets a key sink in the heap below it.
func (k keys) sink(root int) {
	for {
		top, child := root, 2*root+1
		if child < len(k) && k[top].code() < k[child].code() {
			top = child
		}
		if child+1 < len(k) && k[top].code() < k[child+1].code() {
			top = child + 1
		}
		if top == root {
			return
		}
		k[root], k[top] = k[top], k[root]
		root = top
	}
}
