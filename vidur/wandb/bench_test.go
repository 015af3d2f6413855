package wandb

import (
	"io"
	"testing"
)

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

// BenchmarkWrite writes a run of 2000 rows of three columns.
func BenchmarkWrite(b *testing.B) {
	r := some()
	for b.Loop() {
		if _, err := r.Write(func(string) (io.WriteCloser, error) { return nowhere{io.Discard}, nil }); err != nil {
			b.Fatal(err)
		}
	}
}
