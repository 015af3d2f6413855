//go:build !race

package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/internal/browser"
	"github.com/govidur/govidur/kernel/report"
	"github.com/govidur/govidur/vidur/search"
)

// opened opens the page of a report in Chromium.
func opened(t *testing.T, r *report.Report) *browser.Page {
	t.Helper()
	shots, err := filepath.Abs("../../build/screenshots")
	if err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, shots, 1400, 1000)
	load(t, p, r)
	return p
}

func load(t *testing.T, p *browser.Page, r *report.Report) {
	t.Helper()
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, page, 0o644); err != nil {
		t.Fatal(err)
	}
	p.Load(t, "file://"+filepath.ToSlash(path))
	p.Wait(t, "the page", `document.documentElement.dataset.ready === ''`)
}

// TestLooks looks at the page on a desk and on a phone, light, dark and on paper.
func TestLooks(t *testing.T) {
	p := opened(t, simulated(t))
	for _, look := range []struct {
		width           int64
		medium, colours string
	}{{1400, "screen", "light"}, {1400, "screen", "dark"}, {360, "screen", "dark"}, {750, "print", "dark"}, {360, "screen", "light"}} {
		t.Run(fmt.Sprintf("%d %s %s", look.width, look.medium, look.colours), func(t *testing.T) {
			p.Show(t, look.width, 1000, look.medium, look.colours)
			p.Wait(t, "charts that fit", `document.querySelectorAll('.uplot canvas').length >= 6 && [...document.querySelectorAll('.uplot')].every(c => c.getBoundingClientRect().right <= innerWidth)`)
			if wide := browser.Read[float64](t, p, `document.scrollingElement.scrollWidth - innerWidth`); wide > 0 {
				t.Errorf("the page is %g pixels too wide", wide)
			}
			contrasts := p.ContrastsOf(t, "main, header, nav, footer")
			for _, c := range contrasts {
				if c.Ratio < 4.5 {
					t.Errorf("%.40q has a contrast of %.2f", c.Text, c.Ratio)
				}
			}
			paper := look.colours == "light" || look.medium == "print"
			if light := browser.Read[string](t, p, `getComputedStyle(document.body).backgroundColor`) == "rgb(255, 255, 255)"; light != paper {
				t.Errorf("the page is light: %v", light)
			}
			if ink := browser.Read[string](t, p, `colour('ink')`); (ink == "#1c2128") != paper {
				t.Errorf("charts are drawn in %s", ink)
			}
			for _, part := range []string{"overview", "pareto", "compare", "progress", "all"} {
				p.Script(t, fmt.Sprintf(`document.getElementById(%q).scrollIntoView()`, part))
				p.Shot(t, strings.ReplaceAll(fmt.Sprintf("report-%d-%s-%s-%s", look.width, look.medium, look.colours, part), " ", "-"))
			}
		})
	}
}

// TestFrontsAreThoseOfSearch compares what the page's script finds with what package
// search does, for all rows and limits, also with ties and rows without figures.
func TestFrontsAreThoseOfSearch(t *testing.T) {
	p := opened(t, made(t, random(t, 1)))
	for seed := range 20 {
		results := random(t, uint64(seed))
		load(t, p, made(t, results))
		for _, limit := range []float64{0.5, 1.5, 100} {
			bounds := []search.Bound{search.AtMost("ttft_p90_s", limit*1.001), search.AtMost("tbt_p99_s", 0.2*1.001)}
			goals := []search.Goal{search.Max("qps_per_usd"), search.Min("ttft_p90_s")}
			want, err := results.Front(goals, bounds...)
			if err != nil {
				t.Fatal(err)
			}
			p.Script(t, fmt.Sprintf(`state.limits[0].most = %g; update()`, limit))
			got := browser.Read[[]int](t, p, `front(rows.filter(keeps), 'ttft_p90_s', data.goal)`)
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("seed %d, limit %g: the front is %v, not %v", seed, limit, got, want)
			}
			best, err := results.Best(goals[0], bounds...)
			if err != nil {
				t.Fatal(err)
			}
			if got := browser.Read[*int](t, p, `best(rows.filter(keeps), data.goal)`); (got == nil) != (best < 0) || got != nil && *got != best {
				t.Errorf("seed %d, limit %g: the best is %v, not %d", seed, limit, got, best)
			}
		}
	}
}

// TestReader does what a reader does: filters, sorts, points, clicks and asks for
// another budget.
func TestReader(t *testing.T) {
	p := opened(t, simulated(t))
	rowsOf := func(place string) int {
		return browser.Read[int](t, p, fmt.Sprintf(`document.querySelectorAll('#%s tbody tr').length`, place))
	}
	all := rowsOf("table")
	p.Click(t, "#filters summary", "Filters")
	p.Click(t, "#axes fieldset:nth-of-type(2) label", "")
	p.Wait(t, "fewer rows", fmt.Sprintf(`document.querySelectorAll('#table tbody tr').length < %d`, all))
	p.Wait(t, "the number of those that are left", `/of 12 configurations/.test(document.getElementById('filtered').textContent)`)
	p.Click(t, "#axes fieldset:nth-of-type(2) label", "")
	p.Wait(t, "all rows", fmt.Sprintf(`document.querySelectorAll('#table tbody tr').length === %d`, all))

	cells := `[...document.querySelectorAll('#table tbody tr')].map(r => Number(r.cells[[...document.querySelectorAll('#table th')].findIndex(h => h.textContent.startsWith('Capacity'))].textContent))`
	p.Click(t, "#table th button", "Capacity")
	p.Wait(t, "a falling order", `(v => v.every((x, k) => !k || x <= v[k - 1]))(`+cells+`) && document.querySelector('#table th[aria-sort=descending]') !== null`)
	p.Click(t, "#table th button", "Capacity")
	p.Wait(t, "a rising order", `(v => v.every((x, k) => !k || x >= v[k - 1]))(`+cells+`)`)

	point := func(events string) {
		p.Script(t, `(() => { const u = charts.get(document.querySelector('#fronts .chart')), i = rows.filter(here).findLast(i => !state.pair.includes(i)), b = u.over.getBoundingClientRect()
			const at = {clientX: b.left + u.valToPos(value('ttft_p90_s', i), 'x'), clientY: b.top + u.valToPos(value(data.goal, i), 'y'), bubbles: true}
			for (const e of `+events+`) u.over.dispatchEvent(new MouseEvent(e, at)) })()`)
	}
	// The tip goes away when the page scrolls, of which it hears a frame later.
	p.Script(t, `(async () => { document.getElementById('pareto').scrollIntoView(); for (let k = 0; k < 3; k++) await new Promise(requestAnimationFrame) })()`)
	second := browser.Read[int](t, p, `state.pair[1]`)
	point(`['mouseenter', 'mousemove']`)
	p.Wait(t, "a tip of the point", `!document.getElementById('tip').hidden && /TTFT P90/.test(document.getElementById('tip').textContent)`)
	p.Shot(t, "report-tip")
	point(`['mousedown', 'mouseup', 'click']`)
	p.Wait(t, "the point to compare", fmt.Sprintf(`state.pair[0] === %d && document.getElementById('pairB').value === String(state.pair[1])`, second))

	spent := browser.Read[string](t, p, `document.querySelector('#spent b').textContent`)
	p.Script(t, `(() => { const e = document.getElementById('budget'); e.value = 1000; e.dispatchEvent(new Event('change')) })()`)
	p.Wait(t, "what a larger budget buys", fmt.Sprintf(`document.querySelector('#spent b').textContent !== %q`, spent))
	p.Script(t, `(() => { const e = document.querySelector('#limits input'); e.value = 0.0001; e.dispatchEvent(new Event('change')) })()`)
	p.Wait(t, "what comes closest", `/not kept/.test(document.getElementById('bests').textContent) && /No configuration/.test(document.getElementById('spent').textContent)`)
}

// TestNothingIsLoaded holds the policy: no connection, and no script of the data.
func TestNothingIsLoaded(t *testing.T) {
	p := opened(t, made(t, hostile(t)))
	if wrong := browser.Read[bool](t, p, `window.hacked === true || document.querySelector('#table img, #table script') !== null`); wrong {
		t.Error("markup in a name is markup in the page")
	}
	if n := browser.Read[int](t, p, `performance.getEntriesByType('resource').length`); n > 0 {
		t.Errorf("the page loads %d things", n)
	}
	refused := browser.Read[string](t, p, `fetch('http://127.0.0.1:9/').then(() => 'loaded', e => String(e))`)
	if !strings.Contains(refused, "Failed to fetch") {
		t.Errorf("a connection: %s", refused)
	}
}

// TestEmptyPages opens pages of results that have no rows, axes or figures.
func TestEmptyPages(t *testing.T) {
	p := opened(t, made(t, random(t, 1)))
	chunk := []search.Axis{{Name: "chunk", Type: "int"}}
	for _, c := range []struct {
		axes   []search.Axis
		header []string
		rows   [][]string
	}{
		{chunk, []string{"chunk", "error", "requests_per_s", "gpus"}, nil},
		{chunk, []string{"chunk", "error"}, [][]string{{"1", "broken"}, {"2", "broken"}}},
		{nil, []string{"error", "requests_per_s"}, [][]string{{"", "3"}}},
		{chunk, []string{"chunk", "error", "requests_per_s", "ttft_p90_s", "tbt_p99_s", "usd_per_hour"}, [][]string{{"1", "", "0", "0", "0", "0"}, {"2", "", "1e300", "1e-300", "5", "1e-9"}}},
	} {
		load(t, p, made(t, readBack(t, written(t, search.About{Kind: "sweep", Engine: "x", Axes: c.axes}, c.header, c.rows))))
		if n := browser.Read[int](t, p, `document.querySelectorAll('#table table, #tiles .tile').length`); n < 6 {
			t.Errorf("%v, %v: the page has %d parts", c.header, c.rows, n)
		}
	}
}
