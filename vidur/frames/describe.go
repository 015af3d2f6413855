package frames

import (
	"math"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/metrics"
)

// describing are the statistics of Describe, in the order of its columns.
var describing = []struct {
	name string
	of   func(values []float64) float64 // may reorder the values; there is one at least
}{
	{"mean", mean}, {"std", std},
	{"min", func(v []float64) float64 { return metrics.Quantile(v, 0) }}, {"p25", func(v []float64) float64 { return metrics.Quantile(v, 0.25) }},
	{"p50", func(v []float64) float64 { return metrics.Quantile(v, 0.5) }}, {"p75", func(v []float64) float64 { return metrics.Quantile(v, 0.75) }},
	{"p90", func(v []float64) float64 { return metrics.Quantile(v, 0.9) }}, {"p99", func(v []float64) float64 { return metrics.Quantile(v, 0.99) }},
	{"max", func(v []float64) float64 { return metrics.Quantile(v, 1) }},
}

// Describe returns a row per column of a frame: column, type, count of values,
// missing ones, distinct ones, and of numbers and booleans (0 and 1) mean, std
// (of the population), min, p25, p50, p75, p90, p99 and max, which are missing
// for strings.
func Describe(df dataframe.DataFrame) (dataframe.DataFrame, error) {
	if err := sound(df); err != nil {
		return failed(err), err
	}
	n := df.Ncol()
	types, count, absent, distinct := make([]string, n), make([]int, n), make([]int, n), make([]int, n)
	stats := make([][]float64, len(describing))
	for i := range stats {
		stats[i] = make([]float64, n)
	}
	for c, name := range df.Names() {
		s := df.Col(name)
		types[c] = string(s.Type())
		for _, code := range codes(s) {
			count[c] += min(code, 1)
			distinct[c] = max(distinct[c], code)
		}
		absent[c] = s.Len() - count[c]
		values := present(s)
		for i, d := range describing {
			if stats[i][c] = math.NaN(); len(values) > 0 {
				stats[i][c] = d.of(values)
			}
		}
	}
	columns := []series.Series{stringsOf("column", df.Names()), stringsOf("type", types), intsOf("count", count), intsOf("missing", absent), intsOf("distinct", distinct)}
	for i, d := range describing {
		columns = append(columns, floatsOf(d.name, stats[i]))
	}
	out := frame(columns...)
	return out, out.Err
}

// present are the values of a column of numbers or booleans but the missing
// ones, as numbers; none of strings.
func present(s series.Series) []float64 {
	var all, values []float64
	switch s.Type() {
	case series.String:
		return nil
	case series.Bool:
		all = boolFloats(s)
	default:
		all = s.Float()
	}
	for _, v := range all {
		if v == v {
			values = append(values, v)
		}
	}
	return values
}
