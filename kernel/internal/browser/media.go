package browser

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// Show sets the size of the page in pixels, the medium, screen or print, and the
// colours that the reader's system prefers, light or dark.
func (p *Page) Show(t testing.TB, width, height int64, medium, colours string) {
	t.Helper()
	prefers := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}}
	p.run(t, "another look", emulation.SetDeviceMetricsOverride(width, height, 1, false),
		emulation.SetEmulatedMedia().WithMedia(medium).WithFeatures(prefers))
}
