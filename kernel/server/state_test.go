package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/wire"
	"github.com/govidur/govidur/kernel/zmtp"
	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

// thaw reads what a subscriber has not read, up to so many idles, and counts it by
// type and state.
func (c *client) thaw(sub *zmtptest.Client, idles int) map[string]int {
	c.t.Helper()
	seen := map[string]int{}
	for seen["idle"] < idles {
		frames, err := sub.Recv(wait)
		if err != nil {
			c.t.Fatalf("%v: %v", seen, err)
		}
		m := c.read(frames)
		seen[m.kind]++
		if text, _ := m.content["text"].(string); strings.Contains(text, "are missing above") {
			seen["missing"]++
		}
		if state, ok := m.content["execution_state"].(string); ok {
			seen[state]++
		}
	}
	return seen
}

// A front end that does not read loses text and nothing else, and delays another
// one only once.
func TestASlowFrontEnd(t *testing.T) {
	k := start(t, server.Options{
		StreamLimit: 1 << 30,
		Transport:   zmtp.Options{Room: 256 << 10, Patience: 50 * time.Millisecond},
	})
	c := connect(t, k)
	frozen := c.dial(k, "SUB", k.Connection().IOPub)
	frozen.Subscribe("")
	if m, err := frozen.Recv(wait); err != nil || string(m[0]) != "" {
		t.Fatal(m, err)
	}
	const n = 20
	var text strings.Builder // of a mebibyte
	for i := range 128 << 10 {
		fmt.Fprintf(&text, "%07d\n", i)
	}
	streams := 0
	k.run.Text = text.String()
	for range n {
		reply, out := c.execute("text\ndisplay - x\nvalue 1")
		if reply.content["status"] != "ok" || printed(out, "stdout") != text.String() {
			t.Fatal("a front end that reads loses text")
		}
		streams += strings.Count(kinds(out), "stream")
	}
	if k.Dropped() == 0 {
		t.Error("nothing was dropped")
	}
	seen := c.thaw(frozen, n)
	for _, kind := range []string{"busy", "execute_input", "display_data", "execute_result"} {
		if seen[kind] != n {
			t.Errorf("%d × %s, want %d", seen[kind], kind, n)
		}
	}
	if seen["stream"]-seen["missing"]+int(k.Dropped()) != streams || seen["missing"] == 0 {
		t.Errorf("%d messages with text came, %d of them about what is missing, and %d were dropped of %d", seen["stream"], seen["missing"], k.Dropped(), streams)
	}
	if !k.logged("did not keep up") {
		t.Error("the log does not say so")
	}
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	c := connect(t, start(t, server.Options{History: path}))
	for _, code := range []string{"value 1", "print ü", "fail x", "value 1"} {
		c.execute(code)
	}
	c.ask("execute_request", with(cell("value hidden"), object{"store_history": false}))
	ask := func(c *client, access string, more object) string {
		reply, _ := c.ask("history_request", with(object{"hist_access_type": access, "raw": true}, more))
		return strings.TrimSuffix(strings.TrimPrefix(string(reply.Content), `{"history":`), `,"status":"ok"}`)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("rubbish\n{\"session\":0}\n{\"session\":1,\"line\":9,\"inp") // a crash
	f.Close()
	d := connect(t, start(t, server.Options{History: path}))
	d.execute("print d")
	for _, x := range []struct {
		c      *client
		access string
		more   object
		want   string
	}{
		{c, "tail", object{"n": 2}, `[[1,3,"fail x"],[1,4,"value 1"]]`},
		{c, "tail", object{"n": 0}, `[]`},
		{c, "tail", object{"n": -1}, `[]`},
		{c, "tail", object{"n": 2, "output": true}, `[[1,3,["fail x",null]],[1,4,["value 1","1"]]]`},
		{c, "range", object{"session": 0, "start": 2, "stop": 3}, `[[1,2,"print ü"]]`},
		{c, "range", object{"session": 1, "start": 3}, `[[1,3,"fail x"],[1,4,"value 1"]]`},
		{c, "range", object{"session": -1, "start": 0}, `[]`},
		{c, "search", object{"pattern": "*1"}, `[[1,1,"value 1"],[1,4,"value 1"]]`},
		{c, "search", object{"pattern": "*1", "unique": true}, `[[1,4,"value 1"]]`},
		{c, "search", object{"pattern": "print ?"}, `[[1,2,"print ü"]]`},
		{c, "search", object{"pattern": "*", "n": 1}, `[[1,4,"value 1"]]`},
		{c, "search", object{"pattern": "print"}, `[]`},
		{d, "tail", object{"n": 2}, `[[1,4,"value 1"],[2,1,"print d"]]`},
		{d, "range", object{"session": -1, "start": 1, "stop": 2}, `[[1,1,"value 1"]]`},
		{d, "range", object{"session": 0, "start": 0}, `[[2,1,"print d"]]`},
	} {
		if got := ask(x.c, x.access, x.more); got != x.want {
			t.Errorf("%s %v: %s, want %s", x.access, x.more, got, x.want)
		}
	}
	if b, _ := os.ReadFile(path); !strings.HasSuffix(string(b), "\"inp\n{\"session\":2,\"line\":1,\"input\":\"print d\"}\n") {
		t.Errorf("%s", b)
	}
}

// A kernel starts without its history rather than not at all.
func TestHistoryThatCannotBeOpened(t *testing.T) {
	k := start(t, server.Options{History: t.TempDir()})
	c := connect(t, k)
	c.execute("value 1")
	reply, _ := c.ask("history_request", object{"hist_access_type": "tail", "n": 5})
	if want := `{"history":[[1,1,"value 1"]],"status":"ok"}`; string(reply.Content) != want || !k.logged("history ends with this process") {
		t.Errorf("%s, want %s", reply, want)
	}
}

func TestComms(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	tell := func(kind string, content object) []message {
		t.Helper()
		id := wire.NewID()
		c.shell.Send(c.session.Encode(wire.Draft{Type: kind, ID: id, Content: content, Metadata: object{"v": 1}, Buffers: [][]byte{{0, 255}}})...)
		return c.outputs(id)
	}
	open := func() string {
		reply, _ := c.ask("comm_info_request", object{"target_name": "echo"})
		return string(reply.Content)
	}
	out := tell("comm_open", object{"comm_id": "1", "target_name": "stranger", "data": object{}})
	if kinds(out) != "comm_close" || string(out[0].Content) != `{"comm_id":"1","data":{}}` {
		t.Errorf("%s", out)
	}
	if out = tell("comm_open", object{"comm_id": "2", "target_name": "echo"}); len(out) != 0 {
		t.Errorf("%s", out)
	}
	if got, want := open(), `{"comms":{"2":{"target_name":"echo"}},"status":"ok"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	out = tell("comm_msg", object{"comm_id": "2", "data": object{"x": 1}})
	if kinds(out) != "stream comm_msg" || string(out[1].Content) != `{"comm_id":"2","data":{"x":1}}` ||
		len(out[1].Buffers) != 1 || !slices.Equal(out[1].Buffers[0], []byte{0, 255}) || out[1].Metadata["v"] != 1.0 {
		t.Errorf("%s", out)
	}
	for _, bad := range []object{{"comm_id": "7", "data": object{}}, {"comm_id": 2}, {"comm_id": "2", "data": "x"}} {
		if out = tell("comm_msg", bad); len(out) != 0 {
			t.Errorf("%v: %s", bad, out)
		}
	}
	if out = tell("comm_close", object{"comm_id": "2", "data": object{}}); len(out) != 0 {
		t.Errorf("%s", out)
	}
	if got, want := open(), `{"comms":{},"status":"ok"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	tell("comm_open", object{"comm_id": "3", "target_name": "echo"})
	if out = tell("comm_msg", object{"comm_id": "3", "data": object{"fail": true}}); kinds(out) != "comm_close" {
		t.Errorf("%s", out)
	}
	tell("comm_open", object{"comm_id": "4", "target_name": "echo"})
	if out = tell("comm_msg", object{"comm_id": "4", "data": object{"panic": true}}); kinds(out) != "comm_close" {
		t.Errorf("%s", out)
	}
	_, out = c.execute("open widget w1")
	if kinds(out) != "execute_input comm_open" || string(out[1].Content) != `{"comm_id":"w1","data":{},"target_name":"widget"}` {
		t.Errorf("%s", out)
	}
	reply, _ := c.ask("comm_info_request", object{})
	if want := `{"comms":{"w1":{"target_name":"widget"}},"status":"ok"}`; string(reply.Content) != want {
		t.Errorf("%s, want %s", reply, want)
	}
}
