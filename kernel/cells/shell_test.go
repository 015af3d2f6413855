package cells_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/cells"
	"github.com/govidur/govidur/kernel/eval"
)

func shell(t *testing.T) (*cells.Shell, *strings.Builder) {
	t.Helper()
	out := &strings.Builder{}
	s, err := cells.New(eval.Options{}, cells.Host{Out: out, Err: out})
	if err != nil {
		t.Fatal(err)
	}
	return s, out
}

// run runs a cell that must go well, and returns the texts of its values.
func run(t *testing.T, s *cells.Shell, code string) (values []string) {
	t.Helper()
	res, err := s.Run(context.Background(), eval.Source{Name: "In[1]", Code: code})
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	for _, v := range res.Values {
		values = append(values, v.Text())
	}
	return values
}

func TestStatusOf(t *testing.T) {
	for code, want := range map[string]eval.Status{
		"":                                  eval.Complete,
		"x := 1":                            eval.Complete,
		"for {":                             eval.Incomplete,
		"x := )":                            eval.Invalid,
		"%whos":                             eval.Complete,
		"?x":                                eval.Complete,
		"x?":                                eval.Complete,
		"%nope":                             eval.Complete, // running it says so
		"%time f()":                         eval.Complete,
		"%time for {":                       eval.Incomplete,
		"%time for {\n}":                    eval.Complete,
		"%env A=1\nfor {":                   eval.Incomplete,
		"%env A=(":                          eval.Complete,
		"%%time":                            eval.Incomplete,
		"%%time\n":                          eval.Incomplete,
		"%%time\nx":                         eval.Incomplete,
		"%%time\nx\n":                       eval.Complete,
		"%%time\nfor {\n":                   eval.Incomplete,
		"//vidur:bench\nx\n":                eval.Complete,
		"%%policy a\npackage main\n":        eval.Complete,
		"%%policy a\npackage main\nfunc f(": eval.Incomplete,
	} {
		if got, _ := cells.StatusOf(code); got != want {
			t.Errorf("%q: %s, want %s", code, got, want)
		}
	}
	if _, indent := cells.StatusOf("%time\nif x {"); indent != "\t" {
		t.Errorf("indent %q", indent)
	}
}

// split cuts a text at the cursor, which is |.
func split(text string) (code string, off int) {
	off = strings.IndexByte(text, '|')
	return text[:off] + text[off+1:], off
}

func TestComplete(t *testing.T) {
	s, _ := shell(t)
	run(t, s, "value := 1\nfunc valid() {}")
	t.Setenv("CELLS_TEST_VARIABLE", "1")
	for text, want := range map[string]string{
		"%ti|":                           "0-3 %time",
		"%%|":                            "0-2 %%time %%bench %%policy %%compile",
		"%|time x":                       "0-5 %doc %source %time %bench %whos %reset %env %cd %help",
		"//vidur:re|\nx":                 "0-10 //vidur:reset",
		"x?\n  %who|":                    "5-9 %whos",
		"%time val|":                     "6-9 valid value",
		"%time\nval|":                    "6-9 valid value",
		"%env A=1\n\nval|":               "10-13 valid value",
		"?val|":                          "1-4 valid value",
		"?sched.Sarat|":                  "7-12 Sarathi",
		"val|?":                          "0-3 valid value",
		"%env CELLS_TEST_|":              "5-16 CELLS_TEST_VARIABLE",
		"%env CELLS_TEST_VARIABLE=val|":  "5-28",
		"x := 7\n%ti|":                   "8-10",
		"%reset val|":                    "",
		"// %ti|":                        "4-6",
		"%%policy x\nval|":               "11-14 valid value",
		"é := 1\n%who|":                  "9-12",
		"%time fmt.Sprintl| // and more": "10-17 Sprintln",
	} {
		code, off := split(text)
		done := s.Complete(code, off)
		got := ""
		for _, c := range done.Candidates {
			got += " " + c.Text
		}
		begins := strings.Cut
		place, list, _ := begins(want, " ")
		if where := strings.TrimSpace(got); where != list || list != "" && place != span(done) {
			t.Errorf("%s: %s%s, want %s", text, span(done), got, want)
		}
	}
}

func span(c eval.Completion) string {
	b, _ := json.Marshal([]int{c.Start, c.End})
	return strings.NewReplacer("[", "", "]", "", ",", "-").Replace(string(b))
}

func TestInspect(t *testing.T) {
	s, _ := shell(t)
	run(t, s, "value := 1")
	for text, want := range map[string]string{
		"%ti|me value":              "%time [STATEMENT]",
		"%time val|ue":              "var value int",
		"//vidur:bench\n1 + valu|e": "var value int",
		"?va|lue":                   "var value int",
		"value|?":                   "var value int",
		"%%po|licy value\nx":        "%%policy NAME [TYPE|FUNC]",
		"%env value|":               "",
		"%nope\nvalu|e":             "",
	} {
		code, off := split(text)
		d, ok := s.Inspect(code, off)
		if got := d.Signature; got != want || ok != (want != "") {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// A Shell goes on in another process where one has ended.
func TestSaved(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("CELLS_SAVED", "")
	s, out := shell(t)
	before := s.Version()
	run(t, s, "%env CELLS_SAVED=1\n%cd .\nfunc f() int { return 1 }\nx := 2")
	if s.Version() == before {
		t.Error("the version is the same")
	}
	if !strings.HasSuffix(strings.TrimSpace(out.String()), dir) {
		t.Errorf("%q, want %q", out, dir)
	}
	text, err := json.Marshal(s.Save())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	os.Setenv("CELLS_SAVED", "")
	var saved cells.Saved
	if err := json.Unmarshal(text, &saved); err != nil {
		t.Fatal(err)
	}
	s, _ = shell(t)
	if notes, err := s.Restore(context.Background(), saved); err != nil || len(notes) > 0 {
		t.Errorf("%q %v", notes, err)
	}
	if now, err := os.Getwd(); err != nil || !strings.HasSuffix(now, dir) || os.Getenv("CELLS_SAVED") != "1" {
		t.Errorf("%s %v %q", now, err, os.Getenv("CELLS_SAVED"))
	}
	if got := run(t, s, "f()"); len(got) != 1 || got[0] != "1" {
		t.Errorf("%q", got)
	}
	saved.Dir = dir + "/gone"
	saved.Policies = []cells.Policy{{Name: "p", Cell: eval.Source{Name: "In[1]", Code: "package other"}}}
	s, _ = shell(t)
	if notes, err := s.Restore(context.Background(), saved); err != nil || len(notes) != 2 ||
		!strings.Contains(notes[0], "working directory is lost") || !strings.Contains(notes[1], "policy p is lost") {
		t.Errorf("%q %v", notes, err)
	}
}

func TestResetAsks(t *testing.T) {
	s, _ := shell(t)
	for code, rest := range map[string]string{
		"%reset":                  "",
		"%reset\nx := 1\nx":       "      \nx := 1\nx",
		"%cd\n%reset\n%whos\n":    "   \n      \n%whos\n",
		"//vidur:time\n%reset\nx": "            \n      \nx",
	} {
		res, err := s.Run(context.Background(), eval.Source{Name: "In[1]", Code: code})
		if err != nil || !res.Reset || strings.TrimRight(res.Rest, " ") != rest {
			t.Errorf("%q: %v %q, want %q; %v", code, res.Reset, res.Rest, rest, err)
		}
	}
}

// A name stands for the policy of its cell until something else takes the name.
func TestPolicyNames(t *testing.T) {
	s, _ := shell(t)
	const file = "%%policy p Two\npackage main\n\nimport \"github.com/govidur/govidur/vidur\"\n\ntype One struct{ vidur.Router }\ntype Two struct{ vidur.Scheduler }\n"
	run(t, s, file)
	if got := s.Save(); len(got.Policies) != 1 || len(got.Variables) != 0 || got.Policies[0].Which != "Two" {
		t.Errorf("%+v", got)
	}
	run(t, s, "var _ func(*vidur.Replica) (vidur.Scheduler, error) = p")
	run(t, s, strings.Replace(file, "p Two", "p One", 1))
	if got := run(t, s, "fmt.Sprintf(\"%T\", p)"); len(got) != 1 || !strings.Contains(got[0], "vidur.Router") {
		t.Errorf("%q", got)
	}
	var e *eval.Error
	_, err := s.Run(context.Background(), eval.Source{Name: "In[9]", Code: strings.Replace(file, "p Two", "p", 1)})
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "In[9]:1:10: several policies: Two, One; the one that is meant stands after the name") {
		t.Errorf("%v", err)
	}
	run(t, s, "func p() {}")
	if got := s.Save(); len(got.Policies) != 0 || len(got.Variables) != 0 {
		t.Errorf("%+v", got)
	}
}
