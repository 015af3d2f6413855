package plots

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// gridLines are light horizontal lines at the labelled marks.
type gridLines struct{}

func (gridLines) Plot(c draw.Canvas, p *plot.Plot) {
	if _, groups := p.Y.Tick.Marker.(groupTicks); groups {
		return
	}
	sty := draw.LineStyle{Color: light, Width: thinWidth}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if y := c.Y(p.Y.Norm(t.Value)); !t.IsMinor() && y > c.Min.Y+1 && y <= c.Max.Y+1 {
			c.StrokeLine2(sty, c.Min.X, y, c.Max.X, y)
		}
	}
}

// line joins points, straight or by steps.
type line struct {
	look
	x, y   []float64
	step   bool // y holds from its x to the next
	width  vg.Length
	marked bool
}

func (l *line) measure(e *extent) {
	for i, x := range l.x {
		if !e.add(x, l.y[i]) {
			e.lost++
		}
	}
}

func (l *line) Plot(c draw.Canvas, p *plot.Plot) {
	sty := l.line()
	if l.width > 0 {
		sty.Width = l.width
	}
	pts := shown(&c, p, l.x, l.y)
	path := columns(pts)
	if l.step {
		path = stairs(path)
	}
	c.StrokeLines(sty, c.ClipLinesXY(path)...)
	if len(pts) == 1 || l.marked && len(pts) <= 60 {
		for _, pt := range pts {
			c.DrawGlyph(l.glyph(), pt)
		}
	}
}

// shown are the points that the axes can show, on the canvas.
func shown(c *draw.Canvas, p *plot.Plot, x, y []float64) []vg.Point {
	_, logX := p.X.Scale.(logScale)
	_, logY := p.Y.Scale.(logScale)
	out := make([]vg.Point, 0, len(x))
	for i := range x {
		if logX && x[i] <= 0 || logY && y[i] <= 0 {
			continue
		}
		out = append(out, vg.Point{X: c.X(p.X.Norm(x[i])), Y: c.Y(p.Y.Norm(y[i]))})
	}
	return out
}

// fine is what cannot be told apart: 288 dots per inch.
const fine = vg.Length(0.25)

// columns leaves out points of a line that cannot be seen: of consecutive points
// in a column of the width fine the first, lowest, highest and last stay, in
// their order.
func columns(pts []vg.Point) []vg.Point {
	if len(pts) < 1000 {
		return pts
	}
	var out []vg.Point
	for i := 0; i < len(pts); {
		col := math.Floor(float64(pts[i].X / fine))
		j, lo, hi := i, i, i
		for ; j < len(pts) && math.Floor(float64(pts[j].X/fine)) == col; j++ {
			if pts[j].Y < pts[lo].Y {
				lo = j
			}
			if pts[j].Y > pts[hi].Y {
				hi = j
			}
		}
		last := -1
		for _, k := range []int{i, min(lo, hi), max(lo, hi), j - 1} {
			if k > last {
				out = append(out, pts[k])
				last = k
			}
		}
		i = j
	}
	return out
}

// stairs adds the corners of steps.
func stairs(pts []vg.Point) []vg.Point {
	var out []vg.Point
	for i, pt := range pts {
		if i > 0 && pt.Y != pts[i-1].Y {
			out = append(out, vg.Point{X: pt.X, Y: pts[i-1].Y})
		}
		out = append(out, pt)
	}
	return out
}

// errorBars are bars with caps, vertical ones or level ones.
type errorBars struct {
	look
	x, y, low, high []float64
	level           bool
}

// ends are the ends of bar i.
func (b *errorBars) ends(i int) (x, y [2]float64) {
	x, y = [2]float64{b.x[i], b.x[i]}, [2]float64{b.y[i], b.y[i]}
	along := &y
	if b.level {
		along = &x
	}
	along[0], along[1] = along[0]-b.low[i], along[1]+b.high[i]
	return x, y
}

func (b *errorBars) measure(e *extent) {
	for i := range b.x {
		if e.add(b.x[i], b.y[i]) {
			x, y := b.ends(i)
			e.add(x[1], y[1])
			e.add(x[0], y[0])
		}
	}
}

func (b *errorBars) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: b.color, Width: thinWidth + 0.2}
	_, logX := p.X.Scale.(logScale)
	tip := vg.Point{X: 2}
	if b.level {
		tip = vg.Point{Y: 2}
	}
	for i, x := range b.x {
		if logX && x <= 0 || b.low[i] == 0 && b.high[i] == 0 {
			continue
		}
		xs, ys := b.ends(i)
		var bar [2]vg.Point
		for k := range bar {
			bar[k] = vg.Point{X: c.X(p.X.Norm(xs[k])), Y: c.Y(p.Y.Norm(ys[k]))}
		}
		lines := [][]vg.Point{bar[:]}
		for _, end := range bar {
			lines = append(lines, []vg.Point{end.Sub(tip), end.Add(tip)})
		}
		c.StrokeLines(sty, c.ClipLinesXY(lines...)...)
	}
}

// band is the area between two lines over the same x.
type band struct {
	look
	x, low, high []float64
	solid        bool // part of a stack; else a tint behind lines
}

func (b *band) measure(e *extent) {
	for i, x := range b.x {
		if !b.solid || !e.logY {
			e.add(x, b.low[i])
		}
		e.add(x, b.high[i])
	}
}

func (b *band) Plot(c draw.Canvas, p *plot.Plot) {
	top := shownOr(&c, p, b.x, b.high)
	bottom := shownOr(&c, p, b.x, b.low)
	if len(top) == 0 {
		return
	}
	top, bottom = columns(top), columns(bottom)
	area := append([]vg.Point(nil), top...)
	for i := len(bottom) - 1; i >= 0; i-- {
		area = append(area, bottom[i])
	}
	area = c.ClipPolygonXY(area)
	if b.solid {
		fillHatched(&c, b.look, area)
		c.StrokeLines(draw.LineStyle{Color: palette[5], Width: 0.3}, c.ClipLinesXY(top)...)
		return
	}
	c.FillPolygon(tint(b.color, 0.22), area)
	edge := draw.LineStyle{Color: tint(b.color, 0.5), Width: 0.4}
	c.StrokeLines(edge, c.ClipLinesXY(top, bottom)...)
}

// shownOr is shown, with what is not positive at the edge of a logarithmic axis.
func shownOr(c *draw.Canvas, p *plot.Plot, x, y []float64) []vg.Point {
	if _, logY := p.Y.Scale.(logScale); logY {
		raised := make([]float64, len(y))
		for i, v := range y {
			raised[i] = max(v, p.Y.Min)
		}
		y = raised
	}
	return shown(c, p, x, y)
}

// cloud is points that are not joined.
type cloud struct {
	look
	x, y   []float64
	radius vg.Length
}

func (l *cloud) measure(e *extent) { (&line{x: l.x, y: l.y}).measure(e) }

func (l *cloud) Plot(c draw.Canvas, p *plot.Plot) {
	type cell struct{ x, y int32 }
	seen := map[cell]bool{}
	sty := l.glyph()
	sty.Radius = l.radius
	for _, pt := range shown(&c, p, l.x, l.y) {
		if !c.Contains(pt) {
			continue
		}
		// A second marker within half a point of another adds nothing but bytes.
		at := cell{int32(pt.X / (2 * fine)), int32(pt.Y / (2 * fine))}
		if !seen[at] {
			seen[at] = true
			c.DrawGlyph(sty, pt)
		}
	}
}
