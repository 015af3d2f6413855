// Package browser drives a real browser in tests: Chromium, headless, by the
// DevTools protocol, and the front ends of Jupyter in it. Nothing waits a fixed
// time: what is asked for is looked at until it is there or [Patience] is over.
package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Patience is how long a page may take for what is waited for. It is far more than
// a slow machine needs, and only a failing test waits so long.
const Patience = time.Minute

// lookEvery is how often a condition is looked at.
const lookEvery = 30 * time.Millisecond

// Page is a page of a browser that is ended with the test. What goes wrong ends the
// test, with a picture of the page.
type Page struct {
	ctx   context.Context
	shots string

	mu    sync.Mutex
	wrong []string // exceptions of the page's scripts
}

// Open starts Chromium with one page of a size in pixels. Pictures are written to
// the folder shots. The test is skipped if no Chromium is found.
func Open(t *testing.T, shots string, width, height int) *Page {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("no Chromium in the PATH")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WindowSize(width, height), chromedp.UserDataDir(profile(t)),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.DisableGPU)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox does not work for root
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	quiet := func(string, ...any) {} // a newer browser tells of events that the client does not know
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(quiet))
	t.Cleanup(cancel)
	p := &Page{ctx: ctx, shots: shots}
	chromedp.ListenTarget(ctx, p.happens)
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Run(ctx, emulation.SetFocusEmulationEnabled(true)); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return p
}

// profile is a folder for what the browser remembers. Its processes end a little
// after it does, and may write until then.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vidur-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for end := time.Now().Add(Patience); os.RemoveAll(dir) != nil && time.Now().Before(end); {
			<-time.After(lookEvery)
		}
	})
	return dir
}

// happens hears of events. A page that asks whether it may be left may.
func (p *Page) happens(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.wrong = append(p.wrong, e.ExceptionDetails.Error())
	case *page.EventJavascriptDialogOpening:
		go chromedp.Run(p.ctx, page.HandleJavaScriptDialog(true)) // an event must not wait for an answer
	}
}

// find is the path of Chromium; empty if there is none.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// run does something in the page.
func (p *Page) run(t testing.TB, what string, actions ...chromedp.Action) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.fail(t, "%s: %v", what, err)
	}
}

// fail ends the test with a picture and with what the page's scripts complain about.
func (p *Page) fail(t testing.TB, format string, args ...any) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.wrong {
		t.Log("the page: " + w)
	}
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	var png []byte
	path := filepath.Join(p.shots, "failed-"+filepath.Base(t.Name())+".png")
	if chromedp.Run(ctx, chromedp.CaptureScreenshot(&png)) == nil && os.WriteFile(path, png, 0o644) == nil {
		t.Logf("see %s", path)
	}
	t.Fatalf(format, args...)
}

// Load goes to an address.
func (p *Page) Load(t testing.TB, url string) {
	t.Helper()
	p.run(t, url, chromedp.Navigate(url))
}

// Shot writes a picture of the page into the folder of pictures.
func (p *Page) Shot(t testing.TB, name string) {
	t.Helper()
	var png []byte
	p.run(t, "picture", chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(filepath.Join(p.shots, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Script evaluates JavaScript, waits for it if it is a promise, and returns its
// value as JSON.
func (p *Page) Script(t testing.TB, script string) json.RawMessage {
	t.Helper()
	var value json.RawMessage
	p.run(t, script, chromedp.Evaluate(script, &value, chromedp.EvalAsValue, awaited))
	return value
}

func awaited(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }

// Read decodes the value of a script.
func Read[T any](t testing.TB, p *Page, script string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(p.Script(t, script), &v); err != nil {
		p.fail(t, "%s: %v", script, err)
	}
	return v
}

// Until waits until ok is true; what says what is waited for, and the last call of
// ok what there is instead.
func (p *Page) Until(t testing.TB, what string, ok func() (bool, any)) {
	t.Helper()
	for end := time.Now().Add(Patience); ; {
		done, seen := ok()
		if done {
			return
		}
		if time.Now().After(end) {
			p.fail(t, "waited in vain: %s; there is %.1000s", what, fmt.Sprintf("%+v", seen))
		}
		<-time.After(lookEvery)
	}
}

// Wait waits until a script's value is true.
func (p *Page) Wait(t testing.TB, what, script string) {
	t.Helper()
	p.Until(t, what, func() (bool, any) {
		value := string(p.Script(t, "(() => { const v = "+script+"; return v })()"))
		return value == "true", value
	})
}
