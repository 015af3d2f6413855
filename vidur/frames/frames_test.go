package frames

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/metrics"
)

// Every column of metrics is there with its values to the bit and its type.
func TestRequests(t *testing.T) {
	for _, cut := range []bool{false, true} {
		st := simulate(t, 60, cut)
		df := Requests(st)
		if df.Err != nil || !slices.Equal(df.Names(), metrics.ColumnNames()) || df.Nrow() != st.Len() {
			t.Fatal(df.Err, df.Names(), df.Nrow())
		}
		left := 0
		for _, name := range metrics.ColumnNames() {
			c, err := st.Column(name)
			if err != nil {
				t.Fatal(err)
			}
			s := df.Col(name)
			if want := map[bool]series.Type{true: series.Int, false: series.Float}[c.Whole]; s.Type() != want {
				t.Errorf("%s is %v, not %v", name, s.Type(), want)
			}
			for i, v := range c.Values {
				if e := s.Elem(i); e.IsNA() != math.IsNaN(v) || !e.IsNA() && e.Float() != v {
					t.Errorf("%s of %d: %v, not %v", name, i, e, v)
				}
				if name == "completed_at" && math.IsNaN(v) {
					left++
				}
			}
		}
		if cut != (left > 0) {
			t.Errorf("cut %v, and %d requests are not complete", cut, left)
		}
	}
	st := simulate(t, 5, false)
	mustEqual(t, Requests(st, "tenant", "arrived_at"), Requests(st).Select([]string{"tenant", "arrived_at"}))
	mustEqual(t, Requests(metrics.New(metrics.Options{}), "tenant"), frame(intsOf("tenant", nil)))
}

func TestRequestsErrors(t *testing.T) {
	st := simulate(t, 3, false)
	for want, df := range map[string]dataframe.DataFrame{
		`no column "prefil_e2e_time"; there is prefill_e2e_time`: Requests(st, "prefil_e2e_time"),
		"keeps no rows":        Requests(metrics.New(metrics.Options{SketchesOnly: true})),
		"no Store":             Requests(nil),
		`two columns "tenant"`: Requests(st, "tenant", "tenant"),
	} {
		if df.Err == nil || !strings.Contains(df.Err.Error(), want) {
			t.Errorf("%v, not %q", df.Err, want)
		}
		if _, err := GroupBy(df, nil, Count("")); err != df.Err {
			t.Errorf("GroupBy: %v", err)
		}
	}
}

// The frame says what the Summary does, and grouping all requests into one gives
// the same bits.
func TestSummary(t *testing.T) {
	st := simulate(t, 80, false)
	sum := st.Summary()
	df := Summary(sum)
	if df.Err != nil || df.Nrow() != len(sum.Metrics)+len(sum.Operators) {
		t.Fatal(df.Err, df.Nrow())
	}
	requests := Requests(st)
	for i, m := range sum.Metrics {
		if df.Col("name").Elem(i).String() != m.Name || df.Col("unit").Elem(i).String() != m.Unit || df.Col("exact").Elem(i).Val() != m.Exact {
			t.Errorf("row %d is not %s", i, m.Name)
		}
		for label, want := range map[string]float64{"count": float64(m.Count), "mean": m.Mean, "std": m.Std, "p99.9": m.P999, "max": m.Max} {
			if got := df.Col(label).Elem(i).Float(); got != want {
				t.Errorf("%s of %s: %v, not %v", label, m.Name, got, want)
			}
		}
		if !slices.Contains(requests.Names(), m.Name) {
			continue
		}
		for _, c := range []struct {
			agg  Agg
			want float64
		}{{Mean(m.Name), m.Mean}, {Std(m.Name), m.Std}, {Min(m.Name), m.Min}, {Max(m.Name), m.Max}, {Quantile(m.Name, 0.999), m.P999},
			{Quantile(m.Name, 0.25), m.P25}, {Count(m.Name), float64(m.Count)}} {
			if got, err := Value(requests, c.agg); err != nil || got != c.want {
				t.Errorf("%s: %v, not %v (%v)", c.agg.name(), got, c.want, err)
			}
		}
	}
	none := Summary(metrics.New(metrics.Options{}).Summary())
	if e := none.Col("mean").Elem(0); !e.IsNA() || none.Col("count").Elem(0).Float() != 0 {
		t.Errorf("without a value: mean %v", e)
	}
}

func TestReplicas(t *testing.T) {
	sum := simulate(t, 60, false).Summary()
	df := Replicas(sum)
	if df.Err != nil || df.Nrow() != 4 || df.Ncol() != 12 {
		t.Fatal(df)
	}
	for row, want := range []struct{ replica, stage int }{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
		use := sum.Replicas[want.replica]
		for name, v := range map[string]float64{
			"replica": float64(want.replica), "stage": float64(want.stage), "completed_requests": float64(use.Completed),
			"memory_max_percent": use.Memory.Max, "busy_mean_percent": use.Stages[want.stage].Busy.Mean, "mfu_mean_percent": use.Stages[want.stage].MFU.Mean,
		} {
			if got := df.Col(name).Elem(row).Float(); got != v {
				t.Errorf("%s of row %d: %v, not %v", name, row, got, v)
			}
		}
	}
}

func TestOperators(t *testing.T) {
	df := Operators([]trained.Provenance{
		{Op: vidur.Op(0), Source: trained.Measured, Estimator: "forest(a=1, b=2)", Rows: 7, CVError: 1.25, TrainError: 0, Range: "1..8", Note: ""},
		{Op: vidur.Op(1), Source: trained.Analytic, Estimator: "f", CVError: 12, TrainError: 0},
	})
	want := frame(stringsOf("op", []string{vidur.Op(0).String(), vidur.Op(1).String()}), stringsOf("source", []string{"measured", "analytic"}),
		stringsOf("estimator", []string{"forest(a=1, b=2)", "f"}), intsOf("rows", []int{7, 0}), floatsOf("cv_error_percent", []float64{1.25, 12}),
		floatsOf("train_error_percent", []float64{0, math.NaN()}), stringsOf("range", []string{"1..8", ""}), stringsOf("note", []string{"", ""}))
	mustEqual(t, df, want)
	if df := Operators(nil); df.Err != nil || df.Nrow() != 0 {
		t.Error(df.Err)
	}
}

func TestColumns(t *testing.T) {
	df := frame(stringsOf("s", []string{"b", "NaN", "a", "b"}), series.New([]any{3, 1, nil, 1}, series.Int, "n"),
		series.New([]any{true, nil, false, true}, series.Bool, "b"), floatsOf("x", []float64{1, 2, 3, math.NaN()}))
	sorted, err := Sort(df, "s", "n")
	if err != nil || !slices.Equal(sorted.Col("s").Records(), []string{"a", "b", "b", "NaN"}) || !slices.Equal(sorted.Col("n").Records(), []string{"NaN", "1", "3", "1"}) {
		t.Error(sorted, err)
	}
	whole, err := Complete(df)
	if err != nil || whole.Nrow() != 1 || whole.Elem(0, 1).Val() != 3 {
		t.Error(whole, err)
	}
	if some, err := Complete(df, "s", "b"); err != nil || some.Nrow() != 3 {
		t.Error(some, err)
	}
	if b, err := Floats(df, "b"); err != nil || b[0] != 1 || !math.IsNaN(b[1]) || b[2] != 0 {
		t.Error(b, err)
	}
	twice := frame(intsOf("a", []int{1}), intsOf("b", []int{2}))
	if err := twice.SetNames("a", "a"); err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]func() error{
		`no column "y"`:      func() error { _, err := Column(df, "y"); return err },
		`no column "q"`:      func() error { _, err := Sort(df, "q"); return err },
		`no column "z"`:      func() error { _, err := Complete(df, "z"); return err },
		`"s" has strings`:    func() error { _, err := Floats(df, "s"); return err },
		"without columns":    func() error { return WriteCSV(nil, dataframe.DataFrame{}) },
		`two columns "a"`:    func() error { return WriteCSV(nil, twice) },
		"frames: two colum":  func() error { _, err := Grid(twice, "a"); return err },
		"frames: a frame wi": func() error { _, err := Data(dataframe.DataFrame{}, "a"); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
}
