package plots

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// ticksHold checks the laws of marks.
func ticksHold(t *testing.T, lo, hi float64, marks []plot.Tick) {
	t.Helper()
	seen := map[string]bool{}
	last := math.Inf(-1)
	for _, m := range marks {
		if m.Value < last || math.IsNaN(m.Value) {
			t.Errorf("[%g, %g]: marks out of order: %v", lo, hi, marks)
			return
		}
		last = m.Value
		if slack := 1e-8 * (hi - lo); m.Value < lo-slack || m.Value > hi+slack {
			t.Errorf("[%g, %g]: mark %g is outside", lo, hi, m.Value)
		}
		if m.Label != "" && seen[m.Label] {
			t.Errorf("[%g, %g]: label %q twice", lo, hi, m.Label)
		}
		seen[m.Label] = true
	}
}

func TestLinearTicks(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 20000 {
		lo := math.Pow(10, 40*rng.Float64()-20) * float64(rng.IntN(3)-1)
		hi := lo + math.Pow(10, 40*rng.Float64()-20)
		if !(hi-lo > 1e-6*math.Abs(lo)) {
			continue
		}
		most := 1 + rng.IntN(12)
		marks := ticks{most: most}.Ticks(lo, hi)
		ticksHold(t, lo, hi, marks)
		labels := 0
		for _, m := range marks {
			if !m.IsMinor() {
				labels++
			}
		}
		if labels > most+1 || most >= 3 && labels == 0 {
			t.Fatalf("[%g, %g] has %d labels of at most %d", lo, hi, labels, most)
		}
	}
}

func TestTickLabels(t *testing.T) {
	for _, c := range []struct {
		t      ticks
		lo, hi float64
		want   string
	}{
		{ticks{most: 5}, 0, 20, "0 5 10 15 20"},
		{ticks{most: 4}, 0, 18, "0 5 10 15"},
		{ticks{most: 5}, 0, 1, "0 0.2 0.4 0.6 0.8 1.0"},
		{ticks{most: 6}, -1, 1.2, "−1.0 −0.5 0 0.5 1.0"},
		{ticks{most: 5}, 0, 20000, "0 5k 10k 15k 20k"},
		{ticks{most: 5}, 0, 3e6, "0 1M 2M 3M"},
		{ticks{most: 5}, 0, 4e-5, "0 1e−05 2e−05 3e−05 4e−05"},
		{ticks{most: 5}, 1e6, 1e6 + 4, "1.000000M 1.000001M 1.000002M 1.000003M 1.000004M"},
		{ticks{log: true}, 0.01, 100, "0.01 0.1 1 10 100"},
		{ticks{log: true}, 1, 30, "1 2 5 10 20"},
		{ticks{log: true, most: 4}, 1e-8, 1e8, "1e−08 0.0001 1 10k 100M"},
		{ticks{log: true, most: 5}, 2, 6, "2 3 4 5 6"},
	} {
		var got []string
		for _, m := range c.t.Ticks(c.lo, c.hi) {
			if !m.IsMinor() {
				got = append(got, m.Label)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("[%g, %g]: %q, want %q", c.lo, c.hi, s, c.want)
		}
	}
}

func FuzzTicks(f *testing.F) {
	for _, v := range []float64{0, 1, -1, 1e-320, 1e300, math.Inf(1), math.NaN(), 1e15} {
		f.Add(v, v+1, true)
		f.Add(v, 3*v, false)
	}
	f.Fuzz(func(t *testing.T, lo, hi float64, log bool) {
		marks := ticks{log: log}.Ticks(lo, hi)
		if len(marks) > 10000 {
			t.Errorf("[%g, %g]: %d marks", lo, hi, len(marks))
		}
		if v := (logScale{}).Normalize(lo, hi, 3); math.IsNaN(v) {
			t.Errorf("3 is nowhere on a logarithmic axis from %g to %g", lo, hi)
		}
	})
}

// The thinned distribution is near the full one everywhere, and has both ends.
func TestThinning(t *testing.T) {
	for _, n := range []int{1, 2, 499, 500, 501, 5000, 200000} {
		v := lognormal(9, n, 0, 1.5)
		ones := make([]float64, n)
		for i := range ones {
			ones[i] = 1
		}
		d := newDistribution(v, ones)
		keep := d.thinned(thin)
		if len(keep) > thin+5 || keep[0] != 0 || keep[len(keep)-1] != len(d.value)-1 {
			t.Errorf("%d of %d values are kept", len(keep), n)
		}
		for i := 1; i < len(keep); i++ {
			if n > thin && d.share[keep[i]]-d.share[keep[i-1]] > 1.0/240 {
				t.Errorf("%d values: a step of %g", n, d.share[keep[i]]-d.share[keep[i-1]])
			}
		}
		slices.Sort(v)
		for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999} {
			if want := v[int(math.Ceil(q*float64(n)-1e-9))-1]; d.quantile(q) != want {
				t.Errorf("%d values: quantile %g is %g, want %g", n, q, d.quantile(q), want)
			}
		}
	}
}

// Counts are the same as values that often, in any order.
func TestCounts(t *testing.T) {
	a := newDistribution([]float64{3, 1, 2, 1}, []float64{1, 2, 0, 1})
	b := newDistribution([]float64{1, 1, 3, 1}, []float64{1, 1, 1, 1})
	if !slices.Equal(a.value, b.value) || !slices.Equal(a.share, b.share) || !slices.Equal(a.value, []float64{1, 3}) {
		t.Errorf("%v, %v", a, b)
	}
}

// The front is what nothing dominates, by comparing all with all.
func TestFront(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 2000 {
		n := 1 + rng.IntN(20)
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(rng.IntN(8)), float64(rng.IntN(8))
		}
		for best := LowerRight; best <= UpperLeft; best++ {
			right, up := best == LowerRight || best == UpperRight, best == UpperRight || best == UpperLeft
			better := func(a, b float64, more bool) bool { return a != b && a > b == more }
			var want [][2]float64
			for i := range x {
				ok := true
				for j := range x {
					bx, by := better(x[j], x[i], right), better(y[j], y[i], up)
					wx, wy := better(x[i], x[j], right), better(y[i], y[j], up)
					if (bx || by) && !wx && !wy || j < i && x[j] == x[i] && y[j] == y[i] {
						ok = false
					}
				}
				if ok {
					want = append(want, [2]float64{x[i], y[i]})
				}
			}
			slices.SortFunc(want, func(a, b [2]float64) int { return int(a[0] - b[0]) })
			var got [][2]float64
			for _, i := range front(x, y, best) {
				got = append(got, [2]float64{x[i], y[i]})
			}
			if !slices.Equal(got, want) {
				t.Fatalf("corner %d of %v, %v: %v, want %v", best, x, y, got, want)
			}
		}
	}
}

// Bins hold every value.
func TestHistogramCounts(t *testing.T) {
	for _, bins := range []int{0, 1, 7, 1000} {
		v := lognormal(3, 999, 0, 1)
		f := must(t)(Histogram("x", bins, Values("", v)))
		sum := 0.0
		for _, h := range f.layers[0].(*rects).y1 {
			sum += h
		}
		if sum != 999 {
			t.Errorf("%d bins hold %g of 999 values", bins, sum)
		}
	}
}

// Error bars stand in the middle of their bars.
func TestErrorBarsLineUp(t *testing.T) {
	f := galleryBars(t)
	for i := range 3 {
		bars, errs := f.layers[i].(*rects), f.layers[3+i].(*errorBars)
		for k := range bars.x0 {
			if math.Abs((bars.x0[k]+bars.x1[k])/2-errs.x[k]) > 1e-12 || bars.y1[k] != errs.y[k] {
				t.Errorf("bar %d of series %d is at %g to %g, its error bar at %g", k, i, bars.x0[k], bars.x1[k], errs.x[k])
			}
		}
	}
}

// TestParetoErrorBars: both pairs of error bars are drawn, are in the numbers and within
// the axes, and change nothing of the front.
func TestParetoErrorBars(t *testing.T) {
	s := Series{Name: "a", X: []float64{1, 3}, Y: []float64{2, 5}, ErrLow: []float64{0.5, 1}, ErrHigh: []float64{1, 2}, XErrLow: []float64{0.25, 1}}
	f := must(t)(Pareto("x", "y", UpperLeft, s))
	csv, err := f.Bytes("csv")
	need(t, err)
	for _, want := range []string{"1,a,error,,1,,1.5,3,", "1,a,error,,3,,4,7,", "1,a,error,,0.75,1.25,2,,", "1,a,error,,2,4,5,,"} {
		if !strings.Contains(string(csv), want+"\n") {
			t.Errorf("there is no %s in\n%s", want, csv)
		}
	}
	if p := f.Plot; p.X.Max < 4 || p.Y.Max < 7 {
		t.Errorf("the axes end at %g and %g", p.X.Max, p.Y.Max)
	}
	s.XErrHigh = []float64{1}
	if _, err := Pareto("x", "y", UpperLeft, s); err == nil || !strings.Contains(err.Error(), "1 values of XErrHigh for 2 points") {
		t.Error(err)
	}
}

// What is left out of a long line cannot be seen: every point is within a
// column's height of the rest.
func TestColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	pts := make([]vg.Point, 50000)
	for i := range pts {
		pts[i] = vg.Point{X: vg.Length(i) / 400, Y: vg.Length(50 * rng.Float64())}
	}
	out := columns(pts)
	if len(out) > 4*(50000/100+1) || out[0] != pts[0] || out[len(out)-1] != pts[len(pts)-1] {
		t.Errorf("%d points are left", len(out))
	}
	if b, a := bounds(pts), bounds(out); a != b {
		t.Errorf("the range is %v, was %v", a, b)
	}
}

// Outlines are as wide as the text, also beyond ASCII, and sit on the baseline.
func TestOutline(t *testing.T) {
	face := font.DefaultCache.Lookup(textStyle().Font, fontSize)
	for _, s := range []string{"H", "HAVE", "TTFT ≤ µs", "−1.5", "Ж"} {
		var pts []vg.Point
		for _, c := range outline(face, vg.Point{X: 10, Y: 20}, s) {
			if c.Type != vg.CloseComp {
				pts = append(pts, c.Pos)
			}
		}
		b := bounds(pts)
		if b.Min.X < 9.5 || b.Max.X > 10+face.Width(s)+0.7 || b.Max.X < 10+face.Width(s)*0.8-0.5 || b.Max.Y > 28 || b.Min.Y < 18 {
			t.Errorf("%q is outlined within %v; it is %g wide", s, b, face.Width(s))
		}
	}
}

func TestSpreadOut(t *testing.T) {
	at := []vg.Length{10, 10.1, 10.2, 50}
	sizes := []vg.Length{8, 8, 8, 8}
	got := spreadOut(at, sizes)
	for i := 1; i < len(got); i++ {
		if got[i]-got[i-1] < 7.9 {
			t.Errorf("labels at %v overlap", got)
		}
	}
	if got[3] != 50 {
		t.Errorf("a label with room moved to %g", got[3])
	}
}

func TestTimelineIgnoresOrder(t *testing.T) {
	spans := []Span{
		{Start: 0, End: 1, Prefill: 5}, {Start: 1, End: 1, Decode: 2},
		{Replica: 1, Start: 0.5, End: 2, Prefill: 3, Decode: 3}, {Stage: 1, Start: 1, End: 1.5, Prefill: 5},
	}
	a := mustBytes(t, must(t)(Timeline(spans)), "svg")
	slices.Reverse(spans)
	if b := mustBytes(t, must(t)(Timeline(spans)), "svg"); string(a) != string(b) {
		t.Error("the order of the spans changes the figure")
	}
}

// A million values and points stay a small file.
func TestMillion(t *testing.T) {
	v := lognormal(1, 1_000_000, 0, 1)
	x := make([]float64, len(v))
	spans := make([]Span, 200_000)
	for i := range x {
		x[i] = float64(i)
	}
	for i := range spans {
		spans[i] = Span{Start: x[i], End: x[i+1], Decode: 1}
	}
	for what, f := range map[string]*Figure{
		"CDF":      must(t)(CDF("x", Values("a", v))),
		"lines":    must(t)(Lines("x", "y", XY("a", x, v))),
		"scatter":  must(t)(Scatter("x", "y", XY("a", x, v))),
		"timeline": must(t)(Timeline(spans)),
	} {
		if n := len(mustBytes(t, f, "svg")); n > 4_000_000 {
			t.Errorf("%s: %d bytes of SVG", what, n)
		} else {
			t.Logf("%s: %d bytes of SVG", what, n)
		}
	}
}

// TestScatterErrorBars: points without a line can have error bars.
func TestScatterErrorBars(t *testing.T) {
	s := XY("a", []float64{1, 2}, []float64{3, 4})
	s.ErrLow, s.ErrHigh = []float64{1, 0.5}, []float64{2, 0}
	csv, err := must(t)(Scatter("x", "y", s)).Bytes("csv")
	need(t, err)
	if !strings.Contains(string(csv), "error,,1,,2,5,\n") || !strings.Contains(string(csv), "error,,2,,3.5,4,\n") {
		t.Errorf("error bars in\n%s", csv)
	}
}
