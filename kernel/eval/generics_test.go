package eval

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/nb"
)

// hosted is a session in which what ends a script ends the cell.
func hosted(t *testing.T) *Session {
	t.Helper()
	s := session(t)
	t.Cleanup(nb.SetHost(&nb.Host{Fail: s.Fail}))
	return s
}

// What a generic function of a package does wrong is where the cell calls it, not
// in a source that nobody has seen.
func TestPlaceOfGenericFunctions(t *testing.T) {
	for code, line := range map[string]int{
		"x := []int{1}\nslices.Insert(x, 5, 1)":                                 2,
		"var none []int\n\nslices.Max(none)":                                    3,
		"n := nb.Must(strconv.Atoi(\"7\"))\nslices.Max(none(n))":                2,
		"nb.Must(strconv.Atoi(\"seven\"))":                                      1,
		"func bad() int {\n\treturn nb.Must(strconv.Atoi(\"seven\"))\n}\nbad()": 2,
	} {
		s := hosted(t)
		mustEval(t, s, "func none(int) []int { return nil }")
		_, err := s.Eval(context.Background(), Source{Name: "In", Code: code})
		var e *Error
		if !errors.As(err, &e) || len(e.Problems) == 0 {
			t.Errorf("%s: %v", code, err)
			continue
		}
		if p := e.Problems[0].Place; p.Filename != "In" || p.Line != line {
			t.Errorf("%s: %v is in line %d of %s, want %d", code, err, p.Line, p.Filename, line)
		}
	}
}

func TestMust(t *testing.T) {
	s := hosted(t)
	for code, want := range map[string]string{
		"nb.Must(strconv.Atoi(\"7\")) + 1":         "8",
		"nb.Must(strconv.ParseBool(\"true\"))":     "true",
		"nb.Must(spec.Default().Build()).Requests": "1000",
		"type pair struct{ a, b int }\nfunc two() (pair, error) { return pair{1, 2}, nil }\nnb.Must(two()).b": "2",
	} {
		if got := mustEval(t, s, code).Values[0].Text(); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
	_, err := s.Eval(context.Background(), Source{Name: "In", Code: "func wrong() (int, error) { return 1, fmt.Errorf(\"wrong\") }\nx := nb.Must(wrong())"})
	if err == nil || !strings.Contains(err.Error(), "wrong") {
		t.Errorf("%v", err)
	}
	if _, err := s.Eval(context.Background(), Source{Name: "In", Code: "x"}); err == nil {
		t.Error("a variable is there that never got a value")
	}
}
