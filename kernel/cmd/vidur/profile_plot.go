package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/plots"
	"github.com/govidur/govidur/vidur/spec"
)

const profilePlotHelp = `vidur profile plot FILE -o FIGURE [flags]
    where the GPU time of each phase of a layerwise profile goes, as vLLM's
    visualize_layerwise_profile.py draws it. FIGURE ends in .svg, .png, .pdf, .eps
  --level L              module [default] or kernel
  --top-k N              parts of a phase at most [12]
  --fold-json-node A,B   modules that count as a whole [Sampler,LogitsProcessor]
  --plot-metric M        cuda_time_ms [default] or pct_cuda_time
  --step-plot-interval N one of so many decode steps [4]
vidur profile plot DIR -o FIGURE [--model M] [--device D] [--tp T] [flags]
    the profiles of a replica
  --figure F             roofline [default]: every operator under the device's;
                         fidelity: predicted over measured times, and errors by
                         size, of rows that the estimator did not see
  --analytic             predictions are those of the analytic model (fidelity)
Both
  --width INCHES         of the figure [3.3, a column; fidelity 6.9]
`

// plotFlags say what is drawn.
type plotFlags struct {
	level, metric, fold, figure string
	top, every                  int
	analytic                    bool
	width                       float64
}

// profilePlot draws a layerwise profile, or profiles in the original's layout.
func profilePlot(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" {
		_, err := fmt.Fprint(std.out, profilePlotHelp)
		return err
	}
	from, rest := operand(args)
	f := plotFlags{level: "module", metric: "cuda_time_ms", fold: "Sampler,LogitsProcessor", figure: "roofline", top: 12, every: 4}
	parsed, err := spec.Parse(spellOut(rest), []spec.Flag{
		{Name: "level", Value: &f.level}, {Name: "top-k", Value: &f.top}, {Name: "fold-json-node", Value: &f.fold},
		{Name: "plot-metric", Value: &f.metric}, {Name: "step-plot-interval", Value: &f.every},
		{Name: "figure", Value: &f.figure}, {Name: "analytic", Value: &f.analytic}, {Name: "width", Value: &f.width},
	}...)
	if err != nil {
		return err
	}
	e := parsed.Experiment
	if from == "" || e.Out == "" {
		return fmt.Errorf("profile plot takes a file or folder, and -o FIGURE")
	}
	if err := f.check(); err != nil {
		return err
	}
	fig, notes, err := f.draw(ctx, from, e)
	if err != nil {
		return err
	}
	if f.width > 0 {
		fig.Width = f.width
	}
	for _, note := range slices.Concat(parsed.Notes, notes, fig.Notes) {
		fmt.Fprintf(std.err, "note  %s\n", note)
	}
	return fig.Save(e.Out)
}

func (f *plotFlags) check() error {
	for _, v := range []struct {
		kind, value string
		known       []string
	}{
		{"level", f.level, []string{"module", "kernel"}},
		{"plot-metric", f.metric, []string{"cuda_time_ms", "pct_cuda_time"}},
		{"figure", f.figure, []string{"roofline", "fidelity"}},
	} {
		if !slices.Contains(v.known, v.value) {
			return spec.Unknown(v.kind, v.value, v.known)
		}
	}
	if f.top < 1 || f.every < 1 || !(f.width >= 0 && f.width <= 100) {
		return fmt.Errorf("--top-k %d and --step-plot-interval %d must be at least 1, --width %g from 0 to 100", f.top, f.every, f.width)
	}
	return nil
}

// draw makes the figure of a file or folder.
func (f *plotFlags) draw(ctx context.Context, from string, e *spec.Experiment) (*plots.Figure, []string, error) {
	info, err := os.Stat(from)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		e.Data = from
		return f.points(ctx, e)
	}
	p, err := layerwise.Read(from)
	if err != nil {
		return nil, nil, err
	}
	o := layerwise.BarOptions{Kernels: f.level == "kernel", Top: f.top, Every: f.every, Share: f.metric == "pct_cuda_time", Fold: []string{}}
	if f.fold != "" {
		o.Fold = strings.Split(f.fold, ",")
	}
	bars, err := p.Bars(o)
	if err != nil {
		return nil, nil, err
	}
	label := "GPU time (ms)"
	if o.Share {
		label = "share of GPU time (%)"
	}
	fig, err := plots.Phases(label, bars)
	if err == nil && p.Context.Model != "" {
		c := p.Context
		fig.Title = fmt.Sprintf("%s, batch %d, prompt %d, TP %d", path.Base(c.Model), c.Batch, c.Prompt, max(c.TP, 1))
	}
	return fig, p.Notes, err
}

// points draws what a folder has of a replica.
func (f *plotFlags) points(ctx context.Context, e *spec.Experiment) (*plots.Figure, []string, error) {
	replica, err := e.Hardware()
	if err != nil {
		return nil, nil, err
	}
	list, notes, err := f.read(ctx, e, replica)
	if err != nil {
		return nil, nil, err
	}
	if len(list) == 0 {
		return nil, nil, fmt.Errorf("%s has no profile of %s, TP %d on %s", e.Data, replica.Model.Name, replica.TP, replica.Device.Name)
	}
	var fig *plots.Figure
	if f.figure == "roofline" {
		fig, err = plots.ProfileRoofline(replica.Device, list)
	} else {
		unseen := !slices.ContainsFunc(list, func(p trained.Point) bool { return !math.IsNaN(p.Learnt) })
		if unseen && !f.analytic {
			notes = append(notes, "too few rows to learn from: the predictions are those of the analytic model")
		}
		fig, err = plots.ProfileFidelity(list, f.analytic || unseen)
	}
	if err == nil {
		fig.Title = fmt.Sprintf("%s, TP %d on %s", path.Base(replica.Model.Name), max(replica.TP, 1), replica.Device.Name)
	}
	return fig, notes, err
}

// read finds the rows, and what is predicted of them as far as that is drawn.
func (f *plotFlags) read(ctx context.Context, e *spec.Experiment, replica vidur.ReplicaSpec) ([]trained.Point, []string, error) {
	set, err := profile.Read(e.Data, replica, profile.Options{Lenient: true})
	if err != nil {
		return nil, nil, err
	}
	var o trained.PointOptions
	if f.figure == "fidelity" && !f.analytic {
		o.Estimator = learn.Forest{Trees: 100, MaxDepth: 16, MinSplit: 2, Seed: e.Seed}
		o.Folds = learn.Folds{K: 10, Shuffle: true, Seed: e.Seed}
	}
	list, err := trained.Points(ctx, set, replica, o)
	return list, set.Notes, err
}
