package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// place is the middle of a thing on the page, in pixels.
type place struct{ X, Y float64 }

// find is where the first thing of a CSS selector is that is seen and holds a text,
// once it has come to rest.
func (p *Page) find(t testing.TB, selector, text string) place {
	t.Helper()
	script := fmt.Sprintf(`(() => {
		const e = [...document.querySelectorAll(%q)].find(e => e.checkVisibility() && e.textContent.includes(%q))
		if (!e) return null
		e.scrollIntoView({block: 'nearest'})
		const b = e.getBoundingClientRect()
		return b.width > 0 ? {X: b.x + b.width / 2, Y: b.y + b.height / 2} : null
	})()`, selector, text)
	var at *place
	p.Until(t, selector+" with "+text, func() (bool, any) {
		before := at
		at = Read[*place](t, p, script)
		return at != nil && before != nil && *at == *before, at
	})
	return *at
}

// Click presses the mouse on the first thing of a CSS selector that is seen and
// holds a text; empty: any. It waits until there is one. The mouse moves there first,
// as menus expect.
func (p *Page) Click(t testing.TB, selector, text string) {
	t.Helper()
	at := p.find(t, selector, text)
	p.run(t, "click on "+selector, chromedp.MouseEvent(input.MouseMoved, at.X, at.Y), chromedp.MouseClickXY(at.X, at.Y))
}

// Type types text into what has the focus, key by key.
func (p *Page) Type(t testing.TB, text string) {
	t.Helper()
	p.run(t, "typing", chromedp.KeyEvent(text))
}

// Press presses a key, one of package kb or a letter, with Shift or others held.
func (p *Page) Press(t testing.TB, key string, held ...input.Modifier) {
	t.Helper()
	p.run(t, "a key", chromedp.KeyEvent(key, chromedp.KeyModifiers(held...)))
}
