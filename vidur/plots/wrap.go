package plots

import (
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// lineRow is the distance of the lines of a label.
const lineRow = vg.Length(9.2)

// wrap breaks s at a space into two lines where one is wider than width: of places
// where both fit that where the longer is shortest. What does not fit is cut.
func wrap(sty text.Style, s string, width vg.Length) []string {
	words := strings.Fields(s)
	if len(words) < 2 || sty.Width(s) <= width {
		return []string{elide(sty, strings.Join(words, " "), width)}
	}
	fits, best, least := 1, 0, width
	for i := 1; i < len(words); i++ {
		first, second := sty.Width(strings.Join(words[:i], " ")), sty.Width(strings.Join(words[i:], " "))
		if first > width {
			break
		}
		if fits = i; max(first, second) <= least {
			best, least = i, max(first, second)
		}
	}
	if best == 0 {
		best = fits
	}
	return []string{elide(sty, strings.Join(words[:best], " "), width), elide(sty, strings.Join(words[best:], " "), width)}
}

// rows are lines of nothing, for which a plot makes room.
func rows(n int) string { return strings.TrimSuffix(strings.Repeat(" \n", n), "\n") }

// wrapText breaks the title and the labels of the axes; false if one has more lines
// than there is room for, which then has to be made.
func (p *panel) wrapText() bool {
	data := p.plot.DataCanvas(p.tile)
	width := p.tile.Max.X - p.tile.Min.X
	p.title = nil
	if p.fig.Title != "" {
		p.title = wrap(textStyle(), p.fig.Title, width-p.lead())
	}
	if p.plot.X.Label.Text != "" {
		p.xlabel = wrap(p.plot.X.Label.TextStyle, p.fig.Plot.X.Label.Text, width)
	}
	if p.plot.Y.Label.Text != "" { // above the axes are title and legend
		p.ylabel = wrap(p.plot.Y.Label.TextStyle, p.fig.Plot.Y.Label.Text, data.Max.Y-p.tile.Min.Y)
	}
	ok := true
	for i, lines := range [][]string{p.title, p.xlabel, p.ylabel} {
		if len(lines) > max(1, p.room[i]) {
			p.room[i], ok = len(lines), false
		}
	}
	return ok
}

// lead is the width of the letter before the title.
func (p *panel) lead() vg.Length {
	if p.letter == "" {
		return 0
	}
	return bold().Width(p.letter + " ")
}

func bold() text.Style {
	sty := aligned(draw.XLeft, draw.YTop)
	sty.Font.Weight = weightBold
	return sty
}

// within is at, moved so that what reaches half to both sides is between low and high.
func within(at, half, low, high vg.Length) vg.Length {
	return max(low+half, min(at, high-half))
}

// drawTitle draws the letter and the title over the middle of the axes.
func (p *panel) drawTitle(data draw.Canvas, top vg.Length) {
	sty, lead := aligned(draw.XLeft, draw.YTop), p.lead()
	place := func(width vg.Length) vg.Length {
		return within(data.Center().X, width/2, p.tile.Min.X, p.tile.Max.X) - width/2
	}
	if p.title == nil {
		write(&p.tile, bold(), vg.Point{X: place(lead), Y: top}, p.letter)
	}
	for i, line := range p.title {
		x := place(lead + sty.Width(line))
		if i == 0 && p.letter != "" {
			write(&p.tile, bold(), vg.Point{X: x, Y: top}, p.letter)
		}
		write(&p.tile, sty, vg.Point{X: x + lead, Y: top}, line)
		top, lead = top-entryRow, 0
	}
}

// drawLabels draws the labels of the axes, where the plot made room for them. One
// that is longer than its axis stays within the tile.
func (p *panel) drawLabels(data draw.Canvas) {
	sty := p.plot.X.Label.TextStyle
	y := p.tile.Min.Y + sty.FontExtents().Descent + vg.Length(len(p.xlabel)-1)*lineRow
	for _, line := range p.xlabel {
		x := within(data.Center().X, sty.Width(line)/2, p.tile.Min.X, p.tile.Max.X)
		p.tile.FillText(sty, vg.Point{X: x, Y: y}, line)
		y -= lineRow
	}
	level := p.plot.Y.Label.TextStyle
	sty = level
	sty.Rotation += math.Pi / 2
	x := p.tile.Min.X + sty.Font.Size
	for _, line := range p.ylabel {
		y := within(data.Center().Y, level.Width(line)/2, p.tile.Min.Y, data.Max.Y)
		p.tile.FillText(sty, vg.Point{X: x, Y: y}, line)
		x += lineRow
	}
}
