package worker

import (
	"context"
	"fmt"
	"html"
	"os"
	"strings"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/kernel/server"
)

// host is what package nb does in cells.
func (c *child) host() *nb.Host {
	return &nb.Host{
		Context: func() context.Context { return c.session.Context() },
		Fail:    func(err error) { c.session.Fail(err) },
		Exit:    func(code int) { c.session.Exit(code) },
		Args:    []string{},
		Display: func(b nb.Bundle, id string, update bool) {
			c.display(server.Display{Data: server.Bundle(b), ID: id, Update: update})
		},
		Progress: func(s nb.ProgressState) { c.display(bar(s)) },
	}
}

// display shows a value and waits for that: what is printed afterwards comes after
// it.
func (c *child) display(d server.Display) {
	c.displaying.Lock()
	defer c.displaying.Unlock()
	if c.out.send(&reply{Display: &d}) == nil { // else the front is gone
		<-c.displayed
	}
}

// barWidth is how many characters a bar has.
const barWidth = 30

// bar is the display of progress, empty when that has ended. All states of one bar
// are updates of one display, which the server knows to show as new at first.
func bar(s nb.ProgressState) server.Display {
	d := server.Display{
		Data:   server.Bundle{"text/plain": "", "text/html": ""},
		ID:     fmt.Sprintf("progress-%d-%d", os.Getpid(), s.ID),
		Update: true,
	}
	if s.Ended {
		return d
	}
	counts, full, value := fmt.Sprint(s.Done), 0, ""
	if s.Total > 0 {
		done := min(max(s.Done, 0), s.Total)
		counts, full = fmt.Sprintf("%d of %d", s.Done, s.Total), done*barWidth/s.Total
		value = fmt.Sprintf(` value="%d" max="%d"`, done, s.Total)
	}
	label := strings.TrimSpace(s.Label + " ")
	bar := strings.Repeat("=", full) + strings.Repeat(" ", barWidth-full)
	d.Data["text/plain"] = strings.TrimSpace(fmt.Sprintf("%s [%s] %s", label, bar, counts))
	d.Data["text/html"] = fmt.Sprintf("%s <progress%s></progress> %s", html.EscapeString(label), value, counts)
	return d
}
