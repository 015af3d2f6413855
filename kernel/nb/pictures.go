package nb

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"reflect"
	"strings"

	"github.com/govidur/govidur/vidur/plots"
)

// mostSVG is how long the SVG of a figure may be to be put into a notebook
// beside its PNG, in bytes. One of a hundred thousand points is longer, and slow
// in a browser.
const mostSVG = 256 << 10

// mostPixels is how large an image may be to be encoded. Images without end,
// such as image.Uniform, are larger.
const mostPixels = 64 << 20

// pictures adds the forms of figures and images.
func (s *speaker) pictures(b Bundle) {
	defer s.guard("the picture")
	if f, ok := figureOf(s.v); ok {
		if data, err := f.Screen(); err == nil {
			b[typePNG] = data
		}
		if data, err := f.Bytes("svg"); err == nil && len(data) <= mostSVG {
			b[typeSVG] = string(data)
		}
		return
	}
	img, ok := s.v.(image.Image)
	if !ok {
		return
	}
	if size := img.Bounds().Size(); float64(size.X)*float64(size.Y) > mostPixels {
		s.note("the picture is too large to be shown")
		return
	}
	var buf bytes.Buffer
	if png.Encode(&buf, img) == nil {
		b[typePNG] = buf.Bytes()
	}
}

// pictureText is a line that says what a figure, an image or the source of one is.
func pictureText(v any) (string, bool) {
	if f, ok := figureOf(v); ok {
		return figureText(f), true
	}
	switch p := v.(type) {
	case image.Image:
		s := p.Bounds().Size()
		return fmt.Sprintf("picture, %d × %d pixels", s.X, s.Y), true
	case SVG:
		return fmt.Sprintf("picture, SVG, %d bytes", len(p)), true
	}
	return "", false
}

// pngText is a line that says what a PNG is.
func pngText(data []byte) string {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return fmt.Sprintf("picture, PNG, %d bytes", len(data))
	}
	return fmt.Sprintf("picture, %d × %d pixels", c.Width, c.Height)
}

// figureOf is a figure of package plots, or gonum's plot as one.
func figureOf(v any) (*plots.Figure, bool) {
	switch f := v.(type) {
	case *plots.Figure:
		return f, f != nil
	case plots.Figure:
		return &f, true
	}
	const width, height = 4.5, 3 // inches, of a plot that has no size
	f := &plots.Figure{Width: width, Height: height}
	p, r := reflect.ValueOf(&f.Plot).Elem(), reflect.ValueOf(v)
	if !r.IsValid() || r.Type() != p.Type() || r.IsNil() {
		return nil, false
	}
	p.Set(r)
	return f, true
}

// figureText is a line such as
//
//	figure "Load", 3.3 × 2.1 in: TTFT (s) over QPS
func figureText(f *plots.Figure) string {
	head := "figure"
	title := f.Title
	if title == "" && f.Plot != nil {
		title = f.Plot.Title.Text
	}
	if title != "" {
		head += fmt.Sprintf(" %q", title)
	}
	head += fmt.Sprintf(", %g × %g in", f.Width, f.Height)
	if axes := axesText(f); axes != "" {
		head += ": " + axes
	}
	if _, err := f.Bytes("svg"); err != nil {
		head += fmt.Sprintf(" (cannot be drawn: %v)", err)
	}
	return strings.ReplaceAll(head, "\n", " ")
}

func axesText(f *plots.Figure) string {
	if f.Plot == nil {
		var panels []string
		for _, p := range f.Panels {
			if p != nil && p.Plot != nil {
				panels = append(panels, axesText(p))
			}
		}
		return strings.Join(panels, "; ")
	}
	x, y := f.Plot.X.Label.Text, f.Plot.Y.Label.Text
	switch {
	case x == "" || y == "":
		return x + y
	}
	return y + " over " + x
}
