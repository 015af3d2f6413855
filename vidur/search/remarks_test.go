package search

import (
	"strings"
	"testing"
)

// TestNothingArrives: a probe that ends before a request comes shows nothing, so a
// limit that nothing can keep leaves no capacity, in both searches.
func TestNothingArrives(t *testing.T) {
	base := small()
	base.Until = 0.6
	for _, options := range [][]Option{
		{Meet(Percentile("ttft", 90, 1e-4))},
		{Meet(Percentile("ttft", 90, 1e-4)), OriginalSearch()},
		{Meet(Percentile("tbt", 99, 1e-6))},
		{Meet(Completed(1), Percentile("e2e", 50, 1e-4))},
	} {
		r := mustCapacity(t, base, options...)
		if got := floats(t, r, "capacity_qps")[0]; got != 0 {
			t.Errorf("%v: a capacity of %g", r.About().Criteria, got)
		}
	}
}

// TestRemarks: capacities that nothing bounds and those of bursts are said to be that.
func TestRemarks(t *testing.T) {
	base := small()
	for _, c := range []struct {
		criterion Criterion
		requests  int
		want      string
	}{
		{Completed(0.5), 60, "1 of 1 capacities have no upper end"},
		{Percentile("tbt", 99, 1), 60, "1 of 1 capacities have no upper end"},
		{Percentile("e2e", 90, 15), 1000, "1 of 1 capacities are rates of bursts: all requests arrive within 150 s"},
		{Percentile("ttft", 90, 1), 1000, ""},
		{Percentile("ttft", 90, 1e-4), 60, ""},
	} {
		base.Requests = c.requests
		r := mustCapacity(t, base, Meet(c.criterion))
		if got := strings.Join(r.Remarks(), " "); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%v: %q", c.criterion, got)
		}
	}
	if got := mustSweep(t, base).Remarks(); got != nil {
		t.Errorf("of a sweep: %q", got)
	}
}

// TestNeverScheduled: that a request fits into no replica is an error that says so, and
// not a capacity of 0, however early probes end.
func TestNeverScheduled(t *testing.T) {
	base := small()
	base.Model, base.Device, base.Scheduler, base.Workload = "internlm-20b", "a40", "vllm", "bwb"
	base.Requests = 300
	for _, options := range [][]Option{{Cache(t.TempDir())}, {Meet(Percentile("ttft", 90, 2))}, {OriginalSearch()}} {
		wants(t, mustCapacity(t, base, options...).Err(), "can never be scheduled", "KV blocks")
	}
}
