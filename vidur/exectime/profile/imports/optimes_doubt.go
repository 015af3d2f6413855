package imports

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// The scripts fill the detailed table with a machine that waits for one operator
// after the other, in a cycle, so a GEMM that the cycle does not have is booked to
// the next operator in it. What that does is far beyond the errors of the analytic
// model, which are 6 to 8 % for a GEMM on fitted cards and 7 to 11 % on others.
const (
	fits = 1.25 // as a factor between measured and analytic times of GEMMs that fit
	off  = 1.4  // as a factor beyond which one does not
)

// gemmColumns are the GEMMs of a layer, in the order of the cycle.
var gemmColumns = [...]struct {
	name string
	op   vidur.Op
}{
	{"kqv_proj", vidur.OpAttnPreProj}, {"o_proj", vidur.OpAttnPostProj},
	{"gated_up_proj", vidur.OpMLPUp}, {"down_proj", vidur.OpMLPDown},
}

// doubt compares a table with the analytic model and says what cannot be right in
// most of its rows.
func (t *opTimes) doubt(trace *Trace, ref *reference) {
	for _, suspect := range []func(*opTimesRow, *[vidur.NumOps]float64) string{t.flash, t.shifted} {
		var first string
		found := 0
		for i := range t.rows {
			want := ref.times(&trace.Steps[i])
			if text := suspect(&t.rows[i], &want); text != "" {
				first = cmp.Or(first, fmt.Sprintf("%s:%d: %s", t.file, t.rows[i].line, text))
				found++
			}
		}
		if 2*found > len(t.rows) {
			trace.note("%s (%d of %d rows are like that)", first, found, len(t.rows))
			return
		}
	}
}

// at is the time of a column, µs.
func (r *opTimesRow) at(t *opTimes, name string) float64 {
	return r.ms[slices.Index(t.names, name)] * usPerMs
}

// flash reports attention that is far too short while the other operators are as
// much too long: kernels named flash_fwd are booked to others.
func (t *opTimes) flash(r *opTimesRow, want *[vidur.NumOps]float64) string {
	column := "attention"
	if t.detailed {
		column = "paged_attention"
	}
	has, model := r.at(t, column), want[vidur.OpAttnDecode]
	if has == 0 || has*4 > model || r.at(t, "others") < model/2 {
		return ""
	}
	return fmt.Sprintf("%s has %.0f µs where the analytic model has %.0f, and others as much more: kernels of attention that are not named so (flash_fwd) are in others", column, has, model)
}

// shifted reports GEMMs whose proportions are not those of the model's shapes, and
// what they look like.
func (t *opTimes) shifted(r *opTimesRow, want *[vidur.NumOps]float64) string {
	if !t.detailed {
		return ""
	}
	var ratios [len(gemmColumns)]float64
	for i, c := range gemmColumns {
		ratios[i] = r.at(t, c.name) / want[c.op]
		if ratios[i] == 0 || math.IsNaN(ratios[i]) {
			return "" // said elsewhere
		}
	}
	if slices.Max(ratios[:]) < off*slices.Min(ratios[:]) {
		return ""
	}
	odd := loner(ratios[:])
	if odd < 0 {
		return fmt.Sprintf("the GEMMs do not have the proportions of the model: measured times are %.2f, %.2f, %.2f and %.2f of the analytic ones for kqv, o, gated up and down. %s",
			ratios[0], ratios[1], ratios[2], ratios[3], extraGEMM)
	}
	c := gemmColumns[odd]
	rest := (ratios[(odd+1)%4] + ratios[(odd+2)%4] + ratios[(odd+3)%4]) / 3
	more := r.at(t, c.name) - rest*want[c.op]
	text := fmt.Sprintf("%s is off by %+.0f µs while the other GEMMs fit the analytic model", c.name, more)
	switch {
	case c.op == vidur.OpAttnPreProj && more > 0:
		text += fmt.Sprintf(": the scripts book a GEMM after the last down projection to it, and the LM head of this model takes %.0f µs", want[vidur.OpLMHead])
	case c.op == vidur.OpMLPUp && more < 0:
		text += ". " + extraGEMM
	}
	return text
}

const extraGEMM = "The scripts know four GEMMs in a layer: where gate and up projection are apart, the one is booked to down_proj and down_proj to kqv_proj. The traces themselves tell them apart"

// loner is the one of the ratios that does not fit the others, or -1.
func loner(ratios []float64) int {
	for i := range ratios {
		rest := slices.Delete(slices.Clone(ratios), i, i+1)
		if slices.Max(rest) < fits*slices.Min(rest) {
			return i
		}
	}
	return -1
}
