package search

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/govidur/govidur/vidur/internal/student"
)

// capacityFigures are those of a search, before those of the run at the capacity.
func capacityFigures() []figure {
	return []figure{
		{"capacity_qps", "capacity", func(o *outcome) float64 { return o.answer.under }},
		{"over_qps", "least rate that is too much", func(o *outcome) float64 { return where(o.answer.over < math.Inf(1), o.answer.over) }},
		{"low_qps", "low end of the capacity", func(*outcome) float64 { return math.NaN() }},
		{"high_qps", "high end of the capacity", func(*outcome) float64 { return math.NaN() }},
		{"arrivals_s", "time of arrivals", func(o *outcome) float64 { return where(o.answer.under > 0, o.answer.requests/o.answer.under) }},
		{"probes", "probes", func(o *outcome) float64 { return float64(o.answer.probes) }},
		{"qps_per_gpu", "capacity per GPU", func(o *outcome) float64 { return o.answer.under / o.answer.gpus }},
		{"usd_per_hour", "price", func(o *outcome) float64 { return o.answer.perUSD }},
		{"qps_per_usd", "capacity per $/hour", func(o *outcome) float64 { return o.answer.under / o.answer.perUSD }},
	}
}

// Places of capacityFigures that replications do not only average.
const (
	capacityAt = iota
	overAt
	lowAt
	highAt
	_
	probesAt
)

// sum makes one row of the replications of each point: means over them of the
// figures of the search, an interval of the capacity, and the first one's run.
func (s *capacitySearch) sum(rows []Row) []Row {
	n := s.plan.compare.replications
	if n == 1 {
		return rows
	}
	var sums []Row
	for ; len(rows) > 0; rows = rows[n:] {
		row := rows[0]
		for _, r := range rows[1:n] {
			row.Probes = append(row.Probes, r.Probes...)
			if row.Err == nil && r.Err != nil {
				row.Err, row.Figures, row.Store = r.Err, none(len(row.Figures)), nil
			}
		}
		if row.Err == nil {
			s.average(row.Figures, rows[:n])
		}
		sums = append(sums, row)
	}
	return sums
}

func (s *capacitySearch) average(figures []float64, rows []Row) {
	values := make([]float64, len(rows))
	half := 0.0
	for k := range capacityFigures() {
		for i := range rows {
			values[i] = rows[i].Figures[k]
		}
		if k == capacityAt {
			half = student.Half(len(rows), stat.Variance(values, nil), s.plan.compare.confidence)
		}
		if figures[k] = stat.Mean(values, nil); k == probesAt {
			figures[k] *= float64(len(rows))
		}
	}
	figures[lowAt], figures[highAt] = max(0, figures[capacityAt]-half), figures[capacityAt]+half
}
