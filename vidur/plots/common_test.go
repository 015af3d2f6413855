package plots

import (
	"strings"
	"testing"
)

// A legend of all panels has each entry once; none of the panels has one then.
func TestLegendOfAllPanels(t *testing.T) {
	a := must(t)(Curves("x", "y", XY("first", []float64{1, 2}, []float64{1, 2}), XY("second", []float64{1, 2}, []float64{2, 3})))
	b := must(t)(Curves("x", "y", XY("first", []float64{1, 2}, []float64{2, 1})))
	c := must(t)(Bars("y", []string{"g"}, Values("first", []float64{1})))
	for _, want := range []struct {
		place  Place
		panels []*Figure
		counts [2]int // how often the two names stand in the figure
	}{
		{Auto, []*Figure{a, b}, [2]int{2, 1}},
		{Above, []*Figure{a, b}, [2]int{1, 1}},
		{Above, []*Figure{b, a}, [2]int{1, 1}},
		{Above, []*Figure{a, c}, [2]int{2, 1}}, // a line and a bar do not look alike
		{None, []*Figure{a, b}, [2]int{0, 0}},
	} {
		f := must(t)(Grid(2, want.panels...))
		f.Legend, f.Title = want.place, "all"
		data, err := f.Bytes("svg")
		need(t, err)
		for i, name := range []string{">first<", ">second<"} {
			if got := strings.Count(string(data), name); got != want.counts[i] {
				t.Errorf("legend %d of %d panels: %s occurs %d times, not %d", want.place, len(want.panels), name, got, want.counts[i])
			}
		}
	}
}

// The axes begin below the legend of all panels, and none has more of it than
// others.
func TestLegendOfAllPanelsHasRoom(t *testing.T) {
	a := must(t)(Curves("x", "y", XY("first", []float64{1, 2}, []float64{1, 2})))
	f := must(t)(Grid(2, a, a, a, a))
	top := func() float64 {
		panels, err := f.compose(surface(f))
		need(t, err)
		if panels[0].tile.Max.Y != panels[1].tile.Max.Y {
			t.Errorf("tiles of one row end at %v and %v", panels[0].tile.Max.Y, panels[1].tile.Max.Y)
		}
		return float64(panels[0].tile.Max.Y)
	}
	before := top()
	f.Legend = Above
	if after := top(); before-after < float64(entryRow) {
		t.Errorf("the panels end %g points below where they did, which is no room for a legend", before-after)
	}
}

// Rows of a timeline have the names that their spans say, or those of replicas.
func TestTimelineRows(t *testing.T) {
	f := must(t)(Timeline([]Span{
		{Replica: 1, Start: 0, End: 1, Decode: 1, Row: "mine"}, {Replica: 1, Start: 1, End: 2, Decode: 1, Row: "later"},
		{Replica: 0, Start: 0, End: 1, Prefill: 1}, {Replica: 2, Stage: 1, Start: 0, End: 1, Prefill: 1},
	}))
	data, err := f.Bytes("svg")
	need(t, err)
	for name, want := range map[string]bool{"mine": true, "later": false, "replica 0 stage 0": true, "replica 1 stage 0": false, "replica 2 stage 1": true} {
		if got := strings.Contains(string(data), ">"+name+"<"); got != want {
			t.Errorf("row %q: %t", name, got)
		}
	}
}
