package trained

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// correctable are the operators that donors can correct: those of profiles, but
// for writing the KV cache, of which no public profile has a time.
func correctable(op vidur.Op) bool { return op <= vidur.OpSendRecv && op != vidur.OpKVSave }

// findDonors reads the profiles of the same model with other degrees of tensor
// parallelism, and those of other models, if the replica lacks one.
func findDonors(dir string, set *profile.Set, spec vidur.ReplicaSpec, o *Options) []Donor {
	lacks := false
	t := Trained{spec: spec, options: *o}
	models := append([]vidur.Model{spec.Model}, o.Models...)
	attention := anyAttention(dir, spec.Device, models) // most profiles have none
	for op := range vidur.OpEmbed {
		possible := attention || op != vidur.OpAttnDecode && op != vidur.OpAttnPrefill
		lacks = lacks || possible && correctable(op) && t.runs(op, set) && set.Ops[op] == nil
	}
	if !lacks {
		return nil
	}
	var donors []Donor
	for _, m := range models {
		for tp := 1; tp <= 16; tp *= 2 {
			other := spec
			other.Model, other.TP, other.PP = m, tp, 1
			if m == spec.Model && tp == max(spec.TP, 1) || other.CheckParallel() != nil {
				continue
			}
			opt := profile.Options{BlockSize: o.Profile.BlockSize, SkipCPU: true, Lenient: true}
			if s, err := profile.Read(dir, other, opt); err == nil {
				donors = append(donors, Donor{other, s})
			}
		}
	}
	return donors
}

// anyAttention reports whether there is an attention.csv of one of the models.
func anyAttention(dir string, device vidur.Device, models []vidur.Model) bool {
	for _, m := range models {
		for _, root := range []string{filepath.Join(dir, "profiling"), dir} {
			path := filepath.Join(root, "compute", device.Name, filepath.FromSlash(m.Name), "attention.csv")
			if _, err := os.Stat(path); err == nil {
				return true
			}
		}
	}
	return false
}

// borrow gives the replica the samples of its model with another degree of tensor
// parallelism, the nearest, for operators that are the same kernel with any.
func (t *Trained) borrow(samples *[vidur.NumOps]*profile.Samples) {
	if t.options.NoTransfer {
		return
	}
	tp := float64(max(t.spec.TP, 1))
	for _, op := range []vidur.Op{vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpAdd} {
		if samples[op] != nil {
			continue
		}
		away := math.Inf(1)
		for _, d := range t.options.Donors {
			if d.Set == nil || d.Set.Ops[op] == nil || d.Spec.Model != t.spec.Model {
				continue
			}
			other := max(d.Spec.TP, 1)
			if far := math.Abs(math.Log(float64(other) / tp)); far < away {
				away, samples[op], t.ops[op].lender = far, d.Set.Ops[op], other
			}
		}
	}
}

// checkLenders compares borrowed operators with the same kernel's rows of further
// donors: another run of the profiler. The error becomes what it is there, if that
// is more than cross-validation says, and an operator that the analytic model
// predicts better is one again.
func (t *Trained) checkLenders() {
	for i := range t.ops {
		o := &t.ops[i]
		if o.lender == 0 || o.model == nil {
			continue
		}
		borrowed, analytic, n := 0.0, 0.0, 0
		for _, d := range t.options.Donors {
			if d.Set == nil || d.Set.Ops[i] == nil || d.Spec.Model != t.spec.Model || max(d.Spec.TP, 1) == o.lender {
				continue
			}
			for j, x := range d.Set.Ops[i].X[0] {
				if y := d.Set.Ops[i].Y[j]; y > 0 {
					borrowed += 100 * math.Abs(o.measured(x, 0)/y-1)
					analytic += 100 * math.Abs(t.ref.at(o.Op, int(x), 0)/y-1)
					n++
				}
			}
		}
		if borrowed > analytic {
			*o = t.analytic(o.Op, o.runs)
		} else if n > 0 {
			o.CVError = max(o.CVError, borrowed/float64(n))
		}
	}
}

// transfer corrects the analytic operators by the donors' profiles: by those of
// the same model if there are two, else by all. It is left where a correction
// fitted to the other donors makes a donor's times no better on the mean.
func (t *Trained) transfer(model *exectime.Analytic) {
	refs := make([]reference, len(t.options.Donors))
	for i := range t.options.Donors {
		operators, err := model.Operators(t.options.Donors[i].Spec)
		if err != nil {
			t.notes = append(t.notes, fmt.Sprintf("a donor was left out: %v", err))
			continue
		}
		refs[i] = reference{Operators: operators}
	}
	for op := range vidur.OpEmbed {
		o := &t.ops[op]
		if !o.runs || o.model != nil || o.known != nil || o.zero || !correctable(op) {
			continue
		}
		points, names, rows := t.donated(op, refs, true)
		if len(points) < 2 {
			points, names, rows = t.donated(op, refs, false)
		}
		if len(points) < 2 {
			continue
		}
		if fix, with, without := best(points); fix != nil {
			o.fix = fix
			o.Source, o.Estimator, o.Rows = Transferred, "analytic model × log-ratio by half octave of "+fix.name(), rows
			o.CVError, o.TrainError = with, meanError(o.fix, points)
			o.Range = strings.Join(names, ", ")
			o.Note = fmt.Sprintf("without the correction %.1f %%", without)
		}
	}
}

// donated are the measured times of an operator beside the analytic ones, by
// donor: of the same model, or of any.
func (t *Trained) donated(op vidur.Op, refs []reference, sameModel bool) (donors [][]point, names []string, rows int) {
	for i, d := range t.options.Donors {
		if refs[i].Operators == nil || d.Set == nil || sameModel && d.Spec.Model != t.spec.Model {
			continue
		}
		s := d.Set.Ops[op]
		if s == nil || checkSamples(s) != nil {
			continue
		}
		var points []point
		x, y := sizes(s)
		for j := range x {
			p := point{measured: s.Y[j]}
			if y != nil {
				p.analytic = refs[i].at(op, int(x[j]), int(y[j]))
			} else {
				p.analytic, p.tokens = refs[i].at(op, int(x[j]), 0), x[j]
			}
			if p.usable() {
				points = append(points, p)
			}
		}
		if len(points) > 0 {
			donors = append(donors, points)
			names = append(names, fmt.Sprintf("%s TP%d", d.Spec.Model.Name, max(d.Spec.TP, 1)))
			rows += len(points)
		}
	}
	return donors, names, rows
}

func meanError(c *correction, donors [][]point) float64 {
	sum := 0.0
	for _, points := range donors {
		sum += errorOf(c, points)
	}
	return sum / float64(len(donors))
}
