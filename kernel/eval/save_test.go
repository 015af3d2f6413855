package eval

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

func TestSaveAndRestore(t *testing.T) {
	s := session(t)
	mustEval(t, s, "import str \"strings\"\ntype T struct{ N int }\n\n// Up is loud.\nfunc (t T) Up() string { return str.ToUpper(name(t)) }\nfunc name(t T) string { return fmt.Sprint(\"t\", t.N, K) }\nconst (\n\tJ = iota\n\tK\n)")
	mustEval(t, s, "v := T{3}\nfunc useV() int { return v.N }\nfunc twice() string { return T{2}.Up() + T{2}.Up() }")
	data, err := json.Marshal(s.Save())
	if err != nil {
		t.Fatal(err)
	}
	var saved Saved
	if err := json.Unmarshal(data, &saved); err != nil {
		t.Fatal(err)
	}
	r := session(t)
	notes, err := r.Restore(saved)
	if err != nil || len(notes) != 1 || !strings.HasPrefix(notes[0], "useV no longer compiles and was dropped: undefined: v") {
		t.Errorf("notes %q, %v", notes, err)
	}
	if got := mustEval(t, r, "twice()").Values[0].Text(); got != "T2 1T2 1" {
		t.Errorf("twice() is %s", got)
	}
	_, err = r.Eval(context.Background(), Source{Name: "In", Code: "v"})
	if err == nil || !strings.Contains(err.Error(), "its value was lost") {
		t.Errorf("of a variable: %v", err)
	}
	if d, ok := r.Inspect("T{}.Up", 5); !ok || d.Doc != "Up is loud." {
		t.Errorf("doc %+v", d)
	}
	if got := evalText(t, r, "In", "func name(t T) string { return \"x\" }\ntwice()"); !strings.Contains(got, "string XX") {
		t.Errorf("redefined: %s", got)
	}
}
