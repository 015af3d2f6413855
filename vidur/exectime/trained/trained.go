package trained

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// Trained has the operator times of one kind of replica. It is safe for
// concurrent use.
type Trained struct {
	spec      vidur.ReplicaSpec
	options   Options
	ref       reference
	ops       [vidur.NumOps]operator
	notes     []string
	predictor vidur.Predictor
	beyond    atomic.Int64
}

// New reads the profiles below dir for a replica, learns from them or takes what
// was learnt before out of the cache, and fills the rest in by the analytic
// model. An empty dir has no profiles.
func New(ctx context.Context, dir string, spec vidur.ReplicaSpec, o Options) (*Trained, error) {
	set := &profile.Set{}
	if dir != "" {
		o.Profile.Lenient = true
		var err error
		if set, err = profile.Read(dir, spec, o.Profile); err != nil {
			return nil, err
		}
		if !o.NoTransfer {
			o.Donors = append(o.Donors[:len(o.Donors):len(o.Donors)], findDonors(dir, set, spec, &o)...)
		}
	}
	return Train(ctx, set, spec, o)
}

// Train learns the operators that set has samples of. The error is that of ctx,
// or says what is wrong with the spec or the options; an operator that cannot be
// learnt is analytic, with a note.
func Train(ctx context.Context, set *profile.Set, spec vidur.ReplicaSpec, o Options) (*Trained, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	model, err := exectime.NewAnalytic(o.Analytic)
	if err != nil {
		return nil, err
	}
	operators, err := model.Operators(spec)
	if err != nil {
		return nil, err
	}
	t := &Trained{spec: spec, options: o, ref: reference{Operators: operators}}
	if operators.Network().Far(0) && spec.PP > 1 {
		t.ref.far = 1
	}
	t.notes = append(t.notes, set.Notes...)
	for i := range t.ops {
		t.ops[i] = t.analytic(vidur.Op(i), t.runs(vidur.Op(i), set))
	}
	samples := set.Ops
	t.borrow(&samples)
	if err := t.learn(ctx, &samples); err != nil {
		return nil, err
	}
	t.checkLenders()
	if !o.NoTransfer && len(o.Donors) > 0 {
		t.transfer(model)
	}
	t.predictor = WithCPU(newPredictor(t), o.CPU)
	return t, nil
}

// analytic is an operator as it is without samples.
func (t *Trained) analytic(op vidur.Op, runs bool) operator {
	o := operator{runs: runs, ref: t.ref, clamp: t.options.Clamp}
	o.Op, o.Source, o.Estimator = op, Analytic, "analytic model"
	o.CVError, o.Note = t.documented(op)
	return o
}

// runs reports whether the replica has the operator.
func (t *Trained) runs(op vidur.Op, set *profile.Set) bool {
	switch op {
	case vidur.OpAllReduce:
		return t.spec.TP > 1
	case vidur.OpSendRecv:
		return t.spec.PP > 1
	case vidur.OpPostNorm:
		return !t.spec.Model.NoPostNorm
	case vidur.OpEmbed, vidur.OpLMHead:
		return !t.options.Original
	case vidur.OpOther: // only imported profiles have any
		return set.Ops[op] != nil
	}
	if op >= vidur.OpSchedule {
		return t.options.CPU == CPUOverhead{} && set.Ops[op] != nil
	}
	return true
}

// learn learns the operators, and says what did not go well.
func (t *Trained) learn(ctx context.Context, samples *[vidur.NumOps]*profile.Samples) error {
	errs, notes := make([]error, vidur.NumOps), make([]string, vidur.NumOps)
	learnOp := func(op vidur.Op, grid []learn.Estimator) {
		notes[op], errs[op] = t.learnOne(ctx, &t.ops[op], samples[op], grid)
	}
	if original(t.options.Grid) {
		t.learnInOrder(samples, learnOp)
	} else {
		t.learnAtOnce(samples, learnOp)
	}
	unsaved := false
	for i := range errs {
		if errs[i] == nil && notes[i] == "" {
			continue
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%v: %w", vidur.Op(i), ctx.Err())
		}
		if errs[i] != nil {
			t.notes = append(t.notes, fmt.Sprintf("%v: %v; the analytic model takes its place", vidur.Op(i), errs[i]))
		}
		if notes[i] != "" && !unsaved { // the others failed for the same reason
			t.notes, unsaved = append(t.notes, notes[i]), true
		}
	}
	return ctx.Err()
}

// learnAtOnce learns the operators side by side. Which of them a goroutine takes
// does not matter to what comes out.
func (t *Trained) learnAtOnce(samples *[vidur.NumOps]*profile.Samples, learnOp func(vidur.Op, []learn.Estimator)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), vidur.NumOps) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < vidur.NumOps; i = int(next.Add(1)) - 1 {
				if samples[i] != nil && t.ops[i].runs {
					learnOp(vidur.Op(i), t.options.Grid)
				}
			}
		})
	}
	group.Wait()
}

// Predictor predicts the stage times of the replica.
func (t *Trained) Predictor() vidur.Predictor { return t.predictor }

// Provenance is what each operator that the replica runs rests on.
func (t *Trained) Provenance() []Provenance {
	var list []Provenance
	for i := range t.ops {
		if t.ops[i].runs {
			list = append(list, t.ops[i].Provenance)
		}
	}
	return list
}

// Beyond is the number of look-ups so far that lay beyond the profiles: one per
// operator and batch and stage.
func (t *Trained) Beyond() int64 { return t.beyond.Load() }

// Notes say what a reader of the results should know: what the profiles lack,
// what was made of it, and, after a run, how often look-ups went beyond them.
func (t *Trained) Notes() []string {
	notes := append([]string(nil), t.notes...)
	if n := t.Beyond(); n > 0 {
		how := "times go on there as in the analytic model"
		if t.options.Clamp {
			how = "the estimators answer there, and times of forests stand still"
		}
		notes = append(notes, fmt.Sprintf("look-ups beyond the profiled sizes: %d; %s", n, how))
	}
	return notes
}
