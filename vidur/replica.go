package vidur

import "slices"

// Replica is one copy of the model and its state.
type Replica struct {
	ID      int
	Now     float64 // s
	Spec    ReplicaSpec
	KV      KV
	Waiting Queue // routed here, not admitted or preempted
	Running Queue // admitted and between two batches
	Lacks   Lack  // what kept the head of Waiting out of the batch, for recorders; see Lack

	calling     *call // of the Simulator
	sched       Scheduler
	steady      Steady // the same, if batches may be repeated; see steady.go
	parked      *Batch // has ended and may be repeated; its requests are in no queue
	repeating   *Batch // the latest that was
	stages      []stage
	active      int // batches in flight
	outstanding int // requests that were routed here and are not complete
	touched     bool
	free        []*Batch
	aside       []*Request // scratch of DecodeAll
}

// stage is one pipeline stage: a line of batches and the one it works on.
type stage struct {
	line []*Batch
	busy bool
}

// ActiveBatches is the number of batches in flight; at most PP.
func (rep *Replica) ActiveBatches() int { return rep.active }

// Outstanding is the number of requests that were routed here and are not
// complete: waiting, running, in a batch, or kept by the scheduler.
func (rep *Replica) Outstanding() int { return rep.outstanding }

// Requeue is what most schedulers do with a finished batch: completed requests
// give their blocks back, the others go to the end of Running.
func (rep *Replica) Requeue(b *Batch) {
	q := &rep.Running
	for len(q.ring)-q.n < len(b.Slots) {
		q.grow()
	}
	mask, end := len(q.ring)-1, q.head+q.n
	for i := range b.Slots {
		r := b.Slots[i].Request
		if r.completed {
			rep.KV.Release(r)
			continue
		}
		q.ring[end&mask] = r
		end++
	}
	q.n = end - q.head
}

// Decode moves requests from the head of Running into b, a token each, until b
// has limit requests, or Running is empty, or its head still prefills, or there
// may be no free block for it. It gives them the blocks they need. It is the
// fast way to do what Pop, KV.Extend and Add do, and leaves what needs thought,
// a preemption, to the caller; [Replica.DecodeAll] does that too.
func (rep *Replica) Decode(b *Batch, limit int) {
	q, kv := &rep.Running, &rep.KV
	n := min(q.n, limit-len(b.Slots), kv.Free())
	if n <= 0 {
		return
	}
	first, cached, mask := len(b.Slots), 0, len(q.ring)-1
	b.Slots = slices.Grow(b.Slots, n)
	slots := b.Slots[first : first+n]
	i := 0
	for ; i < n; i++ {
		r := q.ring[(q.head+i)&mask]
		done := r.Done
		if done <= r.Prompt || r.inBatch || r.completed {
			break
		}
		if done > int(r.blocks)*kv.BlockSize && !kv.Extend(r) {
			break
		}
		r.inBatch = true
		cached += done
		s := &slots[i] // field by field, as in put
		s.Request = r
		s.Tokens, s.Cached, s.Advance = 1, int32(done), 1
		s.Decode = true
	}
	b.Slots = b.Slots[:first+i]
	q.head = (q.head + i) & mask
	q.n -= i
	b.NumTokens += i
	b.NumDecodes += i
	b.DecodeCached += cached
	b.Attended += int64(cached + i)
}

func (rep *Replica) takeBatch() *Batch {
	n := len(rep.free)
	if n == 0 {
		return &Batch{calling: rep.calling}
	}
	b := rep.free[n-1]
	rep.free = rep.free[:n-1]
	return b
}

func (rep *Replica) giveBatch(b *Batch) {
	b.reset()
	rep.free = append(rep.free, b)
}

// Cluster is the replicas and the queue in front of them.
type Cluster struct {
	Now      float64 // s
	Replicas []*Replica
	Waiting  Queue // arrived and not routed
}
