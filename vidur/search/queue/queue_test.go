package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestWorkersShareTasks(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	lease(t, url)
	var did, other atomic.Int64
	start(t, url, 3, func(ctx context.Context, task []byte) ([]byte, error) { did.Add(1); return upper(ctx, task) })
	start(t, url, 1, func(ctx context.Context, task []byte) ([]byte, error) { other.Add(1); return upper(ctx, task) })
	q := connect(t, url)
	ask(t, q, "a", 200)
	if did.Load()+other.Load() != 200 || did.Load() == 0 || other.Load() == 0 {
		t.Errorf("%d and %d of 200 tasks", did.Load(), other.Load())
	}
	ask(t, q, "a", 200)
	ask(t, connect(t, url), "a", 200)
	if did.Load()+other.Load() != 200 {
		t.Error("tasks were done again")
	}
}

// TestSameTaskAtOnce: who asks for the same as others waits with them.
func TestSameTaskAtOnce(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	lease(t, url)
	var did atomic.Int64
	start(t, url, 4, func(ctx context.Context, task []byte) ([]byte, error) {
		did.Add(1)
		time.Sleep(20 * time.Millisecond)
		return upper(ctx, task)
	})
	var all sync.WaitGroup
	for range 4 {
		q := connect(t, url)
		all.Go(func() { ask(t, q, "b", 20) })
	}
	all.Wait()
	if did.Load() != 20 {
		t.Errorf("20 tasks were done %d times", did.Load())
	}
}

// TestAskedBeforeWorkers: a queue fills with nobody there, and is another's later.
func TestAskedBeforeWorkers(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	ctx, cancel := context.WithCancelCause(t.Context())
	q := connect(t, url)
	ended := make(chan error)
	task := []byte("early")
	go func() {
		_, err := q.Do(ctx, keyOf(task), task)
		ended <- err
	}()
	time.Sleep(100 * time.Millisecond)
	why := errors.New("enough")
	cancel(why)
	if err := <-ended; !errors.Is(err, why) {
		t.Error(err)
	}
	done := make(chan bool, 1)
	start(t, url, 1, func(ctx context.Context, task []byte) ([]byte, error) { done <- true; return upper(ctx, task) })
	<-done
	result, err := q.Do(t.Context(), keyOf(task), task)
	if err != nil || string(result) != "EARLY" {
		t.Error(result, err)
	}
}

// TestLostWorker: the task of a worker that is not heard of any more is another's.
func TestLostWorker(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	began, never := make(chan bool), make(chan bool)
	t.Cleanup(func() { close(never) })
	lost := connect(t, url)
	go func() {
		_ = lost.Work(context.Background(), 1, func(context.Context, []byte) ([]byte, error) { began <- true; <-never; return nil, nil })
	}()
	q := connect(t, url)
	go func() {
		<-began
		lost.Close()
		start(t, url, 1, upper)
	}()
	ask(t, q, "c", 1)
}

// TestLongTask: a task may take many leases, and stays with its worker.
func TestLongTask(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	var did atomic.Int64
	for range 2 {
		start(t, url, 1, func(ctx context.Context, task []byte) ([]byte, error) {
			did.Add(1)
			time.Sleep(3 * leastLease)
			return upper(ctx, task)
		})
	}
	ask(t, connect(t, url), "d", 1)
	if did.Load() != 1 {
		t.Errorf("it was done %d times", did.Load())
	}
}

// TestWorkerThatEnds gives back at once what it has not done, and keeps what it has.
func TestWorkerThatEnds(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	began := make(chan bool, 2)
	stop := start(t, url, 2, func(ctx context.Context, task []byte) ([]byte, error) {
		began <- true
		<-ctx.Done()
		if strings.HasSuffix(string(task), "0") {
			return upper(ctx, task) // in the end
		}
		return nil, ctx.Err()
	})
	go func() {
		<-began
		<-began
		if err := stop(); err != nil {
			t.Error(err)
		}
		start(t, url, 1, func(ctx context.Context, task []byte) ([]byte, error) {
			if strings.HasSuffix(string(task), "0") {
				t.Error("it was done")
			}
			return upper(ctx, task)
		})
	}()
	ask(t, connect(t, url), "e", 2)
}

// TestRefusals: a worker that can do nothing costs nothing but time; if nobody can do
// a task that is an error, and no result.
func TestRefusals(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	refuse := func(context.Context, []byte) ([]byte, error) { return nil, errors.New("no such file") }
	stop := start(t, url, 1, refuse)
	q := connect(t, url)
	task := []byte("f")
	_, err := q.Do(t.Context(), keyOf(task), task)
	if err == nil || !strings.Contains(err.Error(), "no such file") || !strings.Contains(err.Error(), "refuses") {
		t.Fatal(err)
	}
	start(t, url, 1, func(ctx context.Context, task []byte) ([]byte, error) {
		time.Sleep(time.Millisecond)
		return upper(ctx, task)
	})
	ask(t, q, "f", 30)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if result, err := q.Do(t.Context(), keyOf(task), task); err != nil || string(result) != "F" {
		t.Error(result, err)
	}
}

// TestTaskThatKills ends, though no worker says anything of it.
func TestTaskThatKills(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	q := connect(t, url)
	task := []byte("g")
	failed := make(chan error, 1)
	go func() {
		_, err := q.Do(t.Context(), keyOf(task), task)
		failed <- err
	}()
	from, err := q.consumer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range Tries {
		m, err := from.Next()
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Nak(); err != nil {
			t.Fatal(err)
		}
	}
	start(t, url, 1, upper)
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "10 workers") {
		t.Error(err)
	}
}

// TestDifferentResults: the first stays, and the worker that found the other one ends.
func TestDifferentResults(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	q := connect(t, url)
	task := []byte("h")
	var once sync.Once
	worker := connect(t, url)
	ended := make(chan error, 1)
	go func() {
		ended <- worker.Work(t.Context(), 2, func(ctx context.Context, task []byte) ([]byte, error) {
			once.Do(func() {
				if err := q.keep(ctx, keyOf(task), []byte("another's")); err != nil {
					t.Error(err)
				}
			})
			return upper(ctx, task)
		})
	}()
	result, err := q.Do(t.Context(), keyOf(task), task)
	if err != nil || string(result) != "another's" {
		t.Errorf("%q, %v", result, err)
	}
	if err := <-ended; !errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), keyOf(task)) {
		t.Error(err)
	}
	if err := q.keep(t.Context(), keyOf(task), []byte("another's")); err != nil {
		t.Error("the same result again:", err)
	}
}

// TestWhatIsNoTask does not stop those behind it.
func TestWhatIsNoTask(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	q := connect(t, url)
	if _, err := q.Do(t.Context(), "k", nil); err == nil {
		t.Error("a key that is no hash")
	}
	for _, key := range []string{"k", keyOf(nil)} {
		if _, err := q.js.Publish(t.Context(), q.subject(tasks, key), []byte("forged")); err != nil {
			t.Fatal(err)
		}
	}
	start(t, url, 1, func(ctx context.Context, task []byte) ([]byte, error) {
		if string(task) == "forged" {
			t.Error("it was done")
		}
		return upper(ctx, task)
	})
	ask(t, q, "i", 3)
	long := bytes.Repeat([]byte("x"), 2<<20)
	if _, err := q.Do(t.Context(), keyOf(long), long); !errors.Is(err, nats.ErrMaxPayload) {
		t.Error(err)
	}
	if err := q.Work(t.Context(), 0, upper); err == nil {
		t.Error("no tasks at once")
	}
}

// TestOddResults: results are bytes, none among them.
func TestOddResults(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	start(t, url, 1, func(_ context.Context, task []byte) ([]byte, error) { return task[1:], nil })
	q := connect(t, url)
	for _, task := range []string{"x", "x\x00\xff", "x" + strings.Repeat("long ", 1e5)} {
		for range 2 {
			result, err := q.Do(t.Context(), keyOf([]byte(task)), []byte(task))
			if err != nil || string(result) != task[1:] {
				t.Errorf("%.20q: %.20q, %v", task, result, err)
			}
		}
	}
}

// TestClosed: what waits ends, and what comes after too.
func TestClosed(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	q := connect(t, url)
	ended := make(chan error, 3)
	task := []byte("j")
	do := func() { _, err := q.Do(t.Context(), keyOf(task), task); ended <- err }
	go do()
	idle := connect(t, url)
	go func() { ended <- idle.Work(t.Context(), 2, upper) }()
	time.Sleep(100 * time.Millisecond)
	q.Close()
	idle.Close()
	do()
	for range 3 {
		if err := <-ended; err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
}

// TestNamesAreApart: queues of other names on one server know nothing of each other.
func TestNamesAreApart(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	for _, name := range []string{"a", "b"} {
		q, err := Connect(t.Context(), Options{URL: url, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		defer q.Close()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- q.Work(ctx, 1, func(_ context.Context, task []byte) ([]byte, error) { return fmt.Append(nil, name, string(task)), nil })
		}()
		task := []byte("k")
		if result, err := q.Do(t.Context(), keyOf(task), task); err != nil || string(result) != name+"k" {
			t.Error(result, err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
