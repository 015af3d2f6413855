package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/report"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

func small() *spec.Experiment {
	e := spec.Default()
	e.Requests, e.Model, e.Device = 120, "llama-2-70b", "a100"
	return e
}

// searched is a small search: four of its points cannot run for lack of memory.
func searched(t testing.TB) *search.Results {
	t.Helper()
	r, err := search.Capacity(t.Context(), small(), search.Over("tp", 1, 2, 4), search.Over("chunk", 512, 1024), search.Over("max-batch", 32, 64),
		search.Meet(search.Percentile("ttft", 90, 2), search.Percentile("tbt", 99, 0.2)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func made(t testing.TB, results *search.Results) *report.Report {
	t.Helper()
	r, err := report.New(results, small())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func simulated(t testing.TB) *report.Report {
	t.Helper()
	r := made(t, searched(t))
	if err := r.Simulate(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	return r
}

// written are results as a folder has them, read back.
func written(t testing.TB, about search.About, header []string, rows [][]string) string {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(about)
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	out := csv.NewWriter(&table)
	if err := out.WriteAll(append([][]string{header}, rows...)); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{search.AboutFile: text, search.ResultsFile: table.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readBack(t testing.TB, dir string) *search.Results {
	t.Helper()
	r, _, err := search.ReadResults(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// random are results of few different numbers, so that there are ties, and with holes.
func random(t testing.TB, seed uint64) *search.Results {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	some := func(n int, unit float64) string {
		if rng.IntN(8) == 0 {
			return ""
		}
		return strconv.FormatFloat(float64(rng.IntN(n))*unit, 'g', -1, 64)
	}
	var rows [][]string
	for i := range 60 {
		rows = append(rows, []string{strconv.Itoa(i), "", some(9, 1), some(9, 0.25), some(9, 0.25), some(5, 0.0625), "8"})
	}
	about := search.About{Kind: "search", Engine: "x", Axes: []search.Axis{{Name: "chunk", Type: "int"}}}
	return readBack(t, written(t, about, []string{"chunk", "error", "capacity_qps", "qps_per_usd", "ttft_p90_s", "tbt_p99_s", "gpus"}, rows))
}

// hostile are results with markup where names are.
func hostile(t testing.TB) *search.Results {
	t.Helper()
	bad := `</script><script>window.hacked = true</script><img src=x onerror="window.hacked=true">`
	about := search.About{Kind: "sweep", Engine: bad, Axes: []search.Axis{{Name: "scheduler", Type: "string"}}}
	rows := [][]string{{bad, "", "3", "1"}, {"b\u2028 'x' \\", bad, "", ""}, {"c", "", "2", "0.5"}}
	return readBack(t, written(t, about, []string{"scheduler", "error", "requests_per_s", "ttft_p90_s"}, rows))
}

func html(t testing.TB, r *report.Report) string {
	t.Helper()
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestSameBytes(t *testing.T) {
	first := html(t, simulated(t))
	if again := html(t, simulated(t)); again != first {
		t.Error("the same results give another page")
	}
}

// TestWhole tells that the page needs nothing else.
func TestWhole(t *testing.T) {
	page := html(t, simulated(t))
	for _, bad := range []string{`(?i)<link`, `(?i)\ssrc=`, `(?i)@import`, `url\(`, `(?i)<script[^>]+(src|type="module")`} {
		if at := regexp.MustCompile(bad).FindString(page); at != "" {
			t.Errorf("the page has %q", at)
		}
	}
	for _, want := range []string{"The MIT License (MIT)", "Leon Sorokin", "default-src &#39;none&#39;", "2 s", `":["TTFT P90`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if n := strings.Count(page, "</script>"); n != 3 {
		t.Errorf("there are %d ends of scripts, not 3", n)
	}
}

// TestAdviceOfAll: every row near its limits has advice, of its own experiment and from
// its figures alone.
func TestAdviceOfAll(t *testing.T) {
	results := searched(t)
	r := made(t, results)
	if err := r.SetLimits(search.Percentile("ttft", 90, 1e-3), search.Percentile("tbt", 99, 1e-3)); err != nil {
		t.Fatal(err)
	}
	data := dataOf(t, html(t, r))
	advice, _ := data["advice"].(map[string]any)
	for i, row := range results.Rows() {
		said := fmt.Sprint(advice[fmt.Sprint(i)])
		if row.Err == nil && !math.IsNaN(row.Figures[len(row.Figures)-1]) && (!strings.Contains(said, "TTFT P90") || !strings.Contains(said, "TBT P99")) {
			t.Errorf("%v: %s", row.Point, said)
		}
	}
	if len(advice) < 2 || len(data["runs"].(map[string]any)) > 0 {
		t.Errorf("advice of %d rows", len(advice))
	}
}

func TestHostileNames(t *testing.T) {
	if page := html(t, made(t, hostile(t))); strings.Contains(page, "<img") || strings.Count(page, "</script>") != 3 {
		t.Error("markup in a name is markup in the page")
	}
}

// dataOf is what the scripts of a page read.
func dataOf(t testing.TB, page string) map[string]any {
	t.Helper()
	_, text, _ := strings.Cut(page, `<script id="data" type="application/json">`)
	text, _, _ = strings.Cut(text, `</script>`)
	var data map[string]any
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
	return data
}

// TestDerived compares the columns of cost of a sweep with their definition.
func TestDerived(t *testing.T) {
	e := small()
	e.TP, e.PP = 4, 1
	results, err := search.Sweep(t.Context(), e, search.Over("replicas", 1, 2), search.Over("qps", 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.New(results, e)
	if err != nil {
		t.Fatal(err)
	}
	data := dataOf(t, html(t, r))
	column := func(name string) []any {
		for i, c := range data["columns"].([]any) {
			if c.(map[string]any)["name"] == name {
				return data["values"].([]any)[i].([]any)
			}
		}
		return nil
	}
	price := 2.21 // $ per hour and A100, as in the original
	for i, row := range results.Rows() {
		gpus := 4 * float64(row.Point.Value("replicas").(int))
		rate, _ := results.Floats("requests_per_s")
		for name, want := range map[string]float64{"usd_per_hour": gpus * price, "qps_per_usd": rate[i] / (gpus * price), "qps_per_gpu": rate[i] / gpus, "gpus": gpus} {
			if got := column(name)[i].(float64); math.Abs(got-want) > 1e-5*want {
				t.Errorf("row %d: %s is %g, not %g", i, name, got, want)
			}
		}
	}
}

// TestRuns tells that what is simulated again is what the results say, to the digits
// of the page, and that the best of each workload is among it.
func TestRuns(t *testing.T) {
	results := searched(t)
	data := dataOf(t, html(t, simulated(t)))
	runs := data["runs"].(map[string]any)
	best, err := results.Best(search.Max("qps_per_usd"))
	if err != nil || runs[fmt.Sprint(best)] == nil || len(runs) > 6 || data["noRuns"] != nil {
		t.Fatalf("row %d is best, and there are %d runs: %v, %v", best, len(runs), data["noRuns"], err)
	}
	for name, run := range runs {
		row, _ := strconv.Atoi(name)
		for metric, scale := range map[string]float64{"ttft": 1, "tbt": 1000, "tpot": 1000, "e2e": 1, "delay": 1} {
			curve := run.(map[string]any)["curves"].(map[string]any)[metric].([]any)
			if !slices.IsSortedFunc(curve, func(a, b any) int { return int(math.Copysign(1, a.(float64)-b.(float64)+1e-12)) }) {
				t.Errorf("row %d: %s falls", row, metric)
			}
			for _, p := range []int{50, 90, 99} {
				figure, _ := results.Floats(fmt.Sprintf("%s_p%d_s", metric, p))
				if got, want := curve[p].(float64), figure[row]*scale; math.Abs(got-want) > 2e-3*want {
					t.Errorf("row %d: %s P%d is %g, not %g", row, metric, p, got, want)
				}
			}
		}
	}
}

// TestRunsOfSeeds: runs of the original's generators are had again with their seeds.
func TestRunsOfSeeds(t *testing.T) {
	e := small()
	e.Original, e.TP = true, 4
	results, err := search.Sweep(t.Context(), e, search.Seeds(3, 4))
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.New(results, e)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Simulate(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	if data := dataOf(t, html(t, r)); data["noRuns"] != nil || len(data["runs"].(map[string]any)) == 0 {
		t.Errorf("runs of seeds are not had again: %v", data["noRuns"])
	}
}

// TestOtherBase tells that a run that comes out otherwise is left out.
func TestOtherBase(t *testing.T) {
	e := small()
	e.Seed++
	r, err := report.New(searched(t), e)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Simulate(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	data := dataOf(t, html(t, r))
	if why := fmt.Sprint(data["noRuns"]); len(data["runs"].(map[string]any)) != 0 || !strings.Contains(why, "comes out otherwise now") {
		t.Errorf("runs of another seed are taken: %s", why)
	}
}

func TestBadLimits(t *testing.T) {
	r := made(t, random(t, 1))
	for _, text := range []string{"ttft p95 <= 2", "completed >= 0.9", "goodput ttft 2 >= 0.9"} {
		c, err := search.ParseCriterion(text)
		if err != nil {
			t.Fatal(err)
		}
		if r.SetLimits(c) == nil {
			t.Errorf("%q is a limit", text)
		}
	}
	c := search.Percentile("e2e", 50, 7)
	if r.SetLimits(c, c) == nil {
		t.Error("two limits of one latency are no error")
	}
	if err := r.SetLimits(c); err != nil || !strings.Contains(html(t, r), `"E2E P50"`) {
		t.Error("a limit of E2E is not taken", err)
	}
}
