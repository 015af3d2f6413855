package nb

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestMust(t *testing.T) {
	var failed error
	defer SetHost(&Host{Fail: func(err error) { failed = err }})()
	if got := Must(3, nil); got != 3 || failed != nil {
		t.Errorf("%d, %v", got, failed)
	}
	wrong := errors.New("wrong")
	func() {
		defer func() {
			if _, ok := recover().(Ended); !ok {
				t.Error("the cell goes on")
			}
		}()
		Must("", wrong)
	}()
	if failed != wrong {
		t.Errorf("the cell ends with %v", failed)
	}
}

func TestShowFigure(t *testing.T) {
	t.Chdir(t.TempDir())
	var shown []Bundle
	var failed error
	defer SetHost(&Host{
		Display: func(b Bundle, _ string, _ bool) { shown = append(shown, b) },
		Fail:    func(err error) { failed = err },
	})()
	ShowFigure("a", fake{})
	if _, err := os.Stat("a.pdf"); err != nil || len(shown) != 1 {
		t.Errorf("%v, %d displays", err, len(shown))
	}
	func() {
		defer func() { _ = recover() }()
		ShowFigure("b", fake{"pdf"})
	}()
	if failed == nil || !strings.Contains(failed.Error(), "figure b: cannot draw") || len(shown) != 1 {
		t.Errorf("%v, %d displays", failed, len(shown))
	}
}
