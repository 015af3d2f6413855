// Package gallery makes a site of notebooks that have been run: a page for each,
// with prose, code and outputs, and an index with pictures.
//
// The site is files only. It needs no server, no network and no JavaScript, and no
// page can run any: a policy in its head forbids scripts, also those in outputs.
// Light or dark is what the reader's system prefers; paper is light. The same
// notebooks give the same bytes.
package gallery

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"path"

	"github.com/govidur/govidur/kernel/notebook"
)

// Page is a notebook of a gallery.
type Page struct {
	Name     string // of its files, such as quickstart; no two are the same
	Notebook *notebook.Notebook
}

//go:embed index.html page.html style.css
var sources embed.FS

var templates = template.Must(template.ParseFS(sources, "*.html"))

// Render makes the files of a gallery, by their paths in its folder: index.html,
// which shows the notebooks in their order, and for each NAME.html, NAME.ipynb and
// its figures in NAME_files.
func Render(pages []Page) (map[string][]byte, error) {
	style, err := sources.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"style.css": style}
	known, err := namesOf(pages)
	if err != nil {
		return nil, err
	}
	var views []*view
	for _, p := range pages {
		v := &view{Name: p.Name, files: files, prose: newProse(known)}
		for _, c := range p.Notebook.Cells {
			if err := v.cell(c); err != nil {
				return nil, fmt.Errorf("gallery: %s: %w", p.Name, err)
			}
		}
		v.Title, v.Parts = cmp.Or(v.prose.title, p.Name), v.prose.parts
		v.Summary = v.prose.summary
		files[p.Name+".ipynb"] = p.Notebook.Bytes()
		views = append(views, v)
	}
	for i, v := range views {
		if i > 0 {
			v.Previous = views[i-1]
		}
		if i+1 < len(views) {
			v.Next = views[i+1]
		}
		if files[v.Name+".html"], err = execute("page.html", v); err != nil {
			return nil, err
		}
	}
	files["index.html"], err = execute("index.html", views)
	return files, err
}

// namesOf are the names of pages, of which each is for one.
func namesOf(pages []Page) (map[string]bool, error) {
	known := map[string]bool{}
	for _, p := range pages {
		switch {
		case known[p.Name]:
			return nil, fmt.Errorf("gallery: two notebooks are named %s.ipynb; rename one of them", p.Name)
		case p.Name == "index":
			return nil, fmt.Errorf("gallery: a notebook is named index.ipynb, and index.html is the start of the site; rename it")
		case p.Name == "" || p.Name != path.Base(p.Name):
			return nil, fmt.Errorf("gallery: %q is no name for a page", p.Name)
		}
		known[p.Name] = true
	}
	return known, nil
}

func execute(name string, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, data); err != nil {
		return nil, fmt.Errorf("gallery: %w", err)
	}
	return out.Bytes(), nil
}

// view is what the templates show of a notebook.
type view struct {
	Name, Title, Summary string
	Parts                []part // its headings of the second level
	Blocks               []block
	Picture              *picture // the first
	NotRun               bool     // it has code and nothing of that was run
	Previous, Next       *view

	ran    bool
	files  map[string][]byte
	prose  *prose
	images int
}

// part is a heading.
type part struct{ ID, Text string }

// block is prose, code or an output.
type block struct {
	Kind    string        // prose, code, text, error, warning, rich or picture
	ID      string        // of code
	Label   string        // of code: what its cell is for
	HTML    template.HTML // of all but picture
	Picture *picture
}

// picture is a figure as a file.
type picture struct {
	Path, Alt string
	Width     int // in CSS pixels; 0 if the file says it
}
