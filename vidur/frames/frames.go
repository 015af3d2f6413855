package frames

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/metrics"
)

// Requests returns a row per request that arrived, by ID, with all columns of
// metrics.ColumnNames or, if some are named, these. Whole numbers are Int, all
// others Float. It is an error, in the frame's Err, if the Store keeps no rows
// or has no such column.
func Requests(s *metrics.Store, columns ...string) dataframe.DataFrame {
	if s == nil {
		return failed(errNoStore)
	}
	if s.Options().SketchesOnly {
		return failed(errors.New("frames: with Options.SketchesOnly a Store keeps no rows of requests"))
	}
	return ofMetrics(metrics.ColumnNames(), columns, s.Column)
}

// ofColumn is a column of metrics as a series.
func ofColumn(c metrics.Column) series.Series {
	t := series.Float
	if c.Whole {
		t = series.Int
	}
	return series.New(c.Values, t, c.Name)
}

// each calls f for 0 to n-1, on all processors.
func each(n int, f func(int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// frame makes a frame of columns, which must have different names: gota would
// rename them.
func frame(columns ...series.Series) dataframe.DataFrame {
	seen := map[string]bool{}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
		if seen[c.Name] {
			return failed(fmt.Errorf("frames: two columns %q", c.Name))
		}
		seen[c.Name] = true
	}
	df := dataframe.New(columns...)
	if df.Err == nil {
		df.Err = df.SetNames(names...) // an empty name is one, too
	}
	if df.Err != nil {
		return failed(fmt.Errorf("frames: %w", df.Err))
	}
	return df
}

func failed(err error) dataframe.DataFrame { return dataframe.DataFrame{Err: err} }

// Summary returns a row per metric of a run, operators last: name, unit, count,
// mean, std (of the population), min, p25 to p99.9, max, and whether the
// percentiles are exact. Of a metric without a value all but the count is
// missing.
func Summary(s metrics.Summary) dataframe.DataFrame {
	var names, units []string
	var counts []int
	var exact []bool
	labels := []string{"mean", "std", "min", "p25", "p50", "p75", "p90", "p95", "p99", "p99.9", "max"}
	values := make([][]float64, len(labels))
	for _, list := range [][]metrics.Stat{s.Metrics, s.Operators} {
		for _, m := range list {
			names, units = append(names, m.Name), append(units, m.Unit)
			counts, exact = append(counts, m.Count), append(exact, m.Exact)
			for i, v := range [...]float64{m.Mean, m.Std, m.Min, m.P25, m.P50, m.P75, m.P90, m.P95, m.P99, m.P999, m.Max} {
				values[i] = append(values[i], unless(m.Count == 0, v))
			}
		}
	}
	columns := []series.Series{stringsOf("name", names), stringsOf("unit", units), intsOf("count", counts)}
	for i, label := range labels {
		columns = append(columns, floatsOf(label, values[i]))
	}
	return frame(append(columns, series.New(exact, series.Bool, "exact"))...)
}

// unless is v, or NaN if it is missing.
func unless(missing bool, v float64) float64 {
	if missing {
		return math.NaN()
	}
	return v
}

// Operators returns a row per operator with what its times rest on: op, source,
// estimator, rows (of the profiles), cv_error_percent, train_error_percent
// (missing for analytic ones), range (what was profiled) and note.
func Operators(list []trained.Provenance) dataframe.DataFrame {
	n := len(list)
	op, source, estimator := make([]string, n), make([]string, n), make([]string, n)
	ranges, note := make([]string, n), make([]string, n)
	rows, cv, train := make([]int, n), make([]float64, n), make([]float64, n)
	for i, p := range list {
		op[i], source[i], estimator[i] = p.Op.String(), p.Source.String(), p.Estimator
		rows[i], ranges[i], note[i] = p.Rows, p.Range, p.Note
		cv[i], train[i] = p.CVError, unless(p.Source == trained.Analytic, p.TrainError)
	}
	return frame(stringsOf("op", op), stringsOf("source", source), stringsOf("estimator", estimator),
		intsOf("rows", rows), floatsOf("cv_error_percent", cv), floatsOf("train_error_percent", train),
		stringsOf("range", ranges), stringsOf("note", note))
}

// Replicas returns a row per replica and stage: replica, stage,
// completed_requests (of the replica), and how its KV memory, its devices' time
// and their FLOPs were used, in percent: memory_, busy_ and mfu_ with
// min_percent, mean_percent and max_percent.
func Replicas(s metrics.Summary) dataframe.DataFrame {
	var replica, stage, completed []int
	labels := []string{"memory", "busy", "mfu"}
	values := make([][3][]float64, len(labels))
	for _, r := range s.Replicas {
		for j, st := range r.Stages {
			replica, stage, completed = append(replica, r.Replica), append(stage, j), append(completed, r.Completed)
			for k, u := range [...]metrics.Utilization{r.Memory, st.Busy, st.MFU} {
				for i, v := range [...]float64{u.Min, u.Mean, u.Max} {
					values[k][i] = append(values[k][i], v)
				}
			}
		}
	}
	columns := []series.Series{intsOf("replica", replica), intsOf("stage", stage), intsOf("completed_requests", completed)}
	for k, label := range labels {
		for i, which := range [...]string{"min", "mean", "max"} {
			columns = append(columns, floatsOf(label+"_"+which+"_percent", values[k][i]))
		}
	}
	return frame(columns...)
}

func stringsOf(name string, v []string) series.Series { return series.New(v, series.String, name) }
func intsOf(name string, v []int) series.Series       { return series.New(v, series.Int, name) }
func floatsOf(name string, v []float64) series.Series { return series.New(v, series.Float, name) }
