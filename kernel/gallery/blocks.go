package gallery

import (
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strconv"
	"strings"

	"github.com/govidur/govidur/kernel/notebook"
)

// cell adds the blocks of a cell.
func (v *view) cell(c *notebook.Cell) error {
	switch c.Kind {
	case notebook.Markdown:
		page, err := v.prose.render(c.Source, true)
		if err != nil {
			return err
		}
		v.Blocks = append(v.Blocks, block{Kind: "prose", HTML: page})
	case notebook.Code:
		if strings.TrimSpace(c.Source) == "" {
			return nil
		}
		b := block{Kind: "code", ID: c.ID, HTML: Highlight(c.Source)}
		for _, tag := range []string{"parameters", "injected-parameters"} {
			if c.Tagged(tag) {
				b.Label = strings.ReplaceAll(tag, "-", " ")
			}
		}
		v.Blocks = append(v.Blocks, b)
		v.ran = v.ran || c.Count != nil
		v.NotRun = !v.ran
		for _, o := range c.Outputs {
			if err := v.output(o); err != nil {
				return err
			}
		}
	}
	return nil
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// text adds a block of text as it is.
func (v *view) text(kind, s string) {
	if s = strings.Trim(colours.ReplaceAllString(s, ""), "\n"); strings.TrimSpace(s) != "" {
		v.Blocks = append(v.Blocks, block{Kind: kind, HTML: template.HTML(html.EscapeString(s))})
	}
}

func (v *view) output(o notebook.Output) error {
	switch o.Kind() {
	case "stream":
		kind := "text"
		if o["name"] == "stderr" {
			kind = "warning"
		}
		text, _ := o["text"].(string)
		v.text(kind, text)
	case "error":
		lines := []string{}
		list, _ := o["traceback"].([]any)
		for _, line := range list {
			lines = append(lines, fmt.Sprint(line))
		}
		v.text("error", strings.Join(lines, "\n"))
	default:
		data, _ := o["data"].(map[string]any)
		return v.display(data)
	}
	return nil
}

// images are the forms of pictures, the best first.
var images = []struct{ kind, ending string }{
	{"image/svg+xml", ".svg"}, {"image/png", ".png"}, {"image/jpeg", ".jpg"}, {"image/gif", ".gif"},
}

// display adds the form of a display that a page shows best.
func (v *view) display(data map[string]any) error {
	text := func(kind string) string { s, _ := data[kind].(string); return s }
	for _, f := range images {
		if content := imageOf(f.kind, text(f.kind)); content != nil {
			v.picture(f.ending, content, text("text/plain"))
			return nil
		}
	}
	rich := func(page template.HTML) { v.Blocks = append(v.Blocks, block{Kind: "rich", HTML: page}) }
	switch {
	case text("text/html") != "":
		rich(template.HTML(text("text/html"))) // the policy of the page lets no script of it run
	case text("text/markdown") != "":
		page, err := v.prose.render(text("text/markdown"), false)
		if err != nil {
			return err
		}
		rich(page)
	case text("text/latex") != "":
		v.text("text", text("text/latex"))
	default:
		v.text("text", text("text/plain"))
	}
	return nil
}

// imageOf is the content of a file with a picture, nil if there is none.
func imageOf(kind, text string) []byte {
	content, err := []byte(text), error(nil)
	if !strings.HasSuffix(kind, "+xml") {
		content, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
	}
	if err != nil || len(content) == 0 {
		return nil
	}
	return content
}

// larger is how much larger than on paper a figure is shown: its text of 8 points is
// then about as large as that of the page.
const larger = 1.3

var widthOfSVG = regexp.MustCompile(`^(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<svg[^>]*\swidth="([0-9.]+)(pt|in)"`)

// widthOf is the width to show a picture in: of one in SVG that says its width on
// paper, that made larger.
func widthOf(content []byte) int {
	m := widthOfSVG.FindSubmatch(content)
	if m == nil {
		return 0
	}
	const inch, point = 96, 96 / 72.0 // in CSS pixels
	unit := point
	if string(m[2]) == "in" {
		unit = inch
	}
	width, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		return 0
	}
	return int(width * unit * larger)
}

// picture adds a picture, which stands in a file of its own.
func (v *view) picture(ending string, content []byte, alt string) {
	v.images++
	p := &picture{Path: fmt.Sprintf("%s_files/%d%s", v.Name, v.images, ending), Alt: strings.TrimSpace(alt), Width: widthOf(content)}
	v.files[p.Path] = content
	if v.Picture == nil {
		v.Picture = p
	}
	v.Blocks = append(v.Blocks, block{Kind: "picture", Picture: p})
}
