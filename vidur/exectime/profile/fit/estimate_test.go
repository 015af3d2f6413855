package fit

import (
	"testing"

	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// The datasheets of the cards that the original profiled, guessed from their
// profiles.
func TestEstimate(t *testing.T) {
	dir := sharedtest.Path(t, "vidur-data")
	for _, name := range []string{"a100", "h100", "a40"} {
		d, err := catalog.Default().Device(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, l2 := range []float64{0, d.L2MB} {
			got, err := Estimate(dir, name, l2)
			if err != nil {
				t.Fatal(err)
			}
			flops, bandwidth := got.TFLOPS/d.TFLOPS, got.Bandwidth/d.Bandwidth
			t.Logf("%s: %.0f TFLOPS, %.2f of the datasheet; %.0f GB/s, %.2f", name, got.TFLOPS, flops, got.Bandwidth, bandwidth)
			if flops < 0.95 || flops > 1.05 || bandwidth < 0.85 || bandwidth > 1.1 {
				t.Error("too far off")
			}
		}
	}
	if _, err := Estimate(dir, "nothing", 0); err == nil {
		t.Error("a folder that is not there has an estimate")
	}
}
