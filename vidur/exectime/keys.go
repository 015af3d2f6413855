package exectime

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// RoundTokens is what the original simulator rounds the tokens of a batch up to,
// for all operators that are profiled by tokens but writing the KV cache.
const RoundTokens = 8

// Overheads are [TableOptions] worked out for one kind of replica.
type Overheads struct {
	LaunchMs      float64 // per all-reduce
	SkewMs        float64 // per all-reduce, after the launch
	DecodeFactor  float64 // of the decode attention of several requests
	PrefillFactor float64 // of the prefill attention of several requests
}

// Overheads works the overheads out for a replica: those of batching are none
// without grouped-query attention, as in the original simulator.
func (o TableOptions) Overheads(spec *vidur.ReplicaSpec) Overheads {
	o = o.withDefaults()
	v := Overheads{
		LaunchMs:     o.NCCLLaunchMs,
		SkewMs:       float64(o.NCCLSkewMs * math.Pow(float64(max(spec.TP, 1)), 1.25)),
		DecodeFactor: 1, PrefillFactor: 1,
	}
	if spec.Model.KVHeads != spec.Model.QHeads {
		v.DecodeFactor, v.PrefillFactor = 1+o.DecodeOverhead, 1+o.PrefillOverhead
	}
	return v
}

// DecodeKey is what the original simulator looks the attention of the decoding
// slots of b up by, of which there is at least one: how many they are, and the
// mean of their cached tokens, rounded up to a multiple of step.
func DecodeKey(b *vidur.Batch, step int) (requests, cached int) {
	return b.NumDecodes, roundUp(b.DecodeCached/b.NumDecodes, step)
}

// PrefillKey is the same for the slots that prefill: all their cached tokens,
// each rounded up to a multiple of step, and a chunk whose square is the sum of
// the squares of theirs, as if they were one; and how many they are.
func PrefillKey(b *vidur.Batch, step int) (cached, chunk, requests int) {
	squares := 0
	for i := range b.Slots {
		s := &b.Slots[i]
		if s.Decode {
			continue
		}
		cached += roundUp(int(s.Cached), step)
		squares += int(s.Tokens) * int(s.Tokens)
		requests++
	}
	return cached, int(math.RoundToEven(math.Sqrt(float64(squares)))), requests
}

func roundUp(n, step int) int { return (n + step - 1) / step * step }
