package worker_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

const interactCell = `import ("fmt"; "github.com/govidur/govidur/kernel/nb"; "errors"; "io"; "os"; "time")
p := struct {
	N    int     ` + "`min:\"0\" max:\"10\"`" + `
	X    float64 ` + "`min:\"0\" max:\"2\" step:\"0.25\" unit:\"s\" usage:\"how long\"`" + `
	Kind string  ` + "`choices:\"plain,fail,check,loop,sleep,die,exit,rich\"`" + `
	On   bool
	Name string
	M    int
	Y    float64
	D    time.Duration
	L    []int
}{N: 4, X: 0.5, Kind: "plain", Name: "a", D: time.Second, L: []int{1, 2}}
type page struct{ n int }
func (p page) HTML() string { return fmt.Sprintf("<b>%d</b>", p.n) }
nb.Interact(&p, func() any {
	fmt.Println("N", p.N)
	switch p.Kind {
	case "fail":
		var m map[int]int
		m[1] = 1
	case "check":
		nb.Check(errors.New("no luck"))
	case "loop":
		for {
		}
	case "sleep":
		r, w, _ := os.Pipe()
		w.Write([]byte("on"))
		f, _ := os.Create(os.Getenv("ASLEEP"))
		io.Copy(f, r)
	case "die":
		pr, _ := os.FindProcess(os.Getpid())
		pr.Kill()
		select {}
	case "exit":
		os.Exit(0)
	case "rich":
		nb.Display(page{p.N})
		fmt.Println("more")
		return page{p.N + 1}
	}
	return fmt.Sprintln(p.N*2, p.X, p.On, p.Name, p.M, p.Y, p.D, p.L)
})`

// shown is an interaction in the eyes of a front end.
type interaction struct {
	*bench
	models map[string]string // description → comm
	root   string
	id     string // of the display
	result string
}

func interact(t *testing.T, opt worker.Options) *interaction {
	t.Helper()
	b := start(t, opt)
	return b.interact(interactCell)
}

func (b *bench) interact(code string) *interaction {
	b.t.Helper()
	b.n++
	out := &screen{}
	o := b.Execute(b.t.Context(), server.Cell{Code: code, Name: fmt.Sprintf("In[%d]", b.n), Count: b.n, ID: "cell"}, out)
	if o.Err != nil {
		b.t.Fatal(strings.Join(o.Err.Traceback, "\n"))
	}
	i := &interaction{bench: b, models: map[string]string{}}
	for _, m := range out.comms {
		if m.Kind != server.CommOpen {
			continue
		}
		state := m.Data["state"].(map[string]any)
		if m.Target != "jupyter.widget" || m.Metadata["version"] != "2.1.0" {
			b.t.Errorf("%+v", m)
		}
		if name, ok := state["description"].(string); ok {
			i.models[name] = m.ID
		}
		i.root = m.ID
	}
	if len(out.all) != 2 {
		b.t.Fatalf("%+v", out.all)
	}
	view := string(asBytes(out.all[0].Data["application/vnd.jupyter.widget-view+json"]))
	if !strings.Contains(view, i.root) {
		b.t.Errorf("the view is %s", view)
	}
	i.id, i.result = out.all[1].ID, fmt.Sprint(out.all[1].Data["text/plain"])
	return i
}

func asBytes(v any) []byte {
	if b, ok := v.([]byte); ok {
		return b
	}
	return fmt.Appendf(nil, "%s", v)
}

// move moves a control and returns what is shown then.
func (i *interaction) move(ctx context.Context, control, key string, value any) server.Display {
	i.t.Helper()
	out, err := i.send(ctx, i.models[control], map[string]any{"method": "update", "state": map[string]any{key: value}, "buffer_paths": []any{}})
	if err != nil {
		i.t.Fatalf("%s: %v", control, err)
	}
	if len(out.comms) == 0 || out.comms[0].Data["method"] != "echo_update" {
		i.t.Errorf("no echo: %+v", out.comms)
	}
	if len(out.all) != 1 || out.all[0].ID != i.id || !out.all[0].Update {
		i.t.Fatalf("%s shows %+v", control, out.all)
	}
	return out.all[0]
}

func (i *interaction) send(ctx context.Context, id string, data map[string]any) (*screen, error) {
	out := &screen{}
	return out, i.Comm(ctx, server.CommMessage{Kind: server.CommMsg, ID: id, Data: data}, out)
}

func (i *interaction) shows(d server.Display, want string) {
	i.t.Helper()
	if got := fmt.Sprint(d.Data["text/plain"]); !strings.Contains(got, want) {
		i.t.Errorf("it shows %q, want %q", got, want)
	}
}

// Every kind of control sets its field, and what the function prints and returns
// takes the place of what was there.
func TestInteract(t *testing.T) {
	i := interact(t, worker.Options{})
	if i.result != "N 4\n8 0.5 false a 0 0 1s [1 2]" {
		t.Errorf("%q", i.result)
	}
	ctx := t.Context()
	for _, c := range []struct {
		control, key string
		value        any
		want         string
	}{
		{"n", "value", 7.0, "N 7\n14 0.5 false a 0 0 1s [1 2]"},
		{"x (s)", "value", 1.25, "14 1.25 false"},
		{"on", "value", true, "14 1.25 true"},
		{"name", "value", "b", "true b 0 0"},
		{"m", "value", -3.0, "b -3 0"},
		{"y", "value", 2e10, "b -3 2e+10 1s"},
		{"d", "value", "20ms", "20ms [1 2]"},
		{"l", "value", "3,4,5", "20ms [3 4 5]"},
		{"l", "value", "3,x", `l: "x" is not a whole number`},
		{"n", "value", 11.0, "n: 11 is not between 0 and 10"},
		{"m", "value", nil, "m: "},
		{"kind", "index", -1.0, "kind: nothing is chosen"},
		{"n", "value", 1.0, "N 1\n2 1.25 true b -3 2e+10 20ms [3 4 5]"},
	} {
		i.shows(i.move(ctx, c.control, c.key, c.value), c.want)
	}
	d := i.move(ctx, "kind", "index", 7.0)
	if want := "<pre>N 1\n</pre><div><b>1</b></div><pre>more\n</pre><div><b>2</b></div>"; d.Data["text/html"] != want {
		t.Errorf("%q", d.Data["text/html"])
	}
	i.is("p.N", "=1")
	i.is("fmt.Println(1)", "1\n")
}

// An error is shown in the place of the result, and the next move brings that back.
func TestInteractErrors(t *testing.T) {
	i := interact(t, worker.Options{})
	for kind, want := range map[float64]string{1: "assignment to entry in nil map", 2: "no luck"} {
		d := i.move(t.Context(), "kind", "index", kind)
		i.shows(d, "N 4\n")
		i.shows(d, want)
		if kind == 1 {
			i.shows(d, "In[1]:20:") // the place
		}
		i.shows(i.move(t.Context(), "kind", "index", 0.0), "N 4\n8 ")
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	i.shows(i.move(ctx, "kind", "index", 3.0), "interrupted")
	i.shows(i.move(t.Context(), "kind", "index", 0.0), "N 4\n8 ")
	i.is("p.N", "=4")
	i.move(t.Context(), "kind", "index", 6.0) // an exit without an error
	i.shows(i.move(t.Context(), "kind", "index", 0.0), "N 4\n8 ")
}

// An interrupt that ends nothing and a death end the controls, and cells go on.
func TestInteractDeath(t *testing.T) {
	for name, kind := range map[string]float64{"sleep": 4, "die": 5} {
		t.Run(name, func(t *testing.T) {
			asleep := filepath.Join(t.TempDir(), "asleep")
			t.Setenv("ASLEEP", asleep)
			i := interact(t, worker.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() { // which only the sleeper needs
				for text := []byte(nil); len(text) == 0 && ctx.Err() == nil; time.Sleep(time.Millisecond) {
					text, _ = os.ReadFile(asleep)
				}
				cancel()
			}()
			pid := i.PID()
			out, err := i.send(ctx, i.models["kind"], map[string]any{"method": "update", "state": map[string]any{"index": kind}})
			if (err != nil) != (name == "die") {
				t.Errorf("error %v", err)
			}
			closed := strings.Count(out.text(), "[comm_close ")
			if len(out.all) != 1 || out.all[0].ID != i.id || closed < 10 {
				t.Errorf("%s", out.text())
			}
			want := map[string]string{"sleep": "lost: p", "die": "signal: killed"}[name]
			i.shows(out.all[len(out.all)-1], want)
			i.fails("p", "compile error", "undefined: p (its value was lost)")
			if now := i.PID(); now == pid || alive(pid) {
				t.Errorf("process %d after %d", now, pid)
			}
			if _, err := i.send(t.Context(), i.models["n"], map[string]any{"method": "update", "state": map[string]any{"value": 1.0}}); err == nil {
				t.Error("the comm lives")
			}
			i.interact(interactCell)
		})
	}
}

// A cell that is run again ends its earlier controls, another one does not.
func TestInteractAgain(t *testing.T) {
	i := interact(t, worker.Options{})
	i.is("1", "=1")
	i.shows(i.move(t.Context(), "n", "value", 3.0), "N 3")
	again := i.interact(interactCell)
	if again.root == i.root || again.id == i.id {
		t.Error("the same identity")
	}
	if _, err := i.send(t.Context(), i.models["n"], map[string]any{"method": "request_state"}); err == nil {
		t.Error("the earlier comm lives")
	}
	again.shows(again.move(t.Context(), "n", "value", 5.0), "N 5")
	out := &screen{}
	if err := again.Comm(t.Context(), server.CommMessage{Kind: server.CommClose, ID: again.models["n"]}, out); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.text(), "[comm_close "); n < 10 {
		t.Errorf("%d comms are closed with one", n)
	}
	other := start(t, worker.Options{}).interact(interactCell)
	if other.root != i.root {
		t.Error("the identities of another kernel's first cell are others")
	}
}

// A front end whose page is loaded again asks for the states.
func TestWidgetStates(t *testing.T) {
	i := interact(t, worker.Options{})
	i.move(t.Context(), "n", "value", 9.0)
	out, err := i.send(t.Context(), i.models["n"], map[string]any{"method": "request_state"})
	if err != nil || len(out.comms) != 1 || out.comms[0].Data["method"] != "update" {
		t.Fatalf("%v %+v", err, out.comms)
	}
	state := out.comms[0].Data["state"].(map[string]any)
	if state["value"] != 9.0 || state["_model_name"] != "IntSliderModel" || state["max"] != 10.0 {
		t.Errorf("%v", state)
	}
	open := func(target string) error {
		return i.Comm(t.Context(), server.CommMessage{Kind: server.CommOpen, ID: "c", Target: target}, &screen{})
	}
	if open("jupyter.widget") == nil || open("strange") == nil {
		t.Error("somebody wants the comm")
	}
	if err := open("jupyter.widget.control"); err != nil {
		t.Fatal(err)
	}
	out, err = i.send(t.Context(), "c", map[string]any{"method": "request_states"})
	if err != nil || len(out.comms) != 1 || out.comms[0].ID != "c" {
		t.Fatalf("%v %+v", err, out.comms)
	}
	states := out.comms[0].Data["states"].(map[string]any)
	one := states[i.models["n"]].(map[string]any)
	if len(states) != 16 || one["model_name"] != "IntSliderModel" || one["state"].(map[string]any)["value"] != 9.0 {
		t.Errorf("%d: %v", len(states), one)
	}
	for _, m := range []server.CommMessage{
		{Kind: server.CommMsg, ID: "c", Data: map[string]any{"method": "nonsense"}},
		{Kind: server.CommMsg, ID: "nobody"},
		{Kind: server.CommMsg, ID: i.models["n"], Data: map[string]any{"method": 3}},
	} {
		if err := i.Comm(t.Context(), m, &screen{}); err == nil {
			t.Errorf("%+v is taken", m)
		}
	}
}

// The first run is the cell's: its error is the cell's, and nothing is opened.
func TestInteractFails(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("import (\"fmt\"; \"github.com/govidur/govidur/kernel/nb\"; \"errors\")\np := struct{ N int `min:\"1\" max:\"3\"` }{N: 2}", "")
	for code, want := range map[string]string{
		"nb.Interact(&p, func() any { fmt.Println(\"before\"); nb.Check(errors.New(\"bad\")); return 1 })": "bad",
		"nb.Interact(&p, func() any { fmt.Println(\"before\"); panic(\"oh\") })":                           "panic: oh",
	} {
		got, err := b.do(code)
		if err == nil || !strings.Contains(err.Value+strings.Join(err.Traceback, ""), want) || !strings.Contains(got, "before") || strings.Contains(got, "comm") {
			t.Errorf("%q: %v", got, err)
		}
	}
	b.fails("p.N = 7\nnb.Interact(&p, func() any { return 1 })", "error", "n: 7 is not between 1 and 3")
	b.is("p.N = 2", "")
	got, err := b.do("nb.Interact(&p, func() any { nb.Interact(&p, func() any { return 5 }); return 6 })")
	if err != nil || strings.Count(got, "comm_open") != 5 || !strings.Contains(got, "n = 2\n5\n6") {
		t.Errorf("nested: %q %v", got, err)
	}
	if err := syscall.Kill(b.PID(), 0); err != nil {
		t.Error(err)
	}
}
