package search

import (
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
)

// figure is a number that describes a run.
type figure struct {
	name  string // of its column
	label string // in a sentence
	of    func(*outcome) float64
}

// outcome is what a run came to.
type outcome struct {
	store   *metrics.Store
	summary metrics.Summary
	tap     *tap
	watch   []vidur.Recorder // of the user's
	answer  *answer          // of Capacity
}

// figures are those that every run has; the package's documentation lists them.
func figures() []figure {
	var list []figure
	for _, m := range []struct{ name, label, metric string }{
		{"ttft", "TTFT", "prefill_e2e_time"},
		{"tbt", "TBT", "inter_token_latency"},
		{"tpot", "TPOT", "time_per_output_token"},
		{"e2e", "E2E", "request_e2e_time"},
		{"delay", "scheduling delay", "request_scheduling_delay"},
	} {
		for _, q := range []struct {
			name, label string
			of          func(*metrics.Stat) float64
		}{
			{"mean", "mean", func(s *metrics.Stat) float64 { return s.Mean }},
			{"p50", "P50", func(s *metrics.Stat) float64 { return s.P50 }},
			{"p90", "P90", func(s *metrics.Stat) float64 { return s.P90 }},
			{"p99", "P99", func(s *metrics.Stat) float64 { return s.P99 }},
		} {
			list = append(list, figure{m.name + "_" + q.name + "_s", m.label + " " + q.label, func(o *outcome) float64 {
				s, ok := o.summary.Metric(m.metric)
				return where(ok && s.Count > 0, q.of(&s))
			}})
		}
	}
	return append(append(list, rates()...), totals()...)
}

func rates() []figure {
	sloSet := func(o *outcome) bool { return o.summary.Goodput.SLO != (metrics.SLO{}) }
	return []figure{
		{"requests_per_s", "request throughput", func(o *outcome) float64 { return o.summary.RequestRate }},
		{"output_tokens_per_s", "output throughput", func(o *outcome) float64 { return o.summary.OutputTokenRate }},
		{"tokens_per_s", "token throughput", func(o *outcome) float64 { return o.summary.TotalTokenRate }},
		{"goodput_per_s", "goodput", func(o *outcome) float64 { return where(sloSet(o), o.summary.Goodput.Rate) }},
		{"slo_fraction", "SLO attainment", func(o *outcome) float64 { return where(sloSet(o), o.summary.Goodput.Fraction) }},
		{"busy_percent", "busy time", func(o *outcome) float64 {
			return o.overStages(func(s *metrics.StageUse) float64 { return s.Busy.Mean })
		}},
		{"mfu_percent", "MFU", func(o *outcome) float64 {
			return o.overStages(func(s *metrics.StageUse) float64 { return s.MFU.Mean })
		}},
		{"mbu_percent", "MBU", func(o *outcome) float64 { return o.tap.use(len(o.summary.Replicas), o.summary.End) }},
		{"kv_mean_percent", "mean KV use", (*outcome).meanMemory},
		{"kv_max_percent", "greatest KV use", (*outcome).mostMemory},
	}
}

func totals() []figure {
	return []figure{
		{"preemptions", "preemptions", func(o *outcome) float64 { return float64(o.summary.Preemptions) }},
		{"makespan_s", "makespan", func(o *outcome) float64 { return o.summary.Makespan }},
		{"arrived", "arrived requests", func(o *outcome) float64 { return float64(o.summary.Arrived) }},
		{"completed", "complete requests", func(o *outcome) float64 { return float64(o.summary.Completed) }},
		{"gpus", "GPUs", func(o *outcome) float64 { return float64(o.summary.GPUs) }},
		{"cost_usd", "cost", func(o *outcome) float64 { return where(o.summary.Cost > 0, o.summary.Cost) }},
		{"usd_per_million_tokens", "cost of a million tokens", func(o *outcome) float64 {
			n := o.summary.PromptTokens + o.summary.OutputTokens
			return where(o.summary.Cost > 0 && n > 0, 1e6*o.summary.Cost/float64(n))
		}},
		{"usd_per_million_output_tokens", "cost of a million output tokens", func(o *outcome) float64 {
			return where(o.summary.CostPerMillion > 0, o.summary.CostPerMillion)
		}},
		{"board_kwh", "energy at board power", (*outcome).energy},
		{"tbt_p25_s", "TBT P25", func(o *outcome) float64 {
			s, ok := o.summary.Metric("inter_token_latency")
			return where(ok && s.Count > 0, s.P25)
		}},
		{"batch_p75", "batch size P75", func(o *outcome) float64 {
			s, ok := o.summary.Metric("batch_size")
			return where(ok && s.Count > 0, s.P75)
		}},
	}
}

// where is v, or NaN if there is none.
func where(ok bool, v float64) float64 {
	if ok {
		return v
	}
	return math.NaN()
}

// none is n figures of a run that has none.
func none(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.NaN()
	}
	return values
}

func (o *outcome) overStages(of func(*metrics.StageUse) float64) float64 {
	sum, n := 0.0, 0
	for i := range o.summary.Replicas {
		stages := o.summary.Replicas[i].Stages
		for j := range stages {
			sum += of(&stages[j])
			n++
		}
	}
	return sum / float64(n)
}

func (o *outcome) meanMemory() float64 {
	sum := 0.0
	for i := range o.summary.Replicas {
		sum += o.summary.Replicas[i].Memory.Mean
	}
	return sum / float64(len(o.summary.Replicas))
}

func (o *outcome) mostMemory() float64 {
	most := 0.0
	for i := range o.summary.Replicas {
		most = max(most, o.summary.Replicas[i].Memory.Max)
	}
	return most
}

// energy is what all devices take at their board power over the makespan, kWh.
func (o *outcome) energy() float64 {
	watts := 0.0
	for _, r := range o.store.Options().Replicas {
		if r.Device.Watts == 0 {
			return math.NaN()
		}
		watts += float64(r.GPUs()) * r.Device.Watts
	}
	return watts / 1000 * o.summary.Makespan / 3600
}
