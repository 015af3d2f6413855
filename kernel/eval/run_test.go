package eval

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// interrupt evaluates code and interrupts it until it has ended: the first time it
// may not have begun.
func interrupt(t *testing.T, s *Session, code string) *Error {
	t.Helper()
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(50 * time.Millisecond):
				s.Interrupt()
			}
		}
	}()
	_, err := s.Eval(context.Background(), Source{Name: "In", Code: code})
	var e *Error
	if !errors.As(err, &e) || e.Kind != Interrupted {
		t.Fatalf("%s: %v", code, err)
	}
	return e
}

func TestInterrupt(t *testing.T) {
	for name, code := range map[string]string{
		"an endless loop":              "for {\n}",
		"a loop that works":            "n := 0\nfor {\n\tn++\n}",
		"a function":                   "spin()",
		"sleep":                        "time.Sleep(time.Hour)",
		"sleep as a value":             "f := time.Sleep\nf(time.Hour)",
		"a mutex":                      "var m struct{ sync.Mutex }\nm.Lock()\nm.Lock()",
		"a reader's mutex":             "m := &sync.RWMutex{}\nm.Lock()\nm.RLock()",
		"a writer's mutex":             "m := &sync.RWMutex{}\nm.RLock()\nm.Lock()",
		"a wait group":                 "var w sync.WaitGroup\nw.Add(1)\nw.Wait()",
		"a condition":                  "c := sync.NewCond(&sync.Mutex{})\nc.L.Lock()\nc.Wait()",
		"a channel":                    "<-make(chan int)",
		"an endless loop in a closure": "func() {\n\tfor {\n\t}\n}()",
		"a policy that hangs":          "vidurtest.Find(func(*vidur.Replica) (vidur.Scheduler, error) { return hang{}, nil })",
	} {
		t.Run(name, func(t *testing.T) {
			if raceDetector && name == "a policy that hangs" {
				t.Skip("goroutines of interpreted code note their place without a lock")
			}
			s := session(t)
			mustEval(t, s, "func spin() {\n\tfor {\n\t\tspun++\n\t}\n}\nspun := 0\ntype hang struct{}\nfunc (hang) Next(*vidur.Replica, *vidur.Batch) {\n\tfor {\n\t}\n}\nfunc (hang) Done(*vidur.Replica, *vidur.Batch) {}")
			mustEval(t, s, "func one() int { return 1 }\nkept := one\nv := 5")
			e := interrupt(t, s, code)
			if text := mustEval(t, s, "one() + 1").Values[0].Text(); text != "2" {
				t.Errorf("after it, a function gives %s", text)
			}
			_, err := s.Eval(context.Background(), Source{Name: "In", Code: "kept() + v"})
			waits := name == "a condition"
			if lost := strings.Contains(e.Error(), "lost: "); lost != waits || lost != (err != nil) {
				t.Errorf("it says %q, and a variable gives %v", e, err)
			}
		})
	}
}

// A lock that an interrupted cell waited for is not taken when it becomes free.
func TestAnInterruptedLockIsGivenBack(t *testing.T) {
	s := session(t)
	mustEval(t, s, "var m sync.Mutex\nvar rw sync.RWMutex\nm.Lock()\nrw.Lock()")
	for _, code := range []string{"m.Lock()", "rw.Lock()", "rw.RLock()"} {
		interrupt(t, s, code)
	}
	mustEval(t, s, "m.Unlock()\nrw.Unlock()\nm.Lock()\nrw.Lock()")
}

func TestTimeLimit(t *testing.T) {
	s := session(t)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	_, err := s.Eval(ctx, Source{Name: "In", Code: "x := 1\nfor {\n\tx++\n}"})
	if err == nil || !strings.Contains(err.Error(), "the time limit has passed") || !strings.Contains(err.Error(), "In:") {
		t.Errorf("got %v", err)
	}
}
