//go:build !race

package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// notebook7 is the short form of it all in Notebook 7.
func (f *front) notebook7(t *testing.T) {
	f.Write(t, "seven", "vidur", simulated, "for {\n}", "e.Reque")
	f.Load(t, f.URL+"/notebooks/seven.ipynb")
	f.Ready(t, "seven")
	f.Wait(t, "Go is highlighted", `[...document.querySelectorAll('.cm-line span')].some(e => e.textContent === 'import')`)
	f.runAll(t)
	f.Cell(t, 0, "shows a table", tabled("1", "request_e2e_time"))
	f.Cell(t, 1, "runs", ran("*"))
	f.Menu(t, "Kernel", "kernelmenu:interrupt")
	f.Cell(t, 1, "is interrupted", ran("2", "interrupted"))
	f.Shot(t, "notebook")
	f.Edit(t, 2)
	f.Press(t, kb.Tab)
	f.Wait(t, "completions", completions+`.includes('Requests field')`)
	f.Click(t, ".jp-Completer-item", "Requests")
	f.Wait(t, "the name is taken", source+`.endsWith('e.Requests')`)
}
