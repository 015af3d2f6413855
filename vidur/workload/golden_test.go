package workload

import (
	"fmt"
	"hash/fnv"
	"testing"
)

// The same seed gives the same requests from one version to the next: the
// digests change only when a distribution is changed on purpose.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Synthetic
		want string
	}{
		{"azure-conv-2023, Poisson", Synthetic{Intervals: Poisson{2}, Lengths: azureConv(t), Requests: 1000}, "8585749f71ae9780"},
		{"Zipf, Gamma", Synthetic{Intervals: Gamma{2, 2}, Lengths: Zipf{0.6, 1024, 4096, 20, true}, Requests: 1000}, "6cf09d4f666c86a9"},
		{"Uniform, Constant", Synthetic{Intervals: Constant{3}, Lengths: Uniform{1024, 4096, 20}, Requests: 1000}, "0e7766c212ef3d75"},
	} {
		h := fnv.New64a()
		for _, a := range drain(t, start(t, c.s, 42)) {
			fmt.Fprintf(h, "%.9g %d %d\n", a.At, a.Prefill, a.Decode)
		}
		if got := fmt.Sprintf("%016x", h.Sum64()); got != c.want {
			t.Errorf("%s: digest %s, want %s", c.name, got, c.want)
		}
	}
}
