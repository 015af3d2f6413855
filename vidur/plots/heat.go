package plots

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Heat is a matrix with names.
type Heat struct {
	XLabel, YLabel, ZLabel string
	Columns, Rows          []string    // rows from the top
	Z                      [][]float64 // by row and column; NaN is an empty cell
	Decimals               int         // of the numbers in the cells, 0 to 6; -1 for none in them
}

// viridis is anchors of the colour map of N. Smith and S. van der Walt, which is
// even in lightness and can be read in grey (CC0, https://bids.github.io/colormap),
// without its darkest end.
var viridis = [...]color.RGBA{
	{0x48, 0x24, 0x75, 0xFF}, {0x41, 0x44, 0x87, 0xFF}, {0x35, 0x5F, 0x8D, 0xFF}, {0x2A, 0x78, 0x8E, 0xFF},
	{0x21, 0x91, 0x8C, 0xFF}, {0x22, 0xA8, 0x84, 0xFF}, {0x44, 0xBF, 0x70, 0xFF}, {0x7A, 0xD1, 0x51, 0xFF},
	{0xBD, 0xDF, 0x26, 0xFF}, {0xFD, 0xE7, 0x25, 0xFF},
}

// shade is the colour at t, 0 to 1.
func shade(t float64) color.RGBA {
	x := min(1, max(0, t)) * float64(len(viridis)-1)
	i := min(int(x), len(viridis)-2)
	a, b, k := viridis[i], viridis[i+1], x-float64(i)
	mix := func(u, v uint8) uint8 { return uint8(math.Round(float64(u)*(1-k) + float64(v)*k)) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xFF}
}

// HeatMap draws a matrix as coloured cells with their numbers, where there is
// room for them, and a colour bar.
func HeatMap(h Heat) (*Figure, error) {
	l, empty, err := newHeat(h)
	if err != nil {
		return nil, err
	}
	f := newFigure(h.XLabel, h.YLabel)
	f.groupX(h.Columns)
	f.y.groups = reversed(h.Rows)
	f.Plot.Y.Tick.Marker = groupTicks(f.y.groups)
	f.Plot.Y.Tick.Length, f.Plot.Y.Tick.Width = 0, 0
	f.Plot.X.Width, f.Plot.Y.Width = 0, 0
	f.Height = min(most, max(1.6, 0.7+0.22*float64(len(h.Rows))))
	if empty > 0 {
		f.note("%d of %d cells are NaN and empty", empty, len(h.Rows)*len(h.Columns))
	}
	f.add(l)
	return f, f.fit()
}

func reversed(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[len(names)-1-i] = n
	}
	return out
}

// cells is the matrix from the bottom row.
type cells struct {
	z        [][]float64
	lo, hi   float64
	label    string
	decimals int
}

func newHeat(h Heat) (l *cells, empty int, err error) {
	if len(h.Z) == 0 || len(h.Z) != len(h.Rows) || len(h.Columns) == 0 {
		return nil, 0, fmt.Errorf("plots: a heat map of %d rows with %d names and %d columns", len(h.Z), len(h.Rows), len(h.Columns))
	}
	l = &cells{lo: math.Inf(1), hi: math.Inf(-1), label: h.ZLabel, decimals: min(h.Decimals, 6)}
	for i := len(h.Z) - 1; i >= 0; i-- {
		row := h.Z[i]
		if len(row) != len(h.Columns) {
			return nil, 0, fmt.Errorf("plots: row %q has %d values for %d columns", h.Rows[i], len(row), len(h.Columns))
		}
		for j, v := range row {
			switch {
			case math.IsNaN(v):
				empty++
				continue
			case math.Abs(v) > huge:
				return nil, 0, fmt.Errorf("plots: row %q, column %q is %g", h.Rows[i], h.Columns[j], v)
			}
			l.lo, l.hi = min(l.lo, v), max(l.hi, v)
		}
		l.z = append(l.z, append([]float64(nil), row...))
	}
	if l.lo > l.hi {
		return nil, 0, fmt.Errorf("plots: the heat map has no values")
	}
	return l, empty, nil
}

func (l *cells) measure(e *extent) { e.add(0, 0) }

// level is the place of v on the colour map; the middle if all values are one.
func (l *cells) level(v float64) float64 {
	if l.hi == l.lo {
		return 0.5
	}
	return (v - l.lo) / (l.hi - l.lo)
}

const (
	barGap   = vg.Length(7)
	barWidth = vg.Length(8)
)

// barTicks are the marks of the colour bar.
func (l *cells) barTicks() []plot.Tick {
	if l.hi == l.lo {
		return []plot.Tick{{Value: l.lo, Label: exact(l.lo)}}
	}
	return ticks{most: 6}.Ticks(l.lo, l.hi)
}

// barRoom is the width of the colour bar with its marks and label.
func (l *cells) barRoom() (room, marks vg.Length) {
	sty := textStyle()
	for _, t := range l.barTicks() {
		marks = max(marks, sty.Width(t.Label))
	}
	room = barGap + barWidth + 5 + marks
	if l.label != "" {
		room += 2 + sty.Height(l.label)
	}
	return room, marks
}

// GlyphBoxes make room for the colour bar.
func (l *cells) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	room, _ := l.barRoom()
	return []plot.GlyphBox{{X: 1, Y: 0.5, Rectangle: vg.Rectangle{Max: vg.Point{X: room}}}}
}

func (l *cells) Plot(c draw.Canvas, p *plot.Plot) {
	sty := aligned(draw.XCenter, draw.YCenter)
	sty.Font.Size = 7
	numbers := l.fits(&c, p)
	white := draw.LineStyle{Color: color.White, Width: thinWidth}
	for i, row := range l.z {
		for j, v := range row {
			if math.IsNaN(v) {
				continue
			}
			x0, x1 := c.X(p.X.Norm(float64(j)-0.5)), c.X(p.X.Norm(float64(j)+0.5))
			y0, y1 := c.Y(p.Y.Norm(float64(i)-0.5)), c.Y(p.Y.Norm(float64(i)+0.5))
			box := []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
			fill := shade(l.level(v))
			c.FillPolygon(fill, box)
			if len(row)*len(l.z) <= 2500 {
				c.StrokeLines(white, append(box, box[0]))
			}
			if numbers {
				sty.Color = readable(fill)
				write(&c, sty, vg.Point{X: (x0 + x1) / 2, Y: (y0 + y1) / 2}, l.number(v))
			}
		}
	}
	l.bar(&c)
}

func (l *cells) number(v float64) string {
	return minus(strconv.FormatFloat(v, 'f', max(0, l.decimals), 64))
}

// fits reports whether every number has room in its cell.
func (l *cells) fits(c *draw.Canvas, p *plot.Plot) bool {
	if l.decimals < 0 {
		return false
	}
	sty := textStyle()
	sty.Font.Size = 7
	w, h := c.X(p.X.Norm(1))-c.X(p.X.Norm(0)), c.Y(p.Y.Norm(1))-c.Y(p.Y.Norm(0))
	for _, row := range l.z {
		for _, v := range row {
			if !math.IsNaN(v) && (math.Abs(v) > 1e15 || sty.Width(l.number(v))+2 > w) {
				return false
			}
		}
	}
	return h >= 8
}

// readable is black or white, whichever has more contrast with a colour, by its
// luma of ITU-R BT.601.
func readable(c color.RGBA) color.Color {
	if 299*int(c.R)+587*int(c.G)+114*int(c.B) > 1000*128 {
		return color.Black
	}
	return color.White
}

// bar draws the colour bar to the right of the cells.
func (l *cells) bar(c *draw.Canvas) {
	const steps = 64
	x0 := c.Max.X + barGap
	h := c.Max.Y - c.Min.Y
	for i := range steps {
		y0, y1 := c.Min.Y+h*vg.Length(i)/steps, c.Min.Y+h*vg.Length(i+1)/steps
		if i+1 < steps {
			y1 += 0.3 // no gap between neighbours
		}
		c.FillPolygon(shade((float64(i)+0.5)/steps), []vg.Point{{X: x0, Y: y0}, {X: x0 + barWidth, Y: y0}, {X: x0 + barWidth, Y: y1}, {X: x0, Y: y1}})
	}
	thin := draw.LineStyle{Color: ink, Width: thinWidth}
	sty := aligned(draw.XLeft, draw.YCenter)
	for _, t := range l.barTicks() {
		if t.IsMinor() {
			continue
		}
		y := c.Min.Y + h*vg.Length(l.level(t.Value))
		c.StrokeLine2(thin, x0+barWidth, y, x0+barWidth+2.5, y)
		write(c, sty, vg.Point{X: x0 + barWidth + 5, Y: y}, t.Label)
	}
	if l.label != "" {
		room, _ := l.barRoom()
		up := aligned(draw.XCenter, draw.YTop)
		up.Rotation = math.Pi / 2
		label := elide(up, l.label, h)
		c.FillText(up, vg.Point{X: c.Max.X + room - up.Height(label), Y: c.Min.Y + h/2}, label)
	}
}
