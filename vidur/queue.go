package vidur

// Queue is a line of requests; the zero Queue is empty and ready. It is a ring,
// so it does not allocate once it has grown.
type Queue struct {
	ring []*Request // its length is a power of two
	head int
	n    int
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
