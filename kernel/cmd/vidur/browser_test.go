//go:build !race

// The race detector has nothing to find in a browser and would double its time.

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/internal/browser"
)

// front is the front ends of Jupyter in a browser, with the kernel installed.
type front struct {
	*browser.Page
	*browser.Jupyter
}

// openFront starts a server and a browser. Pictures are left in build/screenshots.
func openFront(t *testing.T) *front {
	t.Helper()
	shots, err := filepath.Abs("../../../build/screenshots")
	if err != nil {
		t.Fatal(err)
	}
	python := os.Getenv("VIDUR_TEST_PYTHON")
	page := browser.Open(t, shots, 1100, 1000)
	installed(t)
	return &front{page, browser.StartJupyter(t, python)}
}

// lab shows JupyterLab.
func (f *front) lab(t *testing.T) {
	t.Helper()
	f.Load(t, f.URL+"/lab?reset")
	f.Wait(t, "JupyterLab", `!!window.jupyterapp && !!document.querySelector('.jp-Launcher')`)
	f.Command(t, "application:toggle-left-area", nil)
}

// notebook makes a notebook and opens it in JupyterLab.
func (f *front) notebook(t *testing.T, name string, code ...string) {
	t.Helper()
	f.Write(t, name, "vidur", code...)
	f.open(t, name)
}

func (f *front) open(t *testing.T, name string) {
	t.Helper()
	f.Command(t, "docmanager:open", map[string]any{"path": name + ".ipynb"})
	f.Ready(t, name)
}

// runAll runs the notebook that is shown.
func (f *front) runAll(t *testing.T) {
	t.Helper()
	f.Menu(t, "Run", "runmenu:run-all")
}

// ran says whether a cell has a count, and texts in its outputs, in order.
func ran(count string, texts ...string) func(browser.Cell) bool {
	return func(c browser.Cell) bool {
		rest := c.Text()
		for _, want := range texts {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				return false
			}
			rest = after
		}
		return c.Prompt == "["+count+"]:"
	}
}

func TestBrowser(t *testing.T) {
	f := openFront(t)
	t.Run("lab", func(t *testing.T) {
		f.lab(t)
		f.parts(t, map[string]func(*front, *testing.T){
			"1 cells": (*front).cells, "2 assistance": (*front).assistance, "3 interrupt": (*front).interrupt,
			"4 question": (*front).question, "5 tables": (*front).tables, "6 figures": (*front).figures,
			"7 progress": (*front).progress, "8 interact": (*front).interact, "9 reload": (*front).reload,
		})
	})
	t.Run("notebook", func(t *testing.T) { f.notebook7(t) })
}

// parts are tests in the order of their names.
func (f *front) parts(t *testing.T, parts map[string]func(*front, *testing.T)) {
	files := map[string]string{}
	for name := range parts {
		files[name] = ""
	}
	for _, name := range names(files) {
		t.Run(name[2:], func(t *testing.T) { parts[name](f, t) })
	}
}
