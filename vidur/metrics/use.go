package metrics

import "github.com/govidur/govidur/vidur"

// replicaUse is the use of a replica's memory and of its stages' devices.
type replicaUse struct {
	seen      bool
	spec      vidur.ReplicaSpec
	blocks    int
	completed int // requests

	at       float64 // s, of the latest sample of the memory
	used     int     // blocks, since then
	most     int     // blocks
	heldTime float64 // blocks × s, up to at
	sum      int     // blocks, over the samples
	samples  int     // the one at 0 s, of nothing, is one

	stages    []stageUse
	perToken  float64 // FLOP on one device of a stage, by tokens
	perAttend float64 // and by pairs of query and key
}

// stageUse is the use of one stage's devices. The sums with 0 in their name
// are the parts of iterations that began at 0 s, which the original leaves out.
type stageUse struct {
	busy         bool
	start        float64 // s, of the iteration in work
	first, last  float64 // s, of the first sample after 0 s and of the last
	time, time0  float64 // s of iterations that ended
	flops, flop0 float64 // of one device, in them
	peak         float64 // FLOP/s, the most of an iteration
}

// newReplicaUse works the constants of a replica's FLOPs out. An iteration does
//
//	2 · tokens · weights + 4 · layers · heads · head size · Σ n·(n + cached)
//
// on each device of a stage: the products with the weights of the layers,
// embeddings left out, and those of attention before the causal mask, both as
// the original and as PaLM's definition of MFU count them.
func newReplicaUse(spec *vidur.ReplicaSpec) replicaUse {
	u := replicaUse{spec: *spec, blocks: spec.Blocks, samples: 1}
	tp, pp := max(spec.TP, 1), max(spec.PP, 1)
	u.stages = make([]stageUse, pp)
	if m := &spec.Model; m.Layers > 0 {
		layers := m.Layers / pp
		u.perToken = 2 * float64(m.LayerParams(tp)) * float64(layers)
		u.perAttend = 4 * float64(layers) * float64(m.QHeads/tp) * float64(m.Head())
	}
	return u
}

// held samples the blocks that are held.
func (u *replicaUse) held(now float64, used int) {
	u.heldTime += float64(float64(u.used) * (now - u.at))
	u.at, u.used = now, used
	u.most = max(u.most, used)
	u.sum += used
	u.samples++
}

func (u *replicaUse) stageStarted(e *vidur.Event) {
	st := &u.stages[e.Stage]
	st.busy, st.start = true, e.At
	st.sample(e.At)
}

func (u *replicaUse) stageEnded(e *vidur.Event) {
	st, b := &u.stages[e.Stage], e.Batch
	st.busy = false
	st.sample(e.At)
	took := e.At - st.start
	flops := float64(u.perToken*float64(b.NumTokens)) + float64(u.perAttend*float64(b.Attended))
	st.time += took
	st.flops += flops
	if st.start == 0 {
		st.time0, st.flop0 = took, flops
	}
	if flops > st.peak*took {
		st.peak = flops / took
	}
}

func (st *stageUse) sample(now float64) {
	if st.first == 0 {
		st.first = now
	}
	st.last = now
}

// Utilization is how a quantity in percent went over the run: its mean over
// time, from 0 s to the last event, and its extremes. A run begins with
// nothing, so Min is 0.
type Utilization struct {
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
	Mean float64 `json:"mean"`
}

// StageUse is the use of the devices of one pipeline stage, in percent.
type StageUse struct {
	Busy Utilization `json:"busy_percent"`
	// MFU is model FLOPs utilization: the FLOP of the iterations that ended over
	// what the device could do at its dense fp16 rate. Zero if Model or Device
	// are not known.
	MFU Utilization `json:"mfu_percent"`
}

// ReplicaUse is the use of one replica.
type ReplicaUse struct {
	Replica   int         `json:"replica"`
	Completed int         `json:"completed_requests"`
	Memory    Utilization `json:"memory_percent"` // KV blocks held
	Stages    []StageUse  `json:"stages"`
}

// Use returns the use of every replica. With Options.Original the means are the
// original's: that of memory over the samples at the ends of batches and not
// over time, the others without what began at 0 s, and MFU is relative to 2^40
// FLOPS per TFLOPS.
func (s *Store) Use() []ReplicaUse {
	uses := make([]ReplicaUse, len(s.replicas))
	for i := range s.replicas {
		u := &s.replicas[i]
		uses[i] = ReplicaUse{Replica: i, Completed: u.completed, Memory: u.memory(s.now, s.opt.Original)}
		for j := range u.stages {
			uses[i].Stages = append(uses[i].Stages, u.stage(j, s.now, s.opt.Original))
		}
	}
	return uses
}

func (u *replicaUse) memory(end float64, original bool) Utilization {
	if u.blocks == 0 {
		return Utilization{}
	}
	percent := 100 / float64(u.blocks)
	m := Utilization{Max: float64(u.most) * percent}
	switch {
	case original:
		m.Mean = float64(u.sum) * percent / float64(u.samples)
	case end > 0:
		m.Mean = (u.heldTime + float64(float64(u.used)*(end-u.at))) * percent / end
	}
	return m
}

func (u *replicaUse) stage(j int, end float64, original bool) StageUse {
	st := &u.stages[j]
	tera, time, flops, span := 1e12, st.time, st.flops, end
	if original {
		tera, time, flops, span = 1<<40, st.time-st.time0, st.flops-st.flop0, st.last-st.first
	} else if st.busy {
		time += end - st.start
	}
	var use StageUse
	if span > 0 {
		use.Busy.Mean = 100 * time / span
	}
	if st.busy || st.time > 0 {
		use.Busy.Max = 100
	}
	if rate := u.spec.Device.TFLOPS * tera; rate > 0 {
		use.MFU.Max = 100 * st.peak / rate
		if span > 0 {
			use.MFU.Mean = 100 * flops / rate / span
		}
	}
	return use
}
