package profile

import (
	"errors"
	"math"

	"github.com/govidur/govidur/vidur"
)

const gatherColumn = "time_stats.all_gather.median"

// head takes the LM head of measured profiles, by the positions whose logits are
// computed: the projection to a part of the vocabulary and the final norm, which
// is like that before attention, from mlp.csv, and for several devices the
// gathering of 2 bytes × vocabulary, from all_gather.csv. The original's profiles
// have none of it.
func (r *reader) head(f *rows, tokens []float64) error {
	column := medianColumn(vidur.OpLMHead)
	if r.imported || !f.Has(column) || r.spec.Model.Vocab <= 0 {
		return nil
	}
	project, err := f.times(column, true)
	if err != nil {
		return err
	}
	norm, err := f.times(medianColumn(vidur.OpInputNorm), true)
	if err != nil {
		return err
	}
	gather := map[float64]float64{}
	if r.spec.TP > 1 {
		gathered := source{usual: "network/{NETWORK_DEVICE}/all_gather.csv", read: func(g *rows) error { return r.gather(g, gather) }}
		if err := r.source(&gathered); err != nil {
			return err
		}
	}
	s := &Samples{Op: vidur.OpLMHead, Features: []string{BatchSize}, X: [][]float64{nil}, File: f.File}
	for i, line := range f.lines() {
		ms, ok := gather[tokens[i]]
		if project[i] > 0 && (ok || r.spec.TP == 1) {
			s.X[0], s.Y, s.Lines = append(s.X[0], tokens[i]), append(s.Y, project[i]+norm[i]+ms), append(s.Lines, line)
		}
	}
	if len(s.Y) < 2 {
		return nil
	}
	if err := r.checkUnit(s); err != nil {
		return r.lenient(err)
	}
	r.set.Ops[s.Op] = s
	return nil
}

// gather takes the times of all-gathers by the positions whose logits they gather.
// That none is of these devices is a note: the analytic LM head remains.
func (r *reader) gather(f *rows, times map[float64]float64) error {
	kept, err := r.keep(f, "gathering",
		filter{column: "num_workers", number: float64(r.spec.TP)}, filter{column: "devices_per_node", number: float64(r.near())})
	var empty *EmptyError
	if errors.As(err, &empty) {
		r.note("%v", err)
		return nil
	}
	if kept == nil || err != nil {
		return err
	}
	sizes, err := kept.key("size")
	if err != nil {
		return err
	}
	ms, err := kept.times(gatherColumn, false)
	if err != nil {
		return err
	}
	for i, bytes := range sizes {
		times[math.Round(bytes/2/float64(r.spec.Model.Vocab))] = ms[i]
	}
	return nil
}

// gather checks the times of all-gathers.
func (k *checker) gather() error {
	if _, err := k.keys("num_workers", "devices_per_node", "size"); err != nil {
		return err
	}
	k.copies()
	_, err := k.medians(vidur.OpLMHead, gatherColumn)
	return err
}
