package nb

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/govidur/govidur/kernel/internal/relay"
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// Display shows values, each by itself. In a terminal, a pipe or a file it
// writes text to standard output: data frames, slices of structs or maps, and
// maps as aligned tables of at most 20 rows and 120 columns of text, figures as
// a line that says what they are, errors and Stringers as they say, strings as
// they are, everything else as %+v does, but without addresses. In a notebook
// the front end chooses among all forms of [MIME].
func Display(v ...any) {
	for _, x := range v {
		show(x, "", false)
	}
}

// Live is a display that can be replaced by a newer one. The zero value is ready.
type Live struct {
	mu sync.Mutex
	id string
}

// Show displays a value in place of the one before. In a terminal, a pipe or a
// file each one is written.
func (l *Live) Show(v any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	update := l.id != ""
	if !update {
		l.id = fmt.Sprintf("nb-%d-%d", os.Getpid(), identity())
	}
	show(v, l.id, update)
}

// output keeps displays of several goroutines apart.
var output sync.Mutex

func show(v any, id string, update bool) {
	h, hosted := host()
	if h.Display != nil {
		b := MIME(v)
		if h.keeps(b, id) {
			return
		}
		output.Lock()
		defer output.Unlock()
		h.Display(b, id, update)
		return
	}
	if !hosted && relay.Connected() && relay.Show(relay.Display{Data: MIME(v), ID: id, Update: update}) {
		return
	}
	if gonbui.IsNotebook && !hosted && toGoNB(MIME(v), id) == nil {
		return
	}
	s := text(v)
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	output.Lock()
	defer output.Unlock()
	io.WriteString(h.stdout(), s)
}

// toGoNB sends a bundle to the kernel GoNB and waits until it has it: what is still
// in the pipe at the end of a cell is lost. The connection is gonbui's, because GoNB
// understands only one in a cell, and the cell may use it too. An identity makes an
// update where GoNB has seen it. It takes strings and bytes only.
func toGoNB(b Bundle, id string) error {
	d := protocol.DisplayData{Data: map[protocol.MIMEType]any{}, DisplayID: id}
	for kind, data := range b {
		switch data.(type) {
		case string, []byte:
			d.Data[protocol.MIMEType(kind)] = data
		}
	}
	output.Lock()
	defer output.Unlock()
	gonbui.SendData(&d)
	gonbui.Sync()
	return gonbui.Error()
}
