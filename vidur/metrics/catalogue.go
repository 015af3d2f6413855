package metrics

// metric is one metric of requests, under the original simulator's name.
type metric struct {
	name, unit string
	kind       metricKind
	value      func(r *Request, original bool) float64
}

type metricKind uint8

const (
	timeMetric    metricKind = iota // known at completion; has a file of its own
	countMetric                     // known at completion
	askedMetric                     // known at arrival
	furtherMetric                   // not of the original
)

// requestMetrics are in the order of the columns of request_metrics.csv.
var requestMetrics = []metric{
	{"request_e2e_time", "s", timeMetric, func(r *Request, _ bool) float64 { return r.E2E() }},
	{"request_e2e_time_normalized", "s/token", timeMetric, perDecode((*Request).E2E)},
	{"request_execution_time", "s", timeMetric, func(r *Request, _ bool) float64 { return r.exec() }},
	{"request_execution_time_normalized", "s/token", timeMetric, perDecode((*Request).exec)},
	{"request_model_execution_time", "s", timeMetric, func(r *Request, _ bool) float64 { return r.Model() }},
	{"request_model_execution_time_normalized", "s/token", timeMetric, perDecode((*Request).Model)},
	{"request_preemption_time", "s", timeMetric, func(r *Request, _ bool) float64 { return r.Preemption() }},
	{"request_scheduling_delay", "s", timeMetric, func(r *Request, _ bool) float64 { return r.Delay() }},
	{"request_execution_plus_preemption_time", "s", timeMetric, func(r *Request, _ bool) float64 { return r.Completed - r.Started }},
	{"request_execution_plus_preemption_time_normalized", "s/token", timeMetric, perDecode(func(r *Request) float64 { return r.Completed - r.Started })},
	{"prefill_e2e_time", "s", timeMetric, func(r *Request, _ bool) float64 { return r.TTFT() }},
	{"prefill_time_execution_plus_preemption", "s", timeMetric, func(r *Request, _ bool) float64 { return r.Prefilled - r.Scheduled }},
	{"prefill_time_execution_plus_preemption_normalized", "s/token", timeMetric, perPrefill(func(r *Request) float64 { return r.Prefilled - r.Scheduled })},
	{"decode_time_execution_plus_preemption_normalized", "s/token", timeMetric, perDecode(func(r *Request) float64 { return r.Completed - r.Prefilled })},
	{"request_inter_arrival_delay", "s", askedMetric, func(r *Request, _ bool) float64 { return r.Gap }},
	{"request_num_tokens", "tokens", askedMetric, func(r *Request, _ bool) float64 { return float64(r.Prefill + r.Decode) }},
	{"request_num_prefill_tokens", "tokens", askedMetric, func(r *Request, _ bool) float64 { return float64(r.Prefill) }},
	{"request_num_decode_tokens", "tokens", askedMetric, func(r *Request, _ bool) float64 { return float64(r.Decode) }},
	{"request_pd_ratio", "", askedMetric, func(r *Request, _ bool) float64 { return float64(r.Prefill) / float64(r.Decode) }},
	{"request_num_restarts", "", countMetric, func(r *Request, _ bool) float64 { return orNaN(r.Done(), float64(r.Restarts)) }},

	{"time_per_output_token", "s", furtherMetric, func(r *Request, _ bool) float64 { return r.TPOT() }},
	{"request_queueing_time", "s", furtherMetric, func(r *Request, _ bool) float64 { return r.Queueing() }},
}

func perDecode(time func(*Request) float64) func(*Request, bool) float64 {
	return func(r *Request, original bool) float64 {
		_, decode := r.tokens(original)
		return time(r) / decode
	}
}

func perPrefill(time func(*Request) float64) func(*Request, bool) float64 {
	return func(r *Request, original bool) float64 {
		prefill, _ := r.tokens(original)
		return time(r) / prefill
	}
}

// whole reports whether the metric is a whole number.
func (m *metric) whole() bool { return m.kind == countMetric || m.unit == "tokens" }

// of is the metric of a row; NaN where there is none.
func (m *metric) of(r *Request, original bool) float64 { return m.value(r, original) }
