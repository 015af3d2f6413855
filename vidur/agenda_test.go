package vidur

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is an agenda as one reads of it: a list that is sorted, stably, by time.
type naive struct {
	now  float64
	list []timed
	seq  uint64
}

func (a *naive) at(t float64, kind Kind) {
	a.seq++
	a.list = append(a.list, timed{at: max(t, a.now), seq: a.seq, item: item{kind: kind}})
	slices.SortStableFunc(a.list, func(x, y timed) int {
		switch {
		case x.at < y.at:
			return -1
		case x.at > y.at:
			return 1
		}
		return int(x.seq) - int(y.seq)
	})
}

func (a *naive) pop() timed {
	e := a.list[0]
	a.list = a.list[1:]
	a.now = e.at
	return e
}

// TestAgendaAgainstList pushes and pops at random, with many ties and with times
// in the past, which mean now.
func TestAgendaAgainstList(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var a agenda
		var b naive
		label := 0
		for range 400 {
			if n := len(b.list); n == 0 || n < 60 && rng.IntN(2) == 0 {
				label++
				at := b.now + pickTime(rng)
				if at == b.now && rng.IntN(2) == 0 {
					a.soon(Kind(label%7), label, 0, nil, nil)
				} else {
					a.at(at, Kind(label%7), label, 0, nil, nil)
				}
				b.at(at, Kind(label%7))
				b.list[slices.IndexFunc(b.list, func(e timed) bool { return e.seq == b.seq })].replica = int32(label)
				continue
			}
			if got, want := a.time(), b.list[0].at; got != want {
				t.Fatalf("seed %d: the next event is at %g, want %g", seed, got, want)
			}
			want, got := b.pop(), a.pop()
			if got.replica != want.replica || got.kind != want.kind || a.now != want.at {
				t.Fatalf("seed %d: got event %d at %g, want %d at %g", seed, got.replica, a.now, want.replica, want.at)
			}
		}
		for range b.list {
			if want, got := b.pop(), a.pop(); got.replica != want.replica {
				t.Fatalf("seed %d: got event %d, want %d", seed, got.replica, want.replica)
			}
		}
		if !math.IsInf(a.time(), 1) {
			t.Fatalf("seed %d: events are left", seed)
		}
	}
}

func pickTime(rng *rand.Rand) float64 {
	return [...]float64{-1, 0, 0, 0.5, 0.5, 1, 2, rng.Float64()}[rng.IntN(8)]
}

func TestKindNames(t *testing.T) {
	for k := Arrived; k <= BatchEnded; k++ {
		if k.String() == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
}
