package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"testing"
)

// Cell is a code cell as it is seen.
type Cell struct {
	Prompt  string // [1]:, [*]: while it runs, [ ]: before
	Outputs []Output
}

// Output is an output of a cell as it is seen.
type Output struct {
	Kind string // the media type that the front end has chosen; empty for a question
	Text string // as read
	HTML string
	X, Y float64 // its upper left corner, in pixels
	W, H float64 // its size in pixels
}

// Text is the text of a cell's outputs, each after the other.
func (c Cell) Text() string {
	text := ""
	for _, o := range c.Outputs {
		text += o.Text + "\n"
	}
	return text
}

//go:embed cells.js
var cellsScript string

// Cells are the code cells of the notebook that is shown, in JupyterLab 4 or
// Notebook 7.
func (p *Page) Cells(t testing.TB) []Cell {
	t.Helper()
	return Read[[]Cell](t, p, cellsScript)
}

// Cell waits until a code cell, counted from 0, is as it should be.
func (p *Page) Cell(t testing.TB, n int, what string, ok func(Cell) bool) Cell {
	t.Helper()
	var c Cell
	p.Until(t, fmt.Sprintf("cell %d: %s", n, what), func() (bool, any) {
		cells := p.Cells(t)
		if n >= len(cells) {
			return false, cells
		}
		c = cells[n]
		return ok(c), c
	})
	return c
}

// Ready waits until the notebook of a name is shown and its kernel has nothing to do.
func (p *Page) Ready(t testing.TB, name string) {
	t.Helper()
	p.Wait(t, name+" with an idle kernel", fmt.Sprintf(`(() => {
		const w = window.jupyterapp?.shell?.currentWidget
		return w?.context?.path === %q && w.content.widgets?.length > 0 && w.sessionContext.kernelDisplayStatus === 'idle'
	})()`, name+".ipynb"))
}

// Command runs a command of JupyterLab and waits for its end.
func (p *Page) Command(t testing.TB, name string, args map[string]any) {
	t.Helper()
	text, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	p.Script(t, fmt.Sprintf(`window.jupyterapp.commands.execute(%q, %s ?? {}).then(() => 0)`, name, text))
}

// Contrast is how well a text stands out.
type Contrast struct {
	Text  string
	Ratio float64 // WCAG's contrast ratio, 1 to 21
}

//go:embed contrast.js
var contrastScript string

// Contrasts are those of the texts in the outputs of a code cell, counted from 0.
func (p *Page) Contrasts(t testing.TB, cell int) []Contrast {
	t.Helper()
	return p.contrasts(t, fmt.Sprintf(`[...document.querySelectorAll('.jp-NotebookPanel')].find(p => p.checkVisibility())
		.querySelectorAll('.jp-CodeCell')[%d].querySelectorAll('.jp-OutputArea-output')`, cell))
}

// ContrastsOf are those of the texts in what a CSS selector finds.
func (p *Page) ContrastsOf(t testing.TB, selector string) []Contrast {
	t.Helper()
	return p.contrasts(t, fmt.Sprintf("document.querySelectorAll(%q)", selector))
}

func (p *Page) contrasts(t testing.TB, parents string) []Contrast {
	t.Helper()
	return Read[[]Contrast](t, p, fmt.Sprintf("(%s)(%s)", contrastScript, parents))
}

// Menu chooses an item of a menu, by its command.
func (p *Page) Menu(t testing.TB, menu, command string) {
	t.Helper()
	p.Click(t, ".lm-MenuBar-item", menu)
	p.Click(t, fmt.Sprintf(`.lm-Menu-item[data-command=%q]`, command), "")
}

// Edit puts the cursor at the end of a code cell, counted from 0.
func (p *Page) Edit(t testing.TB, n int) {
	t.Helper()
	p.Script(t, fmt.Sprintf(`(() => {
		const panel = window.jupyterapp.shell.currentWidget.content
		const code = panel.widgets.filter(w => w.model.type === 'code')
		panel.activeCellIndex = panel.widgets.indexOf(code[%d])
		panel.mode = 'edit'
		const editor = panel.activeCell.editor
		editor.focus()
		editor.setCursorPosition(editor.getPositionAt(editor.model.sharedModel.source.length))
	})()`, n))
}
