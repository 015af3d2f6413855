// Package report makes one HTML page of the results of a sweep or a capacity
// search: what is best for each model and workload, Pareto fronts of cost and
// latency with filters, what a budget buys, two configurations side by side, how
// the search went, and a table of all.
//
//	r, err := report.Read("runs/search")        // a folder of vidur search or vidur sweep
//	err = r.Simulate(ctx, 24)                   // for distributions, once more
//	page, err := r.HTML()
//
// The page is one file that needs nothing else: style, script and data stand in it,
// and a policy in its head forbids it any connection. Light or dark is what the
// reader's system prefers; paper is light. The same results give the same bytes.
//
// # What it shows, and where that comes from
//
// The pages are those of the original's config_optimizer.analyzer. Rates per dollar
// are compared, requests/s per $/hour, where prices are known, else rates per GPU.
// Limits are those of the search that are percentiles of TTFT and TBT, else the
// original's: TTFT P90 2 s, TBT P99 0.2 s. The best configuration of a model and
// workload has the most requests per dollar among those that keep the limits; if
// none does, the least TTFT is shown and said to be none. A budget buys whole
// replicas, and each takes the rate that one of the deployment took.
//
// A limit is kept up to a thousandth above it, which is what sketched percentiles
// of TBT are exact to.
package report

import (
	"fmt"
	"slices"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// slack is how far above its limit a percentile may be read from a sketch.
const slack = 1.001

// Report is what a page is made of. It is not safe for concurrent use.
type Report struct {
	// Title stands above the page; the default is "Capacity search" or "Sweep".
	Title string

	// Budget is what the page's question of cost begins with, $ per hour, above 0.
	Budget float64

	results *search.Results // with the columns of derive
	about   search.About
	base    *spec.Experiment // nil if it is not known
	jobs    []search.OriginalJob
	probes  []probe
	limits  []limit
	groups  []group
	runs    map[int]map[string][]float64 // by row and metric: percentiles 0, 1, … 100, s
	noRuns  string                       // why there are none
}

// New makes a report of results in memory. base is the experiment that they are of;
// without it there are no replicas to count and nothing can be simulated again.
func New(results *search.Results, base *spec.Experiment) (*Report, error) {
	var probes []probe
	for i, row := range results.Rows() {
		for k, p := range row.Probes {
			probes = append(probes, probe{row: i, number: k + 1, seed: fmt.Sprint(p.Seed), qps: p.QPS, met: p.Met, latency: p.Latency})
		}
	}
	r := &Report{about: results.About(), base: base, probes: probes}
	return r, r.prepare(results)
}

func (r *Report) prepare(results *search.Results) error {
	r.Title, r.Budget = "Sweep", 100
	if r.about.Kind == "search" {
		r.Title = "Capacity search"
	}
	var err error
	if r.results, err = derive(results, r.base); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	r.limits = limitsOf(r.about.Criteria)
	r.groups = groupsOf(r.results)
	return nil
}

// SetLimits sets the limits by which configurations are judged at first: each the
// 50th, 90th or 99th percentile of a latency of [search.Percentile], one of a
// latency.
func (r *Report) SetLimits(criteria ...search.Criterion) error {
	var limits []limit
	for _, c := range criteria {
		l, err := limitOf(c)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		if slices.ContainsFunc(limits, func(o limit) bool { return o.metric == l.metric }) {
			return fmt.Errorf("report: there are two limits of %s", l.metric)
		}
		limits = append(limits, l)
	}
	r.limits = limits
	return nil
}

// SetJobs says which jobs the results of a search of [search.OverJobs] are of, so
// that they can be simulated again.
func (r *Report) SetJobs(jobs []search.OriginalJob) { r.jobs = jobs }
