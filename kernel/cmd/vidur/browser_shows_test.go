//go:build !race

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/govidur/govidur/kernel/internal/browser"
)

// simulated is a cell that simulates and shows the summary.
const simulated = `import (
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/spec"
)

e := spec.Default()
e.Requests = 100
run, err := e.Build()
nb.Check(err)
store, err := run.Simulate(nb.Context())
nb.Check(err)
frames.Summary(store.Summary())`

// hostile is a display that would run code, if it were trusted.
const hostile = `nb.HTML("<p id='shown'>shown</p><script>window.hacked = 1</script><img src='x' onerror='window.hacked = 1'>")`

// tables shows a frame, and after a reload from a file that nobody trusts.
func (f *front) tables(t *testing.T) {
	f.notebook(t, "tables", simulated, "type row struct {\n\tName string\n\tTTFT float64\n}\n[]row{{\"a<b\", 0.25}, {\"c\", 12.5}}")
	f.runAll(t)
	f.Cell(t, 0, "shows a table", tabled("1", "request_e2e_time"))
	f.Cell(t, 1, "shows a table", tabled("2", "a<b"))
	f.Wait(t, "names on the left, numbers on the right", aligned)
	f.Shot(t, "tables")
	f.readable(t, 0)
	f.Command(t, "docmanager:save", nil)
	f.distrust(t, "tables", "untrusted")
	f.open(t, "untrusted")
	f.Cell(t, 0, "shows a table", tabled("1", "request_e2e_time"))
	f.Cell(t, 1, "shows the rest", func(c browser.Cell) bool { return strings.Contains(c.Text(), "shown") })
	f.Shot(t, "untrusted")
	if hacked := string(f.Script(t, "String(window.hacked)")); hacked != `"undefined"` {
		t.Errorf("an untrusted notebook has run code: %s", hacked)
	}
}

// aligned says how the columns of the first table are aligned, in spite of the front
// end's style sheet.
const aligned = `(() => {
	const cells = [...document.querySelectorAll('.jp-NotebookPanel')].find(p => p.checkVisibility()).querySelector('table tbody tr').cells
	const at = i => getComputedStyle(cells[i]).textAlign.replace('-webkit-', '')
	return at(0) === 'left' && at(3) === 'right'
})()`

// distrust copies a notebook with one output replaced, so that no signature fits.
func (f *front) distrust(t *testing.T, from, to string) {
	t.Helper()
	var nb map[string]any
	text, err := os.ReadFile(filepath.Join(f.Dir, from+".ipynb"))
	if err == nil {
		err = json.Unmarshal(text, &nb)
	}
	if err != nil {
		t.Fatal(err)
	}
	html := strings.TrimSuffix(strings.TrimPrefix(hostile, `nb.HTML("`), `")`)
	nb["cells"].([]any)[1].(map[string]any)["outputs"] = []any{map[string]any{
		"output_type": "display_data", "metadata": map[string]any{}, "data": map[string]any{"text/html": html},
	}}
	if text, err = json.Marshal(nb); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(f.Dir, to+".ipynb"), string(text))
}

// tabled says whether a cell shows a table with a text.
func tabled(count, text string) func(browser.Cell) bool {
	return func(c browser.Cell) bool {
		for _, o := range c.Outputs {
			if o.Kind == "text/html" && strings.Contains(o.HTML, "<table") && strings.Contains(o.Text, text) && o.W > 100 && o.H > 40 {
				return c.Prompt == "["+count+"]:"
			}
		}
		return false
	}
}

// figures draws a plot of gonum's and one of package plots.
func (f *front) figures(t *testing.T) {
	f.notebook(t, "figures", `import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)
p := plot.New()
p.Title.Text = "a line"
line, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}, {X: 2, Y: 4}})
p.Add(line)
p`, `import "github.com/govidur/govidur/vidur/plots"
fig, _ := plots.CDF("TTFT (s)", plots.XY("a", []float64{1, 2, 3, 5}, []float64{1, 2, 3, 5}))
fig`)
	f.runAll(t)
	for i := range 2 {
		f.Wait(t, "a figure that is drawn", drawn(i))
	}
	f.Shot(t, "figures")
}

// drawn says whether a code cell shows a picture that has a size.
func drawn(cell int) string {
	return `(() => {
		const cells = [...document.querySelectorAll('.jp-NotebookPanel')].find(p => p.checkVisibility()).querySelectorAll('.jp-CodeCell')
		const e = cells[` + string(rune('0'+cell)) + `].querySelector('.jp-OutputArea-output :is(svg, img)')
		const b = e?.getBoundingClientRect()
		return !!e && b.width > 200 && b.height > 100 && (e.tagName !== 'IMG' || e.naturalWidth > 0)
	})()`
}

// progress moves a bar, which leaves nothing behind.
func (f *front) progress(t *testing.T) {
	f.notebook(t, "progress", until, `bar := nb.NewProgress("runs", 50)
for !there("moved") {
	bar.Add(1)
}
bar.Done()
"done"`)
	f.runAll(t)
	seen := map[string]bool{}
	f.Until(t, "a bar that moves", func() (bool, any) {
		value := string(f.Script(t, `String(document.querySelector('.jp-OutputArea-output progress')?.value)`))
		if value != `"undefined"` {
			seen[value] = true
		}
		return len(seen) >= 4, seen
	})
	f.Shot(t, "progress")
	write(t, filepath.Join(f.Dir, "moved"), "")
	c := f.Cell(t, 1, "ends", ran("2", "done"))
	f.Shot(t, "progress-after")
	for _, o := range c.Outputs {
		if strings.TrimSpace(o.Text) != "done" && o.H > 4 {
			t.Errorf("the bar leaves %+v", o)
		}
	}
}

// interact moves a slider, which simulates again.
func (f *front) interact(t *testing.T) {
	f.notebook(t, "interact", `import (
	"fmt"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur/spec"
)

p := struct {
	QPS       float64 `+"`min:\"1\" max:\"20\" step:\"1\" unit:\"requests/s\" usage:\"offered load\"`"+`
	Scheduler string  `+"`choices:\"sarathi,vllm,orca\"`"+`
}{QPS: 4, Scheduler: "sarathi"}

nb.Interact(&p, func() any {
	e := spec.Default()
	e.Requests, e.QPS, e.Scheduler = 100, p.QPS, p.Scheduler
	run, err := e.Build()
	nb.Check(err)
	store, err := run.Simulate(nb.Context())
	nb.Check(err)
	ttft, _ := store.Stat("prefill_e2e_time")
	fmt.Printf("%s at %g requests/s\n", p.Scheduler, p.QPS)
	return fmt.Sprintf("mean TTFT %.5f s", ttft.Mean)
})`)
	f.runAll(t)
	before := f.Cell(t, 0, "simulates", ran("1", "sarathi at 4 requests/s", "mean TTFT"))
	f.Click(t, ".jp-OutputArea .widget-slider .noUi-handle", "")
	f.Shot(t, "interact")
	f.Press(t, kb.ArrowRight)
	f.Cell(t, 0, "simulates again", ran("1", "sarathi at 5 requests/s", "mean TTFT"))
	f.Click(t, ".jp-OutputArea .widget-dropdown select", "")
	f.Type(t, "o\r")
	after := f.Cell(t, 0, "simulates with another scheduler", ran("1", "orca at 5 requests/s", "mean TTFT"))
	if strings.Count(after.Text(), "mean TTFT") != 1 || meanTTFT(before) == meanTTFT(after) {
		t.Errorf("before: %s\nafter: %s", before.Text(), after.Text())
	}
	f.Shot(t, "interact-after")
}

// meanTTFT is what stands behind the words mean TTFT.
func meanTTFT(c browser.Cell) string {
	_, rest, _ := strings.Cut(c.Text(), "mean TTFT ")
	mean, _, _ := strings.Cut(rest, " ")
	return mean
}

// contrast is how well a text must stand out from what is behind it. WCAG 2.2 has 3
// for large text; JupyterLab's own red for errors has 2.98 in the dark theme.
const contrast = 2.95

// readable tests that texts of a cell's outputs stand out, in the light theme and in
// the dark one.
func (f *front) readable(t *testing.T, cell int) {
	t.Helper()
	for _, theme := range []string{"JupyterLab Dark", "JupyterLab Light"} {
		f.Command(t, "apputils:change-theme", map[string]any{"theme": theme})
		f.Wait(t, theme, `document.body.dataset.jpThemeName === '`+theme+`' && !document.querySelector('#jupyterlab-splash')`)
		if theme != "JupyterLab Light" {
			f.Shot(t, strings.ReplaceAll(t.Name()[strings.LastIndex(t.Name(), "/")+1:], " ", "-")+"-dark")
		}
		for _, c := range f.Contrasts(t, cell) {
			if c.Ratio < contrast {
				t.Errorf("%s: %q has a contrast of %.2f", theme, c.Text, c.Ratio)
			}
		}
	}
}
