package forest

import "testing"

func BenchmarkFit1D(b *testing.B)    { benchmarkFit(b, 1, 261) }
func BenchmarkFit2D10k(b *testing.B) { benchmarkFit(b, 2, 10_000) }
func benchmarkFit(b *testing.B, features, n int) {
	x, y := smooth(features, n, 1)
	b.ReportAllocs()
	for b.Loop() {
		mustFit(b, x, y, Options{Trees: 50, MaxDepth: 32, Seed: 1})
	}
}

// BenchmarkEvaluate predicts a tenth of the rows, in a run, with a grid of 27.
func BenchmarkEvaluate(b *testing.B) {
	x, y := smooth(2, 5_000, 1)
	var grid []Options
	for _, depth := range []int{8, 16, 32} {
		for _, split := range []int{2, 5, 10} {
			for _, trees := range []int{25, 50, 75} {
				grid = append(grid, Options{Trees: trees, MaxDepth: depth, MinSplit: split})
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Evaluate([][]float64{x[0][500:], x[1][500:]}, y[500:], [][]float64{x[0][:500], x[1][:500]}, grid); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPredict(b *testing.B) {
	x, y := smooth(2, 5_000, 1)
	f := mustFit(b, x, y, Options{Trees: 250, MaxDepth: 32})
	s, _ := f.Steps()
	row := []float64{500, 700}
	b.Run("forest", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.Predict(row)
		}
	})
	b.Run("steps", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Predict(row)
		}
	})
}
