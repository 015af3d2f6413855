package breakdown_test

import (
	"testing"

	"github.com/govidur/govidur/vidur/breakdown"
)

// TestPartsInWords: the longest part is first, and what is short is together.
func TestPartsInWords(t *testing.T) {
	for _, c := range []struct {
		parts breakdown.Parts
		want  string
	}{
		{breakdown.Parts{}, "no time"},
		{breakdown.Parts{breakdown.LeftOut: 2}, "left out 2 s (100 %)"},
		{breakdown.Parts{breakdown.Compute: 1.0005, breakdown.Memory: 2998}, "memory 2998 s (100 %), others 1 s (< 1 %)"},
		{breakdown.Parts{breakdown.Tokens: 0.25, breakdown.Compute: 0.25, breakdown.Iteration: 0.5}, "iteration 0.5 s (50 %), tokens 0.25 s (25 %), compute 0.25 s (25 %)"},
		{breakdown.Parts{breakdown.CPU: 0.00012345}, "cpu 0.000123 s (100 %)"},
	} {
		if got := c.parts.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestMean: the mean of what is asked for, and zero of nothing.
func TestMean(t *testing.T) {
	requests := []breakdown.Request{
		{TTFT: breakdown.Parts{breakdown.Memory: 1}, Decode: breakdown.Parts{breakdown.Compute: 2}},
		{TTFT: breakdown.Parts{breakdown.Memory: 2}, Decode: breakdown.Parts{breakdown.Compute: 4}},
	}
	if got, want := breakdown.Mean(requests, (*breakdown.Request).All), (breakdown.Parts{breakdown.Memory: 1.5, breakdown.Compute: 3}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got := breakdown.Mean(nil, (*breakdown.Request).All); got != (breakdown.Parts{}) {
		t.Errorf("%v of no requests", got)
	}
}
