package plots

import (
	"math"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func TestRooflineRefuses(t *testing.T) {
	card := vidur.Device{Name: "card", TFLOPS: 300, Bandwidth: 2000}
	point := XY("p", []float64{10}, []float64{5})
	for _, v := range []struct {
		device vidur.Device
		series []Series
		want   string
	}{
		{vidur.Device{Name: "card", TFLOPS: 300}, []Series{point}, "card"},
		{vidur.Device{Bandwidth: 2000}, []Series{point}, "TFLOPS (0)"},
		{vidur.Device{TFLOPS: -1, Bandwidth: -1}, []Series{point}, "TFLOPS (-1)"},
		{vidur.Device{TFLOPS: math.NaN(), Bandwidth: 1}, []Series{point}, "TFLOPS (NaN)"},
		{vidur.Device{TFLOPS: math.Inf(1), Bandwidth: 1}, []Series{point}, "TFLOPS (+Inf)"},
		{card, nil, "no series"},
		{card, []Series{XY("attention", []float64{10, 0}, []float64{5, 5})}, `"attention": point 1 is at 0, 5`},
		{card, []Series{XY("attention", []float64{10}, []float64{-5})}, "is at 10, -5"},
		{card, []Series{XY("attention", []float64{math.NaN()}, []float64{1})}, "no values"},
	} {
		if _, err := Roofline(v.device, v.series...); err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%v, want %q", err, v.want)
		}
	}
}

// The roof bends where the peak meets the bandwidth, and spans all points.
func TestRooflineRoof(t *testing.T) {
	card := vidur.Device{Name: "card", TFLOPS: 300, Bandwidth: 2000}
	f := must(t)(Roofline(card, XY("p", []float64{1, 1e4, math.NaN()}, []float64{1, 200, 1})))
	var roof *line
	for _, l := range f.layers {
		if r, ok := l.(*line); ok {
			roof = r
		}
	}
	for i, want := range []struct{ x, y float64 }{{1, 2}, {150, 300}, {1e4, 300}} {
		if math.Abs(roof.x[i]-want.x) > 1e-9 || math.Abs(roof.y[i]-want.y) > 1e-9 {
			t.Errorf("corner %d at %g, %g; want %g, %g", i, roof.x[i], roof.y[i], want.x, want.y)
		}
	}
	if len(f.Notes) != 1 {
		t.Errorf("notes %q, want one of the NaN", f.Notes)
	}
}
