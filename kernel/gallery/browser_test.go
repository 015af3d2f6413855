//go:build !race

package gallery_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/govidur/govidur/kernel/internal/browser"
)

// TestBrowser looks at the site as a file in Chromium: on a phone and on a desk,
// light, dark and on paper.
func TestBrowser(t *testing.T) {
	shots, err := filepath.Abs("../../build/screenshots")
	if err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, shots, 1400, 1000)
	dir := written(t)
	for _, name := range []string{"index", "first"} {
		for _, look := range []struct {
			width           int64
			medium, colours string
		}{{1400, "screen", "light"}, {1400, "screen", "dark"}, {360, "screen", "dark"}, {700, "print", "dark"}} {
			t.Run(fmt.Sprintf("%s %d %s %s", name, look.width, look.medium, look.colours), func(t *testing.T) {
				p.Load(t, "file://"+filepath.ToSlash(dir)+"/"+name+".html")
				p.Show(t, look.width, 1000, look.medium, look.colours)
				p.Wait(t, "the pictures", `[...document.querySelectorAll('figure img, .thumb img')].every(i => i.complete && i.naturalWidth > 0 && i.clientWidth > 0) && document.images.length > 0`)
				if wide := browser.Read[float64](t, p, `document.scrollingElement.scrollWidth - innerWidth`); wide > 0 {
					t.Errorf("the page is %g pixels too wide", wide)
				}
				contrasts := p.ContrastsOf(t, "body")
				if len(contrasts) < 3 {
					t.Errorf("there is no text: %v", contrasts)
				}
				for _, c := range contrasts {
					if c.Ratio < 4.5 {
						t.Errorf("%.40q has a contrast of %.2f", c.Text, c.Ratio)
					}
				}
				light := browser.Read[string](t, p, `getComputedStyle(document.body).backgroundColor`) == "rgb(255, 255, 255)"
				if want := look.colours == "light" || look.medium == "print"; light != want {
					t.Errorf("light: %v", light)
				}
				p.Shot(t, fmt.Sprintf("gallery-%s-%d-%s-%s", name, look.width, look.medium, look.colours))
			})
		}
	}
	if hacked := string(p.Script(t, "String(window.hacked)")); hacked != `"undefined"` {
		t.Errorf("an output has run code: %s", hacked)
	}
	p.Show(t, 1400, 1000, "screen", "light")
	p.Click(t, "a", "the next")
	p.Wait(t, "the next page", `document.title === 'Second' && location.hash === '#part'`)
}
