package server_test

import (
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/wire"
)

func TestInput(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	id := c.post(c.shell, "execute_request", with(cell("print before\ninput name?\npassword secret?"), object{"allow_stdin": true}))
	q := c.answer(c.stdin, id)
	if string(q.Content) != `{"password":false,"prompt":"name?"}` || q.kind != "input_request" {
		t.Error(q)
	}
	c.await("what was printed before", func(m message) bool { return m.kind == "stream" })
	answer := func(to message, content object) {
		c.stdin.Send(c.session.Encode(wire.Draft{Type: "input_reply", Parent: to.RawHeader, Content: content})...)
	}
	answer(q, object{"value": "Ann", "status": "ok"})
	q2 := c.answer(c.stdin, id)
	if q2.content["password"] != true {
		t.Error(q2)
	}
	answer(q, object{"value": "stale"}) // to a question that is answered
	answer(q2, object{"value": "xyz"})
	reply := c.answer(c.shell, id)
	if out := c.outputs(id); printed(out, "stdout") != "before\nAnn\nxyz\n" || reply.content["status"] != "ok" {
		t.Errorf("%s %s", reply, out)
	}

	reply, _ = c.execute("input name?")
	if want := server.ErrNoInput.Error(); reply.content["evalue"] != want {
		t.Errorf("%s, want %s", reply, want)
	}
}

// A question that the cell has printed is shown once: as a question if it can be
// taken back, else as text.
func TestAPrintedQuestion(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	for _, x := range []struct{ code, prompt, text string }{
		{"write \"a\\nwho?\"\nanswer who?", "who?", "a\nAnn\n"},
		{"write \"who?\"\ndisplay - x\nanswer who?", "", "who?Ann\n"},
		{"write \"who?\"\nerr x\nanswer who?", "", "who?Ann\n"},
		{"answer who?", "", "Ann\n"},
	} {
		id := c.post(c.shell, "execute_request", with(cell(x.code), object{"allow_stdin": true}))
		q := c.answer(c.stdin, id)
		if q.content["prompt"] != x.prompt {
			t.Errorf("%q asks %q", x.code, q.content["prompt"])
		}
		c.stdin.Send(c.session.Encode(wire.Draft{Type: "input_reply", Parent: q.RawHeader, Content: object{"value": "Ann"}})...)
		c.answer(c.shell, id)
		if got := printed(c.outputs(id), "stdout"); got != x.text {
			t.Errorf("%q shows %q", x.code, got)
		}
	}
}

func TestAQuestionEndsWithAnInterrupt(t *testing.T) {
	c := connect(t, start(t, server.Options{}))
	ask := with(cell("input name?"), object{"allow_stdin": true})
	id := c.post(c.shell, "execute_request", ask)
	stale := c.answer(c.stdin, id)
	c.post(c.control, "interrupt_request", object{})
	if reply := c.answer(c.shell, id); reply.content["evalue"] != "context canceled" {
		t.Error(reply)
	}
	id = c.post(c.shell, "execute_request", ask)
	q := c.answer(c.stdin, id)
	c.stdin.Send(c.session.Encode(wire.Draft{Type: "input_reply", Parent: stale.RawHeader, Content: object{"value": "old"}})...)
	c.stdin.Send(c.session.Encode(wire.Draft{Type: "input_reply", Parent: q.RawHeader, Content: object{"value": "new"}})...)
	c.answer(c.shell, id)
	if got := printed(c.outputs(id), "stdout"); got != "new\n" {
		t.Errorf("%q", got)
	}
	id = c.post(c.shell, "execute_request", ask)
	q = c.answer(c.stdin, id)
	c.stdin.Send(c.session.Encode(wire.Draft{Type: "input_reply", Parent: q.RawHeader, Content: object{"status": "error"}})...)
	if reply := c.answer(c.shell, id); reply.content["status"] != "error" {
		t.Error(reply)
	}
	c.stdin.Close()
	eventually(t, "nobody can be asked", func() bool {
		id := c.post(c.shell, "execute_request", ask)
		return strings.HasPrefix(c.answer(c.shell, id).content["evalue"].(string), server.ErrNoInput.Error())
	})
}
