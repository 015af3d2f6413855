package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/search"
)

// column is how a figure is shown.
type column struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  string `json:"unit,omitempty"`
	Main  bool   `json:"main,omitempty"` // in the table before all columns are asked for
	Good  int    `json:"good,omitempty"` // 1 if more is better, -1 if less is
	scale float64
}

// metricLabels name the latencies, and the unit that each is shown in.
var metricLabels = []struct {
	name, label, unit string
	scale             float64 // of a second
}{
	{"ttft", "TTFT", "s", 1}, {"tbt", "TBT", "ms", 1000}, {"tpot", "TPOT", "ms", 1000}, {"e2e", "E2E", "s", 1}, {"delay", "Delay", "s", 1},
}

// known are the figures besides latencies, in the order of a table.
var known = []column{
	{"capacity_qps", "Capacity", "requests/s", true, 1, 1},
	{"requests_per_s", "Throughput", "requests/s", true, 1, 1},
	{"qps_per_usd", "Per dollar", "requests/s per $/h", true, 1, 1},
	{"qps_per_gpu", "Per GPU", "requests/s", true, 1, 1},
	{"usd_per_hour", "Price", "$/h", true, -1, 1},
	{"gpus", "GPUs", "", true, 0, 1},
	{"replicas", "Replicas", "", false, 0, 1},
	{"usd_per_million_tokens", "Million tokens", "$", true, -1, 1},
	{"usd_per_million_output_tokens", "Million output tokens", "$", false, -1, 1},
	{"busy_percent", "Busy", "%", true, 0, 1},
	{"mfu_percent", "MFU", "%", true, 1, 1},
	{"mbu_percent", "MBU", "%", false, 1, 1},
	{"kv_mean_percent", "KV mean", "%", true, 0, 1},
	{"kv_max_percent", "KV max", "%", false, 0, 1},
	{"preemptions", "Preemptions", "", false, -1, 1},
	{"output_tokens_per_s", "Output tokens", "1/s", false, 1, 1},
	{"tokens_per_s", "Tokens", "1/s", false, 1, 1},
	{"goodput_per_s", "Goodput", "requests/s", false, 1, 1},
	{"slo_fraction", "SLO attained", "", false, 1, 1},
	{"over_qps", "Least above", "requests/s", false, 0, 1},
	{"low_qps", "Capacity, low", "requests/s", false, 0, 1},
	{"high_qps", "Capacity, high", "requests/s", false, 0, 1},
	{"arrivals_s", "Arrivals", "s", false, 0, 1},
	{"probes", "Probes", "", false, 0, 1},
	{"makespan_s", "Makespan", "s", false, 0, 1},
	{"arrived", "Arrived", "requests", false, 0, 1},
	{"completed", "Completed", "requests", false, 0, 1},
	{"cost_usd", "Cost", "$", false, 0, 1},
	{"board_kwh", "Energy", "kWh", false, -1, 1},
	{"tbt_p25_s", "TBT P25", "ms", false, -1, 1000},
	{"batch_p75", "Batch P75", "requests", false, 0, 1},
}

// columnsOf are the figures of results in the order of a table: rates and cost, then
// latencies, then the others. Figures of one's own keep their names.
func columnsOf(r *search.Results, limits []limit) []column {
	var columns []column
	left := r.FigureNames()
	take := func(c column) {
		if at := slices.Index(left, c.Name); at >= 0 {
			columns, left = append(columns, c), slices.Delete(left, at, at+1)
		}
	}
	head := slices.IndexFunc(known, func(c column) bool { return c.Name == "busy_percent" })
	for _, c := range known[:head] {
		take(c)
	}
	for _, m := range metricLabels {
		for _, q := range []string{"mean", "p50", "p90", "p99"} {
			name := m.name + "_" + q + "_s"
			asked := slices.ContainsFunc(limits, func(l limit) bool { return l.column() == name })
			label := strings.TrimSpace(m.label + " " + strings.Replace(q, "p", "P", 1))
			take(column{name, label, m.unit, asked || q == "p50" && (m.name == "ttft" || m.name == "tbt"), -1, m.scale})
		}
	}
	for _, c := range known[head:] {
		take(c)
	}
	for _, name := range slices.Clone(left) {
		take(column{name, name, "", true, 0, 1})
	}
	return columns
}

// labelOf is the name and unit of a latency.
func (l *limit) labelOf() (label, unit string, scale float64) {
	for _, m := range metricLabels {
		if m.name == l.metric {
			return fmt.Sprintf("%s P%d", m.label, l.percent), m.unit, m.scale
		}
	}
	return l.metric, "s", 1
}
