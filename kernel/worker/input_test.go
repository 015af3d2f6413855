package worker_test

import (
	"context"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

// asked is a question that a cell asked.
type asked struct {
	prompt string
	secret bool
}

// answering is a screen at which somebody sits.
type answering struct {
	screen
	ctx     context.Context
	asked   []asked
	answers []string // the last question is never answered
	waits   func()   // called when that is asked; may be nil
}

func (a *answering) Input(q server.Question) (string, error) {
	a.asked = append(a.asked, asked{q.Prompt, q.Password})
	if len(a.answers) == 0 {
		if a.waits != nil {
			a.waits()
		}
		<-a.ctx.Done()
		return "", a.ctx.Err()
	}
	line := a.answers[0]
	a.answers = a.answers[1:]
	return line, nil
}

const inputImports = "import (\"fmt\"; \"github.com/govidur/govidur/kernel/nb\")\nx := 1"

// nb.Input and nb.Password ask the front end.
func TestAsk(t *testing.T) {
	b := start(t, worker.Options{})
	b.is(inputImports, "")
	out := &answering{ctx: t.Context(), answers: []string{"Ann", "", "s€cret"}}
	code := "fmt.Print(\"before\")\nname, err := nb.Input(\"name? \")\nempty, _ := nb.Input(\"\")\npw, _ := nb.Password(\"key: \")\nfmt.Println(name, err, empty == \"\", pw)"
	if o := b.Execute(t.Context(), server.Cell{Code: code, Name: "In[2]", AllowStdin: true}, out); o.Err != nil {
		t.Fatal(o.Err.Traceback)
	}
	if got := out.text(); got != "beforeAnn <nil> true s€cret\n" {
		t.Errorf("%q", got)
	}
	want := []asked{{"name? ", false}, {"", false}, {"key: ", true}}
	if len(out.asked) != 3 || out.asked[0] != want[0] || out.asked[1] != want[1] || out.asked[2] != want[2] {
		t.Errorf("%+v", out.asked)
	}
	got, err := b.do("_, err = nb.Input(\"?\"); err")
	if err != nil || !strings.Contains(got, "does not allow input") {
		t.Errorf("nobody is there: %q %v", got, err)
	}
}

// An interrupt ends the wait, and the next question is asked anew.
func TestAskInterrupted(t *testing.T) {
	b := start(t, worker.Options{})
	b.is(inputImports, "")
	ctx, cancel := context.WithCancel(t.Context())
	out := &answering{ctx: ctx, waits: cancel}
	o := b.Execute(ctx, server.Cell{Code: "nb.Input(\"never\")\nx = 2", Name: "In[2]", AllowStdin: true}, out)
	if o.Err == nil || o.Err.Name != "interrupted" || len(out.asked) != 1 {
		t.Fatalf("%+v %+v", o.Err, out.asked)
	}
	b.is("x", "=1")
	again := &answering{ctx: t.Context(), answers: []string{"two"}}
	o = b.Execute(t.Context(), server.Cell{Code: "s, _ := nb.Input(\"now\"); s", Name: "In[3]", AllowStdin: true}, again)
	if o.Err != nil || o.Result.Data["text/plain"] != "two" {
		t.Errorf("%+v", o)
	}
}

// Many goroutines ask one at a time.
func TestAskTogether(t *testing.T) {
	b := start(t, worker.Options{})
	b.is(inputImports+"\nimport \"sync\"", "")
	out := &answering{ctx: t.Context(), answers: strings.Split("a b c d e f g h", " ")}
	code := "got := make(chan string, 8)\nvar wg sync.WaitGroup\nfor range 8 { wg.Add(1); go func() { defer wg.Done(); s, _ := nb.Input(\"?\"); got <- s }() }\nwg.Wait()\nclose(got)\nn := 0\nfor s := range got { n += len(s) }\nn"
	o := b.Execute(t.Context(), server.Cell{Code: code, Name: "In[2]", AllowStdin: true}, out)
	if o.Err != nil || o.Result.Data["text/plain"] != "8" {
		t.Errorf("%+v", o)
	}
}
