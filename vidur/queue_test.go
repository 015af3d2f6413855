package vidur

import (
	"math"
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
			switch op := rng.IntN(14); {
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
			case op == 11:
				key := func(r *Request) float64 { return float64(r.ID*7%5) - r.At }
				q.SortBy(key)
				slices.SortStableFunc(s, func(a, b *Request) int { return int(key(a) - key(b)) })
			case op == 12:
				is := func(r *Request) bool { return r.ID%7 == 3 }
				if q.Find(is) != slices.IndexFunc(s, is) {
					t.Fatalf("Find gives %d", q.Find(is))
				}
			case op == 13:
				q, s = move(t, &q, s, rng.IntN(2) == 0)
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

// move does MoveTo of every third request, to the queue itself or to another one,
// from which it puts them back in front.
func move(t *testing.T, q *Queue, s []*Request, self bool) (Queue, []*Request) {
	t.Helper()
	match := func(r *Request) bool { return r.ID%3 == 1 }
	var yes, no []*Request
	for _, r := range s {
		if match(r) {
			yes = append(yes, r)
		} else {
			no = append(no, r)
		}
	}
	var other Queue
	to := &other
	if self {
		to = q
	}
	if n := q.MoveTo(to, match); n != len(yes) {
		t.Fatalf("%d moved, want %d", n, len(yes))
	}
	if self {
		return *q, append(no, yes...)
	}
	for other.Len() > 0 {
		q.PushFront(other.PopBack())
	}
	return *q, append(yes, no...)
}

// TestSortByCallsKeyOnce counts the calls of key, and has keys that are no numbers.
func TestSortByCallsKeyOnce(t *testing.T) {
	var q Queue
	rs := make([]Request, 50)
	for i := range rs {
		rs[i].ID = i
		q.Push(&rs[i])
	}
	calls := 0
	q.SortBy(func(r *Request) float64 {
		calls++
		if r.ID%10 == 9 {
			return math.NaN()
		}
		return float64(-r.ID / 10)
	})
	if calls != len(rs) {
		t.Errorf("%d calls for %d requests", calls, len(rs))
	}
	for i := range q.Len() {
		want := i*10 + 9
		if i >= 5 {
			j := i - 5
			want = (4-j/9)*10 + j%9
		}
		if q.At(i).ID != want {
			t.Errorf("place %d has request %d, want %d", i, q.At(i).ID, want)
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
		q.SortBy(func(r *Request) float64 { return -r.At })
		for q.Pop() != nil {
		}
	}
	step()
	if n := testing.AllocsPerRun(10, step); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
