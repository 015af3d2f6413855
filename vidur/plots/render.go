package plots

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgeps"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/govidur/govidur/vidur/internal/whole"
)

// Resolutions of PNG files and pictures for screens, in dots per inch.
const (
	fileDPI   = 300
	screenDPI = 144
)

// most is the largest width and height of a figure, in inches.
const most = 30

// Save writes the figure to files; their extensions, .png (300 dpi), .svg, .pdf,
// .eps or .csv, say the formats, as in Bytes. It renders all before it writes any, and each file
// comes into being whole: it is written under another name and renamed.
func (f *Figure) Save(paths ...string) error {
	data := make([][]byte, len(paths))
	for i, path := range paths {
		var err error
		if data[i], err = f.Bytes(strings.TrimPrefix(filepath.Ext(path), ".")); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for i, path := range paths {
		if err := whole.Write(path, data[i], false); err != nil {
			return fmt.Errorf("plots: %w", err)
		}
	}
	return nil
}

// Bytes renders the figure as "png" (300 dpi), "svg", "pdf" or "eps", or gives its
// numbers as "csv" in full precision: the columns panel (from 1), series (as in the
// legend), kind, group (the name of a bar's place), x, x2, y, y2 and value, with a
// row for each point of a line (kind line), point, error bar or band (y to y2, or x to x2), bar
// (x to x2, y to y2) and cell of a matrix (value). It is an error if the figure has
// only what was added to its Plot.
func (f *Figure) Bytes(format string) ([]byte, error) {
	switch strings.ToLower(format) {
	case "png":
		return f.png(fileDPI)
	case "svg":
		return f.svg()
	case "pdf":
		return f.pdf()
	case "eps":
		return f.eps()
	case "csv":
		return f.csv()
	}
	return nil, fmt.Errorf("plots: no format %q; there are png, svg, pdf, eps and csv", format)
}

// Screen renders the figure as PNG at 144 dpi, which notebooks show.
func (f *Figure) Screen() ([]byte, error) { return f.png(screenDPI) }

// check finds what would keep the figure from being rendered.
func (f *Figure) check() error {
	if !(f.Width > 0 && f.Width <= most && f.Height > 0 && f.Height <= most) {
		return fmt.Errorf("plots: a figure of %g × %g inches", f.Width, f.Height)
	}
	if f.Plot == nil && len(f.Panels) == 0 {
		return fmt.Errorf("plots: the figure has neither a plot nor panels")
	}
	for i, p := range f.Panels {
		if p == nil || p.Plot == nil {
			return fmt.Errorf("plots: panel %d has no plot", i)
		}
	}
	return nil
}

// render draws the figure on the canvas that open makes, and returns its file.
func (f *Figure) render(open func(w, h vg.Length) canvas) (data []byte, err error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	// Plotters that a user added to Plot may panic, gonum's do so for a value of
	// 0 on their logarithmic axes. That is an error of the input.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("plots: a plotter failed: %v", r)
		}
	}()
	w, h := vg.Length(f.Width)*vg.Inch, vg.Length(f.Height)*vg.Inch
	c := open(w, h)
	if err := f.draw(draw.NewCanvas(c, w, h)); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	_, err = c.WriteTo(&buf)
	return buf.Bytes(), err
}

func (f *Figure) png(dpi int) ([]byte, error) {
	data, err := f.render(func(w, h vg.Length) canvas {
		img := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi))
		return canvas{CanvasWriterTo: vgimg.PngCanvas{Canvas: img}}
	})
	if err != nil {
		return nil, err
	}
	return withSize(data, dpi), nil
}

// withSize adds the chunk pHYs, dots per metre, behind the header of a PNG, so
// that the picture has its size where it is put into a document.
func withSize(png []byte, dpi int) []byte {
	const header = 8 + 25
	perMetre := uint32(math.Round(float64(dpi) / 0.0254))
	body := []byte("pHYs")
	body = binary.BigEndian.AppendUint32(body, perMetre)
	body = binary.BigEndian.AppendUint32(body, perMetre)
	body = append(body, 1)
	out := append([]byte(nil), png[:header]...)
	out = binary.BigEndian.AppendUint32(out, 9)
	out = append(out, body...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	return append(out, png[header:]...)
}

// svg keeps text as text; Arial and Helvetica have the widths of Liberation Sans, and
// where none of them is, viewers give other letters the same room.
func (f *Figure) svg() ([]byte, error) {
	var widths []vg.Length
	data, err := f.render(func(w, h vg.Length) canvas {
		return canvas{CanvasWriterTo: vgsvg.New(w, h), widths: &widths}
	})
	if err != nil {
		return nil, err
	}
	data = bytes.ReplaceAll(data, []byte("font-family:Liberation Sans;"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	texts := bytes.Split(data, []byte("<text "))
	out := bytes.NewBuffer(texts[0])
	for i, text := range texts[1:] {
		fmt.Fprintf(out, `<text textLength="%.4f" lengthAdjust="spacingAndGlyphs" %s`, widths[i].Points(), text)
	}
	return out.Bytes(), nil
}

// pdfDefaults guards the package variables of fpdf from which a new document
// takes its dates.
var pdfDefaults sync.Mutex

// pdf embeds the font for ASCII text; the rest, which vgpdf would garble, are
// outlines.
func (f *Figure) pdf() ([]byte, error) {
	t, err := date()
	if err != nil {
		return nil, err
	}
	return f.render(func(w, h vg.Length) canvas {
		pdfDefaults.Lock()
		defer pdfDefaults.Unlock()
		fpdf.SetDefaultCreationDate(t)
		fpdf.SetDefaultModificationDate(t)
		fpdf.SetDefaultCatalogSort(true)
		return canvas{CanvasWriterTo: vgpdf.New(w, h), outlined: notASCII}
	})
}

// eps has outlines only: PostScript knows the font only where it is installed.
// The header of vgeps has a clock in it and does not begin as PostScript must.
func (f *Figure) eps() ([]byte, error) {
	t, err := date()
	if err != nil {
		return nil, err
	}
	data, err := f.render(func(w, h vg.Length) canvas {
		return canvas{CanvasWriterTo: vgeps.New(w, h), outlined: func(bool, string) bool { return true }}
	})
	if err != nil {
		return nil, err
	}
	w, h := f.Width*72, f.Height*72
	head := fmt.Sprintf("%%!PS-Adobe-3.0 EPSF-3.0\n%%%%BoundingBox: 0 0 %.0f %.0f\n%%%%HiResBoundingBox: 0 0 %.3f %.3f\n%%%%CreationDate: %s\n%%%%EndComments\n",
		math.Ceil(w), math.Ceil(h), w, h, t.Format(time.RFC3339))
	_, body, _ := bytes.Cut(data, []byte("%%EndComments\n"))
	return append([]byte(head), body...), nil
}

// date is the time in files: SOURCE_DATE_EPOCH in Unix seconds, as
// https://reproducible-builds.org/specs/source-date-epoch/ says, or else the
// beginning of 2000.
func date() (time.Time, error) {
	s := os.Getenv("SOURCE_DATE_EPOCH")
	if s == "" {
		return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil
	}
	sec, err := strconv.ParseInt(s, 10, 64)
	if err != nil || sec < 0 || sec > 253402300799 {
		return time.Time{}, fmt.Errorf("plots: SOURCE_DATE_EPOCH=%q is not a time in Unix seconds", s)
	}
	return time.Unix(sec, 0).UTC(), nil
}
