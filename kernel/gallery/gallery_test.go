package gallery_test

import (
	"bytes"
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/gallery"
	"github.com/govidur/govidur/kernel/notebook"
)

type object = map[string]any

// prosaic is a cell of Markdown.
func prosaic(text string) object {
	return object{"cell_type": "markdown", "metadata": object{}, "source": text}
}

// coded is a cell of Go that was run.
func coded(id, source string, outputs ...object) object {
	return object{"cell_type": "code", "id": id, "metadata": object{}, "source": source, "execution_count": 1, "outputs": outputs}
}

func shown(data object) object {
	return object{"output_type": "display_data", "metadata": object{}, "data": data}
}

const svg = `<?xml version="1.0"?>
<!-- made by hand -->
<svg width="720pt" height="144pt" viewBox="0 0 720 144" xmlns="http://www.w3.org/2000/svg"><rect width="700" height="100" fill="#0072b2"/></svg>`

// png is one pixel.
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwACgwF/pOTzgwAAAABJRU5ErkJggg==\n"

const hostile = `<table><tbody><tr><td>wide` + "\u00a0" + `enough</td></tr></tbody></table><script>window.hacked = 1</script><img src="data:image/gif;base64,x" onerror="window.hacked = 1">`

func first() gallery.Page {
	long := strings.Repeat("x", 300)
	return made("first", prosaic("# A *first* page\n\nWhat it `does` &amp; why\nin two lines.\n\nMore, see [the next](second.ipynb#part), [data](data.ipynb) and $x^2$.\n\n| a | b |\n|---|--:|\n| 1 | "+long+" |"),
		coded("run", "%%time\nx := []string{\"<b>\"} // "+long+"\nreturn nil", object{"output_type": "stream", "name": "stdout", "text": "a <b>\x1b[31mred\x1b[0m " + long + "\n"},
			object{"output_type": "stream", "name": "stderr", "text": "a warning\n"}),
		prosaic("## Part\n\nText.\n\n```go\nvar x = 1\n```\n\n```sh\ngo <run>\n```\n"),
		coded("show", "fig", shown(object{"text/plain": "figure \"Load\"", "image/svg+xml": svg, "image/png": png}), shown(object{"text/plain": "p", "image/png": png})),
		coded("rich", "df", shown(object{"text/plain": "t", "text/html": hostile}), shown(object{"text/plain": "m", "text/markdown": "**bold** [l](second.ipynb)"}), shown(object{"text/plain": "plain <text>"}), shown(object{"text/latex": "\\alpha"})),
		prosaic("## Part\n\n### Below\n\nThe `end` of $\\beta$."),
		coded("bad", "a[3]", object{"output_type": "error", "ename": "panic", "evalue": "v", "traceback": []string{"\x1b[31mpanic\x1b[0m: <v>", "In[1]:1:1"}}),
		object{"cell_type": "raw", "metadata": object{}, "source": "raw"}, coded("empty", " "))
}

func made(name string, cells ...object) gallery.Page {
	kernel := object{"name": "vidur", "language": "go", "display_name": "Go (vidur)"}
	text, err := json.Marshal(object{"cells": cells, "metadata": object{"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4})
	if err != nil {
		panic(err)
	}
	n, err := notebook.Read(text)
	if err != nil {
		panic(err)
	}
	return gallery.Page{Name: name, Notebook: n}
}

func site(t *testing.T) map[string][]byte {
	t.Helper()
	unrun := object{"cell_type": "code", "metadata": object{}, "source": "1", "execution_count": nil, "outputs": []object{}}
	files, err := gallery.Render([]gallery.Page{first(), made("second", prosaic("# Second"), unrun), made("third", prosaic("no title"))})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestRender(t *testing.T) {
	files := site(t)
	var names []string
	for name := range files {
		names = append(names, name)
	}
	if len(names) != 2+3*2+2 || string(files["first_files/1.svg"]) != svg || !bytes.HasPrefix(files["first_files/2.png"], []byte("\x89PNG")) {
		t.Errorf("%v", names)
	}
	page := string(files["first.html"])
	for _, want := range []string{
		"<title>A first page</title>", `<h1 id="a-first-page">`, `href="second.html#part"`, `href="data.ipynb"`, "$x^2$",
		`<span class="m">%%time</span>`, `<span class="b">string</span>{<span class="s">&#34;&lt;b&gt;&#34;</span>}`, "a &lt;b&gt;red x",
		`<pre class="output warning">a warning</pre>`, `<pre class="output error">panic: &lt;v&gt;` + "\nIn[1]:1:1</pre>",
		`<h2 id="part">`, `<h2 id="part-2">`, `<li><a href="#part-2">Part</a></li>`, `<pre><code><span class="k">var</span> x`, "go &lt;run&gt;",
		`<img src="first_files/1.svg" alt="figure &#34;Load&#34;" width="1248">`, `<img src="first_files/2.png" alt="p">`,
		"<strong>bold</strong>", `<a href="second.html">l</a>`, "plain &lt;text&gt;", `\alpha`, `id="cell-show"`, `<a rel="next" href="second.html">Second →</a>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(page, "raw") || strings.Contains(page, "cell-empty") || strings.Contains(page, "has not been run") || strings.Contains(page, "\x1b") {
		t.Error(page)
	}
	if next := string(files["second.html"]); !strings.Contains(next, "has not been run") || !strings.Contains(next, `rel="prev" href="first.html"`) || strings.Contains(next, `class="parts"`) {
		t.Error(next)
	}
	index := string(files["index.html"])
	for _, want := range []string{"<h2>A first page</h2>", "<p>What it does &amp; why in two lines.</p>", `<img src="first_files/1.svg"`, "<h2>third</h2>"} {
		if !strings.Contains(index, want) {
			t.Errorf("the index has no %s", want)
		}
	}
	again := site(t)
	for name := range files {
		if !bytes.Equal(files[name], again[name]) {
			t.Errorf("%s differs the second time", name)
		}
	}
}

// TestNothingFromOutside: every link and picture is a file of the site, but for those
// that the prose itself names.
func TestNothingFromOutside(t *testing.T) {
	files := site(t)
	for name, content := range files {
		if filepath.Ext(name) != ".html" {
			continue
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="([^"#]+)`).FindAllStringSubmatch(string(content), -1) {
			if files[m[1]] == nil && m[1] != "data.ipynb" && !strings.HasPrefix(m[1], "data:") {
				t.Errorf("%s leads to %s", name, m[1])
			}
		}
		if !strings.Contains(string(content), `content="default-src 'none'; `) {
			t.Errorf("%s has no policy", name)
		}
	}
	if css := string(files["style.css"]); strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the style sheet loads files")
	}
}

func TestRefused(t *testing.T) {
	p := made("x", prosaic("# X"))
	for want, pages := range map[string][]gallery.Page{
		"two notebooks are named x.ipynb; rename": {p, p},
		"named index.ipynb, and index.html":       {{Name: "index", Notebook: p.Notebook}},
		`"a/b" is no name`:                        {{Name: "a/b", Notebook: p.Notebook}},
		`"" is no name`:                           {{Notebook: p.Notebook}},
	} {
		if _, err := gallery.Render(pages); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// FuzzHighlight: the text of the page is the code, whatever that is.
func FuzzHighlight(f *testing.F) {
	for _, seed := range []string{"x := `a\r\nb` // c\r\n", "%%time\n!ls <a>", "\"open", "'", "/* never", "a\x00b\xff", "%", "func (s *T[K]) f() {}", ""} {
		f.Add(seed)
	}
	tags := regexp.MustCompile(`</?span[^>]*>`)
	f.Fuzz(func(t *testing.T, code string) {
		page := string(gallery.Highlight(code))
		if got := html.UnescapeString(tags.ReplaceAllString(page, "")); got != html.UnescapeString(html.EscapeString(code)) {
			t.Errorf("%q is shown as %q", code, got)
		}
		if strings.Count(page, "<span") != strings.Count(page, "</span>") {
			t.Errorf("%q", page)
		}
	})
}

// written is a folder with the site.
func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range site(t) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
