package frames

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

func written(t *testing.T, df dataframe.DataFrame) string {
	t.Helper()
	var out strings.Builder
	if err := WriteCSV(&out, df); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// What was written is read back equal, whatever it is.
func TestCSVRoundTrip(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		df := randomFrame(rng, rng.IntN(8))
		text := written(t, df)
		back, err := ReadCSV(strings.NewReader(text), TypesOf(df))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		mustEqual(t, back, df)
	}
	st := simulate(t, 40, true)
	for _, df := range []dataframe.DataFrame{Requests(st), Summary(st.Summary()), Replicas(st.Summary())} {
		back, err := ReadCSV(strings.NewReader(written(t, df)))
		if err != nil {
			t.Fatal(err)
		}
		mustEqual(t, back, df)
	}
}

// Other readers find the same fields.
func TestCSVIsCSV(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 2))
		df := randomFrame(rng, 1+rng.IntN(8))
		records, err := csv.NewReader(strings.NewReader(written(t, df))).ReadAll()
		if err != nil || len(records) != df.Nrow()+1 {
			t.Fatalf("seed %d: %d records, %v", seed, len(records), err)
		}
		for c := range df.Ncol() {
			for r := range df.Nrow() {
				if e := df.Elem(r, c); e.Type() == series.String && !e.IsNA() && records[r+1][c] != strings.ReplaceAll(e.String(), "\r\n", "\n") {
					t.Fatalf("seed %d: %q, not %q", seed, records[r+1][c], e.String())
				}
			}
		}
	}
}

func TestCSVText(t *testing.T) {
	df := frame(
		series.New([]any{"plain", nil, "", "7", `say "a,b"`}, series.String, "s,t"),
		series.New([]any{1, 2, nil, -4, 5}, series.Int, "n"),
		floatsOf("x", []float64{1.2e-7, 3, math.NaN(), math.Inf(-1), 0.1}),
		series.New([]any{true, false, nil, true, true}, series.Bool, "b"),
	)
	want := "\"s,t\",n,x,b\nplain,1,1.2e-07,true\n,2,3.0,false\n\"\",,,\n\"7\",-4,-inf,true\n\"say \"\"a,b\"\"\",5,0.1,true\n"
	if got := written(t, df); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Files of others: pandas and Excel, with and without a last line end.
func TestReadOthers(t *testing.T) {
	df, err := ReadCSV(strings.NewReader("\ufeff,a,b,c,d\r\n0,1.5,True,x,2\r\n1,,False,\"y\r\nz\",3e2\r\n\r\n2,nan,,NaN,4"))
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, df, frame(intsOf("", []int{0, 1, 2}), floatsOf("a", []float64{1.5, math.NaN(), math.NaN()}), series.New([]any{true, false, nil}, series.Bool, "b"),
		stringsOf("c", []string{"x", "y\r\nz", "NaN"}), floatsOf("d", []float64{2, 300, 4})))
	one, err := ReadCSV(strings.NewReader("x\n1\n\n3\n"))
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, one, frame(series.New([]any{1, nil, 3}, series.Int, "x")))
	big, err := ReadCSV(strings.NewReader("x,y\n9223372036854775808,1e999\n"))
	if err != nil || big.Types()[0] != series.Float || big.Types()[1] != series.String {
		t.Error(big, err)
	}
}

func TestReadCSVErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "line 1: no header",
		"a,b\n1\n":               "line 2: 1 fields, the header has 2",
		"a,b\n1,2\n\"x\ny\",3,4": "line 3: 3 fields, the header has 2",
		"a\n\"x\n\n":             "line 2: a quoted field does not end",
		"a\n1\n\"x\"y\n":         `line 3: a " in the middle`,
		"a,b\n1,x\"y\n":          `line 2: a " in the middle`,
		"a,a\n1,2\n":             `two columns "a"`,
	} {
		if df, err := ReadCSV(strings.NewReader(text)); err == nil || df.Err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
	for want, types := range map[string]Types{
		"values of type string, not int": {"s": series.Int}, "values of type int, not bool": {"n": series.Bool},
		`no column "q"`: {"q": series.Int}, `no type "odd"`: {"e": "odd"},
	} {
		if _, err := ReadCSV(strings.NewReader("s,n,e\nx,1,\n"), types); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
	df, err := ReadCSV(strings.NewReader("s,n,e\nx,1,\n"), Types{"n": series.Float, "e": series.Bool})
	if err != nil || fmt.Sprint(df.Types()) != "[string float bool]" {
		t.Error(df.Types(), err)
	}
	broken := errors.New("broken")
	if _, err := ReadCSV(iotest.ErrReader(broken)); err != broken {
		t.Error(err)
	}
	r, w := io.Pipe()
	r.CloseWithError(broken)
	if err := WriteCSV(w, df); err != broken {
		t.Error(err)
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,\n", "a\n\n\"\"\n", "\"a\"\"\",b\r\ntrue,1e-7\r\n", "a\n\"x\"y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		df, err := ReadCSV(strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := ReadCSV(strings.NewReader(written(t, df)), TypesOf(df))
		if err != nil {
			t.Fatal(err)
		}
		mustEqual(t, again, df)
	})
}
