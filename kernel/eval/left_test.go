package eval

import (
	"context"
	"reflect"
	"testing"
	"time"
)

// Goroutines that cells left behind are counted and can be ended.
func TestStopLeft(t *testing.T) {
	if raceDetector {
		t.Skip("goroutines of interpreted code race on where they are")
	}
	s := session(t)
	mustEval(t, s, "x := 3\nc := make(chan int)\nfor range 3 {\n\tgo func() {\n\t\tfor {\n\t\t}\n\t}()\n\tgo func() { <-c }()\n}")
	if n := s.Left(); n != 6 {
		t.Errorf("%d run, want 6", n)
	}
	if n := s.StopLeft(); n != 0 || s.Left() != 0 {
		t.Errorf("%d go on", n)
	}
	if got := mustEval(t, s, "go func() { c <- x }()\n<-c").Values[0].Any; got != 3 {
		t.Errorf("then %v", got)
	}
	for end := time.Now().Add(10 * time.Second); s.Left() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("one that has ended is counted")
		}
	}
	if s.StopLeft() != 0 {
		t.Error("there is something to end")
	}
}

// A forced interruption says that the world is another one.
func TestReplaced(t *testing.T) {
	s := session(t)
	mustEval(t, s, "x := 3")
	if e := interrupt(t, s, "for {\n}"); e.Replaced {
		t.Error("a loop was left to itself")
	}
	if e := interrupt(t, s, "r, _, _ := os.Pipe()\nr.Read(make([]byte, 1))"); !e.Replaced {
		t.Error("a read was ended")
	}
}

// The version changes whenever what is saved does.
func TestVersion(t *testing.T) {
	s := session(t)
	saved, version := s.Save(), s.Version()
	for i, c := range []struct {
		name, code string
		free       bool // nothing changes
	}{
		{"A", "x := 1", false},
		{"B", "x", true},
		{"C", "x = 2\nx++", true},
		{"D", "func f() int { return x }", false},
		{"E", "f()", true},
		{"F", "import str \"strings\"", false},
		{"G", "import str \"strings\"", true},
		{"H", "nosuch", true},
		{"I", "func f() string { return str.ToUpper(\"a\") }", false},
		{"I", "f()\n\n", false}, // in the place of the source of f
		{"K", "type T struct{}\nconst c = 1", false},
		{"L", "y := func() int { panic(1) }()", true},
		{"M", "x := \"another type\"", false},
		{"", "func g() {}", false},
		{"", "g()", false},
	} {
		_, _ = s.Eval(context.Background(), Source{Name: c.name, Code: c.code})
		now, next := s.Save(), s.Version()
		if same := reflect.DeepEqual(saved, now); !same && next == version || c.free && !same {
			t.Errorf("%d, %q: version %d after %d, the same: %v", i, c.code, next, version, same)
		}
		if c.free && next != version && c.name != "L" && c.name != "H" {
			t.Errorf("%d, %q changes the version", i, c.code)
		}
		saved, version = now, next
	}
}
