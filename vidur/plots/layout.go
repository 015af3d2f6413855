package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// panel is a figure on its way to the canvas. It has a copy of the plot, so that
// rendering changes no figure.
type panel struct {
	fig    *Figure
	plot   plot.Plot
	letter string
	above  bool // the legend is above the axes
	silent bool // the legend is that of all panels
	head   vg.Length
	legend flow
	box    vg.Rectangle // of a legend inside
	tile   draw.Canvas

	title, xlabel, ylabel []string // their lines
	room                  [3]int   // how many of them there is room for
}

// letters count (a), (b), …, (z), (aa), ….
func letters(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('a'+(i-1)%26)) + s
	}
	return "(" + s + ")"
}

// panels are the plots of a figure, which may be one of panels of panels.
func (f *Figure) panels() []*panel {
	if f.Panels == nil {
		return []*panel{{fig: f, plot: *f.Plot, above: f.Legend == Above}}
	}
	var out []*panel
	for i, sub := range f.Panels {
		p := &panel{fig: sub, plot: *sub.Plot, above: sub.Legend == Above, silent: f.Legend != Auto}
		if f.letters {
			p.letter = letters(i)
		}
		out = append(out, p)
	}
	return out
}

// draw draws the figure on a canvas of its size.
func (f *Figure) draw(dst draw.Canvas) error {
	panels, err := f.compose(dst)
	if err != nil {
		return err
	}
	dst.SetColor(color.White)
	dst.Fill(dst.Rectangle.Path())
	for _, p := range panels {
		p.draw()
	}
	if f.Panels != nil {
		f.heading(&dst)
	}
	return nil
}

const (
	margin   = vg.Length(2.5) // around a figure, so that lines at its edge are whole
	titleRow = entryRow + 2   // of the title of all panels
)

// compose puts the panels and their legends in place.
func (f *Figure) compose(dst draw.Canvas) ([]*panel, error) {
	c := draw.Crop(dst, margin, -margin, margin, -margin)
	if f.Panels != nil {
		c = draw.Crop(c, 0, 0, 0, -f.headroom(dst))
	}
	panels := f.panels()
	// A title with a second line and a legend that goes above the axes make the axes
	// smaller, so that others may find no room any more.
	for {
		f.arrange(panels, c)
		for _, p := range panels {
			size := p.plot.DataCanvas(p.tile).Size()
			if !(size.X >= 8 && size.Y >= 8) {
				return nil, fmt.Errorf("plots: a figure of %g × %g inches has no room for its axes beside labels and legend", f.Width, f.Height)
			}
		}
		if settled(panels, dst) {
			return panels, nil
		}
	}
}

// settled reports whether texts and legends have the room that they need; if not it
// has noted what needs more.
func settled(panels []*panel, dst draw.Canvas) bool {
	ok := true
	for _, p := range panels {
		ok = p.wrapText() && ok
	}
	return ok && place(panels, dst)
}

// arrange gives each panel its tile, with axes of one size.
func (f *Figure) arrange(panels []*panel, c draw.Canvas) {
	cols := max(1, f.columns)
	rows := (len(panels) + cols - 1) / cols
	t := draw.Tiles{Rows: rows, Cols: cols, PadX: 10, PadY: 7}
	if f.Panels != nil && !f.letters {
		t.PadY = 5
	}
	grid := make([][]*plot.Plot, rows)
	for i := range grid {
		grid[i] = make([]*plot.Plot, cols)
	}
	for i, p := range panels {
		tile := t.At(c, i%cols, i/cols)
		p.prepare(tile)
		grid[i/cols][i%cols] = &p.plot
	}
	tiles := plot.Align(grid, t, c)
	for i, p := range panels {
		p.tile = tiles[i/cols][i%cols]
	}
}

// prepare sets what depends on the size of the tile: ticks, and room for the head
// and the labels of the axes.
func (p *panel) prepare(tile draw.Canvas) {
	q := *p.fig.Plot
	w := tile.Max.X - tile.Min.X
	if p.fig.bare {
		q.X.Label.Text, q.X.Tick.Label.Font.Size = "", 0
	}
	// The plot only makes room for the labels: it takes the middle of the range
	// for the middle of the axis, which is elsewhere on a logarithmic one.
	for i, a := range []*plot.Axis{&q.X, &q.Y} {
		if a.Label.Text != "" {
			a.Label.Text = rows(max(1, p.room[1+i]))
		}
	}
	p.legend, p.head = flow{}, 0
	if p.letter != "" || p.fig.Title != "" {
		p.head += p.titleHeight()
	}
	if p.fig.Legend != None && !p.silent {
		p.legend = newFlow(p.fig.entries, w-30, w)
		if p.above {
			p.head += p.legend.size().Y + 2
		} else {
			p.legend = oneColumn(p.fig.entries, w)
		}
	}
	if p.head > 0 {
		// An empty title makes room that plot.Align knows of.
		q.Title.Text = " "
		q.Title.Padding = p.head - q.Title.TextStyle.Rectangle(" ").Size().Y
	}
	fitTicks(&q, tile)
	p.plot = q
}

// titleHeight is the height of the title.
func (p *panel) titleHeight() vg.Length { return vg.Length(max(1, p.room[0]))*entryRow + 1 }

// place finds room for legends inside; false if one had to go above the axes.
func place(panels []*panel, dst draw.Canvas) bool {
	var m *mask
	for _, p := range panels {
		if p.above || len(p.legend.entries) == 0 {
			continue
		}
		if m == nil {
			m = newMask(panels, dst)
		}
		ok := len(p.legend.entries) <= 12
		if ok {
			p.box, ok = m.corner(p.plot.DataCanvas(p.tile).Rectangle, p.legend.size())
		}
		if !ok {
			p.above = true
			return false
		}
	}
	return true
}

// draw draws the plot and its head.
func (p *panel) draw() {
	p.plot.Draw(p.tile)
	data := p.plot.DataCanvas(p.tile)
	p.drawLabels(data)
	top := p.tile.Max.Y
	if p.letter != "" || p.fig.Title != "" {
		p.drawTitle(data, top)
		top -= p.titleHeight()
	}
	switch {
	case len(p.legend.entries) == 0:
	case p.above:
		size := p.legend.size()
		x := min((data.Min.X+data.Max.X-size.X)/2, p.tile.Max.X-size.X)
		p.legend.draw(&p.tile, vg.Point{X: max(x, p.tile.Min.X), Y: top})
	default:
		p.legend.inside(&p.tile, p.box)
	}
}

// fitTicks chooses how many ticks there are by the room for their labels.
func fitTicks(q *plot.Plot, tile draw.Canvas) {
	data := q.DataCanvas(tile)
	w, h := data.Max.X-data.Min.X, data.Max.Y-data.Min.Y
	if t, ok := q.Y.Tick.Marker.(ticks); ok {
		t.most = max(2, int(h/15))
		q.Y.Tick.Marker = t
	}
	switch t := q.X.Tick.Marker.(type) {
	case ticks:
		for t.most = 9; t.most > 1 && crowded(q, t, w); t.most-- {
		}
		q.X.Tick.Marker = t
	case groupTicks:
		turnGroups(q, t, w)
	}
	if g, ok := q.Y.Tick.Marker.(groupTicks); ok {
		short := make(groupTicks, len(g))
		for i, name := range g {
			short[i] = elide(q.Y.Tick.Label, name, 0.35*(tile.Max.X-tile.Min.X))
		}
		q.Y.Tick.Marker = short
	}
}

// crowded reports whether labels along the horizontal axis nearly touch. Two labels
// may be nearer: of one nobody can read a scale.
func crowded(q *plot.Plot, t ticks, w vg.Length) bool {
	if q.X.Tick.Label.Font.Size == 0 {
		q.X.Tick.Label.Font.Size = fontSize
		defer func() { q.X.Tick.Label.Font.Size = 0 }()
	}
	end, gap := vg.Length(math.Inf(-1)), vg.Length(7)
	if t.most == 2 {
		gap = 3
	}
	for _, m := range t.Ticks(q.X.Min, q.X.Max) {
		if m.IsMinor() {
			continue
		}
		at, half := w*vg.Length(q.X.Norm(m.Value)), q.X.Tick.Label.Width(m.Label)/2
		if at-half < end+gap {
			return true
		}
		end = at + half
	}
	return false
}

// turnGroups writes names upwards where they do not fit side by side.
func turnGroups(q *plot.Plot, g groupTicks, w vg.Length) {
	room := max(0.1, w/vg.Length(max(1, len(g))))
	widest := vg.Length(0)
	for _, name := range g {
		widest = max(widest, q.X.Tick.Label.Width(name))
	}
	if widest+4 <= room {
		return
	}
	short := make(groupTicks, len(g))
	every := max(1, int(math.Ceil(float64(9/room))))
	for i, name := range g {
		if i%every == 0 {
			short[i] = elide(q.X.Tick.Label, name, 80)
		}
	}
	q.X.Tick.Marker = short
	q.X.Tick.Label.Rotation = math.Pi / 5
	if room < 14 {
		q.X.Tick.Label.Rotation = math.Pi / 2
	}
	q.X.Tick.Label.XAlign, q.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
}

// mask knows where on a figure there is something.
type mask struct {
	sums   [][]int32 // of marked dots to the left and below
	height vg.Length
}

// newMask draws the panels without their legends at 72 dots per inch.
func newMask(panels []*panel, dst draw.Canvas) *mask {
	size := dst.Max
	img := vgimg.NewWith(vgimg.UseWH(size.X, size.Y), vgimg.UseDPI(72))
	for _, p := range panels {
		p.plot.Draw(draw.Canvas{Canvas: img, Rectangle: p.tile.Rectangle})
	}
	return maskOf(img.Image(), size.Y)
}

func maskOf(img image.Image, height vg.Length) *mask {
	b := img.Bounds()
	m := &mask{sums: make([][]int32, b.Dy()+1), height: height}
	m.sums[0] = make([]int32, b.Dx()+1)
	for y := range b.Dy() {
		row, sum := make([]int32, b.Dx()+1), int32(0)
		for x := range b.Dx() {
			r, g, bl, _ := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
			// The grid is lighter than this, every tint darker.
			if min(r, g, bl)>>8 < 0xE8 {
				sum++
			}
			row[x+1] = m.sums[y][x+1] + sum
		}
		m.sums[y+1] = row
	}
	return m
}

// empty reports whether there is nothing within a rectangle.
func (m *mask) empty(r vg.Rectangle) bool {
	rows, cols := len(m.sums)-1, len(m.sums[0])-1
	x0, x1 := dot(r.Min.X, cols), dot(r.Max.X+1, cols)
	y0, y1 := dot(m.height-r.Max.Y, rows), dot(m.height-r.Min.Y+1, rows)
	return m.sums[y1][x1]-m.sums[y0][x1]-m.sums[y1][x0]+m.sums[y0][x0] == 0
}

func dot(v vg.Length, most int) int { return min(most, max(0, int(v))) }
