package nb

import (
	"encoding/base64"
	"fmt"
	"html"
	"slices"
	"strings"
)

// runCaptured runs f and returns all that it shows, in order, as one bundle. When
// f does not come to its end, what it has shown so far is kept for printed.
func (h *Host) runCaptured(f func() any) Bundle {
	h.interactions.capture(true)
	h.Capture(true)
	defer func() {
		h.interactions.capture(false)
		h.interactions.show(h.Capture(false), kept{})
	}()
	var b Bundle
	if r := f(); r != nil {
		b = MIME(r)
	}
	h.interactions.show(h.Capture(true), kept{Bundle: b})
	return joined(h.interactions.taken())
}

// capture begins or ends to keep what is shown.
func (s *interactions) capture(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.capturing = on
	if on {
		s.shown = nil
	}
}

// kept is what was displayed, with its identity if it can be replaced.
type kept struct {
	Bundle
	id string
}

// show keeps text that was printed, and what was displayed.
func (s *interactions) show(text string, k kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != "" {
		s.shown = append(s.shown, kept{Bundle: Bundle{typeText: text}})
	}
	i := slices.IndexFunc(s.shown, func(o kept) bool { return o.id != "" && o.id == k.id })
	switch {
	case i >= 0:
		s.shown[i] = k
	case k.Bundle != nil:
		s.shown = append(s.shown, k)
	}
}

// taken is what was kept.
func (s *interactions) taken() []kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.shown
	s.shown = nil
	return out
}

// printed is the text of what was kept.
func (s *interactions) printed() string {
	var b strings.Builder
	for _, x := range s.taken() {
		if len(x.Bundle) == 1 {
			fmt.Fprint(&b, x.Bundle[typeText])
		}
	}
	return b.String()
}

// keeps takes what is displayed while an interaction runs: it becomes a part of
// what that shows.
func (h *Host) keeps(b Bundle, id string) bool {
	s := &h.interactions
	s.mu.Lock()
	on := s.capturing
	s.mu.Unlock()
	if on {
		s.show(h.Capture(true), kept{b, id})
	}
	return on
}

// joined is several things, one below the other, as one: the only one as it is,
// text as text, everything else as HTML.
func joined(all []kept) Bundle {
	if len(all) == 1 {
		return all[0].Bundle
	}
	var text, page strings.Builder
	rich := false
	for i, b := range all {
		s := fmt.Sprint(b.Bundle[typeText])
		text.WriteString(s)
		if i < len(all)-1 && !strings.HasSuffix(s, "\n") {
			text.WriteByte('\n')
		}
		rich = rich || len(b.Bundle) > 1
		page.WriteString(b.asHTML())
	}
	out := Bundle{typeText: strings.TrimSuffix(text.String(), "\n")}
	if rich {
		out[typeHTML] = page.String()
	}
	return out
}

// asHTML is the best form of a bundle that HTML can hold.
func (b Bundle) asHTML() string {
	if s, ok := b[typeHTML].(string); ok {
		return "<div>" + s + "</div>"
	}
	if s, ok := b[typeSVG].(string); ok {
		return "<div>" + s + "</div>"
	}
	if p, ok := b[typePNG].([]byte); ok {
		return `<div><img src="data:image/png;base64,` + base64.StdEncoding.EncodeToString(p) + `"></div>`
	}
	return "<pre>" + html.EscapeString(fmt.Sprint(b[typeText])) + "</pre>"
}
