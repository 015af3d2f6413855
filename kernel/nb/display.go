package nb

import (
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/govidur/govidur/kernel/internal/relay"
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
	if pipe := os.Getenv("GONB_PIPE"); pipe != "" && !hosted {
		if toGoNB(pipe, MIME(v), id) == nil {
			return
		}
	}
	s := text(v)
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	output.Lock()
	defer output.Unlock()
	io.WriteString(h.stdout(), s)
}

// toGoNB sends a bundle to the kernel GoNB, which reads gobs of a struct with
// these fields from a named pipe
// (https://github.com/janpfeifer/gonb/blob/main/gonbui/protocol/protocol.go).
// An identity that it has seen makes an update. It takes strings and bytes only.
func toGoNB(pipe string, b Bundle, id string) error {
	type displayData struct {
		Data      map[string]any
		Metadata  map[string]any
		DisplayID string
	}
	d := displayData{Data: map[string]any{}, DisplayID: id}
	for kind, data := range b {
		switch data.(type) {
		case string, []byte:
			d.Data[kind] = data
		}
	}
	output.Lock()
	defer output.Unlock()
	f, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = gob.NewEncoder(f).Encode(&d)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
