package vidur

import (
	"fmt"
	"math"
	"slices"
)

// Kind says what an Event is. The order is a request's way.
type Kind uint8

const (
	Arrived      Kind = iota // a request came; Request
	Routed                   // the router was asked; Requests are those it placed
	Scheduled                // a replica's scheduler was asked; Batches are those it formed
	StageArrived             // a batch came to a stage
	StageStarted             // a stage was asked to work; Batch is nil if it was busy or idle
	StageEnded               // a stage has done a batch
	BatchEnded               // the last stage has; its requests are further
)

var kindNames = [...]string{"arrived", "routed", "scheduled", "stage-arrived", "stage-started", "stage-ended", "batch-ended"}

func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return fmt.Sprintf("Kind(%d)", k)
	}
	return kindNames[k]
}

// Event is what a Recorder sees after it was handled. Events at one time come
// in the order in which they were caused.
type Event struct {
	At       float64 // s
	Kind     Kind
	Stage    int // of the Stage kinds
	Replica  *Replica
	Request  *Request
	Batch    *Batch
	Requests []*Request
	Batches  []*Batch
}

// item is an event that is still to come.
type item struct {
	kind    Kind
	replica int32 // -1 if none
	stage   int32
	batch   *Batch
	request *Request
}

// timed is an item with its place in the order (time, creation).
type timed struct {
	at  float64
	seq uint64
	item
}

func (e *timed) before(f *timed) bool { return e.at < f.at || e.at == f.at && e.seq < f.seq }

// agenda holds the events to come, in the order (time, creation). Most are
// caused for the present time: those stand in a line, and only the others go
// through the heap. Whatever the heap holds for the present time was caused
// before the clock got there, so it comes before the line.
type agenda struct {
	now  float64
	line []item // at now, in order of creation; next is the first that is left
	next int
	heap []timed
	seq  uint64
	top  item // the latest from the heap
}

// soon adds an event that is caused now for now. Fields are written and read one
// by one, here and in pop: copies of a whole item were a third of the engine's time.
func (a *agenda) soon(kind Kind, replica, stage int, b *Batch, r *Request) {
	if len(a.line) == cap(a.line) {
		a.line = slices.Grow(slices.Delete(a.line, 0, a.next), 64)
		a.next = 0
	}
	n := len(a.line)
	a.line = a.line[:n+1]
	e := &a.line[n]
	e.kind, e.replica, e.stage, e.batch, e.request = kind, int32(replica), int32(stage), b, r
}

// at adds an event that is caused now for time t.
func (a *agenda) at(t float64, kind Kind, replica, stage int, b *Batch, r *Request) {
	if t <= a.now {
		a.soon(kind, replica, stage, b, r)
		return
	}
	a.seq++
	e := timed{at: t, seq: a.seq, item: item{kind, int32(replica), int32(stage), b, r}}
	a.heap = append(a.heap, e)
	h, i := a.heap, len(a.heap)-1
	for i > 0 {
		p := (i - 1) / 2
		if !e.before(&h[p]) {
			break
		}
		h[i] = h[p]
		i = p
	}
	h[i] = e
}

// time is when the next event is, in seconds; +Inf if there is none.
func (a *agenda) time() float64 {
	if a.next < len(a.line) {
		return a.now
	}
	if len(a.heap) > 0 {
		return a.heap[0].at
	}
	return math.Inf(1)
}

// pop takes the next event; there must be one. The item is good until the next
// call of a method.
func (a *agenda) pop() *item {
	if a.next < len(a.line) && (len(a.heap) == 0 || a.heap[0].at > a.now) {
		e := &a.line[a.next]
		if a.next++; a.next == len(a.line) {
			a.line, a.next = a.line[:0], 0
		}
		return e
	}
	return a.popHeap()
}

func (a *agenda) popHeap() *item {
	h := a.heap
	a.top, a.now = h[0].item, h[0].at
	n := len(h) - 1
	last := h[n]
	h = h[:n]
	a.heap = h
	for i := 0; n > 0; {
		c := 2*i + 1
		if c+1 < n && h[c+1].before(&h[c]) {
			c++
		}
		if c >= n || !h[c].before(&last) {
			h[i] = last
			break
		}
		h[i] = h[c]
		i = c
	}
	return &a.top
}
