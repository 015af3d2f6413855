package trained

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// StepError combines the errors of the operators into one of the time of an
// iteration. share is the part of the time that each operator takes, by number; it
// need not be normalised. The results are fractions of the time:
//
//	independent = sqrt( Σ (share · error)² ), if errors have nothing in common,
//	correlated  = Σ share · error,            if all operators err alike.
//
// Operator errors are mean absolute ones (Provenance.CVError), and so are these.
// The truth lies between: an all-reduce knows nothing of a GEMM, but the GEMMs of
// one model of a GPU err together.
func (t *Trained) StepError(share []float64) (independent, correlated float64) {
	total := 0.0
	for i := range min(len(share), vidur.NumOps) {
		s, e := share[i], t.ops[i].CVError/100
		total += s
		independent += s * e * s * e
		correlated += s * e
	}
	if !(total > 0) {
		return 0, 0
	}
	return math.Sqrt(independent) / total, correlated / total
}

// Shares are the parts of a stage's time that the operators take.
func Shares(st *vidur.StageTime) []float64 {
	var m Meter
	m.add(st)
	return m.Shares()
}

// Band is where the time of the first stage for a batch is expected, in s: its
// predicted time minus and plus the independent [Trained.StepError].
func (t *Trained) Band(b *vidur.Batch) (low, high float64) {
	st, err := t.predictor.StageTime(b, 0)
	if err != nil {
		return 0, 0
	}
	e, _ := t.StepError(Shares(&st))
	total := st.Total()
	return total * (1 - min(e, 1)), total * (1 + e)
}
