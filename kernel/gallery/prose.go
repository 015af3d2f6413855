package gallery

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	markup "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// prose renders the Markdown of a notebook and notes what the index and the list of
// parts say of it.
type prose struct {
	md      goldmark.Markdown
	pages   map[string]bool // of the gallery
	ids     *ids
	title   string // the first heading of the first level
	summary string // the first paragraph after it
	parts   []part
}

func newProse(pages map[string]bool) *prose {
	fences := util.Prioritized(fences{}, 100)
	return &prose{
		md: goldmark.New(
			goldmark.WithExtensions(extension.GFM),
			goldmark.WithParserOptions(parser.WithAutoHeadingID()),
			goldmark.WithRendererOptions(markup.WithUnsafe(), renderer.WithNodeRenderers(fences)),
		),
		pages: pages,
		ids:   &ids{taken: map[string]bool{}},
	}
}

// render renders Markdown: a cell, or what a cell has shown, of which nothing is
// noted.
func (p *prose) render(source string, cell bool) (template.HTML, error) {
	src := []byte(source)
	doc := p.md.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext(parser.WithIDs(p.ids))))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && cell {
			p.note(n, src)
		}
		if link, ok := n.(*ast.Link); ok && entering {
			p.lead(link)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = p.md.Renderer().Render(&out, src, doc)
	return template.HTML(out.String()), err
}

// note notes headings and the summary.
func (p *prose) note(n ast.Node, src []byte) {
	switch n := n.(type) {
	case *ast.Heading:
		id, _ := n.AttributeString("id")
		switch name, _ := id.([]byte); {
		case n.Level == 1 && p.title == "":
			p.title = plain(n, src)
		case n.Level == 2:
			p.parts = append(p.parts, part{string(name), plain(n, src)})
		}
	case *ast.Paragraph:
		if p.summary == "" && p.title != "" {
			p.summary = plain(n, src)
		}
	}
}

// lead lets a link to a notebook of the gallery lead to its page.
func (p *prose) lead(n *ast.Link) {
	path, place, _ := strings.Cut(string(n.Destination), "#")
	name, ok := strings.CutSuffix(path, ".ipynb")
	if !ok || !p.pages[name] {
		return
	}
	if n.Destination = []byte(name + ".html"); place != "" {
		n.Destination = append(n.Destination, "#"+place...)
	}
}

// plain is the text of a node without its markup.
func plain(n ast.Node, src []byte) string {
	var out strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) { // which never fails
		switch c := c.(type) {
		case *ast.Text:
			if entering {
				out.Write(util.UnescapePunctuations(c.Segment.Value(src)))
				if c.SoftLineBreak() || c.HardLineBreak() {
					out.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				out.Write(c.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return html.UnescapeString(out.String())
}

// ids are the identities of the headings of a page, each for one.
type ids struct{ taken map[string]bool }

// Generate implements parser.IDs: the words of the heading.
func (s *ids) Generate(value []byte, _ ast.NodeKind) []byte {
	words := strings.FieldsFunc(strings.ToLower(string(value)), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	name := strings.Join(words, "-")
	if name == "" {
		name = "part"
	}
	id := name
	for n := 2; s.taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", name, n)
	}
	s.taken[id] = true
	return []byte(id)
}

// Put implements parser.IDs.
func (s *ids) Put(value []byte) { s.taken[string(value)] = true }

// fences renders blocks of code, of which Go is highlighted.
type fences struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (fences) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		block := n.(*ast.FencedCodeBlock)
		var code strings.Builder
		for i := range block.Lines().Len() {
			line := block.Lines().At(i)
			code.Write(line.Value(src))
		}
		page := template.HTML(html.EscapeString(code.String()))
		if string(block.Language(src)) == "go" {
			page = Highlight(code.String())
		}
		_, err := fmt.Fprintf(w, "<pre><code>%s</code></pre>\n", page)
		return ast.WalkContinue, err
	})
}
