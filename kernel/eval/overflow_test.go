package eval

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestOverflow(t *testing.T) {
	for name, code := range map[string]string{
		"a function":      "f(0)",
		"in a policy":     "vidur.SchedulerFunc(func(rep *vidur.Replica, b *vidur.Batch) { f(0) }).Next(nil, nil)",
		"in a goroutine":  "var wg sync.WaitGroup\nwg.Add(1)\ngo func() {\n\tdefer wg.Done()\n\tf(0)\n}()\nwg.Wait()",
		"with a recovery": "func() {\n\tdefer func() { fmt.Println(recover()) }()\n\tf(0)\n}()",
	} {
		t.Run(name, func(t *testing.T) {
			if raceDetector && name == "in a goroutine" {
				t.Skip("goroutines of interpreted code note their place without a lock")
			}
			s := session(t)
			mustEval(t, s, "func f(n int) int { return f(n+1) + 1 }\nx := 3")
			_, err := s.Eval(context.Background(), Source{Name: "In", Code: code})
			var e *Error
			if !errors.As(err, &e) || e.Kind != Panicked || !strings.Contains(err.Error(), "stack overflow") || e.Problems[0].Line != 1 {
				t.Errorf("got %v", err)
			}
			if v := mustEval(t, s, "x"); v.Values[0].Text() != "3" {
				t.Error("the session has changed")
			}
		})
	}
}
