package workload

import (
	"container/heap"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// agenda is what the driver has to do, by time: begin or complete a request.
type agenda []job

type job struct {
	at   float64
	r    *vidur.Request
	done bool
}

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at < a[j].at }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)        { *a = append(*a, x.(job)) }
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}

// drive runs a workload on a server that takes service(r) seconds for each
// request, however many there are.
func drive(t *testing.T, w vidur.Workload, service func(*vidur.Request) float64) []*vidur.Request {
	t.Helper()
	var todo agenda
	var all []*vidur.Request
	pull := func(now float64) bool {
		a, err := w.Next(now)
		if errors.Is(err, io.EOF) {
			return false
		}
		if err != nil || a.At < now {
			t.Fatal(a, now, err)
		}
		r := &vidur.Request{Arrival: a, ID: len(all)}
		all = append(all, r)
		heap.Push(&todo, job{a.At, r, false})
		return true
	}
	for pull(0) {
	}
	for len(todo) > 0 {
		j := heap.Pop(&todo).(job)
		if !j.done {
			heap.Push(&todo, job{j.at + service(j.r), j.r, true})
			continue
		}
		j.r.CompletedAt = j.at
		if w.Done(j.r) && !pull(j.at) {
			t.Fatal("no request after Done said that there is one")
		}
	}
	if pull(math.MaxFloat64) {
		t.Error("a request that was never announced")
	}
	return all
}

func TestClosedLoop(t *testing.T) {
	for _, c := range []ClosedLoop{
		{Clients: 1, Requests: 10, Lengths: Fixed{5, 6}},
		{Clients: 8, Requests: 1000, Lengths: Range{100, 50, 0.5}, Think: 2},
		{Clients: 8, Requests: 1000, Lengths: Range{100, 50, 0.5}, Think: 2, Exponential: true},
		{Clients: 50, Requests: 20, Lengths: Fixed{5, 6}},
	} {
		w, err := c.New(testRand(1))
		if err != nil {
			t.Fatal(err)
		}
		all := drive(t, w, func(r *vidur.Request) float64 { return float64(r.Prefill+r.Decode) / 100 })
		if len(all) != c.Requests {
			t.Fatalf("%+v: %d requests", c, len(all))
		}
		last := map[int]*vidur.Request{}
		thought, n := 0.0, 0
		for _, r := range all {
			if r.Session < 1 || r.Session > c.Clients {
				t.Fatalf("%+v: client %d", c, r.Session)
			}
			before := last[r.Session]
			last[r.Session] = r
			if before == nil {
				if r.At != 0 {
					t.Errorf("%+v: the first request of client %d is at %g s", c, r.Session, r.At)
				}
				continue
			}
			think := r.At - before.CompletedAt
			if think < 0 || !c.Exponential && math.Abs(think-c.Think) > 1e-9 {
				t.Fatalf("%+v: client %d thinks %g s", c, r.Session, think)
			}
			thought, n = thought+think, n+1
		}
		if c.Exponential && math.Abs(thought/float64(n)/c.Think-1) > 5/math.Sqrt(float64(n)) {
			t.Errorf("%+v: mean think time %g s", c, thought/float64(n))
		}
		if want := min(c.Clients, c.Requests); len(last) != want {
			t.Errorf("%+v: %d clients sent requests, want %d", c, len(last), want)
		}
	}
}

func TestClosedLoopErrors(t *testing.T) {
	l := Fixed{1, 1}
	for _, c := range []struct {
		c    ClosedLoop
		want string
	}{
		{ClosedLoop{Requests: 1, Lengths: l}, "ClosedLoop.Clients is 0"},
		{ClosedLoop{Clients: 1, Lengths: l}, "ClosedLoop.Requests is 0"},
		{ClosedLoop{Clients: 1, Requests: 1}, "needs Lengths"},
		{ClosedLoop{Clients: 1, Requests: 1, Lengths: l, Think: -1}, "ClosedLoop.Think is -1"},
		{ClosedLoop{Clients: 1, Requests: 1, Lengths: l, Think: math.Inf(1)}, "ClosedLoop.Think is +Inf"},
		{ClosedLoop{Clients: 1, Requests: 1, Lengths: Fixed{}}, "Fixed.Prefill is 0"},
	} {
		_, err := c.c.New(testRand(1))
		wantError(t, err, c.want)
	}
	_, err := ClosedLoop{Clients: 1, Requests: 1, Lengths: l}.New(nil)
	wantError(t, err, "no source of random numbers")
}
