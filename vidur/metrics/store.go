package metrics

import (
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sketch"
)

// Options say what a Store keeps. The zero value keeps a row per request, and
// sketches and totals of all else.
type Options struct {
	// Replicas is the Config's. Without it, a replica that no event was of is
	// not known: not to the cost, nor to the files about utilization.
	Replicas []vidur.ReplicaSpec

	SketchesOnly bool // no rows; memory does not grow with the number of requests
	KeepBatches  bool // a row per batch; with Operations also the mean of every operator in it
	Operations   bool // distributions of operator times
	TokenSeries  bool // when prompts were completed and tokens generated, as time series

	// Original makes the mistakes of the original simulator that a file shows:
	// normalization after restarts, 2^40 FLOPS in a TFLOPS, means that leave
	// parts of the run out, residual adds counted twice, names of replicas.
	Original bool

	SLO SLO // what Summary reports goodput for; zero fields are no limit

	// MinBatch and MaxBatch, if not 0, leave out what is counted at the end of
	// the batches before and after these IDs, completions included.
	MinBatch, MaxBatch int
}

// Store is a Recorder that measures a run. It may be read when the run has
// ended, whatever ended it. It is not safe for concurrent use.
type Store struct {
	opt      Options
	now      float64 // s, of the latest event that changed anything
	first    float64 // s, of the first arrival
	latest   float64 // s, of the latest arrival
	arrived  int
	totals   totals
	replicas []replicaUse

	rows     list[Request] // by ID
	order    list[int32]   // IDs in order of completion
	sketched []sketch.Sketch

	// Without rows, requests wait here until there are enough of them to be
	// added to one sketch after the other, which is faster than to all at once.
	came, went []Request

	decodeOnly counts // sizes of batches of decodes, a token each
	mixed      batchCounts
	batchTime  sketch.Sketch
	token      sketch.Sketch // times between tokens but those in regap
	regap      sketch.Sketch // those that a restart lay between
	batches    list[batchRow]

	prefillSeries list[point]
	decodeSeries  list[point]
	ops           *operations
}

// totals are of requests that are complete, but for the tokens.
type totals struct {
	completed, restarts int
	prefill, decode     int // tokens
	met                 [numLimits]int
	good                int
	tokens              int // emitted, of all requests
}

// point is an entry of a time series: n more at a time.
type point struct {
	at float64
	n  int32
}

// New makes an empty Store.
func New(opt Options) *Store {
	s := &Store{opt: opt, first: math.NaN()}
	if opt.SketchesOnly {
		s.sketched = make([]sketch.Sketch, len(requestMetrics))
		s.came, s.went = make([]Request, 0, waitingRows), make([]Request, 0, waitingRows)
	}
	if opt.Operations {
		s.ops = &operations{keep: opt.KeepBatches, original: opt.Original}
	}
	for i := range opt.Replicas {
		s.replicas = append(s.replicas, newReplicaUse(&opt.Replicas[i]))
	}
	return s
}

// Options returns what the Store was made with.
func (s *Store) Options() Options { return s.opt }

// End is the time of the last event, s.
func (s *Store) End() float64 { return s.now }

// Arrived is the number of requests that arrived.
func (s *Store) Arrived() int { return s.arrived }

// Completed is the number of requests that are complete.
func (s *Store) Completed() int { return s.totals.completed }

// Record takes an event in. It does not allocate but for new rows.
func (s *Store) Record(e *vidur.Event) {
	switch e.Kind {
	case vidur.BatchEnded:
		s.batchEnded(e)
	case vidur.StageEnded:
		s.now = e.At
		s.replica(e.Replica).stageEnded(e)
	case vidur.StageStarted:
		if e.Batch != nil {
			s.stageStarted(e)
		}
	case vidur.Scheduled:
		if len(e.Batches) > 0 {
			s.now = e.At
			s.replica(e.Replica).held(e.At, e.Replica.KV.Used())
		}
	case vidur.Arrived:
		s.requestArrived(e)
	}
}

func (s *Store) stageStarted(e *vidur.Event) {
	s.now = e.At
	s.replica(e.Replica).stageStarted(e)
	if s.ops != nil {
		s.ops.record(e.Batch)
	}
}

func (s *Store) requestArrived(e *vidur.Event) {
	s.now = e.At
	gap := e.At - s.latest
	if s.arrived == 0 {
		gap, s.first = math.NaN(), e.At
	}
	s.latest = e.At
	s.arrived++
	if !s.opt.SketchesOnly {
		*s.rows.reach(e.Request.ID) = arrival(e.Request, gap)
		return
	}
	if len(s.came) == waitingRows {
		s.settle()
	}
	s.came = append(s.came, arrival(e.Request, gap))
}

// completed counts a request that is.
func (s *Store) completed(r *vidur.Request) {
	t := &s.totals
	t.completed++
	t.restarts += r.Restarts
	t.prefill += r.Prefill
	t.decode += r.Decode
	s.replicas[r.Replica].completed++
	if !s.opt.SketchesOnly {
		q := s.rows.reach(r.ID)
		q.complete(r)
		s.order.push(int32(r.ID))
		t.judge(&s.opt.SLO, q)
		return
	}
	if len(s.went) == waitingRows {
		s.settle()
	}
	s.went = append(s.went, arrival(r, math.NaN()))
	q := &s.went[len(s.went)-1]
	q.complete(r)
	t.judge(&s.opt.SLO, q)
}

const waitingRows = 256

// settle adds the waiting requests to the sketches: those that came to the
// metrics that are known at the arrival, those that went to the others.
func (s *Store) settle() {
	for i := range s.sketched {
		m := &requestMetrics[i]
		rows := s.went
		if m.kind == askedMetric {
			rows = s.came
		}
		for j := range rows {
			if v := m.of(&rows[j], s.opt.Original); v == v {
				s.sketched[i].Add(v)
			}
		}
	}
	s.came, s.went = s.came[:0], s.went[:0]
}

// replica finds what is known of a replica's use.
func (s *Store) replica(rep *vidur.Replica) *replicaUse {
	if uint(rep.ID) >= uint(len(s.replicas)) || !s.replicas[rep.ID].seen {
		s.see(rep)
	}
	return &s.replicas[rep.ID]
}

// see takes a replica's resolved Spec at its first event.
func (s *Store) see(rep *vidur.Replica) {
	for len(s.replicas) <= rep.ID {
		s.replicas = append(s.replicas, newReplicaUse(&rep.Spec))
	}
	u := newReplicaUse(&rep.Spec)
	u.seen, u.blocks = true, rep.KV.Blocks
	s.replicas[rep.ID] = u
}
