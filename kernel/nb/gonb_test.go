package nb_test

import (
	"encoding/gob"
	"image"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// A program in a cell of GoNB shows all it has, beside what gonbui itself shows,
// though GoNB reads with one decoder, slowly, and drops what is in the pipe when the
// program ends.
func TestInGoNB(t *testing.T) {
	to, from := filepath.Join(t.TempDir(), "to"), filepath.Join(t.TempDir(), "from")
	for _, pipe := range []string{to, from} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := command(t, "gonb")
	cmd.Env = append(cmd.Env, "GONB_PIPE="+to, "GONB_PIPE_BACK="+from)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	shown := make(chan protocol.DisplayData, 100)
	go goNB(t, to, from, shown)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	n := len(shown) // later ones are lost
	if n != 5 {
		t.Fatalf("%d displays", n)
	}
	var got []protocol.DisplayData
	for range n {
		got = append(got, <-shown)
	}
	gray := image.NewGray(image.Rect(0, 0, 2, 2))
	if png := got[0].Data["image/png"]; string(png.([]byte)) != string(nb.MIME(gray)["image/png"].([]byte)) {
		t.Errorf("%q", png)
	}
	for i, want := range map[int]struct {
		kind protocol.MIMEType
		data any
	}{
		1: {"image/svg+xml", "<svg/>"},
		2: {"text/html", "<p>the cell's own</p>"},
		3: {"text/plain", "one"},
		4: {"text/plain", "two"},
	} {
		if data := got[i].Data[want.kind]; data != want.data {
			t.Errorf("display %d is %v, want %v", i, data, want.data)
		}
	}
	if id := got[3].DisplayID; id == "" || got[4].DisplayID != id || got[0].DisplayID != "" {
		t.Errorf("identities %q, %q and %q", got[0].DisplayID, id, got[4].DisplayID)
	}
}

// goNB is the end of the kernel GoNB: it takes displays from one pipe and answers
// requests to synchronize in the other.
func goNB(t *testing.T, to, from string, shown chan<- protocol.DisplayData) {
	in, err := os.Open(to)
	if err != nil {
		t.Error(err)
		return
	}
	defer in.Close()
	out, err := os.OpenFile(from, os.O_WRONLY, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer out.Close()
	displays, answers := gob.NewDecoder(in), gob.NewEncoder(out)
	for {
		var d protocol.DisplayData
		if displays.Decode(&d) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
		if v, ok := d.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
			answers.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: v.Value})
		} else {
			shown <- d
		}
	}
}
