package frames

import (
	"github.com/go-gota/gota/dataframe"

	"github.com/govidur/govidur/vidur/metrics"
)

// latencies are the metrics that serving is judged by, with the names that the
// field has for them.
var latencies = []struct{ name, metric string }{
	{"TTFT", "prefill_e2e_time"},
	{"TBT", "inter_token_latency"},
	{"TPOT", "time_per_output_token"},
	{"E2E", "request_e2e_time"},
	{"scheduling delay", "request_scheduling_delay"},
}

// Latencies returns the rows of [Summary] that a user of the service feels, under
// the names of the field: TTFT, TBT, TPOT, E2E and the scheduling delay, as package
// metrics defines them; and of its columns name, unit (s), count, mean, p50, p90,
// p99 and max.
func Latencies(s metrics.Summary) dataframe.DataFrame {
	var short metrics.Summary
	for _, l := range latencies {
		m, _ := s.Metric(l.metric)
		m.Name, m.Unit = l.name, "s"
		short.Metrics = append(short.Metrics, m)
	}
	return Summary(short).Select([]string{"name", "unit", "count", "mean", "p50", "p90", "p99", "max"})
}
