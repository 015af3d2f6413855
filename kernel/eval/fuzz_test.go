package eval

import (
	"errors"
	"testing"
)

// FuzzCheck checks that no text makes the evaluator panic, and that every error
// is an *Error with a message.
func FuzzCheck(f *testing.F) {
	for _, code := range []string{
		"1 + 1", "x := 1\nx", "for {", "func f() {}\nf()", "type T struct{ T }", "type T T", "const c = iota",
		"package main\nfunc main() {}", "import \"fmt\"\nfmt.Println()", "var x, y = 1", "x, x := 1, 2", "\"", "/*", "a: for { break a }",
		"func (t T) M() {}", "defer f()", "go f()", "switch {}", "goto l", "import . \"fmt\"", "outʹ(1)", "func init() {}\nfunc main() {}",
		"var x = x", "type A = B\ntype B = A", "func f[T any](x T) T { return x }\nf(1)", "_ = 1", "_ := 1", "nil", "int", "fmt", "cellʹ()", "//line x:1\n1",
	} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		s := session(t)
		err := s.Check(Source{Name: "In", Code: code})
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Error() == "" || len(e.Problems) == 0) {
			t.Errorf("%q: the error %v", code, err)
		}
		StatusOf(code)
		s.Complete(code, len(code))
		s.Inspect(code, len(code)/2)
	})
}
