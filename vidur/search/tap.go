package search

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// tap is a recorder of what package metrics does not keep: the bytes that
// iterations read from memory, and a hash of the requests.
type tap struct {
	requests uint64    // FNV-1a of arrival times and lengths, in order of arrival
	busy     []float64 // by replica: s for which its devices' memory would have to work, mean over stages
	stage    []reads   // by replica
}

// reads are the bytes that one device of a stage reads from its memory.
type reads struct {
	weights  float64 // bytes, in every iteration
	perToken float64 // bytes of keys and values, per token
	seconds  float64 // s per byte, and divided by the stages
}

func newTap() *tap { return &tap{requests: 14695981039346656037} }

// SumsOnly marks the tap as one that looks at slots of prefills only.
func (t *tap) SumsOnly() {}

// Record takes an event in.
func (t *tap) Record(e *vidur.Event) {
	switch e.Kind {
	case vidur.Arrived:
		t.hash(math.Float64bits(e.Request.At))
		t.hash(uint64(e.Request.Prefill)<<32 | uint64(e.Request.Decode))
	case vidur.StageEnded:
		for len(t.stage) <= e.Replica.ID {
			t.stage = append(t.stage, reads{})
			t.busy = append(t.busy, 0)
		}
		r := &t.stage[e.Replica.ID]
		if r.seconds == 0 {
			*r = newReads(&e.Replica.Spec)
		}
		t.busy[e.Replica.ID] += (r.weights + float64(r.perToken*float64(tokensRead(e.Batch)))) * r.seconds
	}
}

func (t *tap) hash(v uint64) {
	for range 8 {
		t.requests = (t.requests ^ v&0xff) * 1099511628211
		v >>= 8
	}
}

// newReads works out what a stage's device reads. A value has 2 bytes; key and
// value heads are on several devices when there are fewer of them than devices.
func newReads(s *vidur.ReplicaSpec) reads {
	const bytesPerValue = 2
	m, tp, pp := &s.Model, max(s.TP, 1), max(s.PP, 1)
	layers := float64(m.Layers / pp)
	heads := (m.KVHeads + tp - 1) / tp
	r := reads{seconds: 1 / (s.Device.Bandwidth * 1e9 * float64(pp))}
	if m.Layers > 0 {
		r.weights = bytesPerValue * layers * float64(m.LayerParams(tp))
		r.perToken = bytesPerValue * layers * float64(2*heads*m.Head())
	}
	return r
}

// tokensRead is the number of tokens whose keys and values an iteration reads,
// of all its requests: those in the cache and those it adds. The engine counts
// the token that a decode is fed with as cached.
func tokensRead(b *vidur.Batch) int {
	n := b.DecodeCached
	if b.PrefillTokens == 0 {
		return n
	}
	for i := range b.Slots {
		if s := &b.Slots[i]; !s.Decode {
			n += int(s.Cached + s.Tokens)
		}
	}
	return n
}

// use is the mean use of the memory's bandwidth up to end, in percent; NaN if
// that is not known.
func (t *tap) use(replicas int, end float64) float64 {
	sum := 0.0
	for _, busy := range t.busy {
		sum += busy
	}
	percent := 100 * sum / (end * float64(replicas))
	return where(percent-percent == 0, percent)
}
