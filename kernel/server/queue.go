package server

import (
	"sync"
	"time"
)

// maxQueued is how many requests may wait in the queue of the shell. More wait in
// the sockets.
const maxQueued = 10000

// queue holds the requests of the shell that have been received.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	waiting []*request
	cell    time.Time // when the latest execute_request came
	closed  bool
}

func newQueue() *queue {
	q := &queue{}
	q.changed = sync.NewCond(&q.mu)
	return q
}

func (q *queue) put(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) >= maxQueued && !q.closed {
		q.changed.Wait()
	}
	q.waiting = append(q.waiting, r)
	if r.Header.Type == "execute_request" {
		q.cell = time.Now()
	}
	q.changed.Broadcast()
}

// take waits for the next request; nil if the queue is closed.
func (q *queue) take() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.changed.Wait()
	}
	if q.closed {
		return nil
	}
	r := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.changed.Broadcast()
	return r
}

// came is when the latest cell has come.
func (q *queue) came() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.cell
}

// abort marks what has been received: its cells are not to run.
func (q *queue) abort() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.waiting {
		r.aborted = true
	}
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.changed.Broadcast()
}
