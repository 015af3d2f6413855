package frames_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/internal/layerwisetest"
	"github.com/govidur/govidur/vidur/spec"
)

// What the analytic model expects of a layerwise profile, as a table.
func ExampleLayerwise() {
	e := spec.Default()
	hw, err := e.Hardware()
	if err != nil {
		fmt.Println(err)
		return
	}
	times, err := e.OperatorTimes(context.Background(), hw)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := layerwise.Simulate(hw, times, layerwise.Sizes{Batch: 8, Prompt: 512, Steps: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	df := frames.Layerwise(p, layerwise.Summary)
	roots, err := frames.GroupBy(df.Filter(dataframe.F{Colname: "depth", Comparator: series.Eq, Comparando: 0}), []string{"phase"},
		frames.Sum("pct_cuda_time"))
	fmt.Print(frames.Text(roots), err)
	// Output:
	// phase     pct_cuda_time_sum
	// prefill                 100
	// decode_1                100
	// 2 rows × 2 columns
	// <nil>
}

// upProjection is a profile of one operator, a fifth slower than the analytic model.
func upProjection(sizes ...float64) (*profile.Set, vidur.ReplicaSpec, error) {
	e := spec.Default()
	hw, err := e.Hardware()
	if err != nil {
		return nil, hw, err
	}
	analytic, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		return nil, hw, err
	}
	formulas, err := analytic.Operators(hw)
	if err != nil {
		return nil, hw, err
	}
	s := &profile.Samples{Op: vidur.OpMLPUp, Features: []string{profile.NumTokens}, X: [][]float64{sizes}, File: "mlp.csv"}
	for _, n := range sizes {
		s.Y = append(s.Y, 1.2*formulas.ByTokens(int(n)).Layer.Ops[vidur.OpMLPUp])
	}
	set := &profile.Set{}
	set.Ops[vidur.OpMLPUp] = s
	return set, hw, nil
}

// How far off the analytic model is on every row of a profile.
func ExamplePredictions() {
	set, hw, err := upProjection(64, 512, 4096)
	if err != nil {
		fmt.Println(err)
		return
	}
	points, err := trained.Points(context.Background(), set, hw, trained.PointOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	df := frames.Predictions(points)
	fmt.Print(frames.Text(df.Select([]string{"op", "size", "analytic_error_percent"})))
	// Output:
	// op           size  analytic_error_percent
	// mlp_up_proj    64                 -16.667
	// mlp_up_proj   512                 -16.667
	// mlp_up_proj  4096                 -16.667
	// 3 rows × 3 columns
}

// Where an operator stands under the roofline of its GPU.
func ExampleRooflinePoints() {
	set, hw, err := upProjection(8, 4096)
	if err != nil {
		fmt.Println(err)
		return
	}
	points, err := trained.Points(context.Background(), set, hw, trained.PointOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	df := frames.RooflinePoints(points)
	for i := range points {
		fmt.Printf("%g tokens: %.0f FLOP/B, %3.0f TFLOP/s, %.0f %% of the bound\n",
			df.Col("size").Elem(i).Float(), df.Col("intensity_flop_per_byte").Elem(i).Float(),
			df.Col("tflops").Elem(i).Float(), 100*df.Col("share_of_bound").Elem(i).Float())
	}
	// Output:
	// 8 tokens: 8 FLOP/B,  19 TFLOP/s, 71 % of the bound
	// 4096 tokens: 1911 FLOP/B, 610 TFLOP/s, 62 % of the bound
}

// Every node is a row below its module, and copies of a step are left out.
func TestLayerwiseFrame(t *testing.T) {
	f := layerwisetest.Fixture{TP: 1, Layers: 2, Decodes: 3, Old: true, Seed: 1}
	p, err := layerwise.Parse("p.json", []byte(f.Text()))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{layerwise.Summary, layerwise.Model} {
		df := frames.Layerwise(p, table)
		if df.Err != nil {
			t.Fatal(df.Err)
		}
		rows := 0
		for _, ph := range p.Phases[:3] {
			list, _ := ph.Rows(table)
			rows += len(list)
		}
		if df.Nrow() != rows {
			t.Errorf("%s: %d rows, want %d", table, df.Nrow(), rows)
		}
		names, modules, depth := df.Col("name").Records(), df.Col("module").Records(), df.Col("depth")
		for i := range names {
			if d, _ := depth.Elem(i).Int(); d > 0 && !strings.Contains(modules[i], "Llama") && modules[i] != "LogitsProcessor" && !strings.HasPrefix(modules[i], "Sampler") || d == 0 && modules[i] != "" {
				t.Fatalf("row %d, %q at %d, is in %q", i, names[i], d, modules[i])
			}
		}
	}
	if frames.Layerwise(p, "none").Err == nil {
		t.Error("no error for a table that there is not")
	}
	if df := frames.Layerwise(&layerwise.Profile{}, layerwise.Summary); df.Err != nil || df.Nrow() != 0 {
		t.Errorf("of nothing: %v", df.Err)
	}
}

// What is not known is missing.
func TestPointFrames(t *testing.T) {
	set, hw, err := upProjection(8, 16, 32, 64, 128, 256, 512, 1024)
	if err != nil {
		t.Fatal(err)
	}
	set.Ops[vidur.OpSchedule] = &profile.Samples{Op: vidur.OpSchedule, Features: []string{profile.BatchSize}, X: [][]float64{{1, 2}}, Y: []float64{1, 2}}
	points, err := trained.Points(context.Background(), set, hw, trained.PointOptions{Estimator: learn.Forest{Trees: 10, Seed: 1}, Folds: learn.Folds{K: 2}})
	if err != nil {
		t.Fatal(err)
	}
	df, roof := frames.Predictions(points), frames.RooflinePoints(points)
	if df.Err != nil || roof.Err != nil || df.Nrow() != 10 || roof.Nrow() != 10 {
		t.Fatal(df, roof)
	}
	for i, p := range points {
		learnt, analytic, share := df.Col("learnt_ms").Elem(i), df.Col("analytic_ms").Elem(i), roof.Col("share_of_bound").Elem(i)
		if cpu := p.Op == vidur.OpSchedule; learnt.IsNA() != cpu || analytic.IsNA() != cpu || share.IsNA() != cpu {
			t.Errorf("row %d: %v, %v, %v", i, learnt, analytic, share)
		}
		if got := df.Col("learnt_error_percent").Elem(i).Float(); !math.IsNaN(p.Learnt) && math.Abs(got-100*(p.Learnt-p.Measured)/p.Measured) > 1e-9 {
			t.Errorf("row %d is %g %% off", i, got)
		}
	}
}
