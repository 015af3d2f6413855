package trained

import (
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// learningOrder is the order in which the original learns. Its forests take
// their random numbers from one stream, so each depends on those before it.
var learningOrder = [...]vidur.Op{
	vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpMLPAct,
	vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpAttnRope, vidur.OpAdd, vidur.OpKVSave,
	vidur.OpSendRecv, vidur.OpAllReduce,
	vidur.OpSchedule, vidur.OpSampler, vidur.OpPrepareInputs, vidur.OpProcessOutputs, vidur.OpComm,
	vidur.OpAttnPrefill, vidur.OpAttnDecode,
}

// original reports whether a grid is of original forests.
func original(grid []learn.Estimator) bool {
	f, ok := grid[0].(learn.Forest)
	return ok && f.Original
}

// drawn is where an original forest leaves its stream; 0 for other estimators.
func drawn(e learn.Estimator) int {
	if f, ok := e.(learn.Forest); ok && f.Original {
		return f.Skip + f.Trees
	}
	return 0
}

// learnInOrder learns operators one after the other, each with the stream as the
// one before leaves it. The norm before the MLP is learnt for models without it
// too, which do not ask for it: it draws.
func (t *Trained) learnInOrder(samples *[vidur.NumOps]*profile.Samples, learnOp func(vidur.Op, []learn.Estimator)) {
	at := 0
	for _, op := range learningOrder {
		if o := &t.ops[op]; samples[op] != nil && (o.runs || op == vidur.OpPostNorm) {
			learnOp(op, continued(t.options.Grid, at))
			at = max(at, o.drawn)
		}
	}
	for i := range samples { // imported ones that the original does not have, which draw nothing
		if s, o := samples[i], &t.ops[i]; s != nil && s.Imported && o.runs && !slices.Contains(learningOrder[:], vidur.Op(i)) {
			learnOp(vidur.Op(i), t.options.Grid)
		}
	}
}

// continued is a grid of original forests after so many more numbers.
func continued(grid []learn.Estimator, drawn int) []learn.Estimator {
	out := make([]learn.Estimator, len(grid))
	for i, e := range grid {
		if f, ok := e.(learn.Forest); ok && f.Original {
			f.Skip = max(f.Skip, drawn)
			e = f
		}
		out[i] = e
	}
	return out
}
