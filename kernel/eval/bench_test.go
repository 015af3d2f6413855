package eval

import (
	"context"
	"fmt"
	"testing"
)

func session(tb testing.TB) *Session {
	tb.Helper()
	s, err := New(Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func mustEval(tb testing.TB, s *Session, code string) *Result {
	tb.Helper()
	res, err := s.Eval(context.Background(), Source{Name: "cell", Code: code})
	if err != nil {
		tb.Fatalf("%s: %v", code, err)
	}
	return res
}

// BenchmarkFirstCell is a session and its first cell.
func BenchmarkFirstCell(b *testing.B) {
	for range b.N {
		mustEval(b, session(b), "1 + 1")
	}
}

// BenchmarkWarmCell is a cell of a session that has been used.
func BenchmarkWarmCell(b *testing.B) {
	s := session(b)
	mustEval(b, s, "x := 1\nfmt.Sprint(x)")
	for b.Loop() {
		mustEval(b, s, "x + 1")
	}
}

// BenchmarkRedefine defines a type anew to which ten functions refer, and runs
// the next cell.
func BenchmarkRedefine(b *testing.B) {
	s := session(b)
	mustEval(b, s, "type T struct{ A int }")
	for i := range 10 {
		mustEval(b, s, fmt.Sprintf("func f%d(t T) int { return t.A + %d }", i, i))
	}
	for i := 0; b.Loop(); i++ {
		mustEval(b, s, fmt.Sprintf("type T struct{ A, B%d int }", i))
		mustEval(b, s, "f3(T{A: 1})")
	}
}
