package aiconf

import (
	"fmt"
	"slices"
)

const (
	// same is how far measurements of one point may lie apart, as a factor.
	same = 2
	// oddPoints is how many points of a table may be left out because they do not
	// agree, one in so many. The public table of prefill attention on the H100 for
	// vLLM 0.14.0 has one in 5,000.
	oddPoints = 1000
)

// points collects measurements by key, and takes the mean of those of one point.
type points[K comparable] struct {
	sheet *sheet
	at    map[K]*point
	order []K // in which they came
}

type point struct {
	first, last int // rows
	sum         float64
	n           int
	low, top    float64
}

// add takes the latency of a row.
func (p *points[K]) add(row int, key K, ms float64) {
	if p.at == nil {
		p.at = map[K]*point{}
	}
	v := p.at[key]
	if v == nil {
		p.at[key] = &point{row, row, ms, 1, ms, ms}
		p.order = append(p.order, key)
		return
	}
	v.last = row
	v.sum += ms
	v.n++
	v.low, v.top = min(v.low, ms), max(v.top, ms)
}

// settle leaves points out whose measurements differ by more than a factor of two:
// one of them is of something else, and nothing says which. More than a few are an
// error of the file.
func (p *points[K]) settle() error {
	all := len(p.order)
	var err error
	p.order = slices.DeleteFunc(p.order, func(key K) bool {
		v := p.at[key]
		if v.top <= same*v.low {
			return false
		}
		odd := p.sheet.fault(v.last, "latency", "%v and %v ms, from %s on, for the same %+v", v.low, v.top, p.sheet.place(v.first), key)
		p.sheet.dropped = append(p.sheet.dropped, odd.Error())
		err = odd
		return true
	})
	if n := len(p.sheet.dropped); n*oddPoints > all {
		return fmt.Errorf("%w: %d of %d points do not agree with themselves", err, n, all)
	}
	return nil
}

func (p *points[K]) mean(key K) float64 { v := p.at[key]; return v.sum / float64(v.n) }

// dims reads columns of whole numbers, each from 1 on.
func (s *sheet) dims(names ...string) ([][]int, error) {
	columns := make([][]int, len(names))
	for i, n := range names {
		var err error
		if columns[i], err = s.ints(n, 1); err != nil {
			return nil, err
		}
	}
	return columns, nil
}
