package frames_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/plots"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// A sweep as a figure: a line per scheduler with the interval over seeds.
func ExampleCurves() {
	base := spec.Default()
	base.Requests = 200
	res, err := search.Sweep(context.Background(), base,
		search.Schedulers("vllm", "sarathi"), search.Over("qps", 4, 8), search.Seeds(1, 2, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	curves, err := frames.Curves(frames.Sweep(res), "qps", "tbt_p99_s", "scheduler")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range curves {
		fmt.Printf("%s: %.3f ± %.3f s at %g requests/s\n", c.Name, c.Y[1], c.ErrHigh[1], c.X[1])
	}
	_, err = plots.Bands("load (requests/s)", "TBT P99 (s)", curves...)
	fmt.Println(err)
	// Output:
	// vllm: 0.102 ± 0.037 s at 8 requests/s
	// sarathi: 0.019 ± 0.000 s at 8 requests/s
	// <nil>
}

func table() dataframe.DataFrame {
	nan := math.NaN()
	return dataframe.New(
		series.New([]string{"b", "a", "b", "b", "a", "b", "b"}, series.String, "policy"),
		series.New([]int{512, 512, 512, 256, 512, 512, 256}, series.Int, "chunk"),
		series.New([]float64{2, 1, 1, 1, 1, 2, 2}, series.Float, "x"),
		series.New([]float64{5, 7, 3, nan, nan, 9, 1}, series.Float, "y"),
	)
}

func TestCurves(t *testing.T) {
	got, err := frames.Curves(table(), "x", "y", "policy", "chunk")
	if err != nil {
		t.Fatal(err)
	}
	// The mean of 5 and 9 is 7, its standard error 2; t(0.975, 1) = 12.706.
	width := 12.706204736 * 2
	want := []plots.Series{
		{Name: "b, chunk 512", X: []float64{1, 2}, Y: []float64{3, 7}, ErrLow: []float64{0, width}},
		{Name: "a, chunk 512", X: []float64{1}, Y: []float64{7}},
		{Name: "b, chunk 256", X: []float64{2}, Y: []float64{1}},
	}
	if len(got) != len(want) {
		t.Fatalf("%d series: %v", len(got), got)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-6 }
	for i, w := range want {
		if g := got[i]; g.Name != w.Name || !slices.Equal(g.X, w.X) || !slices.Equal(g.Y, w.Y) || !slices.EqualFunc(g.ErrLow, w.ErrLow, near) || !slices.Equal(g.ErrLow, g.ErrHigh) {
			t.Errorf("series %d is %+v, not %+v", i, g, w)
		}
	}
}

// Without columns to group by there is one series without a name, and the order of
// rows changes nothing but the order of series.
func TestCurvesOfAllRows(t *testing.T) {
	df := table()
	whole, err := frames.Curves(df, "x", "y")
	if err != nil || len(whole) != 1 || whole[0].Name != "" || !slices.Equal(whole[0].X, []float64{1, 2}) || !slices.Equal(whole[0].Y, []float64{5, 5}) {
		t.Errorf("%v, %v", whole, err)
	}
	back, err := frames.Curves(df.Subset([]int{6, 5, 4, 3, 2, 1, 0}), "x", "y", "policy")
	forth, _ := frames.Curves(df, "x", "y", "policy")
	slices.Reverse(back)
	slices.SortFunc(back, func(a, b plots.Series) int { return -strings.Compare(a.Name, b.Name) })
	for i := range forth {
		if err != nil || back[i].Name != forth[i].Name || !slices.Equal(back[i].X, forth[i].X) || math.Abs(back[i].Y[0]-forth[i].Y[0]) > 1e-12 {
			t.Errorf("%+v backwards, %+v forwards, %v", back[i], forth[i], err)
		}
	}
}

func TestCurvesErrors(t *testing.T) {
	df := table()
	for _, names := range [][]string{{"none", "y"}, {"x", "none"}, {"policy", "y"}, {"x", "y", "none"}} {
		if _, err := frames.Curves(df, names[0], names[1], names[2:]...); err == nil {
			t.Errorf("no error for the columns %v", names)
		}
	}
	if _, err := frames.Curves(frames.Sweep(nil), "x", "y"); err == nil {
		t.Error("no error for a frame that is one")
	}
	if s, err := frames.Curves(df.Subset([]int{}), "x", "y", "policy"); err != nil || len(s) != 0 {
		t.Errorf("of no rows: %v, %v", s, err)
	}
}

func TestDistributions(t *testing.T) {
	base := spec.Default()
	base.Requests = 20
	grid := []search.Option{search.Over("scheduler", "vllm", "sarathi"), search.Over("qps", 4, 8), search.Seeds(3)}
	res, err := search.Sweep(context.Background(), base, append(grid, search.Keep(nil))...)
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{"prefill_e2e_time", "inter_token_latency"} {
		list, err := frames.Distributions(res, metric)
		if err != nil || len(list) != 4 {
			t.Fatal(list, err)
		}
		for i, name := range []string{"vllm, qps 4", "vllm, qps 8", "sarathi, qps 4", "sarathi, qps 8"} {
			want, _ := plots.Metric(name, res.Rows()[i].Store, metric)
			if g := list[i]; g.Name != name || !slices.Equal(g.X, want.X) || !slices.Equal(g.Y, want.Y) {
				t.Errorf("%s of run %d is %q, %d values, not %q, %d", metric, i, g.Name, len(g.Y), name, len(want.Y))
			}
		}
	}
	if _, err := frames.Distributions(res, "none"); err == nil {
		t.Error("no error for a metric that there is not")
	}
	if _, err := frames.Distributions(nil, "prefill_e2e_time"); err == nil {
		t.Error("no error without Results")
	}
	loose, err := search.Sweep(context.Background(), base, grid...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := frames.Distributions(loose, "prefill_e2e_time"); err == nil || !strings.Contains(err.Error(), "search.Keep") {
		t.Errorf("of runs that were not kept: %v", err)
	}
}

func TestLatencies(t *testing.T) {
	base := spec.Default()
	base.Requests = 20
	run, err := base.Build()
	if err != nil {
		t.Fatal(err)
	}
	store, err := run.Simulate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	df := frames.Latencies(store.Summary())
	ttft, _ := store.Stat("prefill_e2e_time")
	if df.Err != nil || df.Nrow() != 5 || df.Elem(0, 0).String() != "TTFT" || df.Col("p99").Float()[0] != ttft.P99 {
		t.Errorf("%v, %v", df, df.Err)
	}
}
