package frames

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// naivePairs joins by comparing every row with every other.
func naivePairs(left, right dataframe.DataFrame, how How, on []string) (pairs [][2]int) {
	met := map[int]bool{}
	for l := range left.Nrow() {
		alone := true
		for r := range right.Nrow() {
			if !slices.ContainsFunc(on, func(name string) bool { return !equalKeys(left.Col(name).Elem(l), right.Col(name).Elem(r)) }) {
				pairs, alone, met[r] = append(pairs, [2]int{l, r}), false, true
			}
		}
		if alone && how != Inner {
			pairs = append(pairs, [2]int{l, -1})
		}
	}
	for r := range right.Nrow() {
		if how == Outer && !met[r] {
			pairs = append(pairs, [2]int{-1, r})
		}
	}
	return pairs
}

func equalKeys(a, b series.Element) bool {
	switch {
	case a.IsNA() || b.IsNA():
		return false
	case a.Type() == series.String || a.Type() == series.Bool:
		return a.Val() == b.Val()
	}
	return a.Float() == b.Float()
}

// Join is its naive twin, on frames with duplicates, missing keys, keys that are
// the same when joined, and names that clash.
func TestJoinTwin(t *testing.T) {
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 21))
		left, right := keyed(rng, rng.IntN(25)), keyed(rng, rng.IntN(25))
		right = right.Mutate(intsOf("only", rng.Perm(right.Nrow())))
		if seed%3 == 0 { // Int and Float keys
			right = right.Mutate(floatsOf("i", right.Col("i").Float()))
		}
		all := []string{"k", "k_l", "i", "b", "f"}
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		on, how := all[:1+rng.IntN(3)], []How{Inner, Left, Outer}[rng.IntN(3)]
		got, err := Join(left, right, how, on...)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		pairs := naivePairs(left, right, how, on)
		if got.Nrow() != len(pairs) || got.Ncol() != left.Ncol()+right.Ncol()-len(on) {
			t.Fatalf("seed %d: %d×%d of a %s join on %v, not %d", seed, got.Nrow(), got.Ncol(), how, on, len(pairs))
		}
		for row, p := range pairs {
			mustJoin(t, got, row, sides{left, right, on}, p)
		}
	}
}

// sides are the frames of a join.
type sides struct {
	left, right dataframe.DataFrame
	on          []string
}

// mustJoin compares a row of a join with those it is made of.
func mustJoin(t *testing.T, got dataframe.DataFrame, row int, of sides, p [2]int) {
	t.Helper()
	for i, name := range got.Names() {
		from, at, source := of.left, p[0], name
		switch key := slices.Contains(of.on, name); {
		case key && p[0] < 0, i >= of.left.Ncol():
			from, at, source = of.right, p[1], strings.TrimSuffix(name, "_right")
		}
		e := got.Elem(row, i)
		if at < 0 {
			if !e.IsNA() {
				t.Fatalf("row %d, %s: %v, which should be missing", row, name, e)
			}
			continue
		}
		want := from.Col(source).Elem(at)
		if e.IsNA() != want.IsNA() || !e.IsNA() && e.Type() != want.Type() && e.Float() != want.Float() || !e.IsNA() && e.Type() == want.Type() && !same(e, want) {
			t.Fatalf("row %d, %s: %v, not %v", row, name, e, want)
		}
	}
}

func TestJoinColumns(t *testing.T) {
	left := frame(intsOf("x", []int{1, 2}), stringsOf("id", []string{"a", "b"}), intsOf("x_right", []int{3, 4}))
	right := frame(intsOf("x", []int{5}), stringsOf("id", []string{"b"}), floatsOf("y", []float64{0.5}))
	got, err := Join(left, right, Left, "id")
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, got, frame(intsOf("x", []int{1, 2}), stringsOf("id", []string{"a", "b"}), intsOf("x_right", []int{3, 4}),
		series.New([]any{nil, 5}, series.Int, "x_right_right"), floatsOf("y", []float64{math.NaN(), 0.5})))
	none := right.Subset([]int{})
	if got, err = Join(left, none, Left, "id"); err != nil || got.Nrow() != 2 || !got.Col("y").Elem(1).IsNA() {
		t.Error(got, err)
	}
}

func TestJoinErrors(t *testing.T) {
	df := frame(stringsOf("id", []string{"a"}), intsOf("big", []int{1<<53 + 1}))
	for want, f := range map[string]func() (dataframe.DataFrame, error){
		`no column "idd"; there is id, in the left frame`: func() (dataframe.DataFrame, error) { return Join(df, df, Inner, "idd") },
		`no column "big", in the right frame`:             func() (dataframe.DataFrame, error) { return Join(df, df.Drop("big"), Inner, "big") },
		`no join "cross"; there is inner, left, outer`:    func() (dataframe.DataFrame, error) { return Join(df, df, "cross", "id") },
		"needs a column to join on":                       func() (dataframe.DataFrame, error) { return Join(df, df, Inner) },
		`column "id" is of type string and of type int`:   func() (dataframe.DataFrame, error) { return Join(df, frame(intsOf("id", nil)), Inner, "id") },
		`column "big": 9007199254740993 is no float64`:    func() (dataframe.DataFrame, error) { return Join(df, frame(floatsOf("big", nil)), Inner, "big") },
		"a frame without columns":                         func() (dataframe.DataFrame, error) { return Join(df, dataframe.DataFrame{}, Inner, "id") },
		`column "id" is of type string and of type bool`: func() (dataframe.DataFrame, error) {
			return Concat(df, frame(series.New([]bool{true}, series.Bool, "id")))
		},
		`rows 0 and 2 are both of tenant=a, qps=0.5; GroupBy`: func() (dataframe.DataFrame, error) { return Pivot(long(), []string{"tenant"}, "qps", "ttft") },
		`no column "tenants"; there is tenant`:                func() (dataframe.DataFrame, error) { return Pivot(long(), []string{"tenants"}, "qps", "ttft") },
		`no column "tft"; there is ttft`:                      func() (dataframe.DataFrame, error) { return Pivot(long(), nil, "qps", "tft") },
		`column "x": no luck`:                                 func() (dataframe.DataFrame, error) { return FromColumns([]string{"x"}, give(nil)) },
		`column "x" is of type []uint8`:                       func() (dataframe.DataFrame, error) { return FromColumns([]string{"x"}, give([]byte{1})) },
		`column "y" has 2 values, "x" has 1`:                  func() (dataframe.DataFrame, error) { return FromColumns([]string{"x", "y"}, longer()) },
		"no function":                                         func() (dataframe.DataFrame, error) { return FromColumns(nil, nil) },
	} {
		out, err := f()
		if err == nil || out.Err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
}
