package metrics

import (
	"cmp"
	"slices"

	"github.com/govidur/govidur/vidur/internal/sketch"
)

// requestOutputs are the files about requests: with a row each, or of sketches.
func (s *Store) requestOutputs(opt WriteOptions) []output {
	var out []output
	if s.opt.SketchesOnly {
		s.settle()
		for i := range requestMetrics {
			name := requestMetrics[i].name
			out = append(out, output{"plots/" + name + ".csv", sketchFile(name, &s.sketched[i])})
		}
	} else {
		out = append(out,
			output{"request_metrics.csv", s.requestTable},
			output{"plots/request_arrival_time_series.csv", s.arrivalSeries},
			output{"plots/request_completion_time_series.csv", s.completionSeries})
		for i := range requestMetrics {
			if m := &requestMetrics[i]; m.kind == timeMetric || m.kind == furtherMetric && !s.opt.Original {
				out = append(out, output{"plots/" + m.name + ".csv", s.requestCDF(m, opt.Subsamples)})
			}
		}
	}
	if !s.opt.Original || s.opt.TokenSeries {
		out = append(out, output{"plots/" + tokenTimeName + ".csv", sketchFile(tokenTimeName, &s.token)})
	}
	if !s.opt.Original {
		out = append(out, output{"plots/" + itlName + ".csv", sketchFile(itlName, s.itl())})
	}
	return out
}

// requestTable writes a row per request that arrived: in order of completion,
// and then those that are not complete.
func (s *Store) requestTable(e *encoder) {
	e.raw("Request Id")
	for i := range requestMetrics {
		if requestMetrics[i].kind != furtherMetric {
			e.sep()
			e.raw(requestMetrics[i].name)
		}
	}
	e.end()
	for _, id := range s.order.all {
		s.requestRow(e, s.rows.at(int(*id)))
	}
	for _, q := range s.arrivals() {
		if !q.Done() {
			s.requestRow(e, q)
		}
	}
}

func (s *Store) requestRow(e *encoder, q *Request) {
	e.int(int(q.ID))
	for i := range requestMetrics {
		m := &requestMetrics[i]
		if m.kind == furtherMetric {
			continue
		}
		e.sep()
		if v := m.of(q, s.opt.Original); m.whole() {
			e.whole(v)
		} else {
			e.float(v)
		}
	}
	e.end()
}

// arrivals are the requests in order of arrival. A workload may have told of
// a request before another one and have it arrive after it.
func (s *Store) arrivals() []*Request {
	list := make([]*Request, 0, s.arrived)
	for q := range s.Requests {
		list = append(list, q)
	}
	slices.SortStableFunc(list, func(a, b *Request) int { return cmp.Compare(a.Arrived, b.Arrived) })
	return list
}

// requestCDF writes the values of a metric of the complete requests, sorted.
// The first column is the rank in order of completion, from 0 on.
func (s *Store) requestCDF(m *metric, subsamples int) func(*encoder) {
	return func(e *encoder) {
		e.raw(",Request Id," + m.name + ",cdf")
		e.end()
		entries := make([]entry, 0, s.order.n)
		for i, id := range s.order.all {
			if v := m.of(s.rows.at(int(*id)), s.opt.Original); v == v {
				entries = append(entries, entry{v, int32(i), *id})
			}
		}
		entries = sortEntries(entries)
		step := 1
		if subsamples > 0 {
			step = max(1, len(entries)/subsamples)
		}
		for i := 0; i < len(entries); i += step {
			e.int(int(entries[i].rank))
			e.sep()
			e.int(int(entries[i].id))
			e.sep()
			e.float(entries[i].value)
			e.sep()
			e.float(float64(i+1) / float64(len(entries)))
			e.end()
		}
	}
}

// sketchFile writes the percentiles of a sketch; only the header if it is empty.
func sketchFile(name string, sk *sketch.Sketch) func(*encoder) {
	return func(e *encoder) {
		e.raw(",cdf," + name)
		e.end()
		for i := 0; i <= 100 && sk.Count() > 0; i++ {
			q := min(1, float64(i)*0.01)
			e.int(i)
			e.sep()
			e.float(q)
			e.sep()
			e.float(sk.Quantile(q))
			e.end()
		}
	}
}

// series writes a time series: how many there were up to a time.
type series struct {
	e    *encoder
	rows int
	sum  int
}

func newSeries(e *encoder, name string) *series {
	e.raw(",Time (sec)," + name)
	e.end()
	return &series{e: e}
}

func (s *series) add(at float64, n int) {
	s.sum += n
	s.e.int(s.rows)
	s.rows++
	s.e.sep()
	s.e.float(at)
	s.e.sep()
	s.e.int(s.sum)
	s.e.end()
}

func (s *Store) arrivalSeries(e *encoder) {
	t := newSeries(e, "request_arrival")
	for _, q := range s.arrivals() {
		t.add(q.Arrived, 1)
	}
}

func (s *Store) completionSeries(e *encoder) {
	t := newSeries(e, "request_completion")
	for _, id := range s.order.all {
		t.add(s.rows.at(int(*id)).Completed, 1)
	}
}

// tokenSeries writes a row per entry, or with each, one per token of it.
func (s *Store) tokenSeries(name string, points *list[point], each bool) func(*encoder) {
	return func(e *encoder) {
		t := newSeries(e, name)
		for _, p := range points.all {
			if !each {
				t.add(p.at, int(p.n))
				continue
			}
			for range p.n {
				t.add(p.at, 1)
			}
		}
	}
}
