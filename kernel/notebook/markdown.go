package notebook

import (
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Markdown is the notebook as a page: prose, code, text that was printed, figures as
// files beside it, by their paths relative to the page. Name begins their names.
func (n *Notebook) Markdown(name string) (page []byte, figures map[string][]byte) {
	p := &pager{name: name, figures: map[string][]byte{}}
	for i, c := range n.Cells {
		p.cell = i + 1
		p.files = 0
		switch c.Kind {
		case Markdown:
			p.block(p.attached(c))
		case Code:
			p.code(c)
		}
	}
	return []byte(strings.Join(p.blocks, "\n\n") + "\n"), p.figures
}

// pager writes a page.
type pager struct {
	name    string
	cell    int
	files   int // of the cell
	blocks  []string
	figures map[string][]byte
}

func (p *pager) block(text string) {
	if text = strings.Trim(text, "\n"); strings.TrimSpace(text) != "" {
		p.blocks = append(p.blocks, text)
	}
}

// fence adds text as it is, between more backticks than it has itself.
func (p *pager) fence(language, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	mark := "```"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	p.block(mark + language + "\n" + strings.Trim(text, "\n") + "\n" + mark)
}

// figure adds a file and is its path.
func (p *pager) figure(ending string, content []byte) string {
	p.files++
	path := fmt.Sprintf("%s_files/cell-%d-%d%s", p.name, p.cell, p.files, ending)
	p.figures[path] = content
	return path
}

func (p *pager) code(c *Cell) {
	p.fence("go", c.Source)
	for _, o := range c.Outputs {
		switch o.Kind() {
		case "stream":
			text, _ := o["text"].(string)
			p.fence("", withoutColours(text))
		case "error":
			p.fence("", traceback(o))
		default:
			data, _ := o["data"].(map[string]any)
			p.display(data)
		}
	}
}

// pictures are the forms that become files, the best first.
var pictures = []struct{ kind, ending string }{
	{"image/svg+xml", ".svg"}, {"image/png", ".png"}, {"image/jpeg", ".jpg"}, {"image/gif", ".gif"},
}

// display adds the form of a display that a page shows best.
func (p *pager) display(data map[string]any) {
	for _, f := range pictures {
		if content, ok := picture(f.kind, data[f.kind]); ok {
			p.block("![](" + p.figure(f.ending, content) + ")")
			return
		}
	}
	text := func(kind string) string { s, _ := data[kind].(string); return s }
	switch plain, html := text("text/plain"), text("text/html"); {
	case text("text/markdown") != "":
		p.block(text("text/markdown"))
	case text("text/latex") != "":
		p.block(text("text/latex"))
	case html != "" && (plain == "" || plain == html):
		p.block(html)
	default:
		p.fence("", withoutColours(plain))
	}
}

// picture is the content of a file with a picture.
func picture(kind string, data any) ([]byte, bool) {
	text, ok := data.(string)
	if !ok {
		return nil, false
	}
	if strings.HasSuffix(kind, "+xml") {
		return []byte(text), true
	}
	content, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
	return content, err == nil
}

// attachment is a reference to a picture inside of a cell.
var attachment = regexp.MustCompile(`\(attachment:([^)\s]+)\)`)

// attached is the text of a cell with its attachments as files.
func (p *pager) attached(c *Cell) string {
	attachments, _ := c.rest["attachments"].(map[string]any)
	return attachment.ReplaceAllStringFunc(c.Source, func(ref string) string {
		forms, _ := attachments[attachment.FindStringSubmatch(ref)[1]].(map[string]any)
		for _, kind := range slices.Sorted(maps.Keys(forms)) {
			for _, f := range pictures {
				if content, ok := picture(kind, forms[kind]); ok && kind == f.kind {
					return "(" + p.figure(f.ending, content) + ")"
				}
			}
		}
		return ref
	})
}
