package plots

import (
	"fmt"
	"html"
	"math"
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	sty := textStyle()
	for _, c := range []struct {
		text  string
		as    string // of what the lines have room for
		lines string
	}{
		{"", "x", ""},
		{"one line", "one line", "one line"},
		{"a line\nof two", "a line of two, together", "a line of two"},
		{"TensorRT-LLM (MAPE 13.0 %)", "TensorRT-LLM (MAPE 13.0", "TensorRT-LLM|(MAPE 13.0 %)"},
		{"most requests at once", "most requests at", "most requests|at once"},
		{"unbreakable", "unbrea…", "unbrea…"},
		{"unbreakable thing", "unbrea…", "unbrea…|thing"},
		{"a b c d e f g h", "a b…", "a b c|d e…"},
	} {
		width := sty.Width(c.as) + 0.1
		lines := wrap(sty, c.text, width)
		if got := strings.Join(lines, "|"); got != c.lines {
			t.Errorf("%q as wide as %q: %q, want %q", c.text, c.as, got, c.lines)
		}
		for _, line := range lines {
			if sty.Width(line) > width {
				t.Errorf("%q is wider than %q", line, c.as)
			}
		}
	}
}

// TestColumn: what a figure of both columns says can also be read in one.
func TestColumn(t *testing.T) {
	panel := func(title string) *Figure {
		f, err := Pareto("most requests at once (requests)", "time to the first token, 99th percentile (s)", UpperLeft,
			Series{Name: "splitwise (MAPE 39.3 % of all)", X: []float64{1, 2, 3}, Y: []float64{1, 5, 6}, Labels: []string{"2×2, 256, 512", "2×1, 64, 2048", "4×1, 256, 512"}},
			XY("norms, activation, KV and others", []float64{1, 2, 3}, []float64{0, 2, 3}))
		need(t, err)
		need(t, f.VLine(2, "limit"))
		f.Title = title
		return f
	}
	g, err := Grid(2, panel("64 decodes and a chunk of 256 tokens"), panel("Median TTFT by kind of arrivals"))
	need(t, err)
	for _, place := range []Place{Auto, Above} {
		g.Title = "The title of both of the panels, longer than a single line of the column of a paper"
		g.Width, g.Height, g.Legend = Column, 3, place
		svg, err := g.Bytes("svg")
		need(t, err)
		if strings.Contains(string(svg), "…") {
			t.Errorf("with the legend %v something is cut", place)
		}
		for _, word := range []string{">once (requests)<", ">norms, activation,<", ">2×1, 64, 2048<", ">64 decodes and a<", ">chunk of 256 tokens<"} {
			if place == Auto && strings.Count(string(svg), word) == 0 {
				t.Errorf("there is no %s", word)
			}
		}
	}
}

// TestSecondLines: no line of a title, a label or a legend lies over another one or
// over the axes.
func TestSecondLines(t *testing.T) {
	f, err := Lines("a label of the horizontal axis that needs a second line", "and one of the vertical axis as long as that",
		XY("a name in the legend that is far too long for half of the column", []float64{1, 2}, []float64{1, 2}))
	need(t, err)
	f.Title = "A title that is longer than the column of a paper is wide"
	f.Width, f.Height, f.Legend = 1.9, 2.4, Above
	panels, err := f.compose(surface(f))
	need(t, err)
	p := panels[0]
	if len(p.title) != 2 || len(p.xlabel) != 2 || len(p.ylabel) != 2 || len(p.legend.entries) != 2 {
		t.Fatalf("%q, %q, %q, %d entries", p.title, p.xlabel, p.ylabel, len(p.legend.entries))
	}
	data := p.plot.DataCanvas(p.tile)
	if above := p.tile.Max.Y - data.Max.Y; above < 4*entryRow {
		t.Errorf("above the axes are %v pt for two lines of the title and two of the legend", above)
	}
	if below := data.Min.Y - p.tile.Min.Y; below < 2*lineRow+8 {
		t.Errorf("below the axes are %v pt for ticks and two lines", below)
	}
	if left := data.Min.X - p.tile.Min.X; left < 2*lineRow+8 {
		t.Errorf("left of the axes are %v pt for ticks and two lines", left)
	}
}

// TestTextLengths: each text of an SVG says how wide it is, so that a viewer without
// the font leaves its place as it is.
func TestTextLengths(t *testing.T) {
	f, err := CDF("µ & <b> (s)", Values("vLLM", []float64{1, 2, 3}), Values("Sarathi", []float64{2, 3, 4}))
	need(t, err)
	svg, err := f.Bytes("svg")
	need(t, err)
	texts := strings.Split(string(svg), "<text ")[1:]
	seen := 0
	for _, text := range texts {
		var width float64
		if _, err := fmt.Sscanf(text, `textLength="%f" lengthAdjust="spacingAndGlyphs" x=`, &width); err != nil {
			t.Fatalf("%.80q: %v", text, err)
		}
		for _, name := range []string{"µ & <b> (s)", "share of values", "vLLM", "Sarathi"} {
			if strings.Contains(text, ">"+html.EscapeString(name)+"<") {
				if seen++; math.Abs(width-textStyle().Width(name).Points()) > 1e-3 {
					t.Errorf("%s is %g pt wide, not %g", name, textStyle().Width(name).Points(), width)
				}
			}
		}
	}
	if seen != 4 {
		t.Errorf("%d texts of 4", seen)
	}
}
