package nb

import "testing"

func BenchmarkDisplayForms(b *testing.B) {
	rows := make([]point, 10000)
	b.Run("table", func(b *testing.B) {
		for b.Loop() {
			MIME(rows)
		}
	})
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			plain(rows[:100])
		}
	})
}

func BenchmarkProgress(b *testing.B) {
	p := NewProgress("x", b.N)
	for b.Loop() {
		p.Add(1)
	}
	p.Done()
}
