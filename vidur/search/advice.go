package search

import (
	"fmt"
	"math"
	"slices"

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
	o := &outcome{store: s, summary: s.Summary()}
	c := newConditions(e, func(name string) float64 {
		list := figures()
		return list[slices.IndexFunc(list, func(f figure) bool { return f.name == name })].of(o)
	})
	return c.advise(criteria, func(cr *Criterion) float64 {
		if cr.TTFT > 0 {
			return quantile(s, cr)
		}
		itl, _ := o.summary.Metric("inter_token_latency")
		return atShare(&itl, cr.Share)
	})
}

// Advise is what [Advise] says of the run of a row, from its figures: so of P50, P90
// and P99. It is none of a row with an error, and of results that lack a figure, as
// those of an earlier version do.
func (r *Results) Advise(row int, e *spec.Experiment, criteria ...Criterion) ([]string, error) {
	part, err := r.Part(row, row+1)
	if err != nil {
		return nil, err
	}
	names, figures := r.FigureNames(), part.Rows()[0].Figures
	figure := func(name string) float64 {
		if at := slices.Index(names, name); at >= 0 {
			return figures[at]
		}
		return math.NaN()
	}
	c := newConditions(e, figure)
	if math.IsNaN(c.batch + c.memory + c.idle) {
		return nil, nil
	}
	return c.advise(criteria, func(cr *Criterion) float64 {
		arrived, done := figure("arrived"), figure("completed")
		if cr.TTFT > 0 && arrived-done > (1-cr.Share)*arrived {
			return math.MaxFloat64
		}
		name := map[bool]string{true: "ttft", false: "tbt"}[cr.TTFT > 0]
		return figure(fmt.Sprintf("%s_p%g_s", name, 100*cr.Share))
	}), nil
}

// conditions are under which a run worked.
type conditions struct {
	batch, most  float64 // requests: 75th percentile of a batch's, and the most of one
	memory, idle float64 // fractions: of the KV blocks that are held, of the time
	p25          float64 // of TBT, s
	stages       int
	experiment   *spec.Experiment
}

func newConditions(e *spec.Experiment, figure func(name string) float64) *conditions {
	return &conditions{
		batch: figure("batch_p75"), most: float64(e.MaxBatch) / float64(max(e.PP, 1)),
		memory: figure("kv_mean_percent") / 100, idle: 1 - figure("busy_percent")/100,
		p25: figure("tbt_p25_s"), stages: e.PP, experiment: e,
	}
}

// advise is a sentence for each percentile of TTFT and TBT that is near its limit;
// latency is what a criterion is of, s.
func (c *conditions) advise(criteria []Criterion, latency func(*Criterion) float64) []string {
	var advice []string
	for i := range criteria {
		cr := &criteria[i]
		if limit := cr.TTFT + cr.TBT; cr.Quantile && limit > 0 {
			switch v := latency(cr); {
			case !(v > riskShare*limit):
			case cr.TTFT > 0:
				advice = append(advice, near("TTFT", cr, v, limit)+c.ofTTFT())
			default:
				advice = append(advice, near("TBT", cr, v, limit)+c.ofTBT(limit))
			}
		}
	}
	return advice
}

// quantile is that of a run's requests, s, of which those that are not complete are
// the latest.
func quantile(s *metrics.Store, cr *Criterion) float64 {
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

func (c *conditions) ofTBT(limit float64) string {
	e := c.experiment
	all := fmt.Sprintf("P25 is %.3g s, %.0f %% of the limit", c.p25, 100*c.p25/limit)
	switch {
	case c.p25 > steadyShare*limit && c.idle > idleShare && c.stages > 1:
		return "all iterations are long (" + all + ") and " + c.idling()
	case c.p25 > steadyShare*limit:
		return "all iterations are long (" + all + "); take more TP or a smaller max-batch"
	case e.Scheduler != "sarathi":
		return fmt.Sprintf("few iterations are long (%s): prompts hold decodes up; take sarathi instead of %s, which cuts them into chunks", all, e.Scheduler)
	case e.Chunk > longChunk:
		return fmt.Sprintf("few iterations are long (%s): chunks of %d tokens hold decodes up; take smaller ones", all, e.Chunk)
	}
	return fmt.Sprintf("few iterations are long (%s), with chunks of %d tokens; take smaller ones or more TP", all, e.Chunk)
}
