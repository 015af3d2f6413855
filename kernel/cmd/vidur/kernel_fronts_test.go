package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// VS Code starts kernels without a server: it asks for kernel_info on shell while
// its subscription is still on the way, needs the states of that request, sends
// cells one by one and interrupts by a message.
func TestKernelAsVSCodeDoes(t *testing.T) {
	k := startKernel(t, "tcp")
	c := newClient(t, k)
	info := c.post(c.shell, "kernel_info_request", map[string]any{})
	time.Sleep(50 * time.Millisecond) // its subscriptions are that late
	c.subscribe(k, 0)
	language, _ := c.reply(c.shell, info).content["language_info"].(map[string]any)
	if language["name"] != "go" || language["mimetype"] != "text/x-go" || language["file_extension"] != ".go" {
		t.Errorf("language %v", language)
	}
	c.await("busy", func(m said) bool { return m.parent == info && m.text("execution_state") == "busy" })
	c.outputs(info)
	for i, code := range []string{"x := 6", "x++", "x * 6"} {
		reply, out := c.execute(code)
		if reply.content["status"] != "ok" || fmt.Sprint(reply.content["execution_count"]) != fmt.Sprint(i+1) || out[0].kind != "execute_input" {
			t.Errorf("%s: %v, %v", code, reply, out)
		}
	}
	endless := c.postCell("for {\n}")
	c.await("its start", func(m said) bool { return m.parent == endless && m.kind == "execute_input" })
	stop := c.post(c.control, "interrupt_request", map[string]any{})
	if c.reply(c.control, stop).content["status"] != "ok" || c.reply(c.shell, endless).content["ename"] != "interrupted" {
		t.Error("no interrupt")
	}
	c.outputs(endless)
	if got := c.value("x * 6"); got != "42" {
		t.Errorf("x * 6 = %s after the interrupt", got)
	}
	again := newClient(t, k) // a window that is opened anew while the kernel runs
	again.subscribe(k, 0)
	again.await("a welcome", func(m said) bool { return m.kind == "iopub_welcome" })
	again.outputs(again.post(again.shell, "kernel_info_request", map[string]any{}))
	end := c.post(c.control, "shutdown_request", map[string]any{"restart": false})
	if c.reply(c.control, end).content["status"] != "ok" {
		t.Error("no shutdown")
	}
	if err := k.cmd.Wait(); err != nil {
		t.Errorf("the kernel ends with %v", err)
	}
}

// jupyter console asks whether Enter runs what is typed, for what was typed before,
// and for completions of what is not whole.
func TestKernelAsAConsoleDoes(t *testing.T) {
	c := connectKernel(t, startKernel(t, "tcp"))
	ask := func(kind string, content map[string]any) map[string]any {
		id := c.post(c.shell, kind, content)
		reply := c.reply(c.shell, id).content
		c.outputs(id)
		return reply
	}
	for code, want := range map[string]string{
		"x := 1": "complete", "func f() {": "incomplete", "f(": "incomplete", "if true {\n\tx := 1\n}": "complete", "x := )": "invalid",
	} {
		if got := ask("is_complete_request", map[string]any{"code": code})["status"]; got != want {
			t.Errorf("%q is %v, want %s", code, got, want)
		}
	}
	c.good("import \"strings\"\nlist := strings.Split(\"a b\", \" \")")
	past := ask("history_request", map[string]any{"hist_access_type": "tail", "n": 5, "raw": true, "output": false})
	if !strings.Contains(fmt.Sprint(past["history"]), "strings.Split") {
		t.Errorf("history %v", past)
	}
	code := "strings.TrimSu"
	done := ask("complete_request", map[string]any{"code": code, "cursor_pos": len(code)})
	if got := fmt.Sprint(done["matches"], done["cursor_start"], done["cursor_end"]); got != "[TrimSuffix] 8 14" {
		t.Errorf("completions %s", got)
	}
	reply, out := c.execute("list[2]")
	if reply.content["status"] != "error" || !strings.Contains(traceback(reply), "In[2]:1:1") || len(out) != 2 {
		t.Errorf("%v, %v", reply, out)
	}
}
