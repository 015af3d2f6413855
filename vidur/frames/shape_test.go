package frames

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// long has a row too many for Pivot.
func long() dataframe.DataFrame {
	return frame(stringsOf("tenant", []string{"a", "b", "a"}), floatsOf("qps", []float64{0.5, 2, 0.5}), floatsOf("ttft", []float64{1, 2, 3}))
}

func give(values any) func(string) (any, error) {
	return func(string) (any, error) {
		if values == nil {
			return nil, errors.New("no luck")
		}
		return values, nil
	}
}

// longer gives columns that are longer each time.
func longer() func(string) (any, error) {
	n := 0
	return func(string) (any, error) {
		n++
		return make([]int, n), nil
	}
}

func TestFromColumns(t *testing.T) {
	columns := map[string]any{"f": []float64{0.5, math.NaN()}, "g": []float32{0.5, 1}, "i": []int{1, 2}, "j": []int64{math.MaxInt64, 2}, "k": []int32{-1, 2},
		"u": []uint32{math.MaxUint32, 0}, "s": []string{"a", "NaN"}, "b": []bool{true, false}}
	df, err := FromColumns([]string{"s", "f", "g", "i", "j", "k", "u", "b"}, func(name string) (any, error) { return columns[name], nil })
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, df, frame(stringsOf("s", []string{"a", "NaN"}), floatsOf("f", []float64{0.5, math.NaN()}), floatsOf("g", []float64{0.5, 1}),
		intsOf("i", []int{1, 2}), intsOf("j", []int{math.MaxInt64, 2}), intsOf("k", []int{-1, 2}), intsOf("u", []int{math.MaxUint32, 0}),
		series.New([]bool{true, false}, series.Bool, "b")))
}

// Cut into parts with some columns each, a frame comes together again.
func TestConcat(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 22))
		df := randomFrame(rng, 12)
		var parts []dataframe.DataFrame
		for from := 0; from < 12; {
			to := from + 1 + rng.IntN(12-from)
			index := make([]int, to-from)
			for i := range index {
				index[i] = from + i
			}
			parts, from = append(parts, df.Subset(index)), to
		}
		got, err := Concat(parts...)
		if err != nil {
			t.Fatal(err)
		}
		mustEqual(t, got, df)
	}
	got, err := Concat(frame(intsOf("a", []int{1}), stringsOf("s", []string{"x"})), frame(floatsOf("b", []float64{2}), floatsOf("a", []float64{0.5})), frame(stringsOf("s", nil)))
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, got, frame(floatsOf("a", []float64{1, 0.5}), stringsOf("s", []string{"x", "NaN"}), floatsOf("b", []float64{math.NaN(), 2})))
	if df, err := Concat(); err == nil || df.Err == nil {
		t.Error("nothing makes a frame")
	}
}

func TestPivot(t *testing.T) {
	df := frame(stringsOf("s", []string{"x", "x", "y", "NaN"}), floatsOf("qps", []float64{0.5, 10, 10, math.NaN()}), intsOf("n", []int{1, 2, 3, 4}))
	got, err := Pivot(df, []string{"s"}, "qps", "n")
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, got, frame(stringsOf("s", []string{"x", "y", "NaN"}), series.New([]any{1, nil, nil}, series.Int, "0.5"),
		series.New([]any{2, 3, nil}, series.Int, "10"), series.New([]any{nil, nil, 4}, series.Int, "NaN")))
	if got, err = Pivot(df, nil, "n", "s"); err != nil || got.Nrow() != 1 || !slices.Equal(got.Names(), []string{"1", "2", "3", "4"}) {
		t.Error(got, err)
	}
	rows := make([]int, 1<<13+1)
	for i := range rows {
		rows[i] = i
	}
	if _, err = Pivot(frame(intsOf("a", rows)), []string{"a"}, "a", "a"); err == nil || !strings.Contains(err.Error(), "8193 rows and 8193 columns are more than") {
		t.Error(err)
	}
}

// Describe says what the aggregates do.
func TestDescribe(t *testing.T) {
	for seed := range uint64(50) {
		df := keyed(rand.New(rand.NewPCG(seed, 23)), int(seed))
		got, err := Describe(df)
		if err != nil || got.Nrow() != df.Ncol() {
			t.Fatal(err)
		}
		for row, name := range df.Names() {
			aggs := []Agg{Count(name), Mean(name), Std(name), Min(name), Quantile(name, 0.25), Quantile(name, 0.99), Max(name)}
			if df.Types()[row] == series.String {
				aggs = aggs[:1]
			}
			for i, a := range aggs {
				want, err := Value(df, a)
				if err != nil {
					t.Fatal(err)
				}
				cell := got.Col([]string{"count", "mean", "std", "min", "p25", "p99", "max"}[i]).Elem(row).Float()
				if cell != want && !(math.IsNaN(cell) && math.IsNaN(want)) && math.Abs(cell-want) > 1e-12*math.Abs(want) {
					t.Fatalf("seed %d: %s of %s: %v, not %v", seed, a.name(), name, cell, want)
				}
			}
			groups, err := GroupBy(df, []string{name}, Count(name).Named("count"))
			if err != nil {
				t.Fatal(err)
			}
			whole, err := Complete(groups)
			if err != nil {
				t.Fatal(err)
			}
			if d := got.Col("distinct").Elem(row).Float(); d != float64(whole.Nrow()) {
				t.Fatalf("seed %d: %v values of %s, not %d", seed, d, name, whole.Nrow())
			}
		}
	}
}
