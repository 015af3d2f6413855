package plots

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// TestLabelsKeepClearOfLines: a label finds a place that no line across the figure
// runs through, wherever its point is beside the line.
func TestLabelsKeepClearOfLines(t *testing.T) {
	c := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 200, Y: 100}}}
	size := vg.Point{X: 60, Y: 8}
	for x := vg.Length(10); x <= 190; x += 0.5 {
		mess := clutter{across: [][2]vg.Point{{{X: 100}, {X: 100, Y: 100}}, {{Y: 40}, {X: 200, Y: 40}}}}
		for _, y := range []vg.Length{35, 41, 60} {
			box, cost := freeBox(&c, vg.Point{X: x, Y: y}, size, mess)
			if cost >= tooMuch || box.Min.X-1 < 100 && 100 < box.Max.X+1 || box.Min.Y < 40 && 40 < box.Max.Y {
				t.Fatalf("the label of (%g, %g) is at %v", x, y, box)
			}
		}
	}
}

// TestArrange: one label after the other takes the places of later ones, from one end
// more so than from the other; the order of the labels does not decide which is taken.
func TestArrange(t *testing.T) {
	c := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 200, Y: 100}}}
	low, high := vg.Point{X: 8, Y: 50}, vg.Point{X: 8.5, Y: 55}
	mess := clutter{
		boxes: []vg.Rectangle{around(low, markRadius), around(high, markRadius)},
		path:  []vg.Point{{X: 7, Y: 20}, {X: 8, Y: 20}, low, {X: 8.5, Y: 50}, high, {X: 50, Y: 55}, {X: 50, Y: 95}},
	}
	size := vg.Point{X: 43, Y: 8}
	names := []nameTag{{text: "low", at: low, size: size}, {text: "high", at: high, size: size}}
	for range 2 {
		placed := arrange(&c, names, mess)
		if len(placed) != 2 || overlap(placed[0].box, placed[1].box) {
			t.Fatalf("%v", placed)
		}
		for _, n := range placed {
			if cost := mess.cost(n.box); cost > 0 {
				t.Errorf("%s at %v covers %d", n.text, n.box, cost)
			}
		}
		slices.Reverse(names)
	}
}

// TestErrorBand: it is for Fidelity alone, and a second one replaces the first.
func TestErrorBand(t *testing.T) {
	one := []float64{1, 2}
	f := must(t)(Fidelity("x", "y", XY("a", one, one)))
	for _, percent := range []float64{0, -1, 100, math.NaN()} {
		if f.ErrorBand(percent) == nil {
			t.Errorf("a band of %g %%", percent)
		}
	}
	n := len(f.entries)
	need(t, f.ErrorBand(10))
	need(t, f.ErrorBand(20))
	if len(f.entries) != n+1 || f.entries[n].name != "within ± 20 %" || f.near.share != 0.2 {
		t.Errorf("%+v", f.entries[n:])
	}
	if must(t)(Scatter("x", "y", XY("a", one, one))).ErrorBand(10) == nil {
		t.Error("a band without y = x")
	}
}
