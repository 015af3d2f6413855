package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// hatches is how many of them fillHatched knows, none included.
const hatches = 6

// fillHatched fills a polygon with a colour and white lines, whose direction
// tells the colours apart in grey.
func fillHatched(c *draw.Canvas, l look, area []vg.Point) {
	if len(area) < 3 {
		return
	}
	c.FillPolygon(l.color, area)
	box := bounds(area)
	sty := draw.LineStyle{Color: tint(l.color, 0.12), Width: 0.7}
	for _, d := range hatchLines(l.hatch, box) {
		for _, part := range insidePolygon(d, area) {
			c.StrokeLines(sty, part)
		}
	}
}

func bounds(pts []vg.Point) vg.Rectangle {
	r := vg.Rectangle{Min: pts[0], Max: pts[0]}
	for _, p := range pts {
		r.Min.X, r.Max.X = min(r.Min.X, p.X), max(r.Max.X, p.X)
		r.Min.Y, r.Max.Y = min(r.Min.Y, p.Y), max(r.Max.Y, p.Y)
	}
	return r
}

// hatchLines are the lines of a hatch that may touch a box. They hang on the
// origin of the canvas, so that neighbouring areas continue each other.
func hatchLines(hatch int, box vg.Rectangle) [][2]vg.Point {
	const gap = vg.Length(3.6)
	var out [][2]vg.Point
	sweep := func(lo, hi vg.Length, at func(v vg.Length) [2]vg.Point) {
		for k := vg.Length(math.Floor(float64(lo / gap))); k*gap <= hi; k++ {
			out = append(out, at(k*gap))
		}
	}
	h := box.Max.Y - box.Min.Y
	up := func(v vg.Length) [2]vg.Point {
		return [2]vg.Point{{X: v + box.Min.Y, Y: box.Min.Y}, {X: v + box.Max.Y, Y: box.Max.Y}}
	}
	down := func(v vg.Length) [2]vg.Point {
		return [2]vg.Point{{X: v - box.Min.Y, Y: box.Min.Y}, {X: v - box.Max.Y, Y: box.Max.Y}}
	}
	level := func(v vg.Length) [2]vg.Point { return [2]vg.Point{{X: box.Min.X, Y: v}, {X: box.Max.X, Y: v}} }
	switch hatch {
	case 1:
		sweep(box.Min.X-box.Min.Y-h, box.Max.X-box.Min.Y, up)
	case 2:
		sweep(box.Min.X+box.Min.Y, box.Max.X+box.Max.Y, down)
	case 3:
		sweep(box.Min.Y, box.Max.Y, level)
	case 4:
		sweep(box.Min.X-box.Min.Y-h, box.Max.X-box.Min.Y, up)
		sweep(box.Min.X+box.Min.Y, box.Max.X+box.Max.Y, down)
	case 5:
		sweep(box.Min.X, box.Max.X, func(v vg.Length) [2]vg.Point {
			return [2]vg.Point{{X: v, Y: box.Min.Y}, {X: v, Y: box.Max.Y}}
		})
	}
	return out
}

// insidePolygon are the parts of a segment within a polygon, by the even-odd rule.
func insidePolygon(s [2]vg.Point, area []vg.Point) [][]vg.Point {
	d := s[1].Sub(s[0])
	var cuts []float64
	for i, a := range area {
		e := area[(i+1)%len(area)].Sub(a)
		det := float64(d.X*e.Y - d.Y*e.X)
		if det == 0 {
			continue
		}
		w := a.Sub(s[0])
		t, u := float64(w.X*e.Y-w.Y*e.X)/det, float64(w.X*d.Y-w.Y*d.X)/det
		if u >= 0 && u < 1 {
			cuts = insertSorted(cuts, t)
		}
	}
	var out [][]vg.Point
	for i := 0; i+1 < len(cuts); i += 2 {
		a, b := max(0, cuts[i]), min(1, cuts[i+1])
		if a < b {
			out = append(out, []vg.Point{along(s[0], d, a), along(s[0], d, b)})
		}
	}
	return out
}

func along(p, d vg.Point, t float64) vg.Point {
	return vg.Point{X: p.X + vg.Length(t)*d.X, Y: p.Y + vg.Length(t)*d.Y}
}

func insertSorted(list []float64, v float64) []float64 {
	list = append(list, v)
	for i := len(list) - 1; i > 0 && list[i] < list[i-1]; i-- {
		list[i], list[i-1] = list[i-1], list[i]
	}
	return list
}

// rects are rectangles in data units: bars, bins and spans.
type rects struct {
	look
	x0, x1, y0, y1 []float64
	outline        bool
	span           bool // widths are times: at least a hairline is drawn
}

func (r *rects) add(x0, x1, y0, y1 float64) {
	r.x0, r.x1 = append(r.x0, x0), append(r.x1, x1)
	r.y0, r.y1 = append(r.y0, y0), append(r.y1, y1)
}

func (r *rects) measure(e *extent) {
	for i := range r.x0 {
		// A bar on a logarithmic axis begins at the edge, not at 0.
		e.add(r.x0[i], r.y0[i])
		e.add(r.x1[i], r.y0[i])
		if !e.add(r.x0[i], r.y1[i]) && !e.add(r.x1[i], r.y1[i]) {
			e.lost++
		}
		e.add(r.x1[i], r.y1[i])
	}
}

func (r *rects) Plot(c draw.Canvas, p *plot.Plot) {
	edge := draw.LineStyle{Color: ink, Width: 0.4}
	if len(r.x0) > 25 {
		edge = draw.LineStyle{Color: color.White, Width: 0.3}
	}
	clamp := func(v float64) float64 { return min(1, max(0, v)) }
	shut := vg.Length(-1) // right end of the latest span on the canvas
	row := math.NaN()
	for i := range r.x0 {
		x0, x1 := c.X(clamp(p.X.Norm(r.x0[i]))), c.X(clamp(p.X.Norm(r.x1[i])))
		y0, y1 := c.Y(clamp(p.Y.Norm(r.y0[i]))), c.Y(clamp(p.Y.Norm(r.y1[i])))
		if r.span {
			if r.x1[i] < p.X.Min || r.x0[i] > p.X.Max {
				continue
			}
			if row == r.y0[i] && x1 <= shut {
				continue // nothing of it would be seen
			}
			x1 = max(x1, x0+fine)
			shut, row = x1, r.y0[i]
		}
		box := []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
		fillHatched(&c, r.look, box)
		if r.outline && y0 != y1 {
			c.StrokeLines(edge, append(box, box[0], box[1]))
		}
	}
}
