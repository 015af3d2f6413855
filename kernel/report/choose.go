package report

import (
	"slices"

	"github.com/govidur/govidur/vidur/search"
)

// groupColumn numbers the groups of rows, for bounds.
const groupColumn = "group of the report"

// choose lists at most a number of rows to look at closer: the best of each group,
// and then those of the Pareto fronts, group by group.
func (r *Report) choose(most int) ([]int, error) {
	numbers := make([]float64, r.results.Len())
	for g := range r.groups {
		for _, row := range r.groups[g].rows {
			numbers[row] = float64(g)
		}
	}
	results, err := r.results.With(groupColumn, numbers)
	if err != nil {
		return nil, err
	}
	var bests, fronts []int
	for g := range r.groups {
		within := search.Bound{Column: groupColumn, Low: float64(g), High: float64(g)}
		best, front, err := r.chooseIn(results, within)
		if err != nil {
			return nil, err
		}
		bests, fronts = append(bests, best...), append(fronts, front...)
	}
	var rows []int
	for _, i := range slices.Concat(bests, fronts) {
		if len(rows) < most && !slices.Contains(rows, i) {
			rows = append(rows, i)
		}
	}
	slices.Sort(rows)
	return rows, nil
}

// chooseIn finds the best of a group, or what comes closest, and its fronts.
func (r *Report) chooseIn(results *search.Results, within search.Bound) (best, front []int, err error) {
	goal := search.Max(goalColumn(results))
	bounds := []search.Bound{within}
	for i := range r.limits {
		bounds = append(bounds, r.limits[i].bound())
	}
	at, err := results.Best(goal, bounds...)
	if err == nil && at < 0 {
		at, err = results.Best(search.Min(r.nearest()), within)
	}
	if at >= 0 {
		best = append(best, at)
	}
	for i := range r.limits {
		rows, e := results.Front([]search.Goal{goal, search.Min(r.limits[i].column())}, bounds...)
		if err == nil {
			err = e
		}
		front = append(front, rows...)
	}
	return best, front, err
}

// nearest is the latency by which configurations are compared if none keeps the
// limits: that of the first one.
func (r *Report) nearest() string {
	if len(r.limits) > 0 {
		return r.limits[0].column()
	}
	return "ttft_p90_s"
}
