package trained

import "github.com/govidur/govidur/vidur"

// Meter is a Recorder that adds up where the time of the stages goes.
type Meter struct{ ms [vidur.NumOps]float64 }

// Record adds a stage that begins to work.
func (m *Meter) Record(e *vidur.Event) {
	if e.Kind != vidur.StageStarted || e.Batch == nil {
		return
	}
	m.add(&e.Batch.Time)
}

func (m *Meter) add(t *vidur.StageTime) {
	for op, ms := range t.Parts() {
		m.ms[op] += ms
	}
}

// Shares are the parts of the time that the operators took; all 0 if there was
// none.
func (m *Meter) Shares() []float64 {
	total := 0.0
	for _, ms := range m.ms {
		total += ms
	}
	shares := make([]float64, vidur.NumOps)
	for op, ms := range m.ms {
		if total > 0 {
			shares[op] = ms / total
		}
	}
	return shares
}

// SumsOnly marks it as one that needs no requests that only decode.
func (m *Meter) SumsOnly() {}
