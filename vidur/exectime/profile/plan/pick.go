package plan

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
)

// all plans whole grids, but for what is known.
func (m *maker) all() {
	points := 0
	for _, g := range m.grids {
		points += len(g.points)
	}
	m.plan.Points = slices.Grow(m.plan.Points, points)
	for _, g := range m.grids {
		if len(g.measured) == 0 {
			m.plan.Points = append(m.plan.Points, g.points...)
			continue
		}
		for i, known := range g.known() {
			if known {
				m.plan.Known++
			} else {
				m.plan.Points = append(m.plan.Points, g.points[i])
			}
		}
	}
}

// best plans what the budget allows: corners, then picks.
func (m *maker) best() {
	p := &picker{}
	for _, g := range m.grids {
		f := newField(g)
		for i, known := range f.done {
			if known {
				m.plan.Known++
			} else if f.corner[i] {
				f.measure(i)
				m.plan.Points = append(m.plan.Points, g.points[i])
			}
		}
		p.add(f)
	}
	corners, spent := len(m.plan.Points), m.plan.Seconds()
	if spent > m.o.Budget {
		m.plan.Notes = append(m.plan.Notes, fmt.Sprintf(
			"the budget is %s; the %d corners of the grids, without which predictions extrapolate, take %s, and are all of the plan",
			clock(m.o.Budget), corners, clock(spent)))
		return
	}
	heap.Init(p)
	for pt := p.next(); pt != nil && spent+pt.Seconds <= m.o.Budget; pt = p.next() {
		spent += pt.Seconds
		m.plan.Points = append(m.plan.Points, *pt)
	}
}

// Seconds is the estimated time of all points, added up in their order.
func (p *Plan) Seconds() float64 {
	sum := 0.0
	for i := range p.Points {
		sum += p.Points[i].Seconds
	}
	return sum
}

// picker gives points in the order of their gains. Gains only fall as points are
// picked, so the best of old ones is the best if it is still so computed anew.
type picker struct{ queue []choice }

type choice struct {
	gain  float32
	field *field
	point int
	order int // of the field, then of the point, among equals
	picks int // of the field when the gain was computed
}

func (p *picker) add(f *field) {
	for i, done := range f.done {
		if !done {
			p.queue = append(p.queue, choice{f.gain(i), f, i, len(p.queue), f.picks})
		}
	}
}

// next is the best point that is left, which then counts as measured; nil if there
// is none.
func (p *picker) next() *Point {
	for len(p.queue) > 0 {
		c := &p.queue[0]
		if c.picks == c.field.picks {
			best := heap.Pop(p).(choice)
			best.field.measure(best.point)
			return &best.field.points[best.point]
		}
		c.gain, c.picks = c.field.gain(c.point), c.field.picks
		heap.Fix(p, 0)
	}
	return nil
}

// Len, Less, Swap, Push and Pop are those of container/heap.
func (p *picker) Len() int { return len(p.queue) }

func (p *picker) Less(i, j int) bool {
	a, b := &p.queue[i], &p.queue[j]
	if c := cmp.Compare(b.gain, a.gain); c != 0 {
		return c < 0
	}
	return a.order < b.order
}

func (p *picker) Swap(i, j int) { p.queue[i], p.queue[j] = p.queue[j], p.queue[i] }

func (p *picker) Push(x any) { p.queue = append(p.queue, x.(choice)) }

func (p *picker) Pop() any {
	last := p.queue[len(p.queue)-1]
	p.queue = p.queue[:len(p.queue)-1]
	return last
}
