package trained

import (
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// TestMeter: what a Meter adds up is the time of the stages.
func TestMeter(t *testing.T) {
	var m Meter
	total := 0.0
	for n := 1; n <= 3; n++ {
		st := vidur.StageTime{Layers: 10 * n}
		for op := range st.Ops {
			st.Ops[op] = float64(op+n) / 7
		}
		total += st.Total() * 1e3
		m.Record(&vidur.Event{Kind: vidur.StageStarted, Batch: &vidur.Batch{Time: st}})
		m.Record(&vidur.Event{Kind: vidur.StageEnded, Batch: &vidur.Batch{Time: st}})
		m.Record(&vidur.Event{Kind: vidur.StageStarted})
	}
	ms, shares := 0.0, 0.0
	for op, share := range m.Shares() {
		ms += m.ms[op]
		shares += share
	}
	if math.Abs(ms/total-1) > 1e-12 || math.Abs(shares-1) > 1e-12 {
		t.Errorf("%v ms of %v, shares add up to %v", ms, total, shares)
	}
	if s := (&Meter{}).Shares(); s[0] != 0 {
		t.Error("shares of nothing")
	}
}
