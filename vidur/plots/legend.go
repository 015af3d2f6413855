package plots

import (
	"image/color"
	"reflect"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// entry is a line of a legend.
type entry struct {
	name string
	look look
	kind entryKind
	more bool // the second line of the entry before
}

type entryKind int

const (
	asLine   entryKind = iota // with dashes
	asMarked                  // with dashes and a marker
	asMark                    // a marker
	asPatch                   // a filled box
)

func (f *Figure) entry(name string, l look, kind entryKind) {
	if name != "" {
		f.entries = append(f.entries, entry{name: name, look: l, kind: kind})
	}
}

const (
	thumb    = vg.Length(18) // width of the sample of a line
	swatch   = vg.Length(9)  // and of a colour
	thumbGap = vg.Length(4)
	entryGap = vg.Length(10) // between entries in a row
	entryRow = vg.Length(10)
)

func (e entry) thumb() vg.Length {
	if e.kind == asPatch || e.kind == asMark {
		return swatch
	}
	return thumb
}

// draw draws the entry with its left end at pt, in the middle of its height.
func (e entry) draw(c *draw.Canvas, pt vg.Point, width vg.Length) {
	w := e.thumb()
	sty := aligned(draw.XLeft, draw.YCenter)
	write(c, sty, vg.Point{X: pt.X + w + thumbGap, Y: pt.Y}, elide(sty, e.name, width-w-thumbGap))
	if e.more {
		return
	}
	switch e.kind {
	case asPatch:
		box := []vg.Point{{X: pt.X, Y: pt.Y - 3}, {X: pt.X + w, Y: pt.Y - 3}, {X: pt.X + w, Y: pt.Y + 3}, {X: pt.X, Y: pt.Y + 3}}
		fillHatched(c, e.look, box)
	case asLine, asMarked:
		c.StrokeLine2(e.look.line(), pt.X, pt.Y, pt.X+w, pt.Y)
	}
	if e.kind == asMark || e.kind == asMarked {
		c.DrawGlyphNoClip(e.look.glyph(), vg.Point{X: pt.X + w/2, Y: pt.Y})
	}
}

// width is what an entry takes, at most most.
func (e entry) width(most vg.Length) vg.Length {
	return min(most, e.thumb()+thumbGap+textStyle().Width(e.name)+0.5)
}

// flow sets entries in columns of one width, as many as fit.
type flow struct {
	entries []entry
	columns int
	cell    vg.Length
}

// oneColumn breaks entries that are wider than most.
func oneColumn(entries []entry, most vg.Length) flow {
	fl := flow{columns: 1}
	for _, e := range entries {
		if fl.cell = max(fl.cell, e.width(most)); e.width(most) < most {
			fl.entries = append(fl.entries, e)
			continue
		}
		for i, line := range wrap(textStyle(), e.name, most-e.thumb()-thumbGap) {
			e.name, e.more = line, i > 0
			fl.entries = append(fl.entries, e)
		}
	}
	return fl
}

// newFlow sets entries in a width; in one column they may take up to most.
func newFlow(entries []entry, width, most vg.Length) flow {
	fl := oneColumn(entries, most)
	entries = fl.entries
	if n := int((width + entryGap) / (fl.cell + entryGap)); n > 1 {
		fl.columns = min(n, len(entries))
	}
	// The same number of rows with columns as full as each other.
	rows := fl.rows()
	fl.columns = (len(entries) + rows - 1) / max(1, rows)
	return fl
}

func (fl flow) rows() int {
	if len(fl.entries) == 0 {
		return 0
	}
	return (len(fl.entries) + fl.columns - 1) / fl.columns
}

func (fl flow) size() vg.Point {
	if len(fl.entries) == 0 {
		return vg.Point{}
	}
	n := vg.Length(fl.columns)
	return vg.Point{X: n*fl.cell + (n-1)*entryGap, Y: vg.Length(fl.rows()) * entryRow}
}

// draw draws the entries column by column from the upper left corner at pt.
func (fl flow) draw(c *draw.Canvas, pt vg.Point) {
	rows := fl.rows()
	for i, e := range fl.entries {
		e.draw(c, vg.Point{
			X: pt.X + vg.Length(i/rows)*(fl.cell+entryGap),
			Y: pt.Y - (vg.Length(i%rows)+0.5)*entryRow,
		}, fl.cell)
	}
}

// corner finds an empty place for a box of the given size within r.
func (m *mask) corner(r vg.Rectangle, size vg.Point) (box vg.Rectangle, ok bool) {
	const pad, axis = 2.5, 4 // the axes are on the left and at the bottom
	w, h := size.X, size.Y
	left, mid, right := r.Min.X+axis, (r.Min.X+r.Max.X-w)/2, r.Max.X-pad-w
	top, level, bottom := r.Max.Y-pad-h, (r.Min.Y+r.Max.Y-h)/2, r.Min.Y+axis
	if left > right || bottom > top {
		return box, false
	}
	for _, at := range []vg.Point{
		{X: right, Y: top}, {X: left, Y: top}, {X: right, Y: bottom}, {X: left, Y: bottom},
		{X: right, Y: level}, {X: left, Y: level}, {X: mid, Y: top}, {X: mid, Y: bottom},
	} {
		box = vg.Rectangle{Min: at, Max: at.Add(size)}
		if m.empty(vg.Rectangle{Min: box.Min.Sub(vg.Point{X: 2, Y: 2}), Max: box.Max.Add(vg.Point{X: 2, Y: 2})}) {
			return box, true
		}
	}
	return box, false
}

// inside draws the legend in a box on white, over lines of the grid.
func (fl flow) inside(c *draw.Canvas, box vg.Rectangle) {
	c.SetColor(color.White)
	c.Fill(box.Path())
	fl.draw(c, vg.Point{X: box.Min.X, Y: box.Max.Y})
}

// heading draws what all panels have in common: a title and a legend.
func (f *Figure) heading(dst *draw.Canvas) {
	top := dst.Max.Y - margin
	for i, line := range f.titleLines(*dst) {
		write(dst, aligned(draw.XCenter, draw.YTop), vg.Point{X: dst.Center().X, Y: top - vg.Length(i)*entryRow}, line)
	}
	top -= f.titleHeight(*dst)
	if legend := f.common(*dst); len(legend.entries) > 0 {
		legend.draw(dst, vg.Point{X: dst.Center().X - legend.size().X/2, Y: top})
	}
}

// titleLines are the lines of the title of all panels.
func (f *Figure) titleLines(dst draw.Canvas) []string {
	if f.Title == "" {
		return nil
	}
	return wrap(textStyle(), f.Title, dst.Max.X-dst.Min.X-2*margin)
}

// titleHeight is what they take.
func (f *Figure) titleHeight(dst draw.Canvas) vg.Length {
	n := len(f.titleLines(dst))
	if n == 0 {
		return 0
	}
	return titleRow + vg.Length(n-1)*entryRow
}

// headroom is the height of the heading.
func (f *Figure) headroom(dst draw.Canvas) (h vg.Length) {
	h = f.titleHeight(dst)
	if legend := f.common(dst); len(legend.entries) > 0 {
		h += legend.size().Y + 2
	}
	return h
}

// common is the legend of all panels, if there is one.
func (f *Figure) common(dst draw.Canvas) flow {
	var entries []entry
	if f.Legend == Above {
		for _, p := range f.Panels {
			for _, e := range p.entries {
				if !slices.ContainsFunc(entries, func(x entry) bool { return reflect.DeepEqual(x, e) }) {
					entries = append(entries, e)
				}
			}
		}
	}
	width := dst.Max.X - dst.Min.X - 2*margin
	return newFlow(entries, width, width)
}
