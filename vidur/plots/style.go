package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Widths of figures in inches, as the two-column formats of ACM, IEEE and
// USENIX have them.
const (
	Column = 3.3 // one column
	Page   = 6.9 // both columns
)

const (
	fontSize   = vg.Length(8) // pt
	lineWidth  = vg.Length(1.2)
	thinWidth  = vg.Length(0.6)
	markRadius = vg.Length(2.2)
	weightBold = 3 // WeightBold of golang.org/x/image/font
)

// Colours beside those of series. Grid is lighter than any tint of a series.
var (
	ink   = color.RGBA{0x22, 0x22, 0x22, 0xFF}
	grey  = color.RGBA{0x77, 0x77, 0x77, 0xFF}
	light = color.RGBA{0xEC, 0xEC, 0xEC, 0xFF}
)

// palette is the colours of M. Okabe and K. Ito, "Color Universal Design", 2008,
// in an order in which neighbours differ in lightness too. Yellow is last: it is
// hard to see as a line on white.
var palette = [...]color.RGBA{
	{0x00, 0x72, 0xB2, 0xFF}, // blue
	{0xE6, 0x9F, 0x00, 0xFF}, // orange
	{0x00, 0x9E, 0x73, 0xFF}, // bluish green
	{0xD5, 0x5E, 0x00, 0xFF}, // vermillion
	{0x56, 0xB4, 0xE9, 0xFF}, // sky blue
	{0x00, 0x00, 0x00, 0xFF}, // black
	{0xCC, 0x79, 0xA7, 0xFF}, // reddish purple
	{0xF0, 0xE4, 0x42, 0xFF}, // yellow
}

// dashes are in pt; each is short enough to be told in a legend.
var dashes = [...][]vg.Length{
	nil,
	{4, 1.6},
	{1.2, 1.4},
	{5, 1.4, 1.2, 1.4},
	{2.4, 1.2},
	{7, 2},
	{5, 1.2, 1, 1.2, 1, 1.2},
}

var markers = [...]draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{},
	draw.CrossGlyph{}, draw.SquareGlyph{}, draw.PlusGlyph{}, draw.TriangleGlyph{},
}

// look is how a series looks.
type look struct {
	color color.RGBA
	dash  []vg.Length
	mark  draw.GlyphDrawer
	hatch int // 0 is none
}

// lookOf is the look of the i-th series. With eight colours, seven dashes and
// eight markers the first 56 are all different.
func lookOf(i int) look {
	return look{
		color: palette[i%len(palette)],
		dash:  dashes[i%len(dashes)],
		mark:  markers[(i+i/len(palette))%len(markers)],
		hatch: (i + i/len(palette)) % hatches,
	}
}

func (l look) line() draw.LineStyle {
	return draw.LineStyle{Color: l.color, Width: lineWidth, Dashes: l.dash}
}

func (l look) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.color, Radius: markRadius, Shape: l.mark}
}

// tint mixes c with white; 0 is white. It stands for transparency, which EPS
// does not have.
func tint(c color.RGBA, share float64) color.RGBA {
	mix := func(v uint8) uint8 { return uint8(math.Round(255 - share*float64(255-v))) }
	return color.RGBA{mix(c.R), mix(c.G), mix(c.B), 0xFF}
}

func textStyle() text.Style {
	return text.Style{
		Color:   ink,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: fontSize},
		Handler: plot.DefaultTextHandler,
	}
}

// aligned is the style of text that is placed by the given corner.
func aligned(x text.XAlignment, y text.YAlignment) text.Style {
	s := textStyle()
	s.XAlign, s.YAlign = x, y
	return s
}

// newPlot is an empty plot in the house style.
func newPlot() *plot.Plot {
	p := plot.New()
	p.Title.TextStyle = aligned(draw.XCenter, draw.YTop)
	p.Legend.TextStyle = textStyle()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = draw.LineStyle{Color: ink, Width: thinWidth}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 3.5
		a.Tick.Label.Color = ink
		a.Tick.Label.Font = textStyle().Font
		a.Tick.Marker = ticks{}
		x, y := a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		a.Label.TextStyle = aligned(x, y)
		a.Label.Padding = 2
	}
	return p
}

// write draws a line of level text with its box where the alignment says, which
// gonum draws lower by a tenth of its size.
func write(c *draw.Canvas, sty text.Style, pt vg.Point, s string) {
	e := sty.FontExtents()
	pt.Y += e.Descent - (sty.Font.Size - e.Ascent)
	c.FillText(sty, pt, s)
}

// elide shortens s to a width by cutting its end.
func elide(sty text.Style, s string, width vg.Length) string {
	if sty.Width(s) <= width {
		return s
	}
	runes := []rune(s)
	lo, hi := 0, len(runes)
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if sty.Width(string(runes[:mid])+"…") <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return string(runes[:lo]) + "…"
}
