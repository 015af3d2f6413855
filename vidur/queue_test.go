package vidur

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestQueueAgainstSlice does random operations on a queue and on a slice.
func TestQueueAgainstSlice(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var q Queue
		var s []*Request
		for id := range 600 {
			r := &Request{ID: id, Arrival: Arrival{At: float64(rng.IntN(5)), Prefill: rng.IntN(4)}}
			switch op := rng.IntN(11); {
			case op < 3:
				q.Push(r)
				s = append(s, r)
			case op < 5:
				q.PushFront(r)
				s = slices.Insert(s, 0, r)
			case op < 7:
				same(t, q.Pop(), take(&s, 0))
			case op == 7:
				same(t, q.PopBack(), take(&s, len(s)-1))
			case op == 8 && len(s) > 0:
				i := rng.IntN(len(s))
				same(t, q.Remove(i), take(&s, i))
			case op == 9:
				q.SortByArrival()
				slices.SortStableFunc(s, func(a, b *Request) int { return int(a.At) - int(b.At) })
			case op == 10:
				q.Sort(func(a, b *Request) bool { return a.Prefill < b.Prefill })
				slices.SortStableFunc(s, func(a, b *Request) int { return a.Prefill - b.Prefill })
			}
			if q.Len() != len(s) {
				t.Fatalf("seed %d: length %d, want %d", seed, q.Len(), len(s))
			}
			for i := range s {
				same(t, q.At(i), s[i])
			}
		}
	}
}

// take removes s[i], or returns nil if there is none.
func take(s *[]*Request, i int) *Request {
	if i < 0 || i >= len(*s) {
		return nil
	}
	r := (*s)[i]
	*s = slices.Delete(*s, i, i+1)
	return r
}

func same(t *testing.T, got, want *Request) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestQueueDoesNotAllocate(t *testing.T) {
	var q Queue
	rs := make([]Request, 100)
	step := func() {
		for i := range rs {
			rs[i].At = float64(-i)
			q.Push(&rs[i])
		}
		q.SortByArrival()
		for q.Pop() != nil {
		}
	}
	step()
	if n := testing.AllocsPerRun(10, step); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
