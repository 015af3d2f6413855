package imports

import (
	"cmp"
	"slices"
)

// byID finds values by their numbers: first all are added, then sorted, then found.
// It takes a third of the memory of a map, which a trace with millions of operators
// would fill.
type byID[T any] []numbered[T]

type numbered[T any] struct {
	id    int
	value T
}

func (b *byID[T]) add(id int, v T) { *b = append(*b, numbered[T]{id, v}) }

// sort readies it for get.
func (b byID[T]) sort() {
	slices.SortStableFunc(b, func(x, y numbered[T]) int { return cmp.Compare(x.id, y.id) })
}

// get is the value that was added last with a number.
func (b byID[T]) get(id int) (v T, ok bool) {
	i, _ := slices.BinarySearchFunc(b, id, func(n numbered[T], id int) int {
		if n.id <= id {
			return -1
		}
		return 1
	})
	if i == 0 || b[i-1].id != id {
		return v, false
	}
	return b[i-1].value, true
}
