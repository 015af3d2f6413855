package spec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/aiconf"
	"github.com/govidur/govidur/vidur/exectime/cart"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/trained"
)

// predictor finds where operator times come from: a folder of tables, profiles,
// or the analytic model.
func (e *Experiment) predictor(ctx context.Context, spec vidur.ReplicaSpec, run *Run) (vidur.Predictor, error) {
	switch {
	case e.OpTimes != "" && e.AIConfigurator != "":
		return nil, errors.New("op-times and aiconfigurator do not go together")
	case e.OpTimes != "":
		return e.tables(spec, run)
	case e.AIConfigurator != "":
		return e.library(spec, run)
	}
	t, err := e.Learn(ctx, spec)
	if err != nil {
		return nil, err
	}
	run.Operators = t
	run.Notes = append(run.Notes, t.Notes()...)
	switch {
	case e.profiles() != "":
		run.Times = fmt.Sprintf("profiles in %s: %s", e.profiles(), sources(t.Provenance()))
	case e.Original:
		run.Times = "analytic model, for the original's operators"
	default:
		if note := e.WithoutProfiles(); note != "" {
			run.Notes = append(run.Notes, note)
		}
		return e.analytic(spec, run)
	}
	return t.Predictor(), nil
}

// sources counts operators by where their times come from.
func sources(all []trained.Provenance) string {
	count := [trained.Analytic + 1]int{}
	for _, p := range all {
		count[p.Source]++
	}
	imported := ""
	if n := count[trained.Imported]; n > 0 {
		imported = fmt.Sprintf("%d imported, ", n)
	}
	return fmt.Sprintf("of %d operators %d measured, %d interpolated, %s%d transferred, %d analytic", len(all),
		count[trained.Measured], count[trained.Interpolated], imported, count[trained.Transferred], count[trained.Analytic])
}

// analytic is the fastest way to times that rest on nothing measured.
func (e *Experiment) analytic(spec vidur.ReplicaSpec, run *Run) (vidur.Predictor, error) {
	figures, err := e.Figures()
	if err != nil {
		return nil, err
	}
	a, err := exectime.NewAnalytic(exectime.AnalyticOptions{Figures: figures})
	if err != nil {
		return nil, err
	}
	gpu, err := a.GPU(spec.Device)
	if err != nil {
		return nil, err
	}
	run.Times = "analytic model, " + gpu.From
	p, err := a.Predictor(spec)
	if err != nil {
		return nil, err
	}
	return trained.WithCPU(p, e.cpu()), nil
}

func (e *Experiment) tables(spec vidur.ReplicaSpec, run *Run) (vidur.Predictor, error) {
	t, err := exectime.OpenTable(e.OpTimes, e.overheads())
	if err != nil {
		return nil, err
	}
	run.Times = fmt.Sprintf("tables in %s, taken for %s of TP %d on %s", e.OpTimes, spec.Model.Name, e.TP, spec.Device.Name)
	run.Clamped = t.Clamped
	p, err := t.Predictor(spec)
	if err != nil {
		return nil, err
	}
	return trained.WithCPU(p, e.cpu()), nil
}

// library takes the tables of one engine and version.
func (e *Experiment) library(spec vidur.ReplicaSpec, run *Run) (vidur.Predictor, error) {
	source, err := e.Tables(spec)
	if err != nil {
		return nil, err
	}
	measured, all := 0, source.Origins()
	for _, o := range all {
		if o.Path != "" {
			measured++
		}
		if o.Path != "" && o.Note != "" {
			run.Notes = append(run.Notes, fmt.Sprintf("%v: %s", o.Op, o.Note))
		}
	}
	run.Times = fmt.Sprintf("AIConfigurator's tables of %s %s for %d of %d operators, analytic model for the others", source.ID.Backend, source.ID.Version, measured, len(all))
	return trained.WithCPU(source, e.cpu()), nil
}

// Tables finds AIConfigurator's tables for a replica.
func (e *Experiment) Tables(spec vidur.ReplicaSpec) (*aiconf.Source, error) {
	figures, err := e.Figures()
	if err != nil {
		return nil, err
	}
	lib, err := aiconf.Open(e.AIConfigurator)
	if err != nil {
		return nil, err
	}
	return lib.Predictor(spec, aiconf.Options{
		Backend: e.Backend, Version: e.BackendVersion, AllReduce: e.AllReduce, AllowMissing: e.AllowMissing,
		Analytic: exectime.AnalyticOptions{Figures: figures},
	})
}

func (e *Experiment) overheads() exectime.TableOptions {
	given := func(v float64) float64 { // in TableOptions 0 means the default
		if v == 0 {
			return -1
		}
		return v
	}
	return exectime.TableOptions{
		DecodeOverhead: given(e.DecodeOverhead), PrefillOverhead: given(e.PrefillOverhead),
		NCCLLaunchMs: given(e.NCCLLaunch), NCCLSkewMs: e.NCCLSkew,
		Negative: e.Original, // its linear predictor makes such tables
	}
}

func (e *Experiment) cpu() trained.CPUOverhead {
	return trained.CPUOverhead{ConstantMs: e.CPUMs, PerSequenceMs: e.CPUPerSequence}
}

// Learn learns the operator times of a replica from the experiment's profiles;
// without any they are analytic.
func (e *Experiment) Learn(ctx context.Context, spec vidur.ReplicaSpec) (*trained.Trained, error) {
	if err := e.checkData(); err != nil {
		return nil, err
	}
	grid, err := e.grid()
	if err != nil {
		return nil, err
	}
	figures, err := e.Figures()
	if err != nil {
		return nil, err
	}
	options := trained.Options{
		Seed: e.Seed, Grid: grid,
		Folds: learn.Folds{K: e.Folds, Shuffle: !e.FoldsAsTheyCome, Seed: e.Seed, Draw: e.FoldsDraw && e.Original},
		Profile: profile.Options{
			Compute: e.ComputeFile, Attention: e.AttentionFile, AllReduce: e.AllReduceFile, SendRecv: e.SendRecvFile,
			CPUOverhead: e.CPUFile, SkipCPU: e.SkipCPU,
		},
		Analytic: exectime.AnalyticOptions{Figures: figures},
		Over:     e.overheads(), KVStep: e.KVStep, Clamp: e.Original, Original: e.Original, CPU: e.cpu(),
	}
	switch e.Cache {
	case "none":
	case "":
		options.Cache = trained.UserCache()
	default:
		options.Cache = trained.Cache{Dir: e.Cache}
	}
	t, err := trained.New(ctx, e.profiles(), spec, options)
	if err != nil {
		return nil, fmt.Errorf("operator times: %w", err)
	}
	return t, nil
}

// profiles is the folder of profiles; empty if there is none. The original looks
// for them in data, in the working directory.
func (e *Experiment) profiles() string {
	switch {
	case e.Data != "" && profilingBelow(e.Data) != "":
		return e.Data
	case e.Original && exists(filepath.Join("data", "profiling")):
		return "data"
	case e.ComputeFile+e.AttentionFile+e.AllReduceFile+e.SendRecvFile+e.CPUFile != "":
		return "."
	}
	return ""
}

// WithoutProfiles says that there are no profiles in Data, though it is given, and no
// others; "" where there are.
func (e *Experiment) WithoutProfiles() string {
	if e.Data == "" || e.profiles() != "" {
		return ""
	}
	return fmt.Sprintf("%s has no folder profiling and is none: no operator times are taken from it", e.Data)
}

// profilingBelow is the folder that holds compute, network and cpu_overhead: the
// folder profiling below dir, or dir; empty if it is neither.
func profilingBelow(dir string) string {
	if below := profile.Root(dir); below != dir {
		return below
	}
	for _, name := range []string{"compute", "network", "cpu_overhead"} {
		if exists(filepath.Join(dir, name)) {
			return dir
		}
	}
	return ""
}

// Estimators are the names of what learns operator times.
func Estimators() []string { return []string{"forest", "linear", "cart"} }

// grid lists the estimators that are chosen from.
func (e *Experiment) grid() ([]learn.Estimator, error) {
	switch e.Estimator {
	case "forest":
		return e.forests()
	case "linear":
		return e.polynomials()
	case "cart":
		depth, err := integers("tree-depth", e.TreeDepth)
		var grid []learn.Estimator
		for _, d := range depth {
			grid = append(grid, cart.Tree{MaxDepth: d})
		}
		return grid, err
	}
	return nil, Unknown("estimator", e.Estimator, Estimators())
}

// forests are in the order in which the original tries them, and with Original
// they are its own, to the bit.
func (e *Experiment) forests() ([]learn.Estimator, error) {
	trees, err1 := integers("trees", e.Trees)
	depth, err2 := integers("tree-depth", e.TreeDepth)
	split, err3 := integers("min-split", e.MinSplit)
	var grid []learn.Estimator
	for _, d := range depth {
		for _, s := range split {
			for _, n := range trees {
				grid = append(grid, learn.Forest{Trees: n, MaxDepth: d, MinSplit: s, Seed: e.Seed, Original: e.Original})
			}
		}
	}
	return grid, cmp.Or(err1, err2, err3)
}

func (e *Experiment) polynomials() ([]learn.Estimator, error) {
	degrees, err1 := integers("degree", e.Degree)
	bias, err2 := booleans("poly-bias", e.PolyBias)
	interaction, err3 := booleans("poly-interaction-only", e.PolyInteraction)
	intercept, err4 := booleans("poly-intercept", e.PolyIntercept)
	var grid []learn.Estimator
	for _, c := range intercept {
		for _, d := range degrees {
			for _, b := range bias {
				for _, only := range interaction {
					grid = append(grid, learn.Poly{Degree: d, Bias: b, InteractionOnly: only, Intercept: c})
				}
			}
		}
	}
	return grid, cmp.Or(err1, err2, err3, err4)
}

// booleans parses a list like "true,false".
func booleans(key, list string) ([]bool, error) {
	var out []bool
	for part := range strings.SplitSeq(list, ",") {
		v, err := strconv.ParseBool(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no list of true and false", key, list)
		}
		out = append(out, v)
	}
	return out, nil
}

// integers parses a list like "250,500,750".
func integers(key, list string) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s: %q is no list of whole numbers from 1 on", key, list)
		}
		out = append(out, n)
	}
	return out, nil
}
