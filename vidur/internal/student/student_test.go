package student

import (
	"math"
	"testing"
)

// Half-widths of 95 % by tables of Student's t (2.776 for five values, 12.706 for
// two), and the normal distribution's of very many.
func TestHalf(t *testing.T) {
	for _, c := range []struct {
		n                     int
		variance, level, want float64
	}{
		{5, 5, 0.95, 2.776445},
		{2, 2, 0.95, 12.706205},
		{5, 5, 0.99, 4.604095},
		{1_000_000, 1e6, 0.95, 1.959966},
		{9, 0, 0.95, 0},
	} {
		if got := Half(c.n, c.variance, c.level); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
