package frames

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/evaluation"
	"github.com/sjwhitworth/golearn/trees"

	"github.com/govidur/govidur/vidur/exectime/learn"
)

// labelled is n points of two attributes, of which the class is told by a line,
// as a number, a boolean and a string.
func labelled(rng *rand.Rand, n int) dataframe.DataFrame {
	x, y := make([]float64, n), make([]int, n)
	as := make([]string, n)
	number, truth := make([]int, n), make([]bool, n)
	for i := range x {
		x[i], y[i] = rng.NormFloat64()*math.Pow(10, float64(rng.IntN(9)-8)), rng.IntN(100)
		truth[i] = y[i] > 60
		as[i] = wild[rng.IntN(3)]
		if truth[i] {
			number[i], as[i] = 1, "über, 60\n"
		}
	}
	return frame(floatsOf("x,\"1\"", x), intsOf("y", y), intsOf("number", number), series.New(truth, series.Bool, "truth"), stringsOf("string", as))
}

// A grid gives the frame back.
func TestGridRoundTrip(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 4))
		df := labelled(rng, rng.IntN(20))
		for _, class := range []string{"x,\"1\"", "y", "number", "truth", "string"} {
			attributes := []string{"y", "x,\"1\""}
			if class == "y" || class == attributes[1] {
				attributes = []string{"number"}
			}
			grid, err := Grid(df, class, attributes...)
			if err != nil {
				t.Fatal(err)
			}
			back, err := FromGrid(grid)
			if err != nil {
				t.Fatal(err)
			}
			mustEqual(t, back, df.Select(append(attributes, class)))
			again, err := Grid(back, class)
			if err != nil {
				t.Fatal(err)
			}
			mustEqualGrid(t, again, grid)
		}
	}
}

// mustEqualGrid compares grids: attributes and bytes. base.InstancesAreEqual
// compares its first argument with itself.
func mustEqualGrid(t *testing.T, got, want base.FixedDataGrid) {
	t.Helper()
	a, b := got.AllAttributes(), want.AllAttributes()
	_, rows := want.Size()
	if _, n := got.Size(); n != rows || len(a) != len(b) || !got.AllClassAttributes()[0].Equals(want.AllClassAttributes()[0]) {
		t.Fatal("another shape or class")
	}
	for k := range a {
		if !a[k].Equals(b[k]) {
			t.Fatalf("attribute %d: %v, not %v", k, a[k], b[k])
		}
		s, err := got.GetAttribute(a[k])
		if err != nil {
			t.Fatal(err)
		}
		w, err := want.GetAttribute(b[k])
		if err != nil {
			t.Fatal(err)
		}
		for row := range rows {
			if !bytes.Equal(got.Get(s, row), want.Get(w, row)) {
				t.Fatalf("%v, row %d", a[k], row)
			}
		}
	}
}

// 600 attributes are more than golearn keeps in one group.
func TestWideGrid(t *testing.T) {
	var columns []series.Series
	for i := range 600 {
		columns = append(columns, floatsOf(fmt.Sprint(i), []float64{float64(i), -0.5}))
	}
	df := frame(columns...)
	grid, err := Grid(df, "599")
	if err != nil {
		t.Fatal(err)
	}
	back, err := FromGrid(grid)
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, back, df)
}

func TestGridErrors(t *testing.T) {
	df := frame(floatsOf("x", []float64{1, 2}), floatsOf("holed", []float64{1, math.NaN()}), floatsOf("endless", []float64{1, math.Inf(1)}),
		stringsOf("s", []string{"a", "b"}), series.New([]any{"a", nil}, series.String, "half"), series.New([]any{true, nil}, series.Bool, "b"))
	for want, f := range map[string]func() (*base.DenseInstances, error){
		`no column "y"`:          func() (*base.DenseInstances, error) { return Grid(df, "y", "x") },
		`no column "z"`:          func() (*base.DenseInstances, error) { return Grid(df, "x", "z") },
		`"holed", row 1: no val`: func() (*base.DenseInstances, error) { return Grid(df, "s", "x", "holed") },
		`"half", row 1: no valu`: func() (*base.DenseInstances, error) { return Grid(df, "half", "x") },
		`"b", row 1: no value`:   func() (*base.DenseInstances, error) { return Grid(df, "b", "x") },
		`"endless", row 1: +Inf`: func() (*base.DenseInstances, error) { return Grid(df, "s", "endless") },
		`"s" has strings`:        func() (*base.DenseInstances, error) { return Grid(df, "x", "s") },
		`"x" is in the grid twi`: func() (*base.DenseInstances, error) { return Grid(df, "s", "x", "x") },
		`"s" is in the grid twi`: func() (*base.DenseInstances, error) { return Grid(df, "s", "s") },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
	if df, err := FromGrid(nil); err == nil || df.Err == nil {
		t.Error("a frame of no grid")
	}
}

// golearn's trees learn from a grid, whatever the class's form. ID3 uses an
// attribute once on a path, so it need not get all right.
func TestTrees(t *testing.T) {
	df := labelled(rand.New(rand.NewPCG(1, 5)), 200)
	for _, class := range []string{"truth", "string"} {
		grid, err := Grid(df, class, "x,\"1\"", "y")
		if err != nil {
			t.Fatal(err)
		}
		tree := trees.NewID3DecisionTree(0)
		if err := tree.Fit(grid); err != nil {
			t.Fatal(err)
		}
		found, err := tree.Predict(grid)
		if err != nil {
			t.Fatal(err)
		}
		matrix, err := evaluation.GetConfusionMatrix(grid, found)
		if err != nil || class == "truth" && evaluation.GetAccuracy(matrix) < 0.95 {
			t.Errorf("%s: %v %v", class, matrix, err)
		}
		back, err := FromGrid(found)
		if err != nil || back.Nrow() != 200 || back.Types()[0] != df.Col(class).Type() {
			t.Error(back, err)
		}
	}
	grid, err := Grid(df, "number", "x,\"1\"", "y")
	if err != nil {
		t.Fatal(err)
	}
	tree := trees.NewDecisionTreeClassifier(trees.GINI, 3, []int64{0, 1})
	if err := tree.Fit(grid); err != nil {
		t.Fatal(err)
	}
	if share, err := tree.Evaluate(grid); err != nil || share != 1 {
		t.Error(share, err)
	}
}

// A view, such as cross-validation makes, is a grid as well.
func TestViewAndBinary(t *testing.T) {
	df := labelled(rand.New(rand.NewPCG(1, 6)), 5)
	grid, err := Grid(df, "string", "y")
	if err != nil {
		t.Fatal(err)
	}
	some, err := FromGrid(base.NewInstancesViewFromVisible(grid, []int{4, 0}, grid.AllAttributes()))
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, some, df.Select([]string{"y", "string"}).Subset([]int{4, 0}))
	bits := base.NewDenseInstances()
	spec := bits.AddAttribute(base.NewBinaryAttribute("bit"))
	if err := bits.Extend(2); err != nil {
		t.Fatal(err)
	}
	bits.Set(spec, 1, []byte{1})
	got, err := FromGrid(bits)
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, got, frame(series.New([]bool{false, true}, series.Bool, "bit")))
	empty := base.NewDenseInstances() // a category of none
	none := base.NewCategoricalAttribute()
	none.SetName("none")
	empty.AddAttribute(none)
	if err := empty.Extend(1); err != nil {
		t.Fatal(err)
	}
	if _, err := FromGrid(empty); err == nil || !strings.Contains(err.Error(), `attribute "none", row 0: category 0 of 0`) {
		t.Error(err)
	}
}

func TestData(t *testing.T) {
	df := labelled(rand.New(rand.NewPCG(1, 7)), 9)
	d, err := Data(df, "x,\"1\"", "y", "truth")
	if err != nil || d.Check() != nil || d.Features[1] != "truth" {
		t.Fatal(d, err)
	}
	back, err := FromData(d, "x,\"1\"")
	if err != nil {
		t.Fatal(err)
	}
	all, err := Data(back, "x,\"1\"")
	if err != nil || fmt.Sprint(all) != fmt.Sprint(d) {
		t.Error(all, err)
	}
	if x := df.Col("x,\"1\"").Float(); fmt.Sprint(back.Col("x,\"1\"").Float()) != fmt.Sprint(x) {
		t.Error(back)
	}
	for want, f := range map[string]func() error{
		`"string" has strings`: func() error { _, err := Data(df, "y", "string"); return err },
		`no column "q"`:        func() error { _, err := Data(df, "q", "y"); return err },
		`row 0: NaN; see Complete`: func() error {
			_, err := Data(frame(floatsOf("x", []float64{math.NaN()}), intsOf("y", []int{1})), "y")
			return err
		},
		"1 named features and 0": func() error { _, err := FromData(learn.Data{Features: []string{"a"}}, "t"); return err },
		"different dimensions": func() error {
			_, err := FromData(learn.Data{Features: []string{"a"}, X: [][]float64{{1}}}, "t")
			return err
		},
		`two columns "t"`: func() error {
			_, err := FromData(learn.Data{Features: []string{"t"}, X: [][]float64{{1}}, Y: []float64{1}}, "t")
			return err
		},
		`frames: data of 1 rows wit`: func() error { _, err := Data(frame(intsOf("y", []int{1})), "y"); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
}

func TestConfusion(t *testing.T) {
	df := Confusion(map[string]map[string]int{"b": {"a": 2, "b": 5}, "a": {"c": 1}})
	want := frame(stringsOf("actual", strings.Split("aaabbbccc", "")), stringsOf("predicted", strings.Split("abcabcabc", "")), intsOf("count", []int{0, 0, 1, 2, 5, 0, 0, 0, 0}))
	mustEqual(t, df, want)
}
