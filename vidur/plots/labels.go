package plots

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// pointLabels are names beside points, placed so that they cover neither points
// nor each other nor lines. One that finds no room is left out.
type pointLabels struct {
	x, y   []float64
	labels []string
	avoid  []*cloud
	path   *line
	refs   *[2]*refLines // of the figure, which may get them later; nil if it gets none
}

func (l *pointLabels) measure(*extent) {}

func (l *pointLabels) Plot(c draw.Canvas, p *plot.Plot) {
	mess := clutter{path: l.path.corners(&c, p), across: l.across(&c, p)}
	for _, a := range l.avoid {
		for _, pt := range shown(&c, p, a.x, a.y) {
			mess.boxes = append(mess.boxes, around(pt, markRadius))
		}
	}
	pts := shown(&c, p, l.x, l.y)
	if len(pts) != len(l.labels) {
		pts, l = l.visible(&c, p)
	}
	var names []nameTag
	sty := textStyle()
	sty.Font.Size = 7
	for i, pt := range pts {
		if l.labels[i] != "" { // finding a place for nothing takes long beside many points
			name := elide(sty, l.labels[i], c.Max.X-c.Min.X)
			names = append(names, nameTag{text: name, at: pt, size: sty.Rectangle(name).Size()})
		}
	}
	for _, n := range arrange(&c, names, mess) {
		if near := nearest(n.box, n.at); math.Hypot(float64(near.X-n.at.X), float64(near.Y-n.at.Y)) > 7 {
			c.StrokeLine2(draw.LineStyle{Color: grey, Width: 0.4}, n.at.X, n.at.Y, near.X, near.Y)
		}
		write(&c, sty, n.box.Min, n.text)
	}
}

// nameTag is the label of a point and its place.
type nameTag struct {
	text     string
	at, size vg.Point
	box      vg.Rectangle
}

// arrange finds places for labels, one after the other, from the first to the last or
// from the last to the first, whichever hides less. Those without room are left out.
func arrange(c *draw.Canvas, names []nameTag, mess clutter) []nameTag {
	place := func(names []nameTag) (placed []nameTag, cost int) {
		mess := mess
		for _, n := range names {
			box, over := freeBox(c, n.at, n.size, mess)
			if cost += min(over, tooMuch); over >= tooMuch {
				continue
			}
			n.box = box
			mess.labels, placed = append(mess.labels, box), append(placed, n)
		}
		return placed, cost
	}
	there, cost := place(names)
	names = slices.Clone(names)
	slices.Reverse(names)
	if back, less := place(names); less < cost {
		return back
	}
	return there
}

// nearest is the point of a box that is nearest to pt.
func nearest(b vg.Rectangle, pt vg.Point) vg.Point {
	return vg.Point{X: max(b.Min.X, min(pt.X, b.Max.X)), Y: max(b.Min.Y, min(pt.Y, b.Max.Y))}
}

// visible are the points on logarithmic axes and their labels.
func (l *pointLabels) visible(c *draw.Canvas, p *plot.Plot) ([]vg.Point, *pointLabels) {
	out := &pointLabels{}
	var pts []vg.Point
	for i := range l.x {
		if at := shown(c, p, l.x[i:i+1], l.y[i:i+1]); len(at) == 1 {
			pts = append(pts, at[0])
			out.labels = append(out.labels, l.labels[i])
		}
	}
	return pts, out
}

// corners are the points of a line on the canvas.
func (l *line) corners(c *draw.Canvas, p *plot.Plot) []vg.Point {
	pts := shown(c, p, l.x, l.y)
	if l.step {
		pts = stairs(pts)
	}
	return pts
}

func around(pt vg.Point, r vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: pt.X - r, Y: pt.Y - r}, Max: vg.Point{X: pt.X + r, Y: pt.Y + r}}
}

// across are the lines across the figure.
func (l *pointLabels) across(c *draw.Canvas, p *plot.Plot) (lines [][2]vg.Point) {
	if l.refs == nil {
		return nil
	}
	for _, r := range l.refs {
		if r == nil {
			continue
		}
		at, _, _ := r.visible(c, p)
		for _, v := range at {
			ends := [2]vg.Point{{X: c.Min.X, Y: v}, {X: c.Max.X, Y: v}}
			if r.vertical {
				ends = [2]vg.Point{{X: v, Y: c.Min.Y}, {X: v, Y: c.Max.Y}}
			}
			lines = append(lines, ends)
		}
	}
	return lines
}

// clutter is what a label should not cover.
type clutter struct {
	boxes  []vg.Rectangle // points
	labels []vg.Rectangle
	path   []vg.Point
	across [][2]vg.Point
}

// tooMuch is a cost at which a label says less than it hides.
const tooMuch = 5

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

func (k clutter) cost(r vg.Rectangle) (n int) {
	r.Min.X, r.Max.X = r.Min.X-1, r.Max.X+1
	for _, b := range k.boxes {
		if overlap(b, r) {
			n += 2
		}
	}
	for _, b := range k.labels {
		if overlap(b, r) {
			n += tooMuch
		}
	}
	area := []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
	for i := 1; i < len(k.path); i++ {
		if len(insidePolygon([2]vg.Point{k.path[i-1], k.path[i]}, area)) > 0 {
			n++
		}
	}
	for _, ends := range k.across {
		if len(insidePolygon(ends, area)) > 0 {
			n += 2
		}
	}
	return n
}

// crossed is the cost of a line from a point to its label over other things.
func (k clutter) crossed(from, to vg.Point) (n int) {
	for _, b := range slices.Concat(k.boxes, k.labels) {
		area := []vg.Point{b.Min, {X: b.Max.X, Y: b.Min.Y}, b.Max, {X: b.Min.X, Y: b.Max.Y}}
		own := b.Min.X <= from.X && from.X <= b.Max.X && b.Min.Y <= from.Y && from.Y <= b.Max.Y
		if !own && len(insidePolygon([2]vg.Point{from, to}, area)) > 0 {
			n++
		}
	}
	return n
}

// freeBox is the place of a label of a size beside a point with the least
// clutter, the nearest first, and how much that is.
func freeBox(c *draw.Canvas, pt, size vg.Point, k clutter) (best vg.Rectangle, least int) {
	w, h := size.X, size.Y
	least = math.MaxInt
	for _, d := range []vg.Length{2.5, 5, 9, 14, 20, 28, 38, 50} {
		offsets := []vg.Point{
			{X: d, Y: d - 2}, {X: -d - w, Y: d - 2}, {X: d, Y: 2 - d - h}, {X: -d - w, Y: 2 - d - h},
			{X: -w / 2, Y: d}, {X: -w / 2, Y: -d - h}, {X: d + 1, Y: -h / 2}, {X: -d - 1 - w, Y: -h / 2},
		}
		for _, o := range offsets {
			r := vg.Rectangle{Min: pt.Add(o), Max: pt.Add(o).Add(size)}
			cost := k.cost(r) + k.crossed(pt, nearest(r, pt))
			if r.Min.X < c.Min.X || r.Max.X > c.Max.X || r.Min.Y < c.Min.Y || r.Max.Y > c.Max.Y {
				cost += tooMuch
			}
			if cost < least {
				best, least = r, cost
			}
		}
	}
	return best, least
}
