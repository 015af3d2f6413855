package trace

import (
	"fmt"
	"io"

	"github.com/govidur/govidur/vidur"
)

// Events writes a JSON list with an object per event: its time in seconds, its
// event_type and what it was about:
//
//	request_arrival         request
//	global_schedule         replica_set, request_mapping: pairs of replica and request
//	replica_schedule        replica_id, batch_ids
//	batch_stage_arrival     replica_id, stage_id, batch_id
//	replica_stage_schedule  replica_id, stage_id, batch_id, batch_stage_id, is_last_stage
//	batch_stage_end         replica_id, stage_id, batch_id, batch_stage_id, is_last_stage
//	batch_end               batch_id
//
// A stage that was asked to work and did not, because it was busy or had
// nothing to do, has null for batch and batch_stage. The objects are those
// that the original simulator means to write; it fails at the first
// global_schedule, and leaves event_type null.
type Events struct {
	writer
	stages   [][]int // batch_stage_id in work, by replica and stage
	started  int
	replicas []int // scratch
	closed   bool
}

var eventTypes = [...]string{
	vidur.Arrived:      "request_arrival",
	vidur.Routed:       "global_schedule",
	vidur.Scheduled:    "replica_schedule",
	vidur.StageArrived: "batch_stage_arrival",
	vidur.StageStarted: "replica_stage_schedule",
	vidur.StageEnded:   "batch_stage_end",
	vidur.BatchEnded:   "batch_end",
}

// NewEvents begins a trace.
func NewEvents(w io.Writer) *Events {
	t := &Events{writer: newWriter(w)}
	t.raw("[")
	return t
}

// Record writes an event.
func (t *Events) Record(e *vidur.Event) {
	if t.err != nil || t.closed {
		return
	}
	t.row(`{"time": `)
	t.float(e.At)
	t.raw(`, "event_type": "`)
	t.raw(eventTypes[e.Kind])
	t.raw(`"`)
	switch e.Kind {
	case vidur.Arrived:
		t.field("request", e.Request.ID)
	case vidur.Routed:
		t.routed(e)
	case vidur.Scheduled:
		t.field("replica_id", e.Replica.ID)
		t.raw(`, "batch_ids": `)
		t.ints(len(e.Batches), func(i int) int { return e.Batches[i].ID })
	case vidur.BatchEnded:
		t.field("batch_id", e.Batch.ID)
	default:
		t.stage(e)
	}
	t.raw("}")
	t.flush()
}

func (t *Events) field(name string, v int) {
	t.raw(`, "`)
	t.raw(name)
	t.raw(`": `)
	t.int(v)
}

func (t *Events) routed(e *vidur.Event) {
	t.replicas = t.replicas[:0]
	for _, r := range e.Requests {
		t.replicas = insert(t.replicas, r.Replica)
	}
	t.raw(`, "replica_set": `)
	t.ints(len(t.replicas), func(i int) int { return t.replicas[i] })
	t.raw(`, "request_mapping": [`)
	for i, r := range e.Requests {
		if i > 0 {
			t.raw(", ")
		}
		t.raw("[")
		t.int(r.Replica)
		t.raw(", ")
		t.int(r.ID)
		t.raw("]")
	}
	t.raw("]")
}

// insert puts v into a sorted set.
func insert(set []int, v int) []int {
	i := len(set)
	for i > 0 && set[i-1] > v {
		i--
	}
	if i > 0 && set[i-1] == v {
		return set
	}
	set = append(set, 0)
	copy(set[i+1:], set[i:])
	set[i] = v
	return set
}

func (t *Events) stage(e *vidur.Event) {
	rep := e.Replica
	t.field("replica_id", rep.ID)
	t.field("stage_id", e.Stage)
	if e.Batch == nil {
		t.raw(`, "batch_id": null, "batch_stage_id": null`)
	} else {
		t.field("batch_id", e.Batch.ID)
	}
	if e.Kind == vidur.StageArrived {
		return
	}
	if e.Batch != nil {
		t.field("batch_stage_id", t.batchStage(e))
	}
	if e.Stage == rep.Spec.PP-1 {
		t.raw(`, "is_last_stage": true`)
	} else {
		t.raw(`, "is_last_stage": false`)
	}
}

// batchStage numbers the iterations of stages in the order in which they begin.
func (t *Events) batchStage(e *vidur.Event) int {
	for len(t.stages) <= e.Replica.ID {
		t.stages = append(t.stages, nil)
	}
	ids := &t.stages[e.Replica.ID]
	for len(*ids) <= e.Stage {
		*ids = append(*ids, 0)
	}
	if e.Kind == vidur.StageStarted {
		(*ids)[e.Stage] = t.started
		t.started++
	}
	return (*ids)[e.Stage]
}

// Close ends the trace. It does not close the writer.
func (t *Events) Close() error {
	if !t.closed {
		t.closed = true
		t.raw("]\n")
		t.write()
	}
	return t.err
}

// WriteCluster writes what the original simulator writes to cluster.json: the
// shape of the model and the degrees of parallelism of each replica.
func WriteCluster(w io.Writer, replicas []vidur.ReplicaSpec) error {
	t := newWriter(w)
	t.raw(`{"replicas": [`)
	for id := range replicas {
		spec := &replicas[id]
		m := &spec.Model
		t.row(fmt.Sprintf(`{"id": %d, "num_layers": %d, "num_q_heads": %d, "num_kv_heads": %d, "embedding_dim": %d, "mlp_hidden_dim": %d, "use_gated_mlp": %t, "vocab_size": %d, "num_pipeline_stages": %d, "num_tensor_parallel_workers": %d}`,
			id, m.Layers, m.QHeads, m.KVHeads, m.Hidden, m.FFN, m.Gated, m.Vocab, max(spec.PP, 1), max(spec.TP, 1)))
		t.flush()
	}
	t.raw("]}\n")
	t.write()
	return t.err
}

// SumsOnly marks it as one that needs no requests that only decode.
func (t *Events) SumsOnly() {}
