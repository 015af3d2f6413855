package vidurtest

import "github.com/govidur/govidur/vidur"

// life is what the laws know of a request.
type life struct {
	r       *vidur.Request // nil once complete
	replica int            // -1 before it is routed
	turn    int            // place in the order in which requests came to the replica
	in      *flight        // the batch it is in
	stamp   int            // of the latest scan that saw it

	done, prompt, restarts int // as they were at the latest look
	tokens                 int // processed in all batches
	lost                   int // processed and thrown away by restarts
	fills                  int // prompts that were finished, the first and after restarts
	decodes                int // iterations after them
	cut                    bool
	leap                   bool // a policy changed Slot.Advance
	exec                   float64
	scheduled              bool
	started                bool
}

// site is what the laws know of a replica.
type site struct {
	rep     *vidur.Replica
	live    int // requests routed there and not complete
	turns   int // routed there
	firsts  int // scheduled for the first time
	flights []*flight
	stages  []stage
	idle    []int   // IDs of the requests that an idle replica left
	idleAt  float64 // s
}

func (l *Laws) site(rep *vidur.Replica) *site {
	for len(l.sites) <= rep.ID {
		l.sites = append(l.sites, nil)
	}
	if l.sites[rep.ID] == nil {
		l.sites[rep.ID] = &site{rep: rep, stages: make([]stage, rep.Spec.PP)}
	}
	return l.sites[rep.ID]
}

// life of a request that arrived and is not complete; nil after a violation.
func (l *Laws) life(w where) *life {
	id := w.r.ID
	if id >= len(l.lives) || l.lives[id] == nil {
		l.fail(Requests, w, "it never arrived")
		return nil
	}
	f := l.lives[id]
	if f.r != w.r {
		why := "it is another request of the same ID"
		if f.r == nil {
			why = "it is complete"
		}
		l.fail(Requests, w, "%s", why)
		return nil
	}
	return f
}

func (l *Laws) arrived(e *vidur.Event) {
	l.expected[vidur.Routed]++
	r, w := e.Request, where{r: e.Request}
	for len(l.lives) <= r.ID {
		l.lives = append(l.lives, nil)
	}
	switch {
	case l.lives[r.ID] != nil:
		l.fail(Requests, w, "it arrives twice")
	case e.At != r.At:
		l.fail(Causality, w, "it arrives at %g s and says %g s", e.At, r.At)
	case r.Replica != -1 || r.Done != 0 || r.Prompt != r.Prefill || r.Restarts != 0:
		l.fail(Requests, w, "it is not new")
	}
	l.lives[r.ID] = &life{r: r, replica: -1, prompt: r.Prefill}
	l.front++
	l.checkFront()
}

func (l *Laws) routed(e *vidur.Event) {
	before := l.expected[vidur.Scheduled]
	for i, r := range e.Requests {
		w := where{r: r}
		f := l.life(w)
		switch {
		case f == nil:
			return
		case f.replica >= 0:
			l.fail(Requests, w, "it is routed to replica %d and was to %d", r.Replica, f.replica)
			return
		case l.cluster != nil && (r.Replica < 0 || r.Replica >= len(l.cluster.Replicas)):
			l.fail(Requests, w, "it is routed to replica %d", r.Replica)
			return
		}
		f.replica = r.Replica
		if l.cluster != nil {
			s := l.site(l.cluster.Replicas[r.Replica])
			f.turn = s.turns
			s.turns++
			s.live++
		}
		if first(e.Requests[:i], r.Replica) {
			l.expected[vidur.Scheduled]++
		}
	}
	if before == l.expected[vidur.Scheduled] && len(e.Requests) > 0 {
		l.fail(Requests, where{}, "requests were placed on no replica")
	}
	l.front -= len(e.Requests)
	l.checkFront()
}

// first reports whether none of rs is on the replica.
func first(rs []*vidur.Request, replica int) bool {
	for _, r := range rs {
		if r.Replica == replica {
			return false
		}
	}
	return true
}

// checkFront checks the queue in front of the cluster.
func (l *Laws) checkFront() {
	if l.cluster == nil {
		return
	}
	q := &l.cluster.Waiting
	if q.Len() != l.front {
		l.fail(Requests, where{}, "%d requests arrived and were not routed, and %d are in the cluster's queue", l.front, q.Len())
		return
	}
	l.stamp++
	for i := range q.Len() {
		w := where{r: q.At(i)}
		f := l.life(w)
		if f == nil {
			return
		}
		if f.stamp == l.stamp || f.replica >= 0 {
			l.fail(Requests, w, "it is in the cluster's queue and elsewhere")
		}
		f.stamp = l.stamp
	}
}

// checkSite checks that the requests of a replica are in one place each and
// hold the blocks that are in use.
func (l *Laws) checkSite(s *site) {
	l.stamp++
	var t scan
	for i := range s.rep.Waiting.Len() {
		l.see(&t, where{s.rep, nil, s.rep.Waiting.At(i)}, "Waiting")
	}
	for i := range s.rep.Running.Len() {
		l.see(&t, where{s.rep, nil, s.rep.Running.At(i)}, "Running")
	}
	for _, fl := range s.flights {
		for i := range fl.b.Slots {
			l.see(&t, where{s.rep, fl.b, fl.b.Slots[i].Request}, "a batch")
		}
	}
	if !l.OwnQueues {
		l.checkLive(s, t.requests)
		l.checkBlocks(s, t)
	}
	if used := s.rep.KV.Used(); used < 0 || used > s.rep.KV.Blocks {
		l.fail(Memory, where{rep: s.rep}, "%d of %d KV blocks are in use", used, s.rep.KV.Blocks)
	}
}

// scan is what a look at all requests of a replica counts.
type scan struct{ requests, blocks, holders int }

// see takes note of a request that is in that place.
func (l *Laws) see(t *scan, w where, place string) {
	f := l.life(w)
	if f == nil {
		return
	}
	switch {
	case f.stamp == l.stamp:
		l.fail(Requests, w, "it is in %s and elsewhere", place)
	case f.replica != w.rep.ID:
		l.fail(Requests, w, "it is in %s of a replica to which it was not routed", place)
	case w.b == nil && f.in != nil:
		l.fail(Requests, w, "it is in %s and in batch %d", place, f.in.id)
	}
	f.stamp = l.stamp
	t.requests++
	if held := w.rep.KV.Held(w.r); held > 0 {
		t.blocks += held
		t.holders++
		l.checkHeld(w, held)
	}
	l.sync(w, f)
	if l.Paged && w.b == nil {
		l.checkPages(w, w.r.Done-generated(w.r))
	}
}

// generated is 1 if the latest token of r was generated and not yet processed.
func generated(r *vidur.Request) int {
	if r.Prefilled() {
		return 1
	}
	return 0
}

func (l *Laws) checkLive(s *site, seen int) {
	if l.cluster == nil || seen == s.live {
		return
	}
	for _, f := range l.lives {
		if f != nil && f.r != nil && f.replica == s.rep.ID && f.stamp != l.stamp {
			l.fail(Requests, where{s.rep, nil, f.r}, "it is lost: neither in Waiting, nor in Running, nor in a batch")
			return
		}
	}
}

func (l *Laws) checkBlocks(s *site, t scan) {
	if kv := &s.rep.KV; kv.Used() != t.blocks || kv.Holders() != t.holders {
		l.fail(Memory, where{rep: s.rep}, "%d KV blocks are in use by %d requests, and the live requests hold %d by %d", kv.Used(), kv.Holders(), t.blocks, t.holders)
	}
}

// checkHeld checks that a request holds no blocks when it was preempted and
// waits, and never more than it and the longest request can need.
func (l *Laws) checkHeld(w where, held int) {
	kv, r := &w.rep.KV, w.r
	if w.b == nil && r.Restarts > 0 && r.Done == 0 {
		l.fail(Memory, w, "it was preempted and keeps %d KV blocks", held)
	}
	if most := kv.For(max(r.Total(), w.rep.Spec.MaxTokens)); held > most {
		l.fail(Memory, w, "it holds %d KV blocks, and no request needs more than %d", held, most)
	}
}

func (l *Laws) checkPages(w where, tokens int) {
	if held := w.rep.KV.Held(w.r); held*w.rep.KV.BlockSize < tokens {
		l.fail(Memory, w, "it has %d tokens in %d blocks of %d", tokens, held, w.rep.KV.BlockSize)
	}
}
