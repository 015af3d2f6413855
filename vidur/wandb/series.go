package wandb

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// Series is a Recorder that keeps how a simulation went over time, in at most 512
// intervals of equal length, however long it takes. The zero value is ready for one
// run.
type Series struct {
	width    float64 // s, of an interval; a power of 2, so that the ends of all are exact
	now      float64 // s, up to which the present state is counted
	inside   int     // requests that arrived and are not complete
	admitted int     // of them those that are not in line for admission
	held     int64   // sum over replicas of the part of the KV blocks that is held, in 2^-32: sums are exact
	replicas []state
	bins     []bin
}

// state is what a replica has part in admitted and held.
type state struct {
	admitted int
	held     int64
}

// bin is what happened in an interval. Two make one by addition.
type bin struct {
	running, waiting, kv        float64 // integrals over time, × s
	arrived, completed          int     // requests
	prompt, output              int     // tokens
	batches, slots, batchTokens int     // of batches that ended
	first                       int     // first tokens
	ttft                        float64 // s, sum over them
}

const (
	mostBins = 512
	firstBin = 1.0 / 1024 // s
)

// SumsOnly marks it as one that needs no requests that only decode.
func (s *Series) SumsOnly() {}

// Record takes an event in.
func (s *Series) Record(e *vidur.Event) {
	b := s.to(e.At)
	switch e.Kind {
	case vidur.Arrived:
		b.arrived++
		s.inside++
	case vidur.Scheduled:
		s.look(e.Replica)
	case vidur.BatchEnded:
		s.inside -= b.ended(e)
		s.look(e.Replica)
	}
}

// look brings what is known of a replica up to date. Who is admitted changes only when its
// scheduler was asked and when a batch ends.
func (s *Series) look(rep *vidur.Replica) {
	for len(s.replicas) <= rep.ID {
		s.replicas = append(s.replicas, state{})
	}
	r := &s.replicas[rep.ID]
	s.admitted -= r.admitted
	s.held -= r.held
	*r = state{rep.Outstanding() - rep.Waiting.Len(), int64(rep.KV.Used()) << 32 / int64(max(1, rep.KV.Blocks))}
	s.admitted += r.admitted
	s.held += r.held
}

// ended counts a batch, and returns how many of its requests are complete.
func (b *bin) ended(e *vidur.Event) (completed int) {
	batch := e.Batch
	b.batches++
	b.slots += len(batch.Slots)
	b.batchTokens += batch.NumTokens
	b.prompt += batch.PrefillTokens
	if _, ok := batch.Repeated(); ok {
		b.output += len(batch.Slots)
		return 0
	}
	for i := range batch.Slots {
		slot := &batch.Slots[i]
		r := slot.Request
		switch {
		case slot.Decode:
			b.output += int(slot.Advance)
		case r.Prefilled():
			b.output++
			if r.PrefilledAt == e.At {
				b.first++
				b.ttft += e.At - r.At
			}
		}
		if r.Completed() {
			completed++
		}
	}
	b.completed += completed
	return completed
}

// to counts the present state up to a time, s, and returns the interval that it is in.
func (s *Series) to(t float64) *bin {
	if s.width == 0 {
		s.width = firstBin
	}
	for t >= s.width*mostBins {
		s.double()
	}
	for s.now < t {
		i := int(s.now / s.width)
		end := min(t, float64(i+1)*s.width)
		b, took := s.bin(i), end-s.now
		b.running += took * float64(s.admitted)
		b.waiting += took * float64(s.inside-s.admitted)
		b.kv += took * float64(s.held) / (1 << 32)
		s.now = end
	}
	return s.bin(int(t / s.width))
}

func (s *Series) bin(i int) *bin {
	for len(s.bins) <= i {
		s.bins = append(s.bins, bin{})
	}
	return &s.bins[i]
}

// double makes one interval of each two.
func (s *Series) double() {
	s.width *= 2
	n := (len(s.bins) + 1) / 2
	for i := range n {
		b := s.bins[2*i]
		if 2*i+1 < len(s.bins) {
			b.add(&s.bins[2*i+1])
		}
		s.bins[i] = b
	}
	s.bins = s.bins[:n]
}

func (b *bin) add(o *bin) {
	b.running += o.running
	b.waiting += o.waiting
	b.kv += o.kv
	b.arrived += o.arrived
	b.completed += o.completed
	b.prompt += o.prompt
	b.output += o.output
	b.batches += o.batches
	b.slots += o.slots
	b.batchTokens += o.batchTokens
	b.first += o.first
	b.ttft += o.ttft
}

// seriesNames are the columns of [Series.History].
var seriesNames = []string{
	"time_s", "running_requests", "waiting_requests", "kv_percent", "arrivals_per_s", "completions_per_s",
	"prompt_tokens_per_s", "output_tokens_per_s", "batch_size", "batch_tokens", "ttft_mean_s",
}

// History is the series as a table with a row per interval; the last may be shorter than the
// others. Its columns are
//
//	time_s               when the interval ends, s
//	running_requests     that are admitted and not complete, mean over time
//	waiting_requests     that arrived and are not admitted, or were preempted, mean over time
//	kv_percent           KV blocks that are held, mean over time and replicas
//	arrivals_per_s       requests
//	completions_per_s    requests
//	prompt_tokens_per_s  tokens of prompts that were processed
//	output_tokens_per_s  tokens that were generated
//	batch_size           requests of a batch, mean of those that ended in the interval
//	batch_tokens         tokens of a batch, the same mean
//	ttft_mean_s          TTFT of the requests whose first token came in the interval, s
//
// replicas is how many there are, idle ones too.
func (s *Series) History(replicas int) History {
	h := History{Names: seriesNames, Clock: true}
	bins := append([]bin{}, s.bins...)
	if n := len(bins); n > 1 && float64(n-1)*s.width == s.now { // the last event is at its beginning
		bins[n-2].add(&bins[n-1])
		bins = bins[:n-1]
	}
	for i := range bins {
		begin, end := float64(i)*s.width, min(float64(i+1)*s.width, s.now)
		h.Rows = append(h.Rows, bins[i].row(end, end-begin, replicas))
	}
	return h
}

// row is an interval that took some s.
func (b *bin) row(end, took float64, replicas int) []float64 {
	per := func(n int) float64 { return over(float64(n), took) }
	return []float64{
		end, over(b.running, took), over(b.waiting, took), over(100*b.kv, took*float64(replicas)),
		per(b.arrived), per(b.completed), per(b.prompt), per(b.output),
		over(float64(b.slots), float64(b.batches)), over(float64(b.batchTokens), float64(b.batches)),
		over(b.ttft, float64(b.first)),
	}
}

// over is a / b, or NaN for b 0.
func over(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
