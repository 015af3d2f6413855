package plots

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// gallery is a figure of each kind, with data such as papers have.
var gallery = []struct {
	name string
	make func(t testing.TB) *Figure
}{
	{"cdf", galleryCDF}, {"ccdf", galleryCCDF}, {"curves", galleryCurves}, {"bands", galleryBands},
	{"pareto", galleryPareto}, {"timeline", galleryTimeline}, {"overtime", galleryOverTime},
	{"stackedbars", galleryStackedBars}, {"stackedarea", galleryStackedArea}, {"bars", galleryBars},
	{"heatmap", galleryHeatMap}, {"histogram", galleryHistogram}, {"histograms", galleryHistograms},
	{"scatter", galleryScatter}, {"fidelity", galleryFidelity}, {"roofline", galleryRoofline}, {"grid", galleryGrid}, {"breakdown", galleryBreakdown},
	{"phases", galleryPhases}, {"profileroofline", galleryProfileRoofline}, {"profilefidelity", galleryProfileFidelity},
}

// must is the figure of a constructor.
func must(t testing.TB) func(*Figure, error) *Figure {
	return func(f *Figure, err error) *Figure {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
}

func need(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func lognormal(seed uint64, n int, mu, sigma float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Exp(mu + sigma*rng.NormFloat64())
	}
	return out
}

func galleryCDF(t testing.TB) *Figure {
	f := must(t)(CDF("TTFT (s)",
		Values("vLLM", lognormal(1, 4000, -0.4, 0.9)),
		Values("Sarathi", lognormal(2, 4000, -0.9, 0.5)),
		Values("Orca", lognormal(3, 4000, 0.1, 0.7)),
		Values("LightLLM", lognormal(4, 30, -0.2, 0.6))))
	need(t, f.LogX())
	need(t, f.MarkPercentiles(50, 90, 99))
	return f
}

func galleryCCDF(t testing.TB) *Figure {
	f := must(t)(CCDF("TBT (s)",
		Values("chunk 256", lognormal(1, 40000, -4, 0.3)),
		Values("chunk 512", lognormal(2, 40000, -3.8, 0.45)),
		Values("chunk 2048", lognormal(3, 40000, -3.9, 0.7))))
	need(t, f.VLine(0.1, "SLO"))
	return f
}

// load is a latency over the load that grows towards a capacity.
func load(name string, capacity, floor float64) Series {
	s := Series{Name: name}
	for q := 0.5; q < 0.97*capacity; q += 0.75 {
		y := floor / (1 - q/capacity)
		s.X, s.Y = append(s.X, q), append(s.Y, y)
		s.ErrLow, s.ErrHigh = append(s.ErrLow, 0.1*y), append(s.ErrHigh, 0.2*y)
	}
	return s
}

func galleryCurves(t testing.TB) *Figure {
	f := must(t)(Curves("load (requests/s)", "P99 TTFT (s)",
		load("vLLM", 6, 0.3), load("Sarathi", 8, 0.25), load("Orca", 4.5, 0.45), load("FasterTransformer", 3, 0.6)))
	need(t, f.HLine(2, "SLO"))
	return f
}

func galleryBands(t testing.TB) *Figure {
	return must(t)(Bands("load (requests/s)", "P99 TBT (ms)", load("A100", 6, 30), load("H100", 9, 20)))
}

func galleryPareto(t testing.TB) *Figure {
	rng := rand.New(rand.NewPCG(7, 7))
	series := make([]Series, 3)
	for d, name := range []string{"A100", "H100", "L40S"} {
		series[d].Name = name
		for i := range 14 {
			tp := 1 << (i % 4)
			x := (1 + rng.Float64()) * (float64(d%2) + 1.2) * 900 * math.Sqrt(float64(tp))
			series[d].X = append(series[d].X, x)
			series[d].Y = append(series[d].Y, 8+rng.Float64()*30+x/400)
			series[d].Labels = append(series[d].Labels, name+" TP"+strconv.Itoa(tp))
		}
	}
	f := must(t)(Pareto("throughput (tokens/s)", "P99 TBT (ms)", LowerRight, series...))
	need(t, f.VLine(3750, "demand"))
	need(t, f.HLine(26, "limit"))
	return f
}

func galleryTimeline(t testing.TB) *Figure {
	rng := rand.New(rand.NewPCG(3, 9))
	var spans []Span
	for r := range 2 {
		at := [2]float64{0.01 * float64(r), 0}
		for range 40 {
			s := Span{Replica: r, Decode: rng.IntN(20)}
			if rng.IntN(3) == 0 || s.Decode == 0 {
				s.Prefill = 100 + rng.IntN(400)
			}
			d := 0.008 + 0.00006*float64(s.Prefill)
			for stage := range 2 {
				s.Stage, s.Start = stage, at[stage]
				s.End = s.Start + d
				spans = append(spans, s)
				at[stage] = s.End
				if stage == 0 {
					at[1] = max(at[1], s.End)
				}
			}
		}
	}
	return must(t)(Timeline(spans))
}

// walk is a queue that grows and shrinks.
func walk(name string, seed uint64, scale float64) Series {
	rng := rand.New(rand.NewPCG(seed, 5))
	s := Series{Name: name}
	at, v := 0.0, 5.0
	for at < 120 {
		s.X, s.Y = append(s.X, at), append(s.Y, v*scale)
		at += 2 * rng.ExpFloat64() / 3
		v = max(0, v+float64(rng.IntN(3)-1))
	}
	return s
}

func galleryOverTime(t testing.TB) *Figure {
	return must(t)(OverTime(
		Panel{"waiting", []Series{walk("replica 0", 1, 1), walk("replica 1", 2, 1)}},
		Panel{"running", []Series{walk("", 3, 2), walk("", 4, 2)}},
		Panel{"KV in use (%)", []Series{walk("", 5, 3), walk("", 6, 3)}}))
}

func galleryStackedBars(t testing.TB) *Figure {
	return must(t)(StackedBars("iteration time (ms)", []string{"A100 TP1", "A100 TP2", "H100 TP1", "H100 TP2"},
		Values("attention", []float64{4, 2.5, 2, 1.3}), Values("MLP", []float64{12, 6.5, 7, 3.6}),
		Values("projections", []float64{5, 2.6, 3, 1.6}), Values("all-reduce", []float64{0, 1.8, 0, 1.1}),
		Values("other", []float64{1.5, 1.5, 1.1, 1.2})))
}

func galleryStackedArea(t testing.TB) *Figure {
	x := make([]float64, 40)
	a, b, c := make([]float64, 40), make([]float64, 40), make([]float64, 40)
	for i := range x {
		x[i] = float64(i*i) * 5
		a[i], b[i], c[i] = 2+x[i]/900, 4+x[i]/2000, 1+x[i]/4000
	}
	return must(t)(StackedArea("tokens in the batch", "time (ms)", XY("MLP", x, a), XY("attention", x, b), XY("other", nil, c)))
}

func galleryBars(t testing.TB) *Figure {
	s := func(name string, v ...float64) Series {
		out := Values(name, v)
		for _, y := range v {
			out.ErrLow, out.ErrHigh = append(out.ErrLow, 0.08*y), append(out.ErrHigh, 0.12*y)
		}
		return out
	}
	return must(t)(Bars("capacity (requests/s)", []string{"chat", "code", "arXiv", "BWB"},
		s("vLLM", 4.1, 6.2, 1.2, 2.6), s("Sarathi", 5.4, 7.7, 1.9, 3.1), s("Orca", 2.9, 4.2, 0.7, 1.8)))
}

func galleryHeatMap(t testing.TB) *Figure {
	h := Heat{XLabel: "batch size", YLabel: "context (tokens)", ZLabel: "attention (ms)", Decimals: 1}
	for j := range 7 {
		h.Columns = append(h.Columns, strconv.Itoa(1<<j))
	}
	for i := range 5 {
		h.Rows = append(h.Rows, strconv.Itoa(512<<i))
		row := make([]float64, 7)
		for j := range row {
			row[j] = 0.02 * math.Pow(float64(int(1)<<(i+j)), 0.9)
		}
		h.Z = append(h.Z, row)
	}
	h.Z[4][6] = math.NaN()
	return must(t)(HeatMap(h))
}

func galleryHistogram(t testing.TB) *Figure {
	return must(t)(Histogram("prompt (tokens)", 0, Values("", lognormal(1, 3000, 6, 0.5))))
}

func galleryHistograms(t testing.TB) *Figure {
	return must(t)(Histogram("E2E (s)", 30, Values("vLLM", lognormal(1, 3000, 1, 0.4)), Values("Sarathi", lognormal(2, 1000, 0.7, 0.3))))
}

// measured is pairs around y = x.
func measured(name string, seed uint64, n int, sigma float64) Series {
	x := lognormal(seed, n, 0, 1)
	e := lognormal(seed+100, n, 0, sigma)
	y := make([]float64, n)
	for i := range y {
		y[i] = x[i] * e[i]
	}
	return XY(name, x, y)
}

func galleryScatter(t testing.TB) *Figure {
	rng := rand.New(rand.NewPCG(2, 2))
	s := Series{Name: "requests"}
	for range 400 {
		x := 4000 * rng.Float64()
		s.X, s.Y = append(s.X, x), append(s.Y, 20+0.05*x+12*rng.NormFloat64())
	}
	f := must(t)(Scatter("prompt (tokens)", "TTFT (ms)", s))
	need(t, f.FitLine())
	return f
}

func galleryFidelity(t testing.TB) *Figure {
	f := must(t)(Fidelity("measured (ms)", "predicted (ms)", measured("attention", 1, 200, 0.05), measured("GEMM", 2, 100, 0.12)))
	need(t, f.LogX())
	need(t, f.LogY())
	need(t, f.ErrorBand(10))
	return f
}

func galleryGrid(t testing.TB) *Figure {
	a, b, c, d := galleryCDF(t), galleryCurves(t), galleryBars(t), galleryHeatMap(t)
	a.Title, b.Title = "first token", "under load"
	return must(t)(Grid(2, a, b, c, d))
}

func galleryRoofline(t testing.TB) *Figure {
	decode := XY("decode", []float64{1, 8, 62, 230}, []float64{1.7, 14, 105, 330})
	decode.Labels = []string{"1", "8", "64", "256"}
	return must(t)(Roofline(vidur.Device{Name: "h100", TFLOPS: 1000, Bandwidth: 3350},
		decode, XY("attention", []float64{7.5, 7.9, 8}, []float64{8, 17, 21}), XY("prefill", []float64{900, 1500}, []float64{610, 650})))
}
