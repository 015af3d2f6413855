package search

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"
)

// TestCancel: half-way through, what has finished stays, the rest is marked,
// and no goroutine is left.
func TestCancel(t *testing.T) {
	before := runtime.NumGoroutine()
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	full := mustSweep(t, small(), Seeds(seeds(40)...))
	r, err := Sweep(ctx, small(), Seeds(seeds(40)...), Workers(2), Progress(func(done, _ int, _ Point, _ error) {
		if done == 5 {
			cancel(why)
		}
	}))
	if !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
	finished := 0
	for i, row := range r.Rows() {
		switch {
		case row.Err == nil:
			finished++
			if !sameBits(row.Figures, full.Rows()[i].Figures) {
				t.Errorf("row %d is not what it is in a whole sweep", i)
			}
		case !errors.Is(row.Err, ErrNotRun) || !errors.Is(row.Err, why) || !math.IsNaN(row.Figures[0]):
			t.Errorf("row %d: %v", i, row.Err)
		}
	}
	if finished < 5 {
		t.Errorf("%d runs finished", finished)
	}
	noneLeft(t, before)
	r, err = Sweep(ctx, small(), Seeds(1, 2))
	if !errors.Is(err, why) || !errors.Is(r.Rows()[1].Err, ErrNotRun) {
		t.Errorf("a context that is done: %v", err)
	}
}

// TestCancelInsideARun: a run that never ends of itself is cut.
func TestCancelInsideARun(t *testing.T) {
	e := small()
	e.Requests, e.Sketches = 1<<40, true
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	r, err := Sweep(ctx, e, Seeds(1, 2, 3), Workers(2))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	for _, row := range r.Rows() {
		if !errors.Is(row.Err, ErrNotRun) {
			t.Errorf("%v", row.Err)
		}
	}
}

// TestPanicInProgress: it is the caller's, and leaves no goroutine.
func TestPanicInProgress(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is lost")
			}
		}()
		_, _ = Sweep(context.Background(), small(), Seeds(seeds(20)...), Progress(func(int, int, Point, error) { panic("mine") }))
	}()
	noneLeft(t, before)
}

func seeds(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func sameBits(a, b []float64) bool {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// noneLeft waits for goroutines that are about to end, and fails if some do not.
func noneLeft(t *testing.T, before int) {
	t.Helper()
	for i := 0; runtime.NumGoroutine() > before && i < 1000; i++ {
		time.Sleep(5 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines are left", n-before)
	}
}
