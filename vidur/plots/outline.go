package plots

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// canvas draws the text that its format cannot as outlines of letters.
type canvas struct {
	vg.CanvasWriterTo
	outlined func(bold bool, s string) bool // nil: nothing
	widths   *[]vg.Length                   // of texts, in their order, where they are noted
}

// notASCII is what PDF cannot: vgpdf writes one byte per letter, and does not
// find bold fonts.
func notASCII(bold bool, s string) bool {
	return bold || strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
}

// FillString draws text at pt.
func (c canvas) FillString(f font.Face, pt vg.Point, s string) {
	s = printable(s)
	if f.Font.Size <= 0 || strings.TrimSpace(s) == "" {
		return
	}
	if c.outlined != nil && c.outlined(f.Font.Weight != 0, s) {
		c.Fill(outline(f, pt, s))
		return
	}
	if c.widths != nil {
		*c.widths = append(*c.widths, f.Width(s))
	}
	c.CanvasWriterTo.FillString(f, pt, s)
}

// printable replaces what no format can write.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// outline is the path of a text, in the same place as the letters of
// [font.Face.Width]. Segments come in sfnt's order: move, line, quadratic and
// cubic curve.
func outline(f font.Face, pt vg.Point, s string) vg.Path {
	// At an em of as many 64ths of a dot as the font has units, numbers are units.
	const em = 2048
	unit := f.Font.Size / em
	var path vg.Path
	for i, r := range s {
		g, err := f.Face.GlyphIndex(nil, r)
		if err != nil {
			continue
		}
		segments, err := f.Face.LoadGlyph(nil, g, em, nil)
		if err != nil {
			continue
		}
		at := pt.Add(vg.Point{X: f.Width(s[:i])})
		for k, seg := range segments {
			var p [3]vg.Point
			for j, a := range seg.Args {
				p[j] = at.Add(vg.Point{X: vg.Length(a.X) * unit, Y: -vg.Length(a.Y) * unit})
			}
			switch int(seg.Op) {
			case 0:
				if k > 0 {
					path.Close()
				}
				path.Move(p[0])
			case 1:
				path.Line(p[0])
			case 2:
				path.QuadTo(p[0], p[1])
			case 3:
				path.CubeTo(p[0], p[1], p[2])
			}
		}
		if len(segments) > 0 {
			path.Close()
		}
	}
	return path
}
