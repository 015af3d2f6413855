package workload

import (
	"testing"

	"github.com/govidur/govidur/vidur"
)

func azureConv(t testing.TB) Model {
	t.Helper()
	m, err := Named("azure-conv-2023")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Requests are made without an allocation.
func TestNextAllocates(t *testing.T) {
	for name, s := range map[string]Synthetic{
		"named, Poisson":  {Intervals: Poisson{1}, Lengths: azureConv(t), Requests: 1 << 30},
		"Zipf, Gamma":     {Intervals: Gamma{1, 2}, Lengths: Zipf{0.6, 1024, 4096, 20, true}, Requests: 1 << 30},
		"shuffled, rates": {Intervals: Constant{1}, Lengths: Shuffled{[]Tokens{{1, 1}, {2, 2}}}, Requests: 1 << 30},
	} {
		w := start(t, s, 1)
		if n := testing.AllocsPerRun(1000, func() {
			if _, err := w.Next(0); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %g allocations a request", name, n)
		}
	}
	w, err := ClosedLoop{Clients: 3, Requests: 1 << 30, Lengths: azureConv(t), Think: 1, Exponential: true}.New(testRand(1))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.Next(0)
	}
	r := &vidur.Request{Arrival: vidur.Arrival{Session: 1}}
	if n := testing.AllocsPerRun(1000, func() {
		w.Done(r)
		w.Next(0)
	}); n != 0 {
		t.Errorf("closed loop: %g allocations a request", n)
	}
}

// One request of a named workload with Poisson arrivals.
func BenchmarkNext(b *testing.B) {
	w := start(b, Synthetic{Intervals: Poisson{1}, Lengths: azureConv(b), Requests: 1 << 40}, 1)
	b.ReportAllocs()
	for b.Loop() {
		w.Next(0)
	}
}

// The lengths of one request of a named workload.
func BenchmarkNamed(b *testing.B) {
	next, err := azureConv(b).Start(testRand(1))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		next()
	}
}

// Finding a model by its name.
func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		azureConv(b)
	}
}
