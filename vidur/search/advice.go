package search

import (
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// Shares from which [Advise] speaks: those of the original's bottleneck analysis.
const (
	riskShare   = 0.8  // of a limit
	fullBatch   = 0.9  // of the largest batch
	fullMemory  = 0.7  // of the KV blocks
	idleShare   = 0.4  // of the time
	steadyShare = 0.75 // of the limit of TBT
	longChunk   = 1024 // tokens
)

// Advise says what keeps a run from its limits of TTFT and TBT, in a sentence for
// each percentile among the criteria that is above four fifths of its limit,
// with the numbers that the sentence rests on. e is the experiment of the run.
// The rules are those of the original's analyzer with its faults mended: shares of
// memory are compared with shares, and batches with the largest that there may be.
func Advise(e *spec.Experiment, s *metrics.Store, criteria ...Criterion) []string {
	sum := s.Summary()
	c := newConditions(e, &outcome{store: s, summary: sum})
	var advice []string
	for _, cr := range criteria {
		if !cr.Quantile {
			continue
		}
		switch {
		case cr.TTFT > 0:
			if v := c.quantile(s, &cr); v > riskShare*cr.TTFT {
				advice = append(advice, near("TTFT", &cr, v, cr.TTFT)+c.ofTTFT())
			}
		case cr.TBT > 0:
			itl, _ := sum.Metric("inter_token_latency")
			if v := atShare(&itl, cr.Share); v > riskShare*cr.TBT {
				advice = append(advice, near("TBT", &cr, v, cr.TBT)+c.ofTBT(e, itl.P25, cr.TBT))
			}
		}
	}
	return advice
}

// conditions are under which a run worked.
type conditions struct {
	batch, most  float64 // requests: 75th percentile of a batch's, and the most of one
	memory, idle float64 // fractions: of the KV blocks that are held, of the time
	stages       int
}

func newConditions(e *spec.Experiment, o *outcome) *conditions {
	size, _ := o.summary.Metric("batch_size")
	return &conditions{
		batch: size.P75, most: float64(e.MaxBatch) / float64(max(e.PP, 1)),
		memory: o.meanMemory() / 100,
		idle:   1 - o.overStages(func(u *metrics.StageUse) float64 { return u.Busy.Mean })/100,
		stages: e.PP,
	}
}

func (c *conditions) quantile(s *metrics.Store, cr *Criterion) float64 {
	var values []float64
	for q := range s.Requests {
		v := cr.of(q)
		if !q.Done() {
			v = math.MaxFloat64 // later than any
		}
		values = append(values, v)
	}
	return metrics.Quantile(values, cr.Share)
}

// atShare is the least percentile of a Stat that is not below a quantile.
func atShare(s *metrics.Stat, q float64) float64 {
	for _, p := range []struct{ q, v float64 }{{0.5, s.P50}, {0.75, s.P75}, {0.9, s.P90}, {0.95, s.P95}, {0.99, s.P99}, {0.999, s.P999}} {
		if q <= p.q {
			return p.v
		}
	}
	return s.Max
}

func near(name string, c *Criterion, v, limit float64) string {
	if v == math.MaxFloat64 {
		return fmt.Sprintf("%s P%g is of a request that is not complete: ", name, 100*c.Share)
	}
	return fmt.Sprintf("%s P%g is %.3g s, %.0f %% of its limit of %g s: ", name, 100*c.Share, v, 100*v/limit, limit)
}

func (c *conditions) ofTTFT() string {
	batch := fmt.Sprintf("three quarters of the batches have up to %.0f of %.0f requests", c.batch, c.most)
	switch {
	case c.batch > fullBatch*c.most:
		return "requests wait for places (" + batch + "); raise max-batch"
	case c.memory > fullMemory && c.batch < fullMemory*c.most:
		return fmt.Sprintf("requests wait for KV memory (%.0f %% held on average, while %s); take more TP or PP, or devices with more memory", 100*c.memory, batch)
	case c.idle > idleShare:
		return c.idling()
	}
	return fmt.Sprintf("prefill is too slow (devices %.0f %% busy, %.0f %% of the KV cache held, %s); take more TP, a larger chunk or more replicas", 100-100*c.idle, 100*c.memory, batch)
}

func (c *conditions) idling() string {
	if c.stages > 1 {
		return fmt.Sprintf("devices are idle %.0f %% of the time in a pipeline of %d stages; take less PP, or smaller chunks for stages of even length", 100*c.idle, c.stages)
	}
	return fmt.Sprintf("devices are idle %.0f %% of the time; requests come in bursts, or are too few to fill it", 100*c.idle)
}

func (c *conditions) ofTBT(e *spec.Experiment, p25, limit float64) string {
	all := fmt.Sprintf("P25 is %.3g s, %.0f %% of the limit", p25, 100*p25/limit)
	switch {
	case p25 > steadyShare*limit && c.idle > idleShare && c.stages > 1:
		return "all iterations are long (" + all + ") and " + c.idling()
	case p25 > steadyShare*limit:
		return "all iterations are long (" + all + "); take more TP or a smaller max-batch"
	case e.Scheduler != "sarathi":
		return fmt.Sprintf("few iterations are long (%s): prompts hold decodes up; take sarathi instead of %s, which cuts them into chunks", all, e.Scheduler)
	case e.Chunk > longChunk:
		return fmt.Sprintf("few iterations are long (%s): chunks of %d tokens hold decodes up; take smaller ones", all, e.Chunk)
	}
	return fmt.Sprintf("few iterations are long (%s), with chunks of %d tokens; take smaller ones or more TP", all, e.Chunk)
}
