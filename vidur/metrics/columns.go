package metrics

import (
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur/internal/sketch"
)

// Column is a value per request, or per batch.
type Column struct {
	Name   string
	Unit   string
	Whole  bool      // the values are whole numbers
	Values []float64 // by ID of the requests that arrived, or in the order in which batches ended; NaN where there is none
}

// baseColumns are what identifies a request and its times.
var baseColumns = []struct {
	name, unit string
	whole      bool
	value      func(*Request) float64
}{
	{"request_id", "", true, func(r *Request) float64 { return float64(r.ID) }},
	{"replica_id", "", true, func(r *Request) float64 { return orNaN(r.Replica >= 0, float64(r.Replica)) }},
	{"class", "", true, func(r *Request) float64 { return float64(r.Class) }},
	{"tenant", "", true, func(r *Request) float64 { return float64(r.Tenant) }},
	{"arrived_at", "s", false, func(r *Request) float64 { return r.Arrived }},
	{"scheduled_at", "s", false, func(r *Request) float64 { return r.Scheduled }},
	{"started_at", "s", false, func(r *Request) float64 { return r.Started }},
	{"prefill_completed_at", "s", false, func(r *Request) float64 { return r.Prefilled }},
	{"completed_at", "s", false, func(r *Request) float64 { return r.Completed }},
}

func orNaN(ok bool, v float64) float64 {
	if ok {
		return v
	}
	return math.NaN()
}

// Len is the number of rows: of requests that arrived, or 0 with
// Options.SketchesOnly.
func (s *Store) Len() int {
	if s.opt.SketchesOnly {
		return 0
	}
	return s.arrived
}

// Requests yields the rows of the requests that arrived, by ID. A row must not
// be changed.
func (s *Store) Requests(yield func(*Request) bool) {
	for _, q := range s.rows.all {
		if q.Prefill > 0 && !yield(q) {
			return
		}
	}
}

// ColumnNames are the names that Column knows.
func ColumnNames() []string {
	var names []string
	for i := range baseColumns {
		names = append(names, baseColumns[i].name)
	}
	for i := range requestMetrics {
		names = append(names, requestMetrics[i].name)
	}
	return names
}

// Column returns one column of the requests. The names of metrics are those of
// the original's files; see ColumnNames.
func (s *Store) Column(name string) (Column, error) {
	c := Column{Name: name}
	var value func(*Request) float64
	for _, b := range baseColumns {
		if b.name == name {
			c.Unit, c.Whole, value = b.unit, b.whole, b.value
		}
	}
	for i := range requestMetrics {
		if m := &requestMetrics[i]; m.name == name {
			c.Unit, c.Whole = m.unit, m.whole()
			value = func(r *Request) float64 { return m.of(r, s.opt.Original) }
		}
	}
	if value == nil {
		return c, fmt.Errorf("metrics: no column %q", name)
	}
	c.Values = make([]float64, 0, s.Len())
	for q := range s.Requests {
		c.Values = append(c.Values, value(q))
	}
	return c, nil
}

// Sketch describes what only a sketch is kept of, or its bins: a metric
// that comes per token, batch or operator, and with Options.SketchesOnly any.
// Bins yields the value of each bin that is not empty and the number of values
// in it, in order. It reports false for a name it does not know.
func (s *Store) Sketch(name string) (bins func(yield func(value float64, count int) bool), stat Stat, ok bool) {
	if sk, unit := s.sketchOf(name); sk != nil {
		return sk.Bins, sketchStat(name, unit, sk), true
	}
	return nil, Stat{}, false
}

func (s *Store) sketchOf(name string) (*sketch.Sketch, string) {
	tokens, prefill, decode, size := s.inBatches()
	switch name {
	case itlName:
		return s.itl(), "s"
	case tokenTimeName:
		return &s.token, "s"
	case batchTimeName:
		return &s.batchTime, "s"
	case batchTokensName:
		return tokens.sketch(), "tokens"
	case batchPrefillName:
		return prefill.sketch(), "tokens"
	case batchDecodeName:
		return decode.sketch(), "tokens"
	case batchSizeName:
		return size.sketch(), "requests"
	}
	s.settle()
	for i := range s.sketched {
		if requestMetrics[i].name == name {
			return &s.sketched[i], requestMetrics[i].unit
		}
	}
	if s.ops != nil {
		for i := range opMetrics {
			if opMetrics[i].name == name {
				return s.ops.sketch(i), "ms"
			}
		}
	}
	return nil, ""
}

// itl is the distribution of the times between tokens as a client sees them.
func (s *Store) itl() *sketch.Sketch {
	c := s.token.Clone()
	c.Merge(&s.regap)
	return c
}
