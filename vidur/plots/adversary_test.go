package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// nasty is data that is legal and breaks plotting programs.
var nasty = map[string][]float64{
	"one":         {3},
	"zero":        {0},
	"zeros":       {0, 0, 0},
	"constant":    {7, 7, 7, 7},
	"negative":    {-5, -1, -3},
	"both sides":  {-1e9, 1e9},
	"huge range":  {1e-300, 1, 1e300},
	"far":         {-1e300, 1e300},
	"tiny":        {5e-324, 1e-323},
	"tiny alone":  {5e-324},
	"offset":      {1e15, 1e15 + 1, 1e15 + 2},
	"ulp":         {1, math.Nextafter(1, 2)},
	"almost":      {1e300, math.Nextafter(1e300, 0)},
	"NaN between": {1, math.NaN(), 3},
	"minus zero":  {math.Copysign(0, -1), 1},
}

var nastyNames = []string{
	"", "a", strings.Repeat("a very long name ", 30), "µ ≤ 10⁻³ Ж 中文 🙂", "a\nb\tc\x00\x1b[1m", "\xff\xfe", `<b>&"')(\`, "P\\)50(",
}

// constructors of everything from a list of values.
var constructors = map[string]func(name string, v []float64) (*Figure, error){
	"CDF":       func(n string, v []float64) (*Figure, error) { return CDF(n, Values(n, v), Values(n, v)) },
	"CCDF":      func(n string, v []float64) (*Figure, error) { return CCDF(n, Values(n, v)) },
	"Curves":    func(n string, v []float64) (*Figure, error) { return Curves(n, n, erring(n, v)) },
	"Bands":     func(n string, v []float64) (*Figure, error) { return Bands(n, n, erring(n, v)) },
	"Lines":     func(n string, v []float64) (*Figure, error) { return Lines(n, n, XY(n, v, v)) },
	"Steps":     func(n string, v []float64) (*Figure, error) { return Steps(n, n, XY(n, v, v)) },
	"Scatter":   func(n string, v []float64) (*Figure, error) { return Scatter(n, n, XY(n, v, v)) },
	"Fidelity":  func(n string, v []float64) (*Figure, error) { return Fidelity(n, n, XY(n, v, v)) },
	"Histogram": func(n string, v []float64) (*Figure, error) { return Histogram(n, 0, Values(n, v)) },
	"two":       func(n string, v []float64) (*Figure, error) { return Histogram(n, 9, Values(n, v), Values(n, v)) },
	"Bars":      func(n string, v []float64) (*Figure, error) { return Bars(n, repeat(n, v), Values(n, v)) },
	"Pareto": func(n string, v []float64) (*Figure, error) {
		s := erring(n, v)
		s.XErrHigh, s.Labels = s.ErrLow, repeat(n, v)
		return Pareto(n, n, UpperLeft, s)
	},
	"HeatMap": func(n string, v []float64) (*Figure, error) {
		return HeatMap(Heat{XLabel: n, YLabel: n, ZLabel: n, Columns: repeat(n, v), Rows: []string{n}, Z: [][]float64{v}})
	},
	"OverTime": func(n string, v []float64) (*Figure, error) {
		return OverTime(Panel{n, []Series{XY(n, v, v)}}, Panel{n, []Series{XY(n, v, v)}})
	},
}

func erring(n string, v []float64) Series {
	s := XY(n, v, v)
	for _, y := range v {
		s.ErrLow = append(s.ErrLow, math.Abs(y)/2)
	}
	return s
}

func repeat(n string, v []float64) []string {
	out := make([]string, len(v))
	for i := range out {
		out[i] = n
	}
	return out
}

func TestNastyData(t *testing.T) {
	for kind, make := range constructors {
		for data, v := range nasty {
			f, err := make("series", v)
			if err != nil {
				t.Errorf("%s of %s: %v", kind, data, err)
				continue
			}
			wellFormed(t, kind+" of "+data, f)
			if f.Plot == nil {
				continue
			}
			// A logarithmic axis is drawn or refused, never a panic.
			for _, log := range []func() error{f.LogX, f.LogY} {
				if log() == nil {
					wellFormed(t, kind+" of "+data+", log", f)
				}
			}
		}
	}
}

func TestNastyNames(t *testing.T) {
	for kind, make := range constructors {
		for i, n := range nastyNames {
			f, err := make(n, []float64{1, 2, 4})
			need(t, err)
			f.Title = n
			what := kind + " with name " + strconv.Itoa(i)
			wellFormed(t, what, f)
			for _, format := range []string{"pdf", "eps"} {
				if _, err := f.Bytes(format); err != nil {
					t.Errorf("%s, %s: %v", what, format, err)
				}
			}
			g, err := Grid(2, f.Panels...)
			if f.Plot != nil {
				g, err = Grid(2, f, f, f)
			}
			need(t, err)
			wellFormed(t, what+" in a grid", g)
		}
	}
}

// wellFormed checks that a figure is drawn with numbers, as XML.
func wellFormed(t *testing.T, what string, f *Figure) {
	t.Helper()
	data, err := f.Bytes("svg")
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if bytes.Contains(data, []byte("NaN")) || bytes.Contains(data, []byte("Inf,")) || bytes.Contains(data, []byte(",Inf")) {
		t.Errorf("%s: there are coordinates that are no numbers", what)
	}
	for dec := xml.NewDecoder(bytes.NewReader(data)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s: not XML: %v", what, err)
			return
		}
	}
}

func TestSizes(t *testing.T) {
	for _, g := range gallery {
		f := g.make(t)
		for _, size := range [][2]float64{{0.01, 0.01}, {0.3, 3}, {3, 0.3}, {1, 1}, {1.7, 1.3}} {
			f.Width, f.Height = size[0], size[1]
			if _, err := f.Bytes("svg"); err == nil {
				wellFormed(t, g.name, f)
			} else if !strings.Contains(err.Error(), "no room") {
				t.Errorf("%s of %v inches: %v", g.name, size, err)
			}
		}
		f.Width, f.Height = 12, 9
		wellFormed(t, g.name, f)
		for _, bad := range [][2]float64{{0, 1}, {-1, 1}, {1, math.NaN()}, {math.Inf(1), 1}, {31, 1}} {
			f.Width, f.Height = bad[0], bad[1]
			if _, err := f.Bytes("svg"); err == nil {
				t.Errorf("%s of %v inches is no error", g.name, bad)
			}
		}
	}
}

func TestManySeries(t *testing.T) {
	series := make([]Series, 60)
	for i := range series {
		series[i] = XY("series number "+strconv.Itoa(i), []float64{1, 2, 3}, []float64{1, float64(i), 2})
	}
	f := must(t)(Curves("x", "y", series...))
	if _, err := f.Bytes("svg"); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("a legend higher than the figure: %v", err)
	}
	f.Height = 5
	wellFormed(t, "60 series", f)
	seen := map[string]bool{}
	for i := range 56 {
		l := lookOf(i)
		key := strings.Join([]string{strconv.Itoa(int(l.color.R)), strconv.Itoa(int(l.color.G)), strconv.Itoa(len(l.dash)), strconv.Itoa(i % len(dashes))}, " ")
		if seen[key] {
			t.Errorf("series %d looks like another", i)
		}
		seen[key] = true
	}
}

var one = []float64{1}

func first(_ *Figure, err error) error { return err }

func TestErrorsNameTheSeries(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for what, err := range map[string]error{
		"no series":          first(CDF("x")),
		"empty":              first(CDF("x", Values("bad", nil))),
		"only NaN":           first(CDF("x", Values("bad", []float64{nan}))),
		"infinite":           first(CDF("x", Values("bad", []float64{1, inf}))),
		"minus infinite":     first(CCDF("x", Values("bad", []float64{-inf}))),
		"too large":          first(CDF("x", Values("bad", []float64{1e301}))),
		"counts negative":    first(CDF("x", XY("bad", []float64{1, 2}, []float64{1, -1}))),
		"counts all 0":       first(CDF("x", XY("bad", []float64{1, 2}, []float64{0, 0}))),
		"lengths":            first(Curves("x", "y", XY("bad", []float64{1, 2}, one))),
		"no X":               first(Curves("x", "y", Values("bad", one))),
		"errors' length":     first(Curves("x", "y", Series{Name: "bad", X: one, Y: one, ErrLow: []float64{1, 2}})),
		"error negative":     first(Curves("x", "y", Series{Name: "bad", X: one, Y: one, ErrHigh: []float64{-1}})),
		"labels' length":     first(Pareto("x", "y", LowerLeft, Series{Name: "bad", X: one, Y: one, Labels: []string{"a", "b"}})),
		"groups":             first(Bars("y", []string{"a", "b"}, Values("bad", one))),
		"part negative":      first(StackedBars("y", []string{"a"}, Values("bad", []float64{-1}))),
		"area negative":      first(StackedArea("x", "y", XY("bad", one, []float64{-1}))),
		"area's X":           first(StackedArea("x", "y", XY("a", one, one), XY("bad", []float64{2}, one))),
		"area NaN":           first(StackedArea("x", "y", XY("bad", []float64{1, 2}, []float64{1, nan}))),
		"series in a panel":  first(OverTime(Panel{"y", []Series{Values("bad", one)}})),
		"stack overflow":     first(StackedBars("y", []string{"a"}, Values("a", []float64{9e299}), Values("bad", []float64{9e299}))),
		"histogram infinite": first(Histogram("x", 3, Values("bad", []float64{-inf}))),
	} {
		if err == nil {
			t.Errorf("%s is no error", what)
		} else if what != "no series" && !strings.Contains(err.Error(), `"bad"`) {
			t.Errorf("%s: the error does not name the series: %v", what, err)
		}
	}
}

func TestErrors(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for what, err := range map[string]error{
		"no panels":        first(OverTime()),
		"no groups":        first(Bars("y", nil, Values("a", nil))),
		"no spans":         first(Timeline(nil)),
		"span backwards":   first(Timeline([]Span{{Start: 2, End: 1}})),
		"span NaN":         first(Timeline([]Span{{Start: nan, End: 1}})),
		"corner":           first(Pareto("x", "y", 7, XY("a", one, one))),
		"bins":             first(Histogram("x", -1, Values("a", one))),
		"too many bins":    first(Histogram("x", 1001, Values("a", one))),
		"ragged heat map":  first(HeatMap(Heat{Columns: []string{"a"}, Rows: []string{"b"}, Z: [][]float64{{1, 2}}})),
		"empty heat map":   first(HeatMap(Heat{})),
		"NaN heat map":     first(HeatMap(Heat{Columns: []string{"a"}, Rows: []string{"b"}, Z: [][]float64{{nan}}})),
		"infinite heat":    first(HeatMap(Heat{Columns: []string{"a"}, Rows: []string{"b"}, Z: [][]float64{{inf}}})),
		"no figures":       first(Grid(2)),
		"no columns":       first(Grid(0, galleryBars(t))),
		"nil in a grid":    first(Grid(1, nil)),
		"grid in a grid":   first(Grid(1, galleryGrid(t))),
		"log of groups":    galleryBars(t).LogX(),
		"log of a grid":    galleryGrid(t).LogX(),
		"log of negatives": must(t)(Scatter("x", "y", XY("a", []float64{-1}, one))).LogX(),
		"fit of one":       must(t)(Scatter("x", "y", XY("a", one, one))).FitLine(),
		"fit of lines":     galleryCurves(t).FitLine(),
		"y = x of lines":   galleryCurves(t).Identity(),
		"line of a grid":   galleryGrid(t).HLine(1, "a"),
		"line at NaN":      galleryCurves(t).HLine(nan, "a"),
		"line at 0 of log": galleryCDF(t).VLine(0, "a"),
		"P0":               galleryCDF(t).MarkPercentiles(0),
		"P100":             galleryCDF(t).MarkPercentiles(100),
		"P of curves":      galleryCurves(t).MarkPercentiles(50),
		"no figure":        first(&Figure{Width: 1, Height: 1}, second((&Figure{Width: 1, Height: 1}).Bytes("svg"))),
		"no store":         second(Metric("a", nil, "x")),
	} {
		if err == nil {
			t.Errorf("%s is no error", what)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A plotter of the user's may panic; that is an error, and the figure is not harmed.
func TestUserPlotterPanics(t *testing.T) {
	f := galleryCurves(t)
	before := *f.Plot
	mustBytes(t, f, "svg")
	if f.Plot.X.Min != before.X.Min || f.Plot.Title.Text != "" || f.Plot.X.Label.Text != before.X.Label.Text {
		t.Error("rendering changed the plot")
	}
	f.Plot.X.Scale, f.Plot.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{}
	if _, err := f.Bytes("svg"); err == nil || !strings.Contains(err.Error(), "greater than 0") {
		t.Errorf("gonum's logarithmic axis from 0: %v", err)
	}
	f = galleryCurves(t)
	pts, err := plotter.NewScatter(plotter.XYs{{X: 0, Y: 0}, {X: 5, Y: 5}})
	need(t, err)
	f.Plot.Add(pts)
	need(t, f.LogX())
	wellFormed(t, "gonum's scatter on our logarithmic axis", f)
}

func TestLogDrops(t *testing.T) {
	f := must(t)(Scatter("x", "y", XY("a", []float64{0, -1, 1, 10}, []float64{1, 1, 0, 5})))
	need(t, f.LogX())
	if len(f.Notes) != 1 || !strings.HasPrefix(f.Notes[0], "2 values") {
		t.Errorf("notes %q", f.Notes)
	}
	need(t, f.LogY())
	if len(f.Notes) != 2 || !strings.HasPrefix(f.Notes[1], "1 values") {
		t.Errorf("notes %q", f.Notes)
	}
	if f.Plot.X.Min <= 0 || f.Plot.Y.Min <= 0 {
		t.Errorf("axes from %g and %g", f.Plot.X.Min, f.Plot.Y.Min)
	}
	f = must(t)(CDF("x", Values("a", []float64{1, math.NaN(), math.NaN(), 2})))
	if len(f.Notes) != 1 || f.Notes[0] != `series "a": 2 of 4 values are NaN and left out` {
		t.Errorf("notes %q", f.Notes)
	}
	// A failed LogX leaves the figure as it was.
	f = must(t)(Scatter("x", "y", XY("a", []float64{-1, -2}, []float64{1, 1})))
	if err := f.LogX(); err == nil || f.x.log || len(f.Notes) != 0 {
		t.Errorf("LogX of negative values: %v, %q", err, f.Notes)
	}
	wellFormed(t, "after a failed LogX", f)
}
