package server_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/wire"
)

func TestOneCellOnceThrough(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	reply, out := c.execute("print a\nerr b\ndisplay - d\nprint c\nvalue 42")
	if got, want := kinds(out), "execute_input stream stream display_data stream execute_result"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for i, want := range []string{
		`{"code":"print a\nerr b\ndisplay - d\nprint c\nvalue 42","execution_count":1}`,
		`{"name":"stdout","text":"a\n"}`,
		`{"name":"stderr","text":"b\n"}`,
		`{"data":{"text/plain":"d"},"metadata":{},"transient":{}}`,
		`{"name":"stdout","text":"c\n"}`,
		`{"data":{"text/plain":"42"},"execution_count":1,"metadata":{},"transient":{}}`,
	} {
		if string(out[i].Content) != want {
			t.Errorf("%s, want %s", out[i], want)
		}
	}
	if want := `{"execution_count":1,"payload":[],"status":"ok","user_expressions":{}}`; string(reply.Content) != want {
		t.Errorf("%s, want %s", reply, want)
	}
	if s, _ := reply.Metadata["started"].(string); s == "" || s > reply.Header.Date {
		t.Errorf("started %q, replied %s", s, reply.Header.Date)
	}
}

func TestAnErrorIsToldOnceOnEachSocket(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	reply, out := c.execute("print a\nfail it")
	if got, want := kinds(out), "execute_input stream error"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if want := `{"ename":"Failed","evalue":"it","traceback":["Failed: it"]}`; string(out[2].Content) != want {
		t.Errorf("%s, want %s", out[2], want)
	}
	if want := `{"ename":"Failed","evalue":"it","execution_count":1,"status":"error","traceback":["Failed: it"]}`; string(reply.Content) != want {
		t.Errorf("%s, want %s", reply, want)
	}
	reply, out = c.execute("panic at the disco")
	if kinds(out) != "execute_input error" || reply.content["ename"] != "KernelPanic" || reply.content["execution_count"] != 2.0 {
		t.Errorf("%s %s", reply, out)
	}
	if reply, _ = c.ask("complete_request", object{"code": "panic", "cursor_pos": 1}); reply.content["ename"] != "KernelPanic" {
		t.Error(reply)
	}
}

func TestCountsAndHistoryFlags(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	for i, step := range []struct {
		content object
		count   float64
		outputs string
	}{
		{object{"code": "value 1"}, 1, "execute_input execute_result"},
		{object{"code": "value 1", "store_history": false}, 1, "execute_input execute_result"},
		{object{"code": "print x\nerr y\ndisplay - z\nclear\nvalue 1", "silent": true}, 1, ""},
		{object{"code": "fail x", "silent": true}, 1, ""},
		{object{"code": "value 1", "silent": true, "store_history": true}, 1, ""},
		{object{"code": "value 1", "store_history": nil, "stop_on_error": nil, "user_expressions": nil}, 2, "execute_input execute_result"},
		{object{"code": "fail x"}, 3, "execute_input error"},
		{object{"code": 7}, 3, ""},
		{object{"code": ""}, 4, "execute_input"},
	} {
		reply, out := c.ask("execute_request", step.content)
		if reply.content["execution_count"] != step.count || kinds(out) != step.outputs {
			t.Errorf("%d: %s %s", i, reply, kinds(out))
		}
	}
}

func TestTheRunnerIsToldOfTheCell(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	c.execute("print 1")
	id := wire.NewID()
	c.shell.Send(c.session.Encode(wire.Draft{
		Type: "execute_request", ID: id, Metadata: object{"cellId": "c7", "deletedCells": []string{}},
		Content: object{"code": "cell", "allow_stdin": true},
	})...)
	c.answer(c.shell, id)
	out := c.outputs(id)
	want := "{Code:cell Name:In[2] Count:2 ID:c7 Silent:false Expression:false AllowStdin:true}"
	if got := out[1].content["data"].(object)["text/plain"]; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestUserExpressions(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	exprs := object{"a": "value 1", "b": "fail no", "c": "print x", "d": 5, "e": "cell"}
	reply, out := c.ask("execute_request", with(cell("print a"), object{"user_expressions": exprs}))
	got := reply.content["user_expressions"].(object)
	status := func(name string) any { return got[name].(object)["status"] }
	if kinds(out) != "execute_input stream" || len(got) != 5 || status("a") != "ok" || status("b") != "error" || status("c") != "ok" || status("d") != "error" {
		t.Errorf("%s %s", reply, kinds(out))
	}
	if e := got["e"].(object)["data"].(object)["text/plain"].(string); !strings.Contains(e, "Expression:true") {
		t.Error(e)
	}
	reply, _ = c.ask("execute_request", with(cell("fail x"), object{"user_expressions": exprs}))
	if reply.content["user_expressions"] != nil {
		t.Errorf("expressions after an error: %s", reply)
	}
	reply, _ = c.execute("payload next")
	if want := `[{"replace":false,"source":"set_next_input","text":"next"}]`; !strings.Contains(string(reply.Content), want) {
		t.Errorf("%s, want %s", reply, want)
	}
}

// A front end that runs all cells sends them without waiting. However many are
// still on their way when one fails, none of them runs; what is sent after the
// reply is an answer to it, and runs.
func TestRunAllStopsAtAnError(t *testing.T) {
	for _, x := range []struct {
		rounds      int
		hold, pause time.Duration
	}{{20, 0, 0}, {1, 3 * time.Second, 5 * time.Millisecond}} {
		c := connect(t, start(t, server.Options{ErrorHold: x.hold}))
		for range x.rounds {
			all := []object{cell("fail x"), cell("print no"), cell("print no"), cell("print no"), cell("fail y"), cell("print no")}
			var ids []string
			if x.pause > 0 {
				ids, all = c.postAll(all[:3]...), all[3:]
				time.Sleep(x.pause)
			}
			ids = append(ids, c.postAll(all...)...)
			info := c.post(c.shell, "kernel_info_request", object{})
			c.answer(c.shell, ids[0])
			for _, id := range ids[1:] {
				reply := c.answer(c.shell, id)
				if reply.content["status"] != "aborted" || reply.content["execution_count"] != nil || len(c.outputs(id)) != 0 {
					t.Fatalf("%v: %s", x, reply)
				}
			}
			if c.answer(c.shell, info).content["status"] != "ok" {
				t.Error("kernel_info was aborted")
			}
			if reply, _ := c.execute("print yes"); reply.content["status"] != "ok" {
				t.Fatalf("%v: %s", x, reply)
			}
		}
	}
}

// A "run all" whose cells come one after the other, over more time than the reply
// is held for one, is still one.
func TestRunAllMayComeSlowly(t *testing.T) {
	const hold = 500 * time.Millisecond
	c := connect(t, start(t, server.Options{ErrorHold: hold}))
	ids := []string{c.post(c.shell, "execute_request", cell("fail x"))}
	for last := time.Now(); len(ids) < 8; last = time.Now() {
		time.Sleep(hold / 5)
		ids = append(ids, c.post(c.shell, "execute_request", cell("print no")))
		if time.Since(last) > hold*4/5 {
			t.Skip("this machine is too busy to send cells in time")
		}
	}
	for i, id := range ids {
		want := "aborted"
		if i == 0 {
			want = "error"
		}
		if reply := c.answer(c.shell, id); reply.content["status"] != want {
			t.Errorf("cell %d: %s", i, reply)
		}
	}
	if reply, _ := c.execute("print yes"); reply.content["status"] != "ok" {
		t.Error(reply)
	}
}

// A notebook's cells may be further apart than others.
func TestARunAllOfANotebook(t *testing.T) {
	const hold = 500 * time.Millisecond
	c := connect(t, start(t, server.Options{ErrorHold: hold}))
	var ids []string
	for begun := time.Now(); len(ids) < 2; {
		code := []string{"fail x", "print no"}[len(ids)]
		ids = append(ids, wire.NewID())
		d := wire.Draft{Type: "execute_request", ID: ids[len(ids)-1], Metadata: object{"cellId": code}, Content: cell(code)}
		c.shell.Send(c.session.Encode(d)...)
		if time.Since(begun) > hold*5/2 {
			t.Skip("this machine is too busy to send cells in time")
		}
		time.Sleep(hold * 3 / 2)
	}
	if c.answer(c.shell, ids[0]).content["status"] != "error" || c.answer(c.shell, ids[1]).content["status"] != "aborted" {
		t.Error("a cell after the error ran")
	}
}

// However long cells arrive, the reply does not wait for ever.
func TestAReplyIsNotHeldForEver(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	stop := make(chan bool)
	var sending sync.WaitGroup
	id := c.post(c.shell, "execute_request", cell("fail x"))
	sending.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				c.post(c.shell, "execute_request", cell("print no"))
			}
		}
	})
	if reply := c.answer(c.shell, id); reply.content["status"] != "error" {
		t.Error(reply)
	}
	close(stop)
	sending.Wait()
}

func TestRunAllGoesOnIfToldSo(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	for _, more := range []object{{"stop_on_error": false}, {"silent": true}} {
		first := c.post(c.shell, "execute_request", with(cell("fail x"), more))
		second := c.post(c.shell, "execute_request", cell("print yes"))
		if c.answer(c.shell, first).content["status"] != "error" || c.answer(c.shell, second).content["status"] != "ok" {
			t.Errorf("%v", more)
		}
	}
}

func TestDisplays(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	_, out := c.execute("display x one\nupdate x two\nupdate y three\nclear\npicture")
	want := "execute_input display_data update_display_data display_data clear_output display_data"
	if got := kinds(out); got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	if got := string(out[2].Content); got != `{"data":{"text/plain":"two"},"metadata":{},"transient":{"display_id":"x"}}` {
		t.Error(got)
	}
	if got := string(out[4].Content); got != `{"wait":true}` {
		t.Error(got)
	}
	data := out[5].content["data"].(object)
	if png, err := base64.StdEncoding.DecodeString(data["image/png"].(string)); err != nil || string(png) != "\x89PNG\r\n\x1a\n" {
		t.Errorf("%q %v", png, err)
	}
	if j := data["application/json"].(object); j["one"] != 1.0 || j["nan"] != nil {
		t.Errorf("%v", j)
	}
	_, out = c.execute("live r one")
	if got := string(out[1].Content); got != `{"data":{"text/plain":"one"},"execution_count":2,"metadata":{},"transient":{"display_id":"r"}}` {
		t.Error(got)
	}
	if _, out = c.execute("update r two"); kinds(out) != "execute_input update_display_data" {
		t.Errorf("an update of a result: %s", kinds(out))
	}
	if _, out = c.execute("update x again"); kinds(out) != "execute_input update_display_data" {
		t.Errorf("an update of an earlier cell: %s", kinds(out))
	}
}

func TestTextIsSentInFewPieces(t *testing.T) {
	k := start(t, server.Options{})
	c := connect(t, k)
	const n = 100_000
	_, out := c.execute(fmt.Sprintf("lines %d", n))
	text := printed(out, "stdout")
	if strings.Count(text, "\n") != n || !strings.HasSuffix(text, fmt.Sprintf("\n%d\n", n-1)) {
		t.Errorf("%d lines", strings.Count(text, "\n"))
	}
	if len(out) > 500 {
		t.Errorf("%d messages for %d lines", len(out), n)
	}
	for _, m := range out[1:] {
		if len(m.content["text"].(string)) > 64<<10 {
			t.Errorf("a piece of %d bytes", len(m.content["text"].(string)))
		}
	}
	if k.Dropped() != 0 {
		t.Errorf("%d dropped", k.Dropped())
	}
	_, out = c.execute("alternate 10000")
	if got := strings.Count(printed(out, "stdout")+printed(out, "stderr"), "\n"); got != 10000 || len(out) > 1000 {
		t.Errorf("%d lines in %d messages", got, len(out))
	}
	if _, out = c.execute("alternate 4"); kinds(out) != "execute_input stream stream stream stream" {
		t.Errorf("a few turns lose their order: %s", kinds(out))
	}
}

func TestTextAppearsWhileACellRuns(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	id := c.post(c.shell, "execute_request", cell("print now\nsleep 100000"))
	c.await("the text", func(m message) bool { return m.kind == "stream" && m.content["text"] == "now\n" })
	c.post(c.control, "interrupt_request", object{})
	if reply := c.answer(c.shell, id); reply.content["ename"] != "Interrupted" {
		t.Error(reply)
	}
}

func TestCharactersAreNeverCut(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	_, out := c.execute(`write "\xe2"` + "\nerr x\n" + `write "\x82"` + "\nsleep 60\n" + `write "\xac!\xff\xf0\x9f"`)
	if got := printed(out, "stdout"); got != "€!\uFFFD" {
		t.Errorf("%q", got)
	}
	long := "a" + strings.Repeat("€", 100_000)
	_, out = c.execute("print " + long)
	if got := printed(out, "stdout"); got != long+"\n" {
		t.Errorf("%d bytes of %d", len(got), len(long)+1)
	}
}

func TestTooMuchTextGoesToAFile(t *testing.T) {
	c := connect(t, start(t, server.Options{StreamLimit: 100}))
	_, out := c.execute("print " + strings.Repeat("€", 50) + "\nerr more\nprint end")
	if got := printed(out, "stdout"); got != strings.Repeat("€", 33) {
		t.Errorf("%q", got)
	}
	notes := printed(out, "stderr")
	path := regexp.MustCompile(`goes to (\S+)\]`).FindStringSubmatch(notes)
	if path == nil || strings.Count(notes, "goes to") != 1 || !strings.Contains(notes, "[61 bytes more]") {
		t.Fatalf("%q", notes)
	}
	rest, err := os.ReadFile(path[1])
	if want := strings.Repeat("€", 17) + "\nmore\nend\n"; err != nil || string(rest) != want {
		t.Errorf("%q %v, want %q", rest, err, want)
	}
	if _, out = c.execute("print fresh"); printed(out, "stdout") != "fresh\n" {
		t.Error("the next cell has no room of its own")
	}
	_, out = c.execute("print " + strings.Repeat("x", 100) + "\nlater 30 ghost") // when the file is closed
	path = regexp.MustCompile(`goes to (\S+)\]`).FindStringSubmatch(printed(out, "stderr"))
	eventually(t, "the file has the ghost", func() bool {
		rest, err := os.ReadFile(path[1])
		return err == nil && string(rest) == "\nghost\n"
	})
	c = connect(t, start(t, server.Options{StreamLimit: 1, SpillDir: "/nowhere/at/all"}))
	if _, out = c.execute("print abc\nprint abc"); strings.Count(printed(out, "stderr"), "left out") != 1 || !strings.Contains(printed(out, "stderr"), "7 that are lost") {
		t.Errorf("%q", printed(out, "stderr"))
	}
}

func TestWhatACellLeftBehindStillPrints(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	c.late = true
	reply, _ := c.execute("later 30 ghost")
	c.execute("print now")
	c.await("the ghost", func(m message) bool {
		return m.kind == "stream" && m.content["text"] == "ghost\n" && m.Parent.ID == reply.Parent.ID
	})
}

// What passes is shown while somebody watches. When it goes nothing is left, or, where
// that would take other output along, an empty display.
func TestPassingDisplays(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	for i, x := range []struct {
		code    string
		watched bool
		want    string
	}{
		{"pass a one\npass a two\npass a\nprint end", false, "execute_input stream"},
		{"pass a one\npass a two\npass a", true, "execute_input display_data update_display_data clear_output"},
		{"pass a one\npass a\npass a two\npass a", true, "execute_input display_data clear_output display_data clear_output"},
		{"pass a one\npass b two\npass b\npass a", true, "execute_input display_data display_data update_display_data clear_output"},
		{"print x\npass c one\npass c", true, "execute_input stream display_data update_display_data"},
		{"pass d one\ndisplay x two\npass d", true, "execute_input display_data display_data update_display_data"},
	} {
		_, out := c.ask("execute_request", with(cell(x.code), object{"allow_stdin": x.watched}))
		if got := kinds(out); got != x.want {
			t.Errorf("case %d: %s, want %s", i, got, x.want)
		}
	}
}
