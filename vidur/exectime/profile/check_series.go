package profile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// group are measurements of one operator that differ in the amount of work
// only, and that findings are joined for.
type group struct {
	op     vidur.Op
	label  string // "TP 2"
	shape  shape
	points []point
}

// point is one measurement.
type point struct {
	x    []float64 // features, as those of Samples
	y    float64   // ms
	line int
}

// add puts a measurement into its group. Blank ones are left out.
func (k *checker) add(op vidur.Op, label string, s shape, line int, y float64, x ...float64) {
	if !(y >= 0) || y > maxMs {
		return
	}
	if k.groups == nil {
		k.groups = map[string]*group{}
	}
	name := fmt.Sprint(int(op), " ", label)
	g := k.groups[name]
	if g == nil {
		g = &group{op: op, label: label, shape: s}
		k.groups[name] = g
	}
	g.points = append(g.points, point{x, y, line})
}

// judge checks all groups, in order.
func (k *checker) judge() {
	groups := make([]*group, 0, len(k.groups))
	for _, g := range k.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.op, b.op), cmp.Compare(a.label, b.label))
	})
	for _, g := range groups {
		k.units(g)
		if g.op >= vidur.OpSchedule {
			continue // times of the host fall and rise
		}
		k.repeats(g)
		for varied := range g.points[0].x {
			k.falling(g, varied)
		}
	}
}

// units finds times in another unit than ms: all of a group, or some of its rows.
// Times in ms are held against the datasheet.
func (k *checker) units(g *group) {
	x := make([][]float64, len(g.points[0].x))
	var y []float64
	var lines []int
	for _, p := range g.points {
		for j := range x {
			x[j] = append(x[j], p.x[j])
		}
		y, lines = append(y, p.y), append(lines, p.line)
	}
	unit := g.shape.whichUnit(g.op, &k.device, x, y)
	if unit.rows == 0 && k.device.Name != "" {
		k.bound(g)
	}
	if unit.rows == 0 || unit.some && k.imported {
		return
	}
	k.find(Error, "units", lines[unit.first], g.op.String(), "%s: %s", g.label, unit.text(len(y)))
}

// The tolerances. Times are whole microseconds, in most files.
const (
	gridMs        = 0.001
	boundTolerant = 0.95 // of the datasheet's least time
	conflictRatio = 1.5  // of repeated measurements
	conflictMs    = 0.005
	fallRatio     = 0.75
	fallMs        = 0.01
	rarely        = 0.02 // of the steps may fall: libraries choose a slow kernel now and then
)

// bound finds times below what the datasheet allows. Data that may be in the
// L2 cache are held to the FLOPs only.
func (k *checker) bound(g *group) {
	worst, at, n := 1.0, point{}, 0
	for _, p := range g.points {
		w, known := g.shape.work(g.op, p.x...)
		if !known || p.y == 0 {
			continue
		}
		if w.bytes < 2e6*k.device.L2MB {
			w.bytes = 0
		}
		ratio := (p.y + gridMs/2) / w.bound(&k.device)
		if ratio >= boundTolerant {
			continue
		}
		n++
		if ratio < worst {
			worst, at = ratio, p
		}
	}
	if n > 0 {
		k.find(Warning, "bound", at.line, g.op.String(), "%s: faster than %s allows by its datasheet: %d of %d; here %.4g ms, %.0f %% of the least",
			g.label, k.device.Name, n, len(g.points), at.y, 100*worst)
	}
}

// repeats finds measurements of the same work that differ by more than noise.
func (k *checker) repeats(g *group) {
	points := slices.Clone(g.points)
	slices.SortStableFunc(points, func(a, b point) int { return slices.Compare(a.x, b.x) })
	worst, n, same := 1.0, 0, 0
	var low, high point
	for i := 0; i < len(points); {
		j := i + 1
		for j < len(points) && slices.Equal(points[i].x, points[j].x) {
			j++
		}
		run := points[i:j]
		i = j
		if len(run) == 1 {
			continue
		}
		same++
		least := slices.MinFunc(run, byTime)
		most := slices.MaxFunc(run, byTime)
		ratio := most.y / max(least.y, gridMs)
		if ratio < conflictRatio || most.y-least.y < conflictMs {
			continue
		}
		n++
		if ratio > worst {
			worst, low, high = ratio, least, most
		}
	}
	if n > 0 {
		k.find(Warning, "conflict", high.line, g.op.String(), "%s: repeated measurements that differ by more than %.0f %%: %d of %d; here %.4g ms, in line %d %.4g",
			g.label, 100*(conflictRatio-1), n, same, high.y, low.line, low.y)
	}
}

func byTime(a, b point) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.line, b.line)) }

// falling finds times that fall while one feature grows and the others stay.
func (k *checker) falling(g *group, varied int) {
	points := slices.Clone(g.points)
	others := func(p point) []float64 {
		o := slices.Clone(p.x)
		o[varied] = 0
		return o
	}
	slices.SortStableFunc(points, func(a, b point) int {
		return cmp.Or(slices.Compare(others(a), others(b)), cmp.Compare(a.x[varied], b.x[varied]), byTime(a, b))
	})
	points = slices.CompactFunc(points, func(a, b point) bool { return slices.Equal(a.x, b.x) }) // the least of equals
	worst, n, steps := 1.0, 0, 0
	var before, after point
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if !slices.Equal(others(a), others(b)) {
			continue
		}
		steps++
		if b.y >= fallRatio*a.y || a.y-b.y < fallMs {
			continue
		}
		n++
		if ratio := b.y / a.y; ratio < worst {
			worst, before, after = ratio, a, b
		}
	}
	if n > 0 {
		severity := Warning
		if float64(n) <= rarely*float64(steps) {
			severity = Info
		}
		k.find(severity, "falling", after.line, g.op.String(), "%s: the time falls by more than %.0f %% while %s grows: %d of %d steps; here from %.4g ms in line %d to %.4g",
			g.label, 100*(1-fallRatio), feature(g.op, varied), n, steps, before.y, before.line, after.y)
	}
}

// feature is the name of a feature of an operator's samples.
func feature(op vidur.Op, i int) string {
	switch op {
	case vidur.OpAttnDecode:
		return [...]string{BatchSize, KVCacheSize}[i]
	case vidur.OpAttnPrefill:
		return [...]string{KVCacheSize, "prefill_chunk_size"}[i]
	case vidur.OpAllReduce, vidur.OpSendRecv:
		return "size"
	}
	return NumTokens
}

// gaps are the values that a sorted grid seems to lack: a step of more than four
// times the one before, to a value that is more than twice as large; or more than a
// tenth larger, if the step after is as small again. Grids may get coarser.
func gaps(grid []float64) (from, to float64, n int) {
	for i := 2; i < len(grid); i++ {
		a, b := grid[i-1], grid[i]
		step, last := b-a, a-grid[i-2]
		hole := i+1 < len(grid) && b > 1.1*a && step > 4*(grid[i+1]-b)
		if step > 4*last && (hole || b > 2*a) {
			if n == 0 {
				from, to = a, b
			}
			n++
		}
	}
	return from, to, n
}
