package search

import "fmt"

// longEnough is how many times the largest limit the arrivals must last for a rate
// to be one of steady load, not of a burst. Ten is a rule of thumb.
const longEnough = 10

// Remarks says what one should know of the capacities of a search before trusting
// them, a sentence each: how many have no upper end, and how many are the rates of
// bursts. There is none of other results.
func (r *Results) Remarks() []string {
	var remarks []string
	columns := map[string][]float64{}
	for _, name := range []string{"capacity_qps", "over_qps", "arrivals_s"} {
		values, err := r.Floats(name)
		if err != nil { // results of another kind, or without the column
			values = none(r.Len())
		}
		columns[name] = values
	}
	most := r.longestLimit()
	open, short, all := 0, 0, 0
	for i, capacity := range columns["capacity_qps"] {
		if !(capacity > 0) {
			continue
		}
		all++
		if over := columns["over_qps"][i]; over != over {
			open++
		} else if columns["arrivals_s"][i] < longEnough*most {
			short++
		}
	}
	if open > 0 {
		remarks = append(remarks, fmt.Sprintf("%d of %d capacities have no upper end: every rate that was tried above them is met, or none was tried. Limits of tbt and tpot alone may bound no rate, and neither do too few requests: add a limit of ttft or delay, or search with more requests.", open, all))
	}
	if short > 0 {
		remarks = append(remarks, fmt.Sprintf("%d of %d capacities are rates of bursts: all requests arrive within %g s, %d times the limit, so most wait no longer than it whatever the rate. Search with more requests.",
			short, all, longEnough*most, longEnough))
	}
	return remarks
}

// longestLimit is the largest limit of how long a request may wait, s.
func (r *Results) longestLimit() float64 {
	most := 0.0
	for _, text := range r.About().Criteria {
		if c, err := ParseCriterion(text); err == nil {
			most = max(most, c.Delay, c.TTFT, c.E2E)
		}
	}
	return most
}
