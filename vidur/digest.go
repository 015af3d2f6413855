package vidur

import "math"

// Digest is a recorder that folds every field of every event, and of the
// requests and batches it points to, into one number. Two runs with the same
// digest were the same to the last bit of every time.
type Digest struct {
	sum    uint64
	events int
}

// Sum is the digest of the events so far.
func (d *Digest) Sum() uint64 { return d.sum }

// Events is their number.
func (d *Digest) Events() int { return d.events }

// Record adds one event.
func (d *Digest) Record(e *Event) {
	d.events++
	d.float(e.At)
	d.ints(int(e.Kind), e.Stage, len(e.Requests), len(e.Batches))
	if e.Replica != nil {
		d.replica(e.Replica)
	}
	if e.Request != nil {
		d.request(e.Request)
	}
	for _, r := range e.Requests {
		d.request(r)
	}
	if e.Batch != nil {
		d.batch(e.Batch)
	}
	for _, b := range e.Batches {
		d.batch(b)
	}
}

// Cluster adds the state of a cluster: its queues, its replicas and theirs.
func (d *Digest) Cluster(c *Cluster) {
	d.float(c.Now)
	d.queue(&c.Waiting)
	for _, rep := range c.Replicas {
		d.replica(rep)
		d.queue(&rep.Waiting)
		d.queue(&rep.Running)
	}
}

func (d *Digest) queue(q *Queue) {
	for i := range q.Len() {
		d.request(q.At(i))
	}
}

// word mixes one word in: a multiplication by an odd number and a shift are one
// to one, so no difference is lost at its own place.
func (d *Digest) word(w uint64) {
	h := (d.sum ^ w) * 0x9e3779b97f4a7c15
	d.sum = h ^ h>>29
}

func (d *Digest) float(f float64) { d.word(math.Float64bits(f)) }

func (d *Digest) ints(ns ...int) {
	for _, n := range ns {
		d.word(uint64(n))
	}
}

func (d *Digest) replica(rep *Replica) {
	d.ints(rep.ID, rep.KV.Used(), rep.KV.Holders(), rep.Waiting.Len(), rep.Running.Len(), rep.ActiveBatches(), rep.Outstanding())
}

func (d *Digest) request(r *Request) {
	d.ints(r.ID, r.Replica, r.Prefill, r.Decode, r.Done, r.Prompt, r.Restarts)
	for _, at := range []float64{r.At, r.ScheduledAt, r.StartedAt, r.PrefilledAt, r.CompletedAt, r.ExecTime, r.CPUTime, r.IterEnd, r.PrevEnd, r.TokenAt} {
		d.float(at)
	}
	for _, is := range []bool{r.Started(), r.FirstToken(), r.Completed()} {
		if is {
			d.word(1)
		} else {
			d.word(0)
		}
	}
}

func (d *Digest) batch(b *Batch) {
	d.ints(b.ID, len(b.Slots), b.NumTokens, b.PrefillTokens, b.NumDecodes, b.DecodeCached, int(b.Attended), b.Time.Layers)
	for _, at := range []float64{b.ScheduledAt, b.StageStart, b.ExecTime, b.CPUTime} {
		d.float(at)
	}
	for _, ms := range b.Time.Ops {
		d.float(ms)
	}
	for i := range b.Slots {
		s := &b.Slots[i]
		d.ints(int(s.Tokens), int(s.Cached), int(s.Advance))
		d.request(s.Request)
	}
}
