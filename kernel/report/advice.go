package report

import (
	"fmt"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// advise adds what keeps each row from its limits of TTFT and TBT.
func (r *Report) advise(d *pageData) error {
	var criteria []search.Criterion
	for _, l := range r.limits {
		criteria = append(criteria, search.Percentile(l.metric, float64(l.percent), l.most))
	}
	d.Advice = map[int][]string{}
	params := spec.Params()
	for i, row := range r.results.Rows() {
		advice, err := r.results.Advise(i, r.experimentOf(row.Point, params), criteria...)
		if err != nil {
			return err
		}
		if advice != nil {
			d.Advice[i] = advice
		}
	}
	return nil
}

// experimentOf is the experiment of a point, as far as advice looks at it.
func (r *Report) experimentOf(point search.Point, params []spec.Param) *spec.Experiment {
	e := *r.base
	for i := range params {
		if v := point.Value(params[i].Name); v != nil && v != 0 { // a job without a chunk has 0
			params[i].Set(&e, fmt.Sprint(v)) // it has been simulated so
		}
	}
	if size, ok := point.Value("batch_size").(int); ok { // of a job of the original's search, per stage
		e.MaxBatch = size * e.PP
	}
	return &e
}
