package sched_test

import (
	"errors"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

// TestLightLLMAdmission finds the memory at which requests are admitted. A new
// request holds its prompt and a token and has answer - 2 left; when the i-th of
// them by tokens left ends, i live and hold left×i and what they hold now.
func TestLightLLMAdmission(t *testing.T) {
	long, short := vidur.Arrival{Prefill: 4, Decode: 6}, vidur.Arrival{Prefill: 4, Decode: 3}
	for _, c := range []struct {
		blocks, first int // tokens of memory, requests of the first batch
		as            []vidur.Arrival
	}{
		{10, 1, []vidur.Arrival{long}},        // 4×1 + 5 = 9
		{12, 1, []vidur.Arrival{long, short}}, // 1×2 + 10 = 12 is not less
		{13, 2, []vidur.Arrival{long, short}}, // but here it is
		{18, 1, []vidur.Arrival{long, long}},  // 4×2 + 10 = 18
		{19, 2, []vidur.Arrival{long, long}},
		{13, 2, []vidur.Arrival{short, long}},        // the order of arrival does not count
		{18, 2, []vidur.Arrival{long, short, short}}, // 1×3 + 15 = 18
		{19, 3, []vidur.Arrival{long, short, short}},
	} {
		sizes, err := run(t, vidur.ReplicaSpec{Blocks: c.blocks, BlockSize: 1}, sched.LightLLM{}.New, c.as...)
		if err != nil || sizes[0] != c.first {
			t.Errorf("%d tokens, %v: batches of %v, want %d in the first: %v", c.blocks, c.as, sizes, c.first, err)
		}
	}
	var stuck *vidur.StuckError
	if _, err := run(t, vidur.ReplicaSpec{Blocks: 9, BlockSize: 1}, sched.LightLLM{}.New, long); !errors.As(err, &stuck) {
		t.Errorf("9 tokens for a request of 10: %v", err)
	}
}
