package metrics

import "math"

// Summary is what a run came to: plain data, the same for the same run.
// Throughput and cost are over the makespan, from the first arrival to the
// last event; tokens and preemptions are those of complete requests.
type Summary struct {
	Arrived     int     `json:"arrived_requests"`
	Completed   int     `json:"completed_requests"`
	End         float64 `json:"end_s"`      // of the last event
	Makespan    float64 `json:"makespan_s"` // from the first arrival on
	Batches     int     `json:"batches"`
	Preemptions int     `json:"preemptions"` // that threw a KV cache away

	PromptTokens    int     `json:"prompt_tokens"`
	OutputTokens    int     `json:"output_tokens"`
	EmittedTokens   int     `json:"emitted_tokens"` // of all requests, the output of unfinished ones too
	RequestRate     float64 `json:"requests_per_s"`
	OutputTokenRate float64 `json:"output_tokens_per_s"`
	TotalTokenRate  float64 `json:"total_tokens_per_s"` // prompt and output

	GPUs     int     `json:"gpus"`
	GPUHours float64 `json:"gpu_hours"`
	// Cost is $ for all GPUs over the makespan; 0 if a price is not stated.
	Cost float64 `json:"cost_usd,omitempty"`
	// CostPerMillion is $ per 10^6 output tokens; 0 if a price is not stated.
	CostPerMillion float64 `json:"cost_usd_per_million_output_tokens,omitempty"`

	Goodput   Goodput      `json:"goodput"`
	Replicas  []ReplicaUse `json:"replicas"`
	Metrics   []Stat       `json:"metrics"`
	Operators []Stat       `json:"operators,omitempty"` // ms; with Options.Operations
}

// Metric returns the Stat of a metric or an operator.
func (s *Summary) Metric(name string) (Stat, bool) {
	for _, list := range [][]Stat{s.Metrics, s.Operators} {
		for _, m := range list {
			if m.Name == name {
				return m, true
			}
		}
	}
	return Stat{}, false
}

// Names of metrics that Summary and the files have beside those of requests.
const (
	batchTokensName  = "batch_num_tokens"
	batchPrefillName = "batch_num_prefill_tokens"
	batchDecodeName  = "batch_num_decode_tokens"
	batchSizeName    = "batch_size"
	batchTimeName    = "batch_execution_time"
	tokenTimeName    = "decode_token_execution_plus_preemption_time"
	itlName          = "inter_token_latency"
)

// Summary sums the run up.
func (s *Store) Summary() Summary {
	t := &s.totals
	sum := Summary{
		Arrived: s.arrived, Completed: t.completed, End: s.now, Makespan: s.makespan(),
		Batches: s.batchTime.Count(), Preemptions: t.restarts,
		PromptTokens: t.prefill, OutputTokens: t.decode, EmittedTokens: t.tokens,
		Goodput: t.goodput(s.opt.SLO, s.makespan()), Replicas: s.Use(),
	}
	if m := sum.Makespan; m > 0 {
		sum.RequestRate = float64(t.completed) / m
		sum.OutputTokenRate = float64(t.decode) / m
		sum.TotalTokenRate = float64(t.prefill+t.decode) / m
	}
	s.cost(&sum)
	values := make([]float64, 0, s.rows.n)
	for i := range requestMetrics {
		sum.Metrics = append(sum.Metrics, s.requestStat(i, values))
	}
	itl := s.itl()
	tokens, prefill, decode, size := s.inBatches()
	sum.Metrics = append(sum.Metrics,
		sketchStat(itlName, "s", itl), sketchStat(tokenTimeName, "s", &s.token), sketchStat(batchTimeName, "s", &s.batchTime),
		tokens.stat(batchTokensName, "tokens"), prefill.stat(batchPrefillName, "tokens"),
		decode.stat(batchDecodeName, "tokens"), size.stat(batchSizeName, "requests"))
	if s.ops != nil {
		for i := range opMetrics {
			if st := sketchStat(opMetrics[i].name, "ms", s.ops.sketch(i)); st.Count > 0 {
				sum.Operators = append(sum.Operators, st)
			}
		}
	}
	return sum
}

func (s *Store) cost(sum *Summary) {
	perHour, priced := 0.0, true
	for i := range s.replicas {
		spec := &s.replicas[i].spec
		sum.GPUs += spec.GPUs()
		perHour += float64(spec.GPUs()) * spec.Device.Price
		priced = priced && spec.Device.Price > 0
	}
	hours := sum.Makespan / 3600
	sum.GPUHours = hours * float64(sum.GPUs)
	if !priced {
		return
	}
	sum.Cost = hours * perHour
	if sum.OutputTokens > 0 {
		sum.CostPerMillion = sum.Cost / float64(sum.OutputTokens) * 1e6
	}
}

// Stat describes one metric or operator, as Summary does, for a fraction of
// the work. It reports false for a name it does not know.
func (s *Store) Stat(name string) (Stat, bool) {
	for i := range requestMetrics {
		if requestMetrics[i].name == name {
			return s.requestStat(i, nil), true
		}
	}
	tokens, prefill, decode, size := s.inBatches()
	for _, c := range []struct {
		counts *counts
		name   string
	}{{&tokens, batchTokensName}, {&prefill, batchPrefillName}, {&decode, batchDecodeName}} {
		if c.name == name {
			return c.counts.stat(name, "tokens"), true
		}
	}
	if name == batchSizeName {
		return size.stat(name, "requests"), true
	}
	if sk, unit := s.sketchOf(name); sk != nil {
		return sketchStat(name, unit, sk), true
	}
	return Stat{}, false
}

// requestStat describes a metric of requests. It may use values for scratch.
func (s *Store) requestStat(i int, values []float64) Stat {
	m := &requestMetrics[i]
	if s.opt.SketchesOnly {
		s.settle()
		return sketchStat(m.name, m.unit, &s.sketched[i])
	}
	values = values[:0]
	for q := range s.Requests {
		if v := m.of(q, s.opt.Original); !math.IsNaN(v) && !math.IsInf(v, 0) {
			values = append(values, v)
		}
	}
	return exactStat(m.name, m.unit, values)
}
