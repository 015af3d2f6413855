package frames

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// sample is what the goldens are of.
func sample() dataframe.DataFrame {
	return frame(
		series.New([]any{"chat", "漢字", nil, "a|b_c <i>\n\x1b[31m", "e\u0301"}, series.String, "class_name"),
		series.New([]any{1, -20, nil, 1234567, 0}, series.Int, "n"),
		floatsOf("ttft", []float64{0.07318548881007825, 1234567.8, math.NaN(), 1.2e-7, 0.5}),
		floatsOf("rate", []float64{12, 99999.6, math.Inf(-1), 1e300, 4.0 / 3}),
		series.New([]any{true, false, nil, true, true}, series.Bool, "met"),
	)
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit []Limit
		want  string
	}{
		{"all", nil, `
class_name                 n      ttft    rate  met
chat                       1  0.073185      12  true
漢字                     -20   1234568  100000  false
NaN                      NaN       NaN    -inf  NaN
a|b_c <i>\n\x1b[31m  1234567   1.2e-07  1e+300  true
é                          0       0.5  1.3333  true
5 rows × 5 columns
`},
		{"few", []Limit{{Rows: 3, Columns: 3, Digits: 2}}, `
class_name    n  …  met
chat          1  …  true
漢字        -20  …  false
…             …  …  …
é             0  …  true
5 rows × 5 columns
`},
		{"narrow", []Limit{{Width: 30, Rows: 1}}, `
class_name  n  …  rate  met
chat        1  …    12  true
…           …  …     …  …
5 rows × 5 columns
`},
		{"too narrow", []Limit{{Width: 1, Rows: -1, Columns: -1}}, `
class_name           …
chat                 …
漢字                 …
NaN                  …
a|b_c <i>\n\x1b[31m  …
é                    …
5 rows × 5 columns
`},
	} {
		if got := "\n" + Text(sample(), c.limit...); got != strings.ReplaceAll(c.want, "é", "e\u0301") {
			t.Errorf("%s: got%s\nwant%s", c.name, got, c.want)
		}
	}
	if got := Text(frame(stringsOf("s", []string{strings.Repeat("漢", 30)}))); got != "s\n"+strings.Repeat("漢", 19)+"…\n1 row × 1 column\n" {
		t.Error(got)
	}
	if got := Text(dataframe.DataFrame{Err: errors.New("no luck")}); got != "no luck\n" {
		t.Error(got)
	}
	if got := Text(dataframe.DataFrame{}); got != "0 rows × 0 columns\n" {
		t.Error(got)
	}
}

func TestHTML(t *testing.T) {
	want := `<table>
<thead>
<tr><th align="left">class_name</th><th align="left">…</th><th align="left">met</th></tr>
</thead>
<tbody>
<tr><td align="left">chat</td><td align="left">…</td><td align="left">true</td></tr>
<tr><td align="left">漢字</td><td align="left">…</td><td align="left">false</td></tr>
<tr><td align="left">…</td><td align="left">…</td><td align="left">…</td></tr>
<tr><td align="left">a|b_c &lt;i&gt;\n\x1b[31m</td><td align="left">…</td><td align="left">true</td></tr>
<tr><td align="left">` + "e\u0301" + `</td><td align="left">…</td><td align="left">true</td></tr>
</tbody>
</table>
<p>5 rows × 5 columns</p>
`
	if got := HTML(sample(), Limit{Rows: 4, Columns: 2}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := HTML(dataframe.DataFrame{Err: errors.New("a < b")}); got != "<p>a &lt; b</p>\n" {
		t.Error(got)
	}
}

func TestMarkdown(t *testing.T) {
	want := `| class_name | n | ttft | rate | met |
| :-- | --: | --: | --: | :-- |
| chat | 1 | 0.073185 | 12 | true |
| … | … | … | … | … |
| a\|b_c \<i\>\\n\\x1b\[31m | 1234567 | 1.2e-07 | 1e+300 | true |

4 rows × 5 columns
`
	if got := Markdown(sample().Subset([]int{0, 1, 2, 3}), Limit{Rows: 2}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Markdown(frame(intsOf("_a_b_", nil))); got != "| \\_a_b\\_ |\n| --: |\n\n0 rows × 1 column\n" {
		t.Error(got)
	}
}

// Whatever the frame and the limit, lines of Text are no wider than they may,
// HTML is well formed and has as many cells as it should.
func TestTableLaws(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 31))
		df := randomFrame(rng, rng.IntN(30))
		l := Limit{Rows: rng.IntN(8) - 1, Columns: rng.IntN(6) - 1, Width: 45 + rng.IntN(60), Digits: rng.IntN(9) - 1}
		text := Text(df, l)
		for line := range strings.Lines(text) {
			if w := wide(strings.TrimSuffix(line, "\n")); w > l.Width || !utf8.ValidString(line) {
				t.Fatalf("seed %d: %d wide, not %d:\n%s", seed, w, l.Width, text)
			}
		}
		rows, columns := len(ends(df.Nrow(), or(l.Rows, defaultRows))), len(ends(df.Ncol(), or(l.Columns, defaultColumns)))
		if n := strings.Count(text, "\n"); n != rows+2 {
			t.Fatalf("seed %d: %d lines for %d rows\n%s", seed, n, rows, text)
		}
		if n := tags(t, HTML(df, l)); n["tr"] != rows+1 || n["td"] != rows*columns || n["th"] != columns {
			t.Fatalf("seed %d: %v for %d×%d", seed, n, rows, columns)
		}
		if n := strings.Count(Markdown(df, l), "\n"); n != rows+4 {
			t.Fatalf("seed %d: %d lines for %d rows of Markdown", seed, n, rows)
		}
	}
}

// tags counts the elements of what must be well formed.
func tags(t *testing.T, page string) map[string]int {
	t.Helper()
	n := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(page)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return n
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		if e, ok := token.(xml.StartElement); ok {
			n[e.Name.Local]++
		}
	}
}

// Of a float its significant digits are shown, all those before the point, and
// never zeros that say nothing.
func TestShortly(t *testing.T) {
	for _, c := range []struct {
		v      float64
		digits int
		want   string
	}{
		{0, 5, "0"}, {1, 5, "1"}, {0.1, 5, "0.1"}, {123.456789, 5, "123.46"}, {9999.99, 5, "10000"}, {99999.4, 5, "99999"}, {123456789.6, 5, "123456790"},
		{1e15, 5, "1e+15"}, {0.0001, 5, "0.0001"}, {0.00009999, 5, "9.999e-05"}, {-2.5e-9, 5, "-2.5e-09"}, {math.Pi, 3, "3.14"}, {math.Pi, 1, "3"}, {math.Pi, -1, "3"},
	} {
		if got := shortly(frame(floatsOf("x", []float64{c.v})).Elem(0, 0), c.digits); got != c.want {
			t.Errorf("%v with %d digits: %q, not %q", c.v, c.digits, got, c.want)
		}
	}
}
