package vidur_test

import (
	"container/heap"
	"fmt"
	"sort"
)

// The twin is the original simulator's event loop in its simplest form, with
// boxed events, all arrivals pushed first, and slices and maps for all else. It
// shares no code with the engine, and is compared with it event by event.

type twinRequest struct {
	id, prefill, decode, processed, restarts int
	at, scheduled, firstToken, completed     float64
	prefillDone, done, seen                  bool
}

// advance is the end of an iteration.
func (r *twinRequest) advance(n int, now float64) {
	r.processed += n
	if r.processed == r.prefill {
		r.prefillDone = true
		r.processed++
		if r.firstToken == 0 {
			r.firstToken = now
		}
	}
	if r.processed == r.prefill+r.decode {
		r.done, r.completed = true, now
	}
}

// restart turns what was processed into prompt. The original does so also when
// only part of the prompt was; keepPrompt leaves the prompt whole then.
func (r *twinRequest) restart(keepPrompt bool) {
	total := r.prefill + r.decode
	if !keepPrompt || r.processed > r.prefill {
		r.prefill = r.processed
	}
	r.decode = total - r.prefill
	r.processed, r.prefillDone = 0, false
	r.restarts++
}

type twinBatch struct {
	id       int
	requests []*twinRequest
	tokens   []int
}

type twinStage struct {
	fifo []*twinBatch
	busy bool
}

type twinReplica struct {
	id, pp, blocks, blockSize int
	queue, preempted          []*twinRequest
	allocated                 map[int]int
	running                   int
	stages                    []*twinStage
}

func (p *twinReplica) free() int {
	n := p.blocks
	for _, k := range p.allocated {
		n -= k
	}
	return n
}

func (p *twinReplica) blocksFor(tokens int) int {
	n := tokens / p.blockSize
	if tokens%p.blockSize > 0 {
		n++
	}
	return n
}

// twinEvent is an event: handle returns those that it causes.
type twinEvent struct {
	at     float64
	id     int
	name   string
	handle func(now float64) []*twinEvent
}

type twinHeap []*twinEvent

func (h twinHeap) Len() int { return len(h) }
func (h twinHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].id < h[j].id
}
func (h twinHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *twinHeap) Push(x any)   { *h = append(*h, x.(*twinEvent)) }
func (h *twinHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

type twin struct {
	base, perToken float64
	next           func(t *twin, p *twinReplica) *twinBatch // the policy
	replicas       []*twinReplica
	front          []*twinRequest
	heap           twinHeap
	ids, batches   int
	turn           int // of the router
	log            []string
}

func (t *twin) event(at float64, name string, handle func(now float64) []*twinEvent) *twinEvent {
	t.ids++
	return &twinEvent{at, t.ids, name, handle}
}

// run handles all events, or the first most, and logs each with what it did.
func (t *twin) run(requests []*twinRequest, most int) {
	for _, r := range requests {
		heap.Push(&t.heap, t.arrival(r))
	}
	for t.heap.Len() > 0 && len(t.log) < most {
		e := heap.Pop(&t.heap).(*twinEvent)
		i := len(t.log)
		t.log = append(t.log, "")
		caused := e.handle(e.at)
		t.log[i] = fmt.Sprintf("%v %s%s", e.at, e.name, t.log[i])
		for _, c := range caused {
			heap.Push(&t.heap, c)
		}
	}
}

// did adds to the log entry of the event that is handled.
func (t *twin) did(format string, args ...any) {
	t.log[len(t.log)-1] += fmt.Sprintf(format, args...)
}

func (t *twin) arrival(r *twinRequest) *twinEvent {
	return t.event(r.at, fmt.Sprintf("arrived r%d", r.id), func(now float64) []*twinEvent {
		t.front = append(t.front, r)
		return []*twinEvent{t.event(now, "routed", t.route)}
	})
}

// route is round robin.
func (t *twin) route(now float64) []*twinEvent {
	sort.SliceStable(t.front, func(i, j int) bool { return t.front[i].at < t.front[j].at })
	touched := map[int]bool{}
	for _, r := range t.front {
		i := t.turn % len(t.replicas)
		t.turn++
		t.replicas[i].queue = append(t.replicas[i].queue, r)
		touched[i] = true
		t.did(" r%d@%d", r.id, i)
	}
	t.front = nil
	var out []*twinEvent
	for _, p := range t.replicas {
		if touched[p.id] {
			out = append(out, t.schedule(now, p))
		}
	}
	return out
}

func (t *twin) schedule(now float64, p *twinReplica) *twinEvent {
	return t.event(now, fmt.Sprintf("scheduled @%d", p.id), func(now float64) []*twinEvent {
		var out []*twinEvent
		for p.running < p.pp {
			b := t.next(t, p)
			if b == nil {
				break
			}
			b.id = t.batches
			t.batches++
			p.running++
			t.did(" b%d", b.id)
			for i, r := range b.requests {
				if !r.seen {
					r.seen, r.scheduled = true, now
				}
				t.did(" r%d:%d+%d", r.id, r.processed, b.tokens[i])
			}
			out = append(out, t.stageArrival(now, p, 0, b))
		}
		t.did(" free %d", p.free())
		return out
	})
}

func (t *twin) stageArrival(now float64, p *twinReplica, s int, b *twinBatch) *twinEvent {
	return t.event(now, fmt.Sprintf("stage-arrived @%d.%d b%d", p.id, s, b.id), func(now float64) []*twinEvent {
		p.stages[s].fifo = append(p.stages[s].fifo, b)
		return []*twinEvent{t.stageStart(now, p, s)}
	})
}

func (t *twin) stageStart(now float64, p *twinReplica, s int) *twinEvent {
	return t.event(now, fmt.Sprintf("stage-started @%d.%d", p.id, s), func(now float64) []*twinEvent {
		st := p.stages[s]
		if st.busy || len(st.fifo) == 0 {
			return nil
		}
		b := st.fifo[0]
		st.fifo = st.fifo[1:]
		st.busy = true
		t.did(" b%d", b.id)
		n := 0
		for _, k := range b.tokens {
			n += k
		}
		ms := (t.base + float64(t.perToken*float64(n))) * 1e3
		return []*twinEvent{t.stageEnd(now+float64(ms*1e-3), p, s, b)}
	})
}

func (t *twin) stageEnd(at float64, p *twinReplica, s int, b *twinBatch) *twinEvent {
	return t.event(at, fmt.Sprintf("stage-ended @%d.%d b%d", p.id, s, b.id), func(now float64) []*twinEvent {
		p.stages[s].busy = false
		out := []*twinEvent{t.stageStart(now, p, s)}
		if s == p.pp-1 {
			return append(out, t.batchEnd(now, p, b))
		}
		return append(out, t.stageArrival(now, p, s+1, b))
	})
}

func (t *twin) batchEnd(at float64, p *twinReplica, b *twinBatch) *twinEvent {
	return t.event(at, fmt.Sprintf("batch-ended @%d b%d", p.id, b.id), func(now float64) []*twinEvent {
		p.running--
		for i, r := range b.requests {
			r.advance(b.tokens[i], now)
			t.did(" r%d:%d", r.id, r.processed)
		}
		for _, r := range b.requests {
			if r.done {
				delete(p.allocated, r.id)
				t.did(" r%d done %v %v %v %d", r.id, r.scheduled, r.firstToken, r.completed, r.restarts)
			} else {
				p.preempted = append(p.preempted, r)
			}
		}
		return []*twinEvent{t.schedule(now, p)}
	})
}
