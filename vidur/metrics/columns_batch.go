package metrics

import (
	"fmt"
	"math"
)

// batchBase are what identifies a batch, its times and what was held at its end.
var batchBase = []struct {
	name, unit string
	whole      bool
	value      func(*batchRow) float64
}{
	{"batch_id", "", true, func(b *batchRow) float64 { return float64(b.id) }},
	{"replica_id", "", true, func(b *batchRow) float64 { return float64(b.replica) }},
	{"scheduled_at", "s", false, func(b *batchRow) float64 { return b.scheduled }},
	{"ended_at", "s", false, func(b *batchRow) float64 { return b.ended }},
	{"kv_blocks_held", "blocks", true, func(b *batchRow) float64 { return float64(b.held) }},
}

// BatchColumnNames are the names that BatchColumn knows: what identifies a
// batch, its times in s, the KV blocks that its replica holds when it has ended,
// what batch_metrics.csv has of it and, with Options.Operations, the operators
// that ran. There is none without Options.KeepBatches.
func (s *Store) BatchColumnNames() []string {
	if !s.opt.KeepBatches {
		return nil
	}
	var names []string
	for i := range batchBase {
		names = append(names, batchBase[i].name)
	}
	for i := range batchColumns {
		names = append(names, batchColumns[i].name)
	}
	for i := range opMetrics {
		if s.ops != nil && s.ops.sketch(i).Count() > 0 {
			names = append(names, opMetrics[i].name)
		}
	}
	return names
}

// BatchColumn returns one column of the batches, in the order in which they
// ended; see BatchColumnNames. That of an operator is its mean time over the
// stages of the batch that it ran in, ms, and NaN where it ran in none.
func (s *Store) BatchColumn(name string) (Column, error) {
	c := Column{Name: name}
	if !s.opt.KeepBatches {
		return c, fmt.Errorf("metrics: no column %q of batches: Options.KeepBatches keeps them", name)
	}
	value := s.batchValue(&c)
	if value == nil {
		return c, fmt.Errorf("metrics: no column %q of batches", name)
	}
	c.Values = make([]float64, 0, s.batches.n)
	for _, b := range s.batches.all {
		c.Values = append(c.Values, value(b))
	}
	return c, nil
}

// batchValue finds the column of a name and completes what describes it; nil if
// there is none.
func (s *Store) batchValue(c *Column) func(*batchRow) float64 {
	for i := range batchBase {
		if b := &batchBase[i]; b.name == c.Name {
			c.Unit, c.Whole = b.unit, b.whole
			return b.value
		}
	}
	for i := range batchColumns {
		if b := &batchColumns[i]; b.name == c.Name {
			c.Unit, c.Whole = b.unit, b.whole
			return b.value
		}
	}
	for i := range opMetrics {
		if s.ops != nil && opMetrics[i].name == c.Name {
			c.Unit = "ms"
			return func(b *batchRow) float64 {
				ms, ok := s.ops.rows.at(int(b.id)).mean(i)
				return orNaN(ok, ms)
			}
		}
	}
	return nil
}

// Tokens returns the times, s and ascending, at which prompts were completed or
// tokens generated, with the tokens of these prompts and the tokens that decodes
// generated. There is none without Options.TokenSeries.
func (s *Store) Tokens() (at []float64, prefill, decode []int) {
	prompts, tokens := cursor{list: &s.prefillSeries}, cursor{list: &s.decodeSeries}
	for now := min(prompts.time(), tokens.time()); !math.IsInf(now, 1); now = min(prompts.time(), tokens.time()) {
		at, prefill, decode = append(at, now), append(prefill, prompts.take(now)), append(decode, tokens.take(now))
	}
	return at, prefill, decode
}

// cursor walks through a time series.
type cursor struct {
	list *list[point]
	next int
}

// time is that of the next point, infinite after the last.
func (c *cursor) time() float64 {
	if c.next == c.list.n {
		return math.Inf(1)
	}
	return c.list.at(c.next).at
}

// take goes over the points of a time and sums them.
func (c *cursor) take(at float64) int {
	n := 0
	for ; c.time() == at; c.next++ {
		n += int(c.list.at(c.next).n)
	}
	return n
}
