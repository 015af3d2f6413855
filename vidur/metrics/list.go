package metrics

// list is a growing column. It keeps its values in chunks, so that it never
// copies them and allocates once for many.
type list[T any] struct {
	chunks [][]T
	n      int
}

const (
	chunkBits = 12
	chunkLen  = 1 << chunkBits
)

// at returns the i-th value; there must be one.
func (l *list[T]) at(i int) *T { return &l.chunks[i>>chunkBits][i&(chunkLen-1)] }

// reach returns the i-th value, after zero ones up to it if it is the first
// beyond the end.
func (l *list[T]) reach(i int) *T {
	for i>>chunkBits >= len(l.chunks) {
		l.chunks = append(l.chunks, make([]T, chunkLen))
	}
	l.n = max(l.n, i+1)
	return l.at(i)
}

// push appends v.
func (l *list[T]) push(v T) { *l.reach(l.n) = v }

// all yields the values in order.
func (l *list[T]) all(yield func(int, *T) bool) {
	for i := range l.n {
		if !yield(i, l.at(i)) {
			return
		}
	}
}
