package frames

import (
	"encoding/xml"
	"errors"
	"fmt"
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
	want := `<table cellpadding="4">
<thead>
<tr><th style="text-align:left">class_name</th><th style="text-align:left">…</th><th style="text-align:left">met</th></tr>
</thead>
<tbody>
<tr><td style="text-align:left">chat</td><td style="text-align:left">…</td><td style="text-align:left">true</td></tr>
<tr><td style="text-align:left">漢字</td><td style="text-align:left">…</td><td style="text-align:left">false</td></tr>
<tr><td style="text-align:left">…</td><td style="text-align:left">…</td><td style="text-align:left">…</td></tr>
<tr><td style="text-align:left">a|b_c &lt;i&gt;\n\x1b[31m</td><td style="text-align:left">…</td><td style="text-align:left">true</td></tr>
<tr><td style="text-align:left">` + "e\u0301" + `</td><td style="text-align:left">…</td><td style="text-align:left">true</td></tr>
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

// TestPages: pages have each row once, as many as fit, and say what is not there.
func TestPages(t *testing.T) {
	numbers := func(n int) dataframe.DataFrame {
		ids := make([]int, n)
		for i := range ids {
			ids[i] = i
		}
		return frame(intsOf("request_num_tokens", ids))
	}
	for _, c := range []struct {
		rows     int
		limit    Limit
		rowsSeen int // folded and not
		says     string
		pages    int
	}{
		{20, Limit{}, 20, "<p>20 rows × 1 column</p>", 0},
		{21, Limit{}, 21 + 21, "<summary>all 21 rows</summary>", 0},
		{51, Limit{}, 21 + 51, "<summary>all 51 rows</summary>", 2},
		{2500, Limit{}, 21 + 2000, "<summary>the first 2000 of 2500 rows</summary>", 40},
		{2500, Limit{Rows: 6}, 7, "<p>2500 rows × 1 column</p>", 0},
		{110, Limit{Total: 1e6, Tail: 10}, 21 + 100, "<summary>the first 100 of 1000000 rows</summary>", 2},
		{110, Limit{Total: 1e6, Tail: 10, Rows: -1}, 111, "<p>1000000 rows × 1 column</p>", 0},
		{3, Limit{Total: 9, Tail: 99}, 4 + 0, "<summary>the first 0 of 9 rows</summary>", 0},
		{3, Limit{Total: 9, Tail: -1}, 4 + 3, "<summary>the first 3 of 9 rows</summary>", 0},
	} {
		page := HTML(numbers(c.rows), c.limit)
		n := tags(t, page)
		if n["td"] != c.rowsSeen || !strings.Contains(page, c.says) || max(n["details"]-1, 0) != c.pages {
			t.Errorf("%d rows, %+v: %v\n%.3000s", c.rows, c.limit, n, page)
		}
		if strings.Count(page, "request_num_tokens (tokens)") != n["table"] {
			t.Errorf("%d rows: units are missing", c.rows)
		}
	}
	if got := Text(numbers(5), Limit{Total: 100, Tail: 2}); got != "request_num_tokens\n                 0\n                 1\n                 2\n                 …\n                 3\n                 4\n100 rows × 1 column\n" {
		t.Error(got)
	}
	wide := make([]series.Series, 30)
	for c := range wide {
		wide[c] = intsOf(fmt.Sprint(c), make([]int, 3000))
	}
	if n := len(HTML(frame(wide...))); n > 600<<10 {
		t.Error("a page of", n, "bytes")
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
		page, folded, _ := strings.Cut(HTML(df, l), "<details>")
		if n := tags(t, page); n["tr"] != rows+1 || n["td"] != rows*columns || n["th"] != columns {
			t.Fatalf("seed %d: %v for %d×%d", seed, n, rows, columns)
		}
		if left := l.Rows == 0 && df.Nrow() > defaultRows; (folded != "") != left || left && tags(t, "<details>"+folded)["td"] != df.Nrow()*columns {
			t.Fatalf("seed %d: pages of %d rows:\n%s", seed, df.Nrow(), folded)
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
