package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/wire"
	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

// Every request has busy and idle around it on both sockets, and its reply comes on
// the socket that it was sent to.
func TestSimpleRequests(t *testing.T) {
	k := start(t, server.Options{Implementation: "x", Version: "1.2", Banner: "hi", Help: []server.Link{{Text: "a", URL: "b"}}})
	c := connect(t, k)
	conn := k.Connection()
	ports := fmt.Sprintf(`{"control_port":%d,"hb_port":%d,"iopub_port":%d,"shell_port":%d,"status":"ok","stdin_port":%d}`,
		conn.Control, conn.Heartbeat, conn.IOPub, conn.Shell, conn.Stdin)
	info := `{"banner":"hi","help_links":[{"text":"a","url":"b"}],"implementation":"x","implementation_version":"1.2",` +
		`"language_info":{"codemirror_mode":"go","file_extension":".go","mimetype":"text/x-go","name":"go","nbconvert_exporter":"script",` +
		`"pygments_lexer":"go","version":"` + strings.TrimPrefix(runtime.Version(), "go") + `"},` +
		`"protocol_version":"5.5","status":"ok","supported_features":[]}`
	const bad = `BadRequest`
	for _, x := range []struct {
		sock    *zmtptest.Client
		kind    string
		content object
		want    string // the reply's content; empty if there is no reply; a word if it is an error
	}{
		{c.shell, "kernel_info", object{}, info},
		{c.control, "kernel_info", object{}, info},
		{c.shell, "connect", object{}, ports},
		{c.control, "connect", object{}, ports},
		{c.control, "interrupt", object{}, `{"status":"ok"}`},
		{c.shell, "is_complete", object{"code": "print"}, `{"status":"complete"}`},
		{c.shell, "is_complete", object{"code": "for {"}, `{"indent":"\t","status":"incomplete"}`},
		{c.shell, "is_complete", object{"code": "?"}, `{"status":"invalid"}`},
		{c.shell, "is_complete", object{"code": 1}, bad},
		{c.shell, "comm_info", object{}, `{"comms":{},"status":"ok"}`},
		{c.shell, "comm_info", object{"target_name": []int{}}, bad},
		{c.shell, "history", object{"hist_access_type": "tail", "n": 5}, `{"history":[],"status":"ok"}`},
		{c.shell, "history", object{"hist_access_type": 5}, bad},
		{c.shell, "inspect", object{"code": "none", "cursor_pos": 1}, `{"data":{},"found":false,"metadata":{},"status":"ok"}`},
		{c.shell, "inspect", object{"code": "print ü", "cursor_pos": 7, "detail_level": 1},
			`{"data":{"text/plain":"print at 8 in detail 1"},"found":true,"metadata":{},"status":"ok"}`},
		{c.shell, "inspect", object{"code": "print", "cursor_pos": -7}, `{"data":{"text/plain":"print at 0 in detail 0"},"found":true,"metadata":{},"status":"ok"}`},
		{c.shell, "inspect", object{"cursor_pos": "x"}, bad},
		{c.shell, "complete", object{"code": "xyz", "cursor_pos": 3},
			`{"cursor_end":3,"cursor_start":0,"matches":[],"metadata":{"_jupyter_types_experimental":[]},"status":"ok"}`},
		{c.shell, "complete", object{"code": "€😀 pri", "cursor_pos": 99},
			`{"cursor_end":6,"cursor_start":3,"matches":["print"],"metadata":{"_jupyter_types_experimental":` +
				`[{"end":6,"signature":"func(string)","start":3,"text":"print","type":"module"}]},"status":"ok"}`},
		{c.shell, "complete", object{"code": []int{}}, bad},
		{c.shell, "shutdown", object{"restart": "x"}, bad},
		{c.control, "shutdown", object{"restart": "x"}, bad},
		{c.shell, "interrupt", object{}, ""},
		{c.shell, "usage", object{}, ""},
		{c.control, "execute", object{}, ""},
		{c.control, "debug", object{}, ""},
		{c.shell, "no_such", object{}, ""},
	} {
		id := c.post(x.sock, x.kind+"_request", x.content)
		out := c.outputs(id)
		if len(out) != 0 {
			t.Errorf("%s: %s", x.kind, out)
		}
		if x.want == "" {
			continue
		}
		reply := c.answer(x.sock, id)
		if x.want == bad {
			if reply.content["status"] != "error" || reply.content["ename"] != bad {
				t.Errorf("%s is answered by %s", x.kind, reply)
			}
			continue
		}
		if reply.kind != x.kind+"_reply" || string(reply.Content) != x.want {
			t.Errorf("%s is answered by %s\nwant %s", x.kind, reply, x.want)
		}
	}
	if k.run.Interrupts.Load() != 1 {
		t.Errorf("%d interrupts reached the Runner", k.run.Interrupts.Load())
	}
	for _, kind := range []string{"execute_reply", "", "comm_msg"} {
		if id := c.post(c.shell, kind, object{}); kind != "" {
			c.outputs(id)
		}
	}
}

func TestUsage(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	for range 2 {
		u := c.answer(c.control, c.post(c.control, "usage_request", object{})).content
		if u["kernel_memory"].(float64) < 1<<20 || u["kernel_cpu"].(float64) < 0 || u["pid"] != float64(os.Getpid()) || u["cpu_count"].(float64) < 1 {
			t.Error(u)
		}
	}
}

func TestControlDoesNotWaitForTheShell(t *testing.T) {
	k := start(t, server.Options{})
	c := connect(t, k)
	id := c.post(c.shell, "execute_request", cell("print on\nsleep 100000\nprint off"))
	c.await("the cell", func(m message) bool { return m.kind == "stream" })
	info := c.post(c.control, "kernel_info_request", object{})
	if reply := c.answer(c.control, info); reply.kind != "kernel_info_reply" {
		t.Error(reply)
	}
	c.outputs(info)
	stop := c.post(c.control, "interrupt_request", object{})
	if reply := c.answer(c.control, stop); reply.content["status"] != "ok" {
		t.Error(reply)
	}
	reply := c.answer(c.shell, id)
	if out := c.outputs(id); kinds(out) != "execute_input stream error" || reply.content["ename"] != "Interrupted" {
		t.Errorf("%s %s", reply, out)
	}
	if reply, _ := c.execute("sleep 1"); reply.content["status"] != "ok" {
		t.Errorf("an interrupt also ends the next cell: %s", reply)
	}
	k.Interrupt() // nothing runs
	if reply, _ := c.execute("sleep 1"); reply.content["status"] != "ok" {
		t.Errorf("an interrupt of nothing ends the next cell: %s", reply)
	}
}

func TestShutdown(t *testing.T) {
	for _, restart := range []bool{false, true} {
		for _, running := range []string{"", "print on\nsleep 100000", "print on\nstubborn"} {
			k := start(t, server.Options{})
			c := connect(t, k)
			var cellID string
			if running != "" {
				cellID = c.post(c.shell, "execute_request", cell(running))
				c.await("the cell", func(m message) bool { return m.kind == "stream" })
			}
			id := c.post(c.control, "shutdown_request", object{"restart": restart})
			want := fmt.Sprintf(`{"restart":%v,"status":"ok"}`, restart)
			if reply := c.answer(c.control, id); reply.kind != "shutdown_reply" || string(reply.Content) != want {
				t.Error(reply)
			}
			if out := c.outputs(id); kinds(out) != "shutdown_reply" || string(out[0].Content) != want {
				t.Errorf("%s", out)
			}
			if running != "" {
				if reply := c.answer(c.shell, cellID); reply.content["ename"] != "Interrupted" {
					t.Error(reply)
				}
				c.outputs(cellID)
			}
			if err := <-k.ended; err != nil {
				t.Error(err)
			}
			<-k.run.Closed
			if _, err := c.shell.Recv(wait); err == nil {
				t.Error("the shell is still open")
			}
		}
	}
	k := start(t, server.Options{})
	c := connect(t, k)
	if reply, out := c.ask("shutdown_request", object{}); reply.content["restart"] != false || kinds(out) != "shutdown_reply" {
		t.Errorf("on the shell: %s %s", reply, out)
	}
	<-k.ended
}

func TestWhatIsBrokenIsDroppedAndNothingElse(t *testing.T) {
	k := start(t, server.Options{})
	c := connect(t, k)
	stranger := wire.NewSession("another key", "eve")
	for _, sock := range []*zmtptest.Client{c.shell, c.control, c.stdin} {
		sock.Send(stranger.Encode(wire.Draft{Type: "shutdown_request", Content: object{}})...)
		sock.Send([]byte("<IDS|MSG>"))
		sock.Send([]byte("no delimiter"), []byte("at all"))
		sock.Send(nil)
		good := c.session.Encode(wire.Draft{Type: "shutdown_request", Content: object{}})
		sock.Send(good[:5]...)
		good[5] = []byte(`{"restart":true}`)
		sock.Send(good...)
		sock.Send(c.session.Encode(wire.Draft{Type: "shutdown_request", Content: []int{}})...)
		sock.Conn.Write(nil)
	}
	again := c.session.Encode(wire.Draft{Type: "is_complete_request", Content: object{"code": "1"}})
	for range 3 {
		c.shell.Send(again...)
	}
	if _, err := c.shell.Recv(wait); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"came before", "signature", "none of 2 frames", "0 frames after", "4 frames after", "is no object"} {
		eventually(t, "the log has "+text, func() bool { return k.logged(text) })
	}
	if reply, _ := c.execute("value 1"); reply.content["status"] != "ok" {
		t.Error(reply)
	}
	c.post(c.stdin, "input_reply", object{"value": "nobody asked"})
	eventually(t, "the log has the answer", func() bool { return k.logged("answers no question") })
	c.stdin.Conn.Write([]byte("\xff\xff\xff")) // no frame: this connection ends
	eventually(t, "the log has the frame", func() bool { return k.logged("flags") })
	if reply, _ := c.execute("value 1"); reply.content["status"] != "ok" {
		t.Error(reply)
	}
}

func TestTwoFrontEnds(t *testing.T) {
	k := start(t, server.Options{})
	ann, bob := connect(t, k), connect(t, k)
	a := ann.post(ann.shell, "execute_request", cell("print a"))
	b := bob.post(bob.shell, "execute_request", cell("print b"))
	ann.answer(ann.shell, a)
	bob.answer(bob.shell, b)
	for _, c := range []*client{ann, bob} {
		if printed(c.outputs(a), "stdout") != "a\n" || printed(c.outputs(b), "stdout") != "b\n" {
			t.Error("both see what both do")
		}
	}
	again := &client{t: t, session: ann.session, idle: map[string]bool{}} // a page that is loaded again
	again.shell = again.dial(k, "DEALER", k.Connection().Shell)
	id := again.post(again.shell, "execute_request", cell("value 1"))
	if again.answer(again.shell, id).content["status"] != "ok" {
		t.Error("no reply at the new connection")
	}
	if _, err := ann.shell.Recv(wait); err == nil {
		t.Error("the old connection is still open")
	}
}

func TestAFirstSubscriberMissesNothing(t *testing.T) {
	for range 20 {
		k := start(t, server.Options{})
		c := connectDeaf(t, k)
		id := c.post(c.shell, "kernel_info_request", object{})
		info := c.post(c.control, "kernel_info_request", object{})
		time.Sleep(2 * time.Millisecond)
		c.listen(k)
		c.answer(c.shell, id)
		c.answer(c.control, info)
		c.outputs(id)
		c.outputs(info)
		all := c.await("all", func(message) bool { return true })
		if all[0].kind != "iopub_welcome" || string(all[0].Content) != `{"subscription":""}` || string(all[0].IDs[0]) != "" {
			t.Fatalf("first comes %s", all[0])
		}
		all = c.await("starting", func(m message) bool { return m.content["execution_state"] == "starting" })
		if len(all) != 2 || all[1].Parent.ID != "" {
			t.Fatalf("%s", all)
		}
	}
}

func TestWithoutASubscriberARequestWaitsASecondAtMost(t *testing.T) {
	k := start(t, server.Options{})
	c := connectDeaf(t, k)
	for range 2 {
		c.answer(c.shell, c.post(c.shell, "kernel_info_request", object{}))
	}
	c.listen(k)
	c.await("a welcome", func(m message) bool { return m.kind == "iopub_welcome" })
	c.execute("print x")
	for _, m := range c.await("a welcome", func(m message) bool { return m.kind == "stream" }) {
		if m.content["execution_state"] == "starting" {
			t.Error("starting comes after a request was handled")
		}
	}
}

func TestHeartbeat(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	c.execute("print x")
	c.beating.Send(nil, []byte("\x00\xffbeat"))
	if m, err := c.beating.Recv(wait); err != nil || len(m) != 2 || string(m[1]) != "\x00\xffbeat" {
		t.Errorf("%q %v", m, err)
	}
}

func TestIPCAndNoKey(t *testing.T) {
	k := startAt(t, wire.Connection{
		Transport: "ipc", IP: filepath.Join(t.TempDir(), "k"), Shell: 1, Control: 2, Stdin: 3, IOPub: 4, Heartbeat: 5,
	}, server.Options{})
	c := connect(t, k)
	if reply, out := c.execute("print x"); reply.content["status"] != "ok" || printed(out, "stdout") != "x\n" {
		t.Errorf("%s %s", reply, out)
	}
	if _, err := server.New(k.Connection(), k.run, server.Options{}); err == nil || !strings.Contains(err.Error(), "iopub") {
		t.Errorf("two kernels have one address: %v", err)
	}
}
