package frames

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-gota/gota/dataframe"

	"github.com/govidur/govidur/vidur/metrics"
)

// Agg makes one value of the values of a column in a group. Missing values are
// left out. The zero Agg counts rows.
type Agg struct {
	Column string // what of
	As     string // name of the result; empty: the column's and what it is, as in x_mean, x_p99

	what string
	of   func(values []float64) float64 // may reorder the values; nil: counts
	err  error
}

// Count counts the values of a column, or the rows if the name is empty.
func Count(column string) Agg { return Agg{Column: column} }

// Sum is the sum of a column, 0 without a value.
func Sum(column string) Agg { return Func(column, "sum", sum) }

// Mean is the mean of a column.
func Mean(column string) Agg { return Func(column, "mean", mean) }

// Std is the standard deviation of the population, as in metrics.Stat and
// NumPy; pandas' and gota's is that of a sample.
func Std(column string) Agg { return Func(column, "std", std) }

// Min is the least value of a column.
func Min(column string) Agg {
	return Func(column, "min", func(v []float64) float64 { return extreme(v, func(a, b float64) bool { return a < b }) })
}

// Max is the greatest value of a column.
func Max(column string) Agg {
	return Func(column, "max", func(v []float64) float64 { return extreme(v, func(a, b float64) bool { return a > b }) })
}

// Quantile is the q-quantile of a column, 0 <= q <= 1, interpolated as NumPy and
// pandas do. The result is named by percent: x_p50, x_p99.9.
func Quantile(column string, q float64) Agg {
	a := Func(column, "p"+strconv.FormatFloat(math.Round(q*1e10)/1e8, 'f', -1, 64), func(v []float64) float64 {
		return metrics.Quantile(v, q)
	})
	if !(q >= 0 && q <= 1) {
		a.err = fmt.Errorf("frames: no %v-quantile of %q: it must be in [0, 1]", q, column)
	}
	return a
}

// Func is an aggregate of one's own: f of the values in order of their rows,
// which it may change. NaN is a missing result.
func Func(column, name string, f func(values []float64) float64) Agg {
	a := Agg{Column: column, what: name, of: f}
	if f == nil {
		a.err = fmt.Errorf("frames: aggregate %q of %q has no function", name, column)
	}
	return a
}

// Named is the aggregate with a name for its result.
func (a Agg) Named(name string) Agg {
	a.As = name
	return a
}

// name is the result's.
func (a *Agg) name() string {
	switch {
	case a.As != "":
		return a.As
	case a.of != nil:
		return a.Column + "_" + a.what
	case a.Column == "":
		return "count"
	}
	return a.Column + "_count"
}

// Value aggregates all rows of a frame.
func Value(df dataframe.DataFrame, a Agg) (float64, error) {
	one, err := GroupBy(df, nil, a.Named("value"))
	if err != nil {
		return math.NaN(), err
	}
	return one.Elem(0, 0).Float(), nil
}

func sum(values []float64) float64 {
	s := 0.0
	for _, v := range values {
		s += v
	}
	return s
}

// mean and std compute as metrics.Stat does, to the bit.
func mean(values []float64) float64 { return sum(values) / float64(len(values)) }

func std(values []float64) float64 {
	m, sq := mean(values), 0.0
	for _, v := range values {
		sq += float64((v - m) * (v - m))
	}
	return math.Sqrt(sq / float64(len(values)))
}

func extreme(values []float64, better func(a, b float64) bool) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	best := values[0]
	for _, v := range values[1:] {
		if better(v, best) {
			best = v
		}
	}
	return best
}
