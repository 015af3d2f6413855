package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur/spec"
)

// BenchmarkSweep64 is 64 simulations of 200 conversations each, of 4 chunk
// sizes, 4 loads and 4 seeds, on some workers, and as a loop that builds and
// simulates each by itself.
func BenchmarkSweep64(b *testing.B) {
	base := spec.Default()
	base.Requests = 200
	b.Run("loop", func(b *testing.B) {
		for b.Loop() {
			loop64(b, base)
		}
		b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "runs/s")
	})
	for _, workers := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("workers-%d", workers), func(b *testing.B) {
			for b.Loop() {
				mustSweep(b, base, Over("chunk", 256, 512, 1024, 2048), Over("qps", 2, 4, 8, 16), Seeds(1, 2, 3, 4), Workers(workers))
			}
			b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "runs/s")
		})
	}
}

func loop64(b *testing.B, base *spec.Experiment) {
	for i := range 64 {
		e := *base
		e.Chunk, e.QPS, e.Seed = 256<<(i/16), float64(int(2)<<(i/4%4)), uint64(i%4+1)
		run, err := e.Build()
		if err != nil {
			b.Fatal(err)
		}
		store, err := run.Simulate(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		store.Summary()
	}
}

// BenchmarkDifference is the statistics of ten and of a thousand pairs.
func BenchmarkDifference(b *testing.B) {
	for _, n := range []int{10, 60, 1000} {
		x, y := pairs(rand.New(rand.NewPCG(1, 1)), n, 0.1, 1)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				difference(x, y, 0.95)
			}
		})
	}
}
