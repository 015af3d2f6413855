package search

import (
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// estimate is about the rate that a deployment sustains, requests per s: where a
// search begins, without a simulation. In a steady state a batch of b requests
// that decode brings b·p/d prompt tokens along, p and d being the mean lengths,
// and completes b/d requests. Its time is asked of the operator times; b is as
// large as memory, slots and the limits of times between tokens allow. 0 if
// nothing can be said.
func estimate(run *spec.Run, e *spec.Experiment, l *load, criteria []Criterion) float64 {
	most := math.Inf(1) // s of an iteration
	for _, c := range criteria {
		for _, limit := range []float64{c.TBT, c.TPOT} {
			if limit > 0 {
				most = min(most, limit)
			}
		}
	}
	sum := 0.0
	for i := range run.Config.Replicas {
		sum += estimateReplica(&run.Config.Replicas[i], e, l, most)
	}
	return sum
}

// estimateReplica tries batches of sizes that double.
func estimateReplica(r *vidur.ReplicaSpec, e *spec.Experiment, l *load, most float64) float64 {
	pp := max(r.PP, 1)
	size := e.MaxBatch / pp
	if e.Scheduler == "sarathi" {
		size = min(size, int(float64(e.Chunk)/(1+l.prefill/l.decode)))
	}
	blocks := r.Blocks
	if plan, err := r.Plan(); err == nil && blocks == 0 {
		blocks = plan.Blocks
	}
	held := float64(blocks*max(r.BlockSize, 1)) / (l.prefill + l.decode/2) // requests in memory
	size = max(1, min(size, int(held)/pp))
	best := 0.0
	for b := size; ; b /= 2 {
		bottleneck, total := iteration(r, l, b)
		if rate := float64(b) / (l.decode * bottleneck); rate > best && (total <= most || b == 1 && best == 0) {
			best = rate
		}
		if b <= 1 {
			return best
		}
	}
}

// iteration is how long b requests in their steady state take, in s: in the
// slowest stage, and in all. Both are +Inf if the operator times do not know.
func iteration(r *vidur.ReplicaSpec, l *load, b int) (bottleneck, total float64) {
	var batch vidur.Batch
	prompt, answer := int(l.prefill), int(l.decode)
	for range b {
		q := &vidur.Request{Arrival: vidur.Arrival{Prefill: prompt, Decode: answer + 2}, Prompt: prompt, Done: prompt + 1 + answer/2}
		batch.Add(q, 1)
	}
	if n := int(float64(b) * l.prefill / l.decode); n > 0 {
		batch.Add(&vidur.Request{Arrival: vidur.Arrival{Prefill: n, Decode: 1}, Prompt: n}, n)
	}
	for stage := range max(r.PP, 1) {
		t, err := r.Predictor.StageTime(&batch, stage)
		if err != nil {
			return math.Inf(1), math.Inf(1)
		}
		s := t.Total()
		bottleneck, total = max(bottleneck, s), total+s
	}
	return bottleneck, total
}
