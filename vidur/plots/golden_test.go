package plots

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var (
	update = flag.Bool("update", false, "rewrite the golden pictures in testdata")
	looks  = flag.String("look", "", "write pictures of the gallery to this folder")
)

// TestGallery compares each kind with its golden picture, which is a PNG at
// screen resolution. A picture may differ by the rounding of other processors.
func TestGallery(t *testing.T) {
	for _, g := range gallery {
		t.Run(g.name, func(t *testing.T) {
			f := g.make(t)
			got, err := f.png(72)
			need(t, err)
			if *looks != "" {
				base := filepath.Join(*looks, g.name)
				need(t, os.WriteFile(base+"-screen.png", got, 0o644))
				need(t, f.Save(base+".png", base+".svg", base+".pdf", base+".eps"))
			}
			path := filepath.Join("testdata", g.name+".png")
			if *update {
				need(t, os.MkdirAll("testdata", 0o755))
				need(t, os.WriteFile(path, got, 0o644))
				return
			}
			want, err := os.ReadFile(path)
			need(t, err)
			if n, size := differing(t, got, want); n*2000 > size {
				t.Errorf("%d of %d dots differ from %s; look at it with -look DIR, and accept it with -update", n, size, path)
			}
		})
	}
}

// differing counts the dots that are visibly unlike.
func differing(t *testing.T, a, b []byte) (n, size int) {
	t.Helper()
	p, q := decode(t, a), decode(t, b)
	if p.Bounds() != q.Bounds() {
		t.Errorf("a picture of %v, want %v", p.Bounds(), q.Bounds())
		return 1, 1
	}
	r := p.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			pr, pg, pb, _ := p.At(x, y).RGBA()
			qr, qg, qb, _ := q.At(x, y).RGBA()
			if far(pr, qr) || far(pg, qg) || far(pb, qb) {
				n++
			}
		}
	}
	return n, r.Dx() * r.Dy()
}

func far(a, b uint32) bool { return max(a, b)-min(a, b) > 24<<8 }

func decode(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	need(t, err)
	return img
}

// TestSameBytes: all formats of all kinds, twice from the same figure, from
// another one of the same data, and by several goroutines at once.
func TestSameBytes(t *testing.T) {
	for _, g := range gallery {
		f, twin := g.make(t), g.make(t)
		for _, format := range []string{"svg", "pdf", "eps", "png"} {
			if format == "png" && g.name != "grid" {
				continue // one encoder for all; the grid has nearly all kinds
			}
			want, err := f.Bytes(format)
			need(t, err)
			got := make([][]byte, 3)
			var wg sync.WaitGroup
			for i := range got {
				wg.Add(1)
				go func() {
					defer wg.Done()
					from := f
					if i == 2 {
						from = twin
					}
					var err error
					if got[i], err = from.Bytes(format); err != nil {
						t.Errorf("%s: %v", g.name, err)
					}
				}()
			}
			wg.Wait()
			for i := range got {
				if !bytes.Equal(got[i], want) {
					t.Errorf("%s.%s is not the same the time %d", g.name, format, i+2)
				}
			}
		}
	}
}

// TestFormats: each format has its frame, size and date, and no clock.
func TestFormats(t *testing.T) {
	f := galleryCurves(t)
	marks := map[string][]string{
		"png": {"\x89PNG\r\n\x1a\n", "pHYs\x00\x00\x2e\x23"},
		"svg": {`width="237.6pt" height="151.2pt"`, "Liberation Sans,Arial", "load (requests/s)", "</svg>"},
		"pdf": {"%PDF-1.", "/CreationDate (D:20000101000000", "/MediaBox [0 0 237.60 151.20]", "%%EOF"},
		"eps": {"%!PS-Adobe-3.0 EPSF-3.0\n", "%%BoundingBox: 0 0 238 152\n", "%%CreationDate: 2000-01-01T00:00:00Z\n", "showpage"},
	}
	for format, parts := range marks {
		data, err := f.Bytes(format)
		need(t, err)
		for _, m := range parts {
			if !bytes.Contains(data, []byte(m)) {
				t.Errorf("%s does not have %q", format, m)
			}
		}
		if upper, err := f.Bytes(format); err != nil || !bytes.Equal(upper, data) {
			t.Errorf("%s: a second rendering differs: %v", format, err)
		}
	}
	if img := decode(t, mustBytes(t, f, "png")); img.Bounds().Dx() != 990 || img.Bounds().Dy() != 630 {
		t.Errorf("3.3 × 2.1 inches are %v at 300 dpi", img.Bounds())
	}
	if _, err := f.Bytes("gif"); err == nil {
		t.Error("a format that there is not is no error")
	}
}

func mustBytes(t testing.TB, f *Figure, format string) []byte {
	t.Helper()
	data, err := f.Bytes(format)
	need(t, err)
	return data
}

func TestSourceDateEpoch(t *testing.T) {
	f := galleryBars(t)
	t.Setenv("SOURCE_DATE_EPOCH", "86400")
	if data := mustBytes(t, f, "pdf"); !bytes.Contains(data, []byte("(D:19700102000000")) {
		t.Error("the PDF has another date than SOURCE_DATE_EPOCH")
	}
	if data := mustBytes(t, f, "eps"); !bytes.Contains(data, []byte("1970-01-02T00:00:00Z")) {
		t.Error("the EPS has another date than SOURCE_DATE_EPOCH")
	}
	for _, bad := range []string{"yesterday", "-1", "1e9", "99999999999999"} {
		t.Setenv("SOURCE_DATE_EPOCH", bad)
		for _, format := range []string{"pdf", "eps"} {
			if _, err := f.Bytes(format); err == nil {
				t.Errorf("SOURCE_DATE_EPOCH=%s is no error", bad)
			}
		}
	}
}

func TestSave(t *testing.T) {
	f := galleryBars(t)
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.svg"), filepath.Join(dir, "b.PDF")
	need(t, f.Save(a, b))
	got, err := os.ReadFile(a)
	need(t, err)
	if !bytes.Equal(got, mustBytes(t, f, "svg")) {
		t.Error("the file is not what Bytes gives")
	}
	if err := f.Save(a, filepath.Join(dir, "c.doc")); err == nil {
		t.Error("an unknown extension is no error")
	}
	if err := f.Save(filepath.Join(dir, "none", "d.svg")); err == nil {
		t.Error("a folder that there is not is no error")
	}
	if err := f.Save(dir + "/e"); err == nil {
		t.Error("a path without extension is no error")
	}
	entries, err := os.ReadDir(dir)
	need(t, err)
	if len(entries) != 2 {
		t.Errorf("there are %v; want a.svg and b.PDF only", entries)
	}
}

// The legend is over nothing that is drawn: without it, its box is empty.
func TestLegendCoversNothing(t *testing.T) {
	for _, g := range gallery {
		f := g.make(t)
		panels, err := f.compose(surface(f))
		need(t, err)
		for i, p := range panels {
			if p.above || len(p.legend.entries) == 0 {
				continue
			}
			if m := newMask(panels, surface(f)); !m.empty(p.box) {
				t.Errorf("%s: the legend of panel %d covers something", g.name, i)
			}
			if d := p.plot.DataCanvas(p.tile); p.box.Min.X < d.Min.X || p.box.Max.X > d.Max.X || p.box.Min.Y < d.Min.Y || p.box.Max.Y > d.Max.Y {
				t.Errorf("%s: the legend of panel %d is not within the axes", g.name, i)
			}
		}
	}
}
