package report

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/search"
)

// Simulate simulates the best configurations of every model and workload, and then
// those of the Pareto fronts, once more, at most so many: for the distributions of
// latencies. A configuration of a search runs at its capacity. What cannot be
// simulated again, or comes out otherwise than the results say, is left out, and the
// page says why; the error is that of ctx.
func (r *Report) Simulate(ctx context.Context, most int) error {
	rows, err := r.choose(most)
	if err != nil {
		r.noRuns = err.Error()
	}
	if len(rows) == 0 {
		return ctx.Err()
	}
	again, err := r.again(ctx, rows)
	if err != nil {
		r.noRuns = err.Error()
		return ctx.Err()
	}
	r.runs = map[int]map[string][]float64{}
	for k, row := range again.Rows() {
		i := rows[k]
		if row.Err != nil {
			r.noRuns = row.Err.Error()
			continue
		}
		if name := r.differs(i, again, k); name != "" {
			r.noRuns = fmt.Sprintf("%s comes out otherwise now: %s differs", r.results.Rows()[i].Point, name)
			continue
		}
		r.runs[i] = curves(row.Store)
	}
	return ctx.Err()
}

// originalLimit is the simulated time of a run of [search.OriginalSearch], s.
const originalLimit = 1800

// again simulates rows.
func (r *Report) again(ctx context.Context, rows []int) (*search.Results, error) {
	if r.base == nil {
		return nil, fmt.Errorf("there is no %s in the folder", experimentFile)
	}
	axes, err := r.axesOf(rows)
	if err != nil {
		return nil, err
	}
	base := *r.base
	if r.about.Original && base.Until == 0 {
		base.Until = originalLimit
	}
	return search.Sweep(ctx, &base, search.Zip(axes...), search.Keep(nil))
}

// axesOf are the axes of rows as a list of points, and of a search the rate.
func (r *Report) axesOf(rows []int) ([]search.Option, error) {
	var axes []search.Option
	points := r.results.Rows()
	pick := func(name string) []any {
		var values []any
		for _, i := range rows {
			values = append(values, points[i].Point.Value(name))
		}
		return values
	}
	if points[0].Point.Value("job") != nil {
		jobs, err := r.jobsOf(pick("job"), pick("num_gpus"))
		if err != nil {
			return nil, err
		}
		axes = append(axes, search.OverJobs(jobs))
	} else {
		for i := range r.about.Axes {
			axis, err := r.about.Axes[i].Over(pick(r.about.Axes[i].Name)...)
			if err != nil {
				return nil, err
			}
			axes = append(axes, axis)
		}
	}
	if r.about.Kind == "search" {
		capacity, err := r.results.Floats("capacity_qps")
		if err != nil {
			return nil, err
		}
		var rates []any
		for _, i := range rows {
			rates = append(rates, capacity[i])
		}
		axes = append(axes, search.Over("qps", rates...))
	}
	return axes, nil
}

// jobsOf are the jobs of some hashes, each on a cluster of so many GPUs.
func (r *Report) jobsOf(hashes, gpus []any) ([]search.OriginalJob, error) {
	if r.jobs == nil {
		return nil, errors.New("the configuration of the search is not known")
	}
	var jobs []search.OriginalJob
	for i, hash := range hashes {
		at := slices.IndexFunc(r.jobs, func(j search.OriginalJob) bool { return j.Hash == hash && j.NumGPUs == gpus[i] })
		if at < 0 {
			return nil, fmt.Errorf("the configuration has no job %v", hash)
		}
		jobs = append(jobs, r.jobs[at])
	}
	return jobs, nil
}

// differs is the name of a figure of a row that is another one now; empty if none
// is. After a search with several seeds the rate is their mean, and no row has it.
func (r *Report) differs(row int, again *search.Results, k int) string {
	if low, err := r.results.Floats("low_qps"); err == nil && low[row] == low[row] {
		return ""
	}
	for _, name := range again.FigureNames() {
		now, err := again.Floats(name)
		before, missing := r.results.Floats(name)
		if err != nil || missing != nil || now[k] != now[k] || before[row] != before[row] {
			continue
		}
		if math.Abs(now[k]-before[row]) > 1e-9*math.Abs(before[row]) {
			return name
		}
	}
	return ""
}

// curves are the percentiles of all latencies of a run.
func curves(s *metrics.Store) map[string][]float64 {
	of := map[string]func(*metrics.Request) float64{
		"ttft": (*metrics.Request).TTFT, "tpot": (*metrics.Request).TPOT, "e2e": (*metrics.Request).E2E, "delay": (*metrics.Request).Delay,
	}
	all := map[string][]float64{}
	for name, f := range of {
		var values []float64
		for q := range s.Requests {
			if v := f(q); v == v {
				values = append(values, v)
			}
		}
		slices.Sort(values)
		all[name] = percentiles(len(values), func(i int) float64 { return values[i] })
	}
	bins, stat, ok := s.Sketch("inter_token_latency")
	if ok && stat.Count > 0 {
		all["tbt"] = ofBins(bins, stat.Count)
	}
	return all
}

// percentiles are 0, 1, … 100 of n sorted values, interpolated as NumPy does; none
// of no values.
func percentiles(n int, at func(int) float64) []float64 {
	if n == 0 {
		return nil
	}
	out := make([]float64, 101)
	for p := range out {
		h := float64(p) / 100 * float64(n-1)
		low := int(h)
		high := min(low+1, n-1)
		out[p] = at(low) + (h-float64(low))*(at(high)-at(low))
	}
	return out
}

// ofBins are the percentiles of a sketch of n values.
func ofBins(bins func(yield func(float64, int) bool), n int) []float64 {
	var values []float64
	var ends []int // how many values there are up to the bin
	total := 0
	for v, count := range bins {
		total += count
		values, ends = append(values, v), append(ends, total)
	}
	return percentiles(n, func(i int) float64 {
		at, _ := slices.BinarySearch(ends, i+1)
		return values[at]
	})
}
