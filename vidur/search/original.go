package search

import (
	"errors"
	"math"

	"github.com/govidur/govidur/vidur/metrics"
)

const (
	originalIterations = 20
	originalLimit      = 1800 // s of simulated time: its 30 minutes
)

// OriginalSearch makes [Capacity] search as vidur-search of the original does: by
// bisection between 0 and twice the experiment's qps, at most 20 times and until
// the bracket is a granularity wide, with its rules for moving the upper end, of
// 30 simulated minutes each unless the experiment says otherwise. The one
// criterion is a percentile of delay, ttft, tpot or e2e.
//
// Faults of the original are mended, unless the experiment's Original is set:
// requests that are not complete when the time is over, and came longer before
// that than the limit, count as late instead of not at all; a delay above 1000 s quarters the upper end as was meant; and the
// upper end stays above the lower one.
func OriginalSearch() Option {
	return func(p *plan) { p.capacity.given, p.capacity.original = true, true }
}

func originalCriteria(criteria []Criterion) error {
	if len(criteria) != 1 || !criteria[0].Quantile || criteria[0].TBT > 0 {
		return errors.New("search: the original's search has one criterion, a percentile of delay, ttft, tpot or e2e")
	}
	return nil
}

// bisection is the original's search.
type bisection struct {
	start, grain, limit float64 // requests per s; relative; of the latency, s
	most                int     // iterations
	faults              bool    // as in the original
	latency             func(qps float64) (float64, error)
}

func (s *bisection) search() (bracket, error) {
	left, right, qps := 0.0, 2*s.start, 0.0
	b := bracket{over: math.Inf(1)}
	for range s.most {
		if math.Abs(left-right) < float64(s.grain*qps) {
			break
		}
		qps = (left + right) / 2
		latency, err := s.latency(qps)
		if err != nil {
			return b, err
		}
		b.probes++
		if latency <= s.limit {
			b.under, left = qps, qps
			right = s.wider(latency, qps, right, b.over)
			continue
		}
		right = qps
		switch {
		case latency > 1000 && !s.faults:
			right = qps / 4
		case latency > 500:
			right = qps / 2
		}
		if right <= left && !s.faults {
			right = qps
		}
		b.over = min(b.over, qps)
	}
	return b, nil
}

// wider is the upper end after a rate that was met.
func (s *bisection) wider(latency, qps, right, over float64) float64 {
	over = min(over, 1<<32)
	switch {
	case latency < s.limit/8:
		return min(4*right, over)
	case latency < s.limit/4, qps > 0.8*right:
		return min(2*right, over)
	}
	return right
}

// searchOriginal searches from a rate on.
func (pr *prober) searchOriginal(start float64, faults bool) (bracket, error) {
	if pr.run.Config.Until == 0 {
		pr.run.Config.Until = originalLimit
	}
	c := pr.plan.criteria[0]
	s := &bisection{start: start, grain: pr.plan.grain, limit: c.most(), most: pr.plan.probes, faults: faults}
	s.latency = func(qps float64) (float64, error) {
		p, err := pr.try(qps, func() (Probe, error) {
			v, err := pr.latency(qps, faults)
			return Probe{Met: v <= c.most(), Latency: v}, err
		})
		return p.Latency, err
	}
	return s.search()
}

// latency is the quantile of the criterion at a rate, interpolated, in s; NaN,
// which keeps no limit, where there is none.
func (pr *prober) latency(qps float64, faults bool) (float64, error) {
	pr.pace(qps)
	run := *pr.run
	run.Metrics.SketchesOnly = false
	store, err := run.Simulate(pr.ctx)
	if err != nil {
		if pr.ctx.Err() != nil {
			err = notRun(pr.ctx)
		}
		return 0, err
	}
	c := pr.plan.criteria[0]
	var values []float64
	for q := range store.Requests {
		v := c.of(q)
		switch {
		case q.Done() && v == v:
			values = append(values, v)
		case !q.Done() && !faults && store.End()-q.Arrived > c.most():
			values = append(values, math.MaxFloat64)
		}
	}
	return metrics.Quantile(values, c.Share), nil
}

// most is the limit of a percentile, s.
func (c *Criterion) most() float64 { return c.Delay + c.TTFT + c.TBT + c.TPOT + c.E2E }

// of is the latency that a percentile is of, s.
func (c *Criterion) of(q *metrics.Request) float64 {
	switch {
	case c.Delay > 0:
		return q.Delay()
	case c.TTFT > 0:
		return q.TTFT()
	case c.TPOT > 0:
		return q.TPOT()
	}
	return q.E2E()
}
