//go:build !race

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"github.com/govidur/govidur/kernel/internal/browser"
)

// cells runs a notebook, and again with a fresh kernel. What stands behind an
// error does not run.
func (f *front) cells(t *testing.T) {
	f.notebook(t, "cells", "import \"fmt\"\n\n// double is twice n.\nfunc double(n int) int { return 2 * n }",
		"x := 20\nfmt.Println(\"x is\", x)\ndouble(x + 1)",
		"var list []int\nfmt.Println(\"before\")\nlist[x] = double(1)",
		"double(8)")
	f.Wait(t, "Go is highlighted", coloured)
	f.runAll(t)
	f.Cell(t, 0, "runs", ran("1"))
	f.Cell(t, 1, "runs", ran("2", "x is 20", "42"))
	f.Cell(t, 2, "fails at its place", ran("3", "before", "In[3]:3:1", "index out of range [20] with length 0", "list[x] = double(1)", "^"))
	f.Cell(t, 3, "does not run after an error", unrun)
	f.Shot(t, "cells")
	f.readable(t, 2)
	f.Script(t, `window.marked = document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output').forEach(e => e.dataset.old = 'yes')`)
	f.Menu(t, "Run", "runmenu:restart-and-run-all")
	f.Click(t, ".jp-Dialog .jp-mod-accept", "")
	f.Wait(t, "new outputs", `!document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) [data-old]')`)
	f.Cell(t, 1, "runs again", ran("2", "x is 20", "42"))
	f.Cell(t, 2, "fails again", ran("3", "before", "index out of range"))
}

// unrun says whether a cell has no count and shows nothing.
func unrun(c browser.Cell) bool { return c.Prompt == "[ ]:" && len(c.Outputs) == 0 }

// coloured says whether a keyword, a comment and a text have colours of their own.
const coloured = `(() => {
	const spans = [...document.querySelectorAll('.jp-NotebookPanel .cm-line span')].filter(e => e.checkVisibility())
	const colour = text => {
		const e = spans.find(e => e.textContent === text)
		return e && getComputedStyle(e).color
	}
	const seen = ['func', '"fmt"', '// double is twice n.'].map(colour)
	return seen.every(c => c) && new Set(seen).size === 3
})()`

// source is the code of the active cell.
const source = `window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.source`

// assistance completes names of the simulator and asks for its documentation.
func (f *front) assistance(t *testing.T) {
	f.notebook(t, "assistance", "import \"github.com/govidur/govidur/vidur/spec\"\nvar e spec.Experiment\ne.Reque")
	f.Edit(t, 0)
	f.Press(t, kb.Tab)
	f.Wait(t, "fields", completions+`.includes('Requests field')`)
	f.Shot(t, "complete")
	f.Press(t, kb.ArrowDown)
	f.Press(t, kb.Enter)
	f.Wait(t, "the name is taken", source+`.endsWith('e.Requests')`)
	f.Type(t, " = 10\rrun, err := e.")
	f.Press(t, kb.Tab)
	f.Wait(t, "methods", completions+`.includes('Build method')`)
	f.Type(t, "Bui")
	f.Wait(t, "fewer", completions+`.join() === 'Build method,BuildWith method'`)
	f.Click(t, ".jp-Completer-item", "Build")
	f.Wait(t, "the method is taken", source+`.endsWith('err := e.Build')`)
	f.Press(t, kb.Tab, input.ModifierShift)
	f.Wait(t, "documentation", `/func.*Build\(\).*error/.test(document.querySelector('.jp-Tooltip')?.innerText ?? '')`)
	f.Shot(t, "inspect")
	f.Press(t, kb.Escape)
	f.Type(t, "()\rrun.Config.Replicas")
	f.runAll(t)
	f.Cell(t, 0, "what was completed runs", ran("1"))
}

// completions are the names that are offered, with what they are.
const completions = `[...document.querySelectorAll('.jp-Completer-item')].filter(e => e.checkVisibility())
	.map(e => e.querySelector('.jp-Completer-match').innerText + ' ' + e.querySelector('.jp-Completer-typeExtended').innerText)`

// interrupt ends an endless loop by the button; the variables stay.
func (f *front) interrupt(t *testing.T) {
	f.notebook(t, "interrupt", "x := 41", "for {\n\tx++\n\tx--\n}", "x / 41")
	f.runAll(t)
	f.Cell(t, 0, "runs", ran("1"))
	f.Cell(t, 1, "runs", ran("*"))
	f.Wait(t, "a busy kernel", `window.jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'busy'`)
	f.Click(t, `.jp-NotebookPanel-toolbar [data-command="notebook:interrupt-kernel"]`, "")
	f.Cell(t, 1, "is interrupted", ran("2", "interrupted"))
	f.Cell(t, 2, "did not run", unrun)
	f.Shot(t, "interrupt")
	f.Edit(t, 2)
	f.Press(t, kb.Enter, input.ModifierShift)
	f.Cell(t, 2, "has the variable", ran("3", "1"))
}

// question is answered by a field under the cell.
func (f *front) question(t *testing.T) {
	f.notebook(t, "question", "import \"fmt\"\nvar name string\nfmt.Print(\"who? \")\nfmt.Scanln(&name)\nfmt.Println(\"hello\", name)")
	f.runAll(t)
	f.Click(t, ".jp-Stdin-input", "")
	f.Shot(t, "question")
	f.Type(t, "Ann\r")
	f.Cell(t, 0, "has the question once, and the answer", func(c browser.Cell) bool {
		return ran("1", "who?", "hello Ann")(c) && strings.Count(c.Text(), "who?") == 1
	})
}

// until is a cell with a function that waits a little and says whether a file is
// there: cells end when a test wants it, on a slow machine too.
const until = `import (
	"os"
	"time"

	"github.com/govidur/govidur/kernel/nb"
)

func there(name string) bool {
	time.Sleep(50 * time.Millisecond)
	_, err := os.Stat(name)
	return err == nil || nb.Context().Err() != nil
}`

// reload loads the page again while a cell runs. The kernel stays, with what the cell
// does; what it would show is lost, since JupyterLab forgets whose output that is.
func (f *front) reload(t *testing.T) {
	f.notebook(t, "reload", until+"\nx := 6", "for !there(\"reloaded\") {\n}\nx++", "x * 6")
	f.runAll(t)
	f.Cell(t, 1, "runs", ran("*"))
	f.Command(t, "docmanager:save", nil)
	f.Load(t, f.URL+"/lab/tree/reload.ipynb")
	f.Wait(t, "a connection to the kernel", `window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.connectionStatus === 'connected'`)
	f.Shot(t, "reload")
	write(t, filepath.Join(f.Dir, "reloaded"), "")
	f.Ready(t, "reload")
	f.Edit(t, 2)
	f.Press(t, kb.Enter, input.ModifierShift)
	f.Cell(t, 2, "has what the cell left", func(c browser.Cell) bool { return strings.TrimSpace(c.Text()) == "42" })
}
