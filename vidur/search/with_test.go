package search

import (
	"math"
	"slices"
	"testing"
)

func TestWith(t *testing.T) {
	r, err := Sweep(t.Context(), small(), Over("qps", 1, 2, 4))
	if err != nil {
		t.Fatal(err)
	}
	before := len(r.Names())
	w, err := r.With("worth", []float64{3, math.NaN(), 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.With("other", []float64{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if len(r.Names()) != before || len(r.Rows()[0].Figures) != len(r.FigureNames()) {
		t.Error("With changes what it is of")
	}
	if best, err := w.Best(Max("worth")); best != 2 || err != nil {
		t.Errorf("best is %d, %v", best, err)
	}
	if got, _ := w.Floats("worth"); got[0] != 3 || !math.IsNaN(got[1]) {
		t.Errorf("the column is %v", got)
	}
	if !slices.Equal(w.Names()[:before], r.Names()) || w.About().Kind != "sweep" {
		t.Error("other columns have moved")
	}
	for _, bad := range []struct {
		name   string
		values []float64
	}{{"qps", []float64{1, 2, 3}}, {"gpus", []float64{1, 2, 3}}, {"error", []float64{1, 2, 3}}, {"x", nil}} {
		if _, err := r.With(bad.name, bad.values); err == nil {
			t.Errorf("With(%q, %v) is no error", bad.name, bad.values)
		}
	}
}
