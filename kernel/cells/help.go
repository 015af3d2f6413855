package cells

import (
	"fmt"
	"html"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur/spec"
)

// doc says what a name is.
func (s *Shell) doc(c call) error { return s.describe(c, 0) }

// source says what a name is, with its source.
func (s *Shell) source(c call) error { return s.describe(c, 1) }

func (s *Shell) describe(c call, detail int) error {
	name := c.argument()
	if cmd := find(strings.TrimPrefix(strings.TrimLeft(name, "%"), commentMark)); cmd != nil && name != cmd.name {
		s.show(Describe(cmd.description(), detail), "", false)
		return nil
	}
	d, ok := s.session.Inspect(name, len(name))
	if !ok {
		return failure(c.src, c.arg.from, s.unknown(name))
	}
	s.show(Describe(d, detail), "", false)
	return nil
}

// unknown is the message for a name of which nothing is known, or for the first part
// of it that is not known.
func (s *Shell) unknown(name string) string {
	base := name[:strings.LastIndexByte(name, '.')+1]
	var all []string
	for _, x := range s.session.Complete(base, len(base)).Candidates {
		all = append(all, base+x.Text)
	}
	if len(all) == 0 && base != "" {
		return s.unknown(strings.TrimSuffix(base, "."))
	}
	msg, _, _ := strings.Cut(spec.Unknown("name", name, all).Error(), "; known: ")
	return msg
}

// description is what is known of a command.
func (c *command) description() eval.Description {
	doc := c.help + "."
	if c.takes == code || c.takes == rest {
		doc += " A cell stays Go with it as a comment: " + commentMark + c.name + "."
	}
	return eval.Description{Signature: c.usage(), Doc: doc}
}

// Describe is a description in plain text and in Markdown; with detail 1 or more
// it has the source.
func Describe(d eval.Description, detail int) nb.Bundle {
	plain, mark := d.Signature, "```go\n"+d.Signature+"\n```"
	if d.Doc != "" {
		plain += "\n\n" + d.Doc
		mark += "\n\n" + d.Doc
	}
	if detail > 0 && d.Source != "" {
		plain += "\n\n" + d.Source
		mark += "\n\n```go\n" + d.Source + "\n```"
	}
	if d.Place != "" {
		plain += "\n\n" + d.Place
		mark += "\n\n*" + d.Place + "*"
	}
	return nb.Bundle{"text/plain": plain, "text/markdown": mark}
}

// help shows the table of commands.
func (s *Shell) help(call) error {
	rows := [][]string{{"command", ""}}
	for _, c := range table() {
		rows = append(rows, []string{c.usage(), c.help})
	}
	s.show(grid(rows), "", false)
	return nil
}

// grid is a table with a head, as text and as HTML.
func grid(rows [][]string) nb.Bundle {
	var text, page strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	page.WriteString("<table>")
	for i, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		page.WriteString("<tr>")
		for _, x := range row {
			fmt.Fprintf(&page, `<%s style="text-align:left">%s</%s>`, tag, html.EscapeString(x), tag)
		}
		page.WriteString("</tr>")
	}
	t.Flush()
	page.WriteString("</table>")
	var out strings.Builder
	for line := range strings.Lines(text.String()) {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return nb.Bundle{"text/plain": strings.TrimSuffix(out.String(), "\n"), "text/html": page.String()}
}

// print writes text.
func (s *Shell) print(format string, args ...any) {
	_, _ = io.WriteString(s.host.Out, fmt.Sprintf(format, args...))
}
