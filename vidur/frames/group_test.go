package frames

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// naiveGroups groups by comparing every row with the first of every group.
func naiveGroups(df dataframe.DataFrame, by []string) [][]int {
	var groups [][]int
	for r := range df.Nrow() {
		k := slices.IndexFunc(groups, func(g []int) bool {
			for _, name := range by {
				a, b := df.Col(name).Elem(g[0]), df.Col(name).Elem(r)
				if a.IsNA() != b.IsNA() || !a.IsNA() && a.Val() != b.Val() {
					return false
				}
			}
			return true
		})
		if k < 0 {
			groups, k = append(groups, nil), len(groups)
		}
		groups[k] = append(groups[k], r)
	}
	if len(by) == 0 && groups == nil {
		return [][]int{nil}
	}
	return groups
}

// Sort is in the order of a naive comparison of three columns, and stable.
func TestSortTwin(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 9))
		rows := rng.IntN(30)
		df := keyed(rng, rows).Mutate(intsOf("row", rng.Perm(rows)))
		by := []string{"k", "i", "f", "b"}
		rng.Shuffle(4, func(i, j int) { by[i], by[j] = by[j], by[i] })
		out, err := Sort(df, by[:3]...)
		if err != nil || out.Nrow() != rows {
			t.Fatal(err)
		}
		place := map[int]int{} // of a row before
		for r, v := range df.Col("row").Records() {
			place[slices.Index(out.Col("row").Records(), v)] = r
		}
		for r := 1; r < rows; r++ {
			if c := compareRows(out, by[:3], r-1, r); c > 0 || c == 0 && place[r-1] > place[r] {
				t.Fatalf("seed %d: rows %d and %d by %v", seed, r-1, r, by[:3])
			}
		}
	}
}

func compareRows(df dataframe.DataFrame, by []string, i, j int) int {
	for _, name := range by {
		a, b := df.Col(name).Elem(i), df.Col(name).Elem(j)
		switch {
		case a.IsNA() && b.IsNA():
		case a.IsNA():
			return 1
		case b.IsNA():
			return -1
		case a.Type() == series.Bool:
			if x, y := fmt.Sprint(a.Val()), fmt.Sprint(b.Val()); x != y {
				return strings.Compare(x, y)
			}
		case a.Less(b):
			return -1
		case b.Less(a):
			return 1
		}
	}
	return 0
}

// naive works an aggregate out from sorted values.
func naive(values []float64, what string, q float64) float64 {
	n := float64(len(values))
	total := 0.0
	for _, v := range values {
		total += v
	}
	sorted := slices.Sorted(slices.Values(values))
	switch {
	case what == "count":
		return n
	case what == "sum":
		return total
	case n == 0:
		return math.NaN()
	case what == "mean":
		return total / n
	case what == "min":
		return sorted[0]
	case what == "max":
		return sorted[len(sorted)-1]
	case what == "std":
		sq := 0.0
		for _, v := range values {
			sq += (v - total/n) * (v - total/n)
		}
		return math.Sqrt(sq / n)
	}
	at := q * (n - 1)
	i, f := int(at), at-math.Floor(at)
	if f == 0 {
		return sorted[i]
	}
	return sorted[i] + f*(sorted[i+1]-sorted[i])
}

func keyed(rng *rand.Rand, rows int) dataframe.DataFrame {
	keys := []string{"a", "b", "a_b", "b_c", "c", "", "x,y", "NaN", `"`, "\n"}
	words := func() []string {
		out := make([]string, rows)
		for i := range out {
			out[i] = keys[rng.IntN(len(keys))]
		}
		return out
	}
	return frame(stringsOf("k", words()), stringsOf("k_l", words()),
		series.New(missable(rng, rows, func(int) any { return rng.IntN(3) }), series.Int, "i"),
		series.New(missable(rng, rows, func(int) any { return rng.IntN(2) == 0 }), series.Bool, "b"),
		series.New(missable(rng, rows, func(int) any { return []float64{0, math.Copysign(0, -1), 0.5, math.Inf(1)}[rng.IntN(4)] }), series.Float, "f"),
		series.New(missable(rng, rows, func(int) any { return rng.NormFloat64() }), series.Float, "x"))
}

// GroupBy is its naive twin.
func TestGroupByTwin(t *testing.T) {
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 3))
		df := keyed(rng, rng.IntN(40))
		all := []string{"k", "k_l", "i", "b", "f"}
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		by, q := all[:rng.IntN(4)], rng.Float64()
		out, err := GroupBy(df, by, Count("").Named("rows"), Count("x"), Sum("x"), Quantile("x", q).Named("q"), Mean("x"), Std("x"), Min("x"), Max("x"), Mean("b").Named("b mean"), Count("k").Named("named"))
		if err != nil {
			t.Fatal(err)
		}
		want := naiveGroups(df, by)
		if out.Nrow() != len(want) {
			t.Fatalf("seed %d: %d groups by %v, not %d", seed, out.Nrow(), by, len(want))
		}
		for g, rows := range want {
			for _, name := range by {
				if !same(out.Col(name).Elem(g), df.Col(name).Elem(rows[0])) {
					t.Fatalf("seed %d: key %s of group %d", seed, name, g)
				}
			}
			mustAggregate(t, out, g, df.Subset(rows), q)
		}
	}
}

func mustAggregate(t *testing.T, out dataframe.DataFrame, g int, part dataframe.DataFrame, q float64) {
	t.Helper()
	present := func(name string) []float64 {
		return slices.DeleteFunc(part.Col(name).Float(), math.IsNaN)
	}
	x, b := present("x"), slices.DeleteFunc(boolFloats(part.Col("b")), math.IsNaN)
	named := part.Nrow()
	for _, k := range part.Col("k").Records() {
		if k == "NaN" {
			named--
		}
	}
	for name, want := range map[string]float64{
		"rows": float64(part.Nrow()), "x_count": naive(x, "count", 0), "x_sum": naive(x, "sum", 0), "q": naive(x, "", q), "x_mean": naive(x, "mean", 0),
		"x_std": naive(x, "std", 0), "x_min": naive(x, "min", 0), "x_max": naive(x, "max", 0), "b mean": naive(b, "mean", 0), "named": float64(named),
	} {
		got := out.Col(name).Elem(g).Float()
		if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-12*math.Max(1, math.Abs(want)) {
			t.Fatalf("%s of group %d: %v, not %v", name, g, got, want)
		}
	}
}

// Keys that are the same when joined are not the same.
func TestGroupByJoinedKeys(t *testing.T) {
	df := frame(stringsOf("p", []string{"a_b", "a", "a_b"}), stringsOf("q", []string{"c", "b_c", "c"}), floatsOf("x", []float64{1, 2, 4}))
	out, err := GroupBy(df, []string{"p", "q"}, Sum("x"))
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, out, frame(stringsOf("p", []string{"a_b", "a"}), stringsOf("q", []string{"c", "b_c"}), floatsOf("x_sum", []float64{5, 2})))
	if merged := df.GroupBy("p", "q").GetGroups(); len(merged) != 1 {
		t.Errorf("gota has %d groups: doc.go says it merges them", len(merged))
	}
}

func TestGroupByErrors(t *testing.T) {
	df := frame(stringsOf("s", []string{"a"}), floatsOf("x", []float64{1}))
	for want, f := range map[string]func() (dataframe.DataFrame, error){
		`no column "y"`:                  func() (dataframe.DataFrame, error) { return GroupBy(df, []string{"y"}) },
		`no column "z"`:                  func() (dataframe.DataFrame, error) { return GroupBy(df, nil, Count("z")) },
		`no column ""`:                   func() (dataframe.DataFrame, error) { return GroupBy(df, nil, Mean("")) },
		"only Count takes them, not p50": func() (dataframe.DataFrame, error) { return GroupBy(df, nil, Quantile("s", 0.5)) },
		"it must be in [0, 1]":           func() (dataframe.DataFrame, error) { return GroupBy(df, nil, Quantile("x", 1.5)) },
		"no NaN-quantile":                func() (dataframe.DataFrame, error) { return GroupBy(df, nil, Quantile("x", math.NaN())) },
		"has no function":                func() (dataframe.DataFrame, error) { return GroupBy(df, nil, Func("x", "f", nil)) },
		`two columns "s"`:                func() (dataframe.DataFrame, error) { return GroupBy(df, []string{"s", "s"}) },
		`two columns "x_p50"`:            func() (dataframe.DataFrame, error) { return GroupBy(df, nil, Quantile("x", 0.5), Quantile("x", 0.5)) },
		"empty DataFrame":                func() (dataframe.DataFrame, error) { return GroupBy(df, nil) },
	} {
		out, err := f()
		if err == nil || out.Err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
	if v, err := Value(df, Mean("y")); err == nil || !math.IsNaN(v) {
		t.Error(v, err)
	}
}

func TestAggNames(t *testing.T) {
	for want, a := range map[string]Agg{
		"count": {}, "x_count": Count("x"), "x_p50": Quantile("x", 0.5), "x_p99.9": Quantile("x", 0.999), "x_p29": Quantile("x", 0.29),
		"x_p0": Quantile("x", 0), "x_p100": Quantile("x", 1), "worst": Max("x").Named("worst"), "x_span": Func("x", "span", sum),
	} {
		if a.name() != want {
			t.Errorf("%q, not %q", a.name(), want)
		}
	}
}

// What doc.go says of gota is still so.
func TestGotaDefects(t *testing.T) {
	df := frame(floatsOf("x", []float64{1.2e-7, math.NaN()}))
	var out strings.Builder
	if err := df.WriteCSV(&out); err != nil || !strings.Contains(out.String(), "0.000000\n") {
		t.Errorf("WriteCSV: %q %v", out.String(), err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("Col does not panic")
			}
		}()
		df.Col("missing").Float()
	}()
	if s := series.New([]int64{1}, series.Int, ""); !s.Elem(0).IsNA() {
		t.Error("series.New takes int64")
	}
	if names := dataframe.New(intsOf("a", []int{1}), intsOf("a", []int{1})).Names(); fmt.Sprint(names) != "[a_0 a_1]" {
		t.Error(names)
	}
	rng := rand.New(rand.NewPCG(1, 8))
	wrong := 0
	for range 20 {
		three := noise(30).Mutate(intsOf("x", rng.Perm(30)))
		mine, err := Sort(three, "g", "h", "x")
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(three.Arrange(dataframe.Sort("g"), dataframe.Sort("h"), dataframe.Sort("x")).Records()) != fmt.Sprint(mine.Records()) {
			wrong++
		}
	}
	if wrong == 0 {
		t.Error("Arrange sorts by three columns")
	}
}

// And what it says of shapes.
func TestGotaShapes(t *testing.T) {
	if under := frame(intsOf("a", []int{1})).Concat(frame(floatsOf("a", []float64{0.5}))); fmt.Sprint(under.Col("a").Records()) != "[1 0]" {
		t.Error(under)
	}
	if names := frame(intsOf("", []int{1})).Select([]string{""}).Names(); names[0] == "" {
		t.Error("Select keeps an empty name")
	}
	if m := floatsOf("x", []float64{1, math.NaN()}).Mean(); !math.IsNaN(m) {
		t.Error(m)
	}
}
