package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"strings"

	"github.com/govidur/govidur/vidur/search"
)

// The library of charts is uPlot 1.6.32, as it was released; see its LICENSE.
//
//go:embed page uplot
var sources embed.FS

var templates = template.Must(template.ParseFS(sources, "page/*.html"))

// scripts are the page's own, in their order.
var scripts = []string{"data", "table", "chart", "best", "transfer", "pareto", "cost", "compare", "progress", "main"}

// view is what the template of the page shows.
type view struct {
	Title, Policy, Subtitle string
	Style                   template.CSS
	Data, Library, Script   template.JS
	Search                  bool // there are probes
}

// HTML is the page.
func (r *Report) HTML() ([]byte, error) {
	data, err := r.data()
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	v := view{Title: r.Title, Subtitle: r.subtitle(), Data: template.JS(data), Search: len(r.probes) > 0}
	if err := v.source(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, "page.html", &v); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return page.Bytes(), nil
}

// source fills in what all pages have in common.
func (v *view) source() error {
	style, err1 := read("uplot/uPlot.min.css", "page/style.css")
	licence, err2 := read("uplot/LICENSE")
	library, err3 := read("page/sharp.js", "uplot/uPlot.iife.min.js")
	var names []string
	for _, name := range scripts {
		names = append(names, "page/"+name+".js")
	}
	script, err4 := read(names...)
	v.Style = template.CSS(style)
	v.Library = template.JS("/*!\n" + licence + "*/\n" + library)
	v.Script = template.JS("'use strict'\n" + script)
	v.Policy = policy(string(v.Library), string(v.Script))
	return errors.Join(err1, err2, err3, err4)
}

// read joins files of the page.
func read(names ...string) (string, error) {
	var all strings.Builder
	for _, name := range names {
		text, err := sources.ReadFile(name)
		if err != nil {
			return "", err
		}
		all.Write(text)
		all.WriteByte('\n')
	}
	return all.String(), nil
}

// policy allows the scripts of the page and nothing else: no connection, and no
// script that stands in the data.
func policy(scripts ...string) string {
	text := "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; script-src"
	for _, s := range scripts {
		sum := sha256.Sum256([]byte(s))
		text += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return text
}

// subtitle says what the results are of, in a line.
func (r *Report) subtitle() string {
	text := fmt.Sprintf("%d configurations", r.results.Len())
	if r.about.Kind != "search" {
		return text
	}
	var criteria []string
	for _, c := range r.about.Criteria {
		criteria = append(criteria, criterionText(c))
	}
	text += ": for each the highest rate that keeps " + strings.Join(criteria, " and ")
	return text + fmt.Sprintf(", to within %g %%", 100*r.about.Granularity)
}

// criterionText is a criterion as the page writes it.
func criterionText(text string) string {
	c, err := search.ParseCriterion(text)
	if err != nil {
		return text
	}
	l, err := limitOf(c)
	if err != nil {
		return text
	}
	label, unit, scale := l.labelOf()
	return fmt.Sprintf("%s ≤ %s %s", label, plain(l.most*scale), unit)
}
