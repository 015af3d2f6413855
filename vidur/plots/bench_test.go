package plots

import "testing"

func BenchmarkFormats(b *testing.B) {
	f := galleryCDF(b)
	for _, format := range []string{"svg", "png", "pdf", "eps"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				mustBytes(b, f, format)
			}
		})
	}
}

func BenchmarkCDFOfAMillion(b *testing.B) {
	v := lognormal(1, 1_000_000, 0, 1)
	for b.Loop() {
		if _, err := CDF("x", Values("a", v)); err != nil {
			b.Fatal(err)
		}
	}
}
