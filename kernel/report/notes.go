package report

import (
	"fmt"

	"github.com/govidur/govidur/vidur/search"
)

// longEnough is how many times the largest limit the arrivals must last for a rate
// to be one of steady load, not of a burst. Ten is a rule of thumb.
const longEnough = 10

// notes say what a reader should know of the results before trusting them.
func (r *Report) notes() []string {
	notes := r.bursts()
	for _, a := range r.about.Axes {
		if a.Name == "seed" {
			notes = append(notes, "Every seed is a row of its own here, and the best of many seeds is partly luck.")
		}
	}
	return notes
}

// bursts says how many capacities are of too few requests.
func (r *Report) bursts() []string {
	most := 0.0
	for _, text := range r.about.Criteria {
		if c, err := search.ParseCriterion(text); err == nil {
			most = max(most, c.Delay, c.TTFT, c.E2E)
		}
	}
	lasts, err := r.results.Floats("arrivals_s")
	if err != nil {
		return nil
	}
	short, all := 0, 0
	for _, v := range lasts {
		if v == v {
			all++
		}
		if v < longEnough*most {
			short++
		}
	}
	if short == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d capacities are rates of bursts: all requests arrive within %g s, %d times the limit, so most wait no longer than it whatever the rate. Search with more requests.",
		short, all, longEnough*most, longEnough)}
}
