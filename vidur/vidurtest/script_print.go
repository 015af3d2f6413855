package vidurtest

import (
	"fmt"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// narrator is a recorder that tells what happens, in a line for each event that
// a reader wants to know of.
type narrator struct {
	out      strings.Builder
	cluster  *vidur.Cluster
	batches  int // formed
	restarts map[int]int
	inFlight [][]*vidur.Batch // by replica
}

func (n *narrator) Record(e *vidur.Event) {
	switch e.Kind {
	case vidur.Arrived:
		n.printf("t=%-6g arrives    r%d: prompt %d, answer %d\n", e.At, e.Request.ID, e.Request.Prefill, e.Request.Decode)
	case vidur.Scheduled:
		n.preempted(e)
		for _, b := range e.Batches {
			n.batches++
			n.flight(e.Replica, b)
			n.printf("t=%-6g %sbatch %-4d %s\n", e.At, n.place(e.Replica), b.ID, slots(b))
		}
	case vidur.StageStarted:
		if e.Batch != nil && e.Stage > 0 {
			n.printf("t=%-6g %sbatch %-4d in stage %d\n", e.At, n.place(e.Replica), e.Batch.ID, e.Stage)
		}
	case vidur.BatchEnded:
		n.landed(e)
		n.preempted(e)
	}
}

func (n *narrator) printf(format string, args ...any) { fmt.Fprintf(&n.out, format, args...) }

// place names the replica if there are several.
func (n *narrator) place(rep *vidur.Replica) string {
	if len(n.cluster.Replicas) == 1 {
		return ""
	}
	return fmt.Sprintf("replica %d ", rep.ID)
}

// slots says what a batch does for each of its requests.
func slots(b *vidur.Batch) string {
	var parts []string
	for i := range b.Slots {
		s := &b.Slots[i]
		if s.Decode {
			parts = append(parts, fmt.Sprintf("r%d decodes at %d", s.Request.ID, s.Cached))
		} else {
			parts = append(parts, fmt.Sprintf("r%d prompt %d+%d of %d", s.Request.ID, s.Cached, s.Tokens, s.Request.Prompt))
		}
	}
	return strings.Join(parts, ", ")
}

func (n *narrator) flight(rep *vidur.Replica, b *vidur.Batch) {
	for len(n.inFlight) <= rep.ID {
		n.inFlight = append(n.inFlight, nil)
	}
	n.inFlight[rep.ID] = append(n.inFlight[rep.ID], b)
}

func (n *narrator) landed(e *vidur.Event) {
	n.inFlight[e.Replica.ID] = n.inFlight[e.Replica.ID][1:]
	for i := range e.Batch.Slots {
		if r := e.Batch.Slots[i].Request; r.Completed() {
			n.printf("t=%-6g completes  r%d: first token after %g s, last after %g s\n", e.At, r.ID, r.PrefilledAt-r.At, r.CompletedAt-r.At)
			delete(n.restarts, r.ID)
		}
	}
}

// preempted tells of the requests of a replica that were preempted.
func (n *narrator) preempted(e *vidur.Event) {
	if n.restarts == nil {
		n.restarts = map[int]int{}
	}
	see := func(r *vidur.Request) {
		if r.Restarts > n.restarts[r.ID] {
			n.restarts[r.ID] = r.Restarts
			n.printf("t=%-6g %spreempts   r%d: it restarts with a prompt of %d\n", e.At, n.place(e.Replica), r.ID, r.Prompt)
		}
	}
	for _, b := range e.Batches {
		for i := range b.Slots {
			see(b.Slots[i].Request)
		}
	}
	for i := range e.Replica.Waiting.Len() {
		see(e.Replica.Waiting.At(i))
	}
}

// show prints the state of every replica.
func (n *narrator) show() {
	for _, rep := range n.cluster.Replicas {
		n.printf("%swaiting [%s] running [%s]", n.place(rep), requests(&rep.Waiting), requests(&rep.Running))
		var holders []string
		hold := func(r *vidur.Request) {
			if k := rep.KV.Held(r); k > 0 {
				holders = append(holders, fmt.Sprintf("r%d %d", r.ID, k))
			}
		}
		for _, q := range []*vidur.Queue{&rep.Waiting, &rep.Running} {
			for i := range q.Len() {
				hold(q.At(i))
			}
		}
		if rep.ID < len(n.inFlight) {
			for _, b := range n.inFlight[rep.ID] {
				n.printf(" batch %d [%s]", b.ID, slots(b))
				for i := range b.Slots {
					hold(b.Slots[i].Request)
				}
			}
		}
		n.printf("\n%sblocks %d of %d [%s]\n", n.place(rep), rep.KV.Used(), rep.KV.Blocks, strings.Join(holders, ", "))
	}
}

func requests(q *vidur.Queue) string {
	var ids []string
	for i := range q.Len() {
		ids = append(ids, fmt.Sprintf("r%d", q.At(i).ID))
	}
	return strings.Join(ids, " ")
}
