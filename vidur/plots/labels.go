package plots

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// pointLabels are names beside points, placed so that they cover neither points
// nor each other where there is room.
type pointLabels struct {
	x, y   []float64
	labels []string
	avoid  []*cloud
	path   *line
}

func (l *pointLabels) measure(*extent) {}

func (l *pointLabels) Plot(c draw.Canvas, p *plot.Plot) {
	var taken []vg.Rectangle
	for _, a := range l.avoid {
		for _, pt := range shown(&c, p, a.x, a.y) {
			taken = append(taken, around(pt, markRadius))
		}
	}
	path := l.path.corners(&c, p)
	pts := shown(&c, p, l.x, l.y)
	if len(pts) != len(l.labels) {
		pts, l = l.visible(&c, p)
	}
	for i, pt := range pts {
		sty := textStyle()
		sty.Font.Size = 7
		name := elide(sty, l.labels[i], (c.Max.X-c.Min.X)/2)
		box := freeBox(&c, pt, sty.Rectangle(name).Size(), clutter{taken, path})
		taken = append(taken, box)
		if near := nearest(box, pt); math.Hypot(float64(near.X-pt.X), float64(near.Y-pt.Y)) > 7 {
			c.StrokeLine2(draw.LineStyle{Color: grey, Width: 0.4}, pt.X, pt.Y, near.X, near.Y)
		}
		write(&c, sty, box.Min, name)
	}
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

// clutter is what a label should not cover.
type clutter struct {
	boxes []vg.Rectangle
	path  []vg.Point
}

func (k clutter) cost(r vg.Rectangle) (n int) {
	r.Min.X, r.Max.X = r.Min.X-1, r.Max.X+1
	for _, b := range k.boxes {
		if b.Min.X < r.Max.X && r.Min.X < b.Max.X && b.Min.Y < r.Max.Y && r.Min.Y < b.Max.Y {
			n += 2
		}
	}
	area := []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
	for i := 1; i < len(k.path); i++ {
		if len(insidePolygon([2]vg.Point{k.path[i-1], k.path[i]}, area)) > 0 {
			n++
		}
	}
	return n
}

// crossed is the cost of a line from a point to its label over other things.
func (k clutter) crossed(from, to vg.Point) (n int) {
	for _, b := range k.boxes {
		area := []vg.Point{b.Min, {X: b.Max.X, Y: b.Min.Y}, b.Max, {X: b.Min.X, Y: b.Max.Y}}
		own := b.Min.X <= from.X && from.X <= b.Max.X && b.Min.Y <= from.Y && from.Y <= b.Max.Y
		if !own && len(insidePolygon([2]vg.Point{from, to}, area)) > 0 {
			n++
		}
	}
	return n
}

// freeBox is the place of a label of a size beside a point with the least
// clutter, the nearest first.
func freeBox(c *draw.Canvas, pt, size vg.Point, k clutter) vg.Rectangle {
	w, h := size.X, size.Y
	best, least := vg.Rectangle{}, math.MaxInt
	for _, d := range []vg.Length{2.5, 5, 9, 14, 20, 28} {
		offsets := []vg.Point{
			{X: d, Y: d - 2}, {X: -d - w, Y: d - 2}, {X: d, Y: 2 - d - h}, {X: -d - w, Y: 2 - d - h},
			{X: -w / 2, Y: d}, {X: -w / 2, Y: -d - h}, {X: d + 1, Y: -h / 2}, {X: -d - 1 - w, Y: -h / 2},
		}
		for _, o := range offsets {
			r := vg.Rectangle{Min: pt.Add(o), Max: pt.Add(o).Add(size)}
			cost := k.cost(r) + k.crossed(pt, nearest(r, pt))
			if r.Min.X < c.Min.X || r.Max.X > c.Max.X || r.Min.Y < c.Min.Y || r.Max.Y > c.Max.Y {
				cost += 3
			}
			if cost < least {
				best, least = r, cost
			}
		}
	}
	return best
}
