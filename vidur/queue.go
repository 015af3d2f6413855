package vidur

import (
	"cmp"
	"slices"
)

// Queue is a line of requests; the zero Queue is empty and ready. It is a ring,
// so it does not allocate once it has grown.
type Queue struct {
	ring []*Request // its length is a power of two
	head int
	n    int
	keys []keyed // scratch of SortBy
}

// keyed is a request with what SortBy orders it by.
type keyed struct {
	key float64
	r   *Request
}

// Len is the number of requests in the queue.
func (q *Queue) Len() int { return q.n }

// At returns the i-th request from the head, 0 <= i < Len.
func (q *Queue) At(i int) *Request { return q.ring[(q.head+i)&(len(q.ring)-1)] }

// Push puts r at the end.
func (q *Queue) Push(r *Request) {
	if q.n == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.n)&(len(q.ring)-1)] = r
	q.n++
}

// PushFront puts r at the head.
func (q *Queue) PushFront(r *Request) {
	if q.n == len(q.ring) {
		q.grow()
	}
	q.head = (q.head - 1) & (len(q.ring) - 1)
	q.ring[q.head] = r
	q.n++
}

// Pop takes the head; nil if the queue is empty.
func (q *Queue) Pop() *Request {
	if q.n == 0 {
		return nil
	}
	r := q.ring[q.head]
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.n--
	return r
}

// PopBack takes the end; nil if the queue is empty.
func (q *Queue) PopBack() *Request {
	if q.n == 0 {
		return nil
	}
	q.n--
	return q.At(q.n)
}

// Remove takes the i-th request out and keeps the order of the others.
func (q *Queue) Remove(i int) *Request {
	r := q.At(i)
	for ; i > 0; i-- {
		q.set(i, q.At(i-1))
	}
	q.Pop()
	return r
}

// Sort orders the queue by less; requests of which neither is less keep their
// order. It takes one pass over a queue that is in order already.
func (q *Queue) Sort(less func(a, b *Request) bool) {
	for i := 1; i < q.n; i++ {
		r, j := q.At(i), i
		for ; j > 0 && less(r, q.At(j-1)); j-- {
			q.set(j, q.At(j-1))
		}
		q.set(j, r)
	}
}

// SortBy orders the queue by key, the least first; requests with the same key
// keep their order, and keys that are not a number come first. It calls key once
// for each request, in order, so a slow key costs its own time and no more. A
// queue that was in order and to which nothing came need not be sorted again: what
// is taken out leaves it in order.
func (q *Queue) SortBy(key func(r *Request) float64) {
	keys, sorted := q.keys[:0], true
	for i := range q.n {
		r := q.At(i)
		keys = append(keys, keyed{key(r), r})
		sorted = sorted && (i == 0 || cmp.Compare(keys[i-1].key, keys[i].key) <= 0)
	}
	q.keys = keys
	if sorted {
		return
	}
	slices.SortStableFunc(keys, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	for i := range keys {
		q.set(i, keys[i].r)
	}
}

// Find returns the place of the first request that match accepts; -1 if there is
// none. Remove takes it out.
func (q *Queue) Find(match func(r *Request) bool) int {
	for i := range q.n {
		if match(q.At(i)) {
			return i
		}
	}
	return -1
}

// MoveTo moves every request that match accepts to the end of another queue, in
// order, and returns how many. The others keep their order. With q itself as the
// other queue it puts them behind the rest.
func (q *Queue) MoveTo(other *Queue, match func(r *Request) bool) (moved int) {
	for n := q.n; n > 0; n-- {
		r := q.Pop()
		if match(r) {
			q.keys = append(q.keys[:moved], keyed{r: r})
			moved++
		} else {
			q.Push(r)
		}
	}
	for _, k := range q.keys[:moved] {
		other.Push(k.r)
	}
	return moved
}

// SortByArrival orders the queue by the time of arrival.
func (q *Queue) SortByArrival() {
	if q.n == 0 {
		return
	}
	last := q.At(0).At
	for i := 1; i < q.n; i++ {
		at := q.At(i).At
		if at < last {
			q.Sort(func(a, b *Request) bool { return a.At < b.At })
			return
		}
		last = at
	}
}

func (q *Queue) set(i int, r *Request) { q.ring[(q.head+i)&(len(q.ring)-1)] = r }

func (q *Queue) grow() {
	ring := make([]*Request, max(16, 2*len(q.ring)))
	for i := range q.n {
		ring[i] = q.At(i)
	}
	q.ring, q.head = ring, 0
}
