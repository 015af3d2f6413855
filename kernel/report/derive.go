package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// derive adds what the pages compare and the results do not have: of a sweep the
// price per hour and the rates per GPU and per dollar, and of all the replicas of
// the deployment.
func derive(r *search.Results, base *spec.Experiment) (*search.Results, error) {
	const hour = 3600 // s
	rate := rateColumn(r)
	for _, c := range []struct {
		name string
		of   func(figure func(string) float64) float64
	}{
		{"usd_per_hour", func(f func(string) float64) float64 { return f("cost_usd") / f("makespan_s") * hour }},
		{"qps_per_gpu", func(f func(string) float64) float64 { return f(rate) / f("gpus") }},
		{"qps_per_usd", func(f func(string) float64) float64 { return f(rate) / f("usd_per_hour") }},
		{"replicas", replicas(base)},
	} {
		if slices.Contains(r.Names(), c.name) {
			continue
		}
		figures := floatsOf(r)
		values := make([]float64, r.Len())
		for i := range values {
			values[i] = c.of(func(name string) float64 {
				if figures[name] == nil {
					return math.NaN()
				}
				return figures[name][i]
			})
		}
		var err error
		if r, err = r.With(c.name, values); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// floatsOf are the columns of numbers by their names.
func floatsOf(r *search.Results) map[string][]float64 {
	columns := map[string][]float64{}
	for _, name := range r.Names() {
		if values, err := r.Floats(name); err == nil {
			columns[name] = values
		}
	}
	return columns
}

// replicas counts those of a row, from its degrees of parallelism or those of the
// base; one if neither says.
func replicas(base *spec.Experiment) func(figure func(string) float64) float64 {
	tp, pp := math.NaN(), math.NaN()
	if base != nil {
		tp, pp = float64(base.TP), float64(base.PP)
	}
	return func(figure func(string) float64) float64 {
		of := func(name string, otherwise float64) float64 {
			if v := figure(name); v == v {
				return v
			}
			return otherwise
		}
		n := figure("gpus") / (of("tp", tp) * of("pp", pp))
		if n >= 1 && n == math.Floor(n) {
			return n
		}
		return 1
	}
}

// rateColumn is the column of the rate that a row stands for.
func rateColumn(r *search.Results) string {
	if slices.Contains(r.Names(), "capacity_qps") {
		return "capacity_qps"
	}
	return "requests_per_s"
}

// goalColumn is what is to be as large as can be: requests per dollar, or per GPU
// if no price is known.
func goalColumn(r *search.Results) string {
	values, err := r.Floats("qps_per_usd")
	if err == nil && slices.ContainsFunc(values, func(v float64) bool { return v == v && !math.IsInf(v, 0) }) {
		return "qps_per_usd"
	}
	return "qps_per_gpu"
}

// workloadAxes are the axes that say what is to be served and not how.
var workloadAxes = []string{"model", "trace", "workload"}

// group is a model and a workload, and its rows.
type group struct {
	name string // empty if there is but one
	rows []int
}

// groupsOf are the rows by what is to be served, in the order of the first of each.
func groupsOf(r *search.Results) []group {
	var groups []group
	for i, row := range r.Rows() {
		var words []string
		for _, c := range row.Point {
			if slices.Contains(workloadAxes, c.Name) {
				words = append(words, fmt.Sprint(c.Value))
			}
		}
		name := strings.Join(words, ", ")
		at := slices.IndexFunc(groups, func(g group) bool { return g.name == name })
		if at < 0 {
			groups, at = append(groups, group{name: name}), len(groups)
		}
		groups[at].rows = append(groups[at].rows, i)
	}
	return groups
}
