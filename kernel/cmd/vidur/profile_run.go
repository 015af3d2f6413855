package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/govidur/govidur/vidur/exectime/profile/measure"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
	"github.com/govidur/govidur/vidur/spec"
)

const profileRunHelp = `vidur profile run --plan plan.json --out DIR [FLAG ...]
vidur profile run --out DIR [FLAG ...] [flags of vidur profile plan]
    measures what a plan says on this machine, with PyTorch, and writes profiles
    in DIR/profiling. A run that was cut goes on where it stopped

  where     --device cuda|cpu, or --on cuda|cpu where --device names the GPU to plan for;
            --python PATH of a Python with PyTorch (python3)
  how       --repeat N runs of each operator (the plan's), --cache warm|cold (warm; cold
            flushes the last-level cache before every run), --dtype NAME (the plan's on a
            GPU, float32 on a CPU),
            --kernels auto|torch|LIST of vllm, flashinfer, flash_attn (auto: what can be
            imported and agrees with PyTorch)
  trouble   --timeout 1m for an answer, besides 20 times what the plan estimates;
            --force adds to measurements of another GPU, driver, PyTorch or setting
  nodes     --nnodes N --node-rank R --rdzv-endpoint HOST:PORT measures the collectives
            between N machines and nothing else; start it on each of them
`

// runFlags are the flags of profile run.
type runFlags struct {
	plan, on, timeout string
	opt               measure.Options
}

func (f *runFlags) flags() []spec.Flag {
	o := &f.opt
	return []spec.Flag{
		{Name: "plan", Value: &f.plan}, {Name: "on", Value: &f.on}, {Name: "timeout", Value: &f.timeout},
		{Name: "python", Value: &o.Python}, {Name: "repeat", Value: &o.Repeat}, {Name: "cache-state", Value: &o.Cache},
		{Name: "kernels", Value: &o.Kernels}, {Name: "force", Value: &o.Force}, {Name: "nnodes", Value: &o.Nodes},
		{Name: "node-rank", Value: &o.NodeRank}, {Name: "rdzv-endpoint", Value: &o.Endpoint},
	}
}

// ownNames gives the flags whose names mean something else in other verbs the
// names that runFlags knows them by: the device that measures, the state of the
// GPU's cache, and the type on the device beside the plan's.
func ownNames(args []string, withPlan bool) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		name, value, inline := strings.Cut(args[i], "=")
		if !inline && i+1 < len(args) {
			value = args[i+1]
		}
		own := ""
		switch {
		case name == "--device" && (withPlan || value == "cuda" || value == "cpu"):
			own = "--on"
		case name == "--cache":
			own = "--cache-state"
		}
		switch {
		case own == "":
			out = append(out, args[i])
		case inline:
			out = append(out, own+"="+value)
		default:
			out = append(out, own)
		}
	}
	return out
}

// profileRun measures a plan.
func profileRun(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 || slices.Contains(args, "--help") || slices.Contains(args, "-h") {
		fmt.Fprint(std.out, profileRunHelp)
		return nil
	}
	var f runFlags
	p, err := f.read(ctx, args)
	if err != nil {
		return err
	}
	f.opt.Command = append([]string{"vidur", "profile", "run"}, args...)
	show := &measuring{w: std.err, plan: p}
	f.opt.Started, f.opt.Progress = show.started, show.progress
	m, err := measure.Run(ctx, p, f.opt)
	show.end()
	if m != nil {
		summarize(m, f.opt.Dir, std.out)
	}
	var differs *measure.DiffersError
	var start *measure.StartError
	switch {
	case ctx.Err() != nil && (err == nil || !errors.As(err, &differs)):
		return ctx.Err()
	case errors.As(err, &start) && strings.Contains(start.Last, "No module named 'torch'"):
		return fmt.Errorf("%s has no PyTorch: --python PATH names a Python that has it", orText(f.opt.Python, "python3"))
	case err != nil:
		return err
	case m != nil && m.Total().OK == 0:
		return fmt.Errorf("nothing was measured; %s says why for each point", f.opt.Dir+"/manifest.json")
	}
	return nil
}

func orText(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// read reads the flags, and the plan or makes it.
func (f *runFlags) read(ctx context.Context, args []string) (*plan.Plan, error) {
	withPlan := slices.ContainsFunc(args, func(a string) bool { return a == "--plan" || strings.HasPrefix(a, "--plan=") })
	args = ownNames(spellOut(args), withPlan)
	var p *plan.Plan
	var e *spec.Experiment
	var err error
	if withPlan {
		e, p, err = f.readPlanned(args)
	} else {
		p, e, err = planned(ctx, args, f.flags()...)
	}
	if err != nil {
		return nil, err
	}
	if f.opt.Device, f.opt.Dir = f.on, e.Out; f.opt.Dir == "" {
		return nil, errors.New("profile run needs --out DIR")
	}
	if f.timeout != "" {
		if f.opt.Timeout, err = time.ParseDuration(f.timeout); err != nil || f.opt.Timeout <= 0 {
			return nil, fmt.Errorf("--timeout %q is no time, such as 1m or 30s", f.timeout)
		}
	}
	return p, nil
}

// readPlanned reads the flags beside a plan. Those that say what to plan are refused: the
// plan has said it.
func (f *runFlags) readPlanned(args []string) (*spec.Experiment, *plan.Plan, error) {
	own := append(f.flags(), spec.Flag{Name: "dtype", Value: &f.opt.DType})
	parsed, err := spec.Parse(args, own...)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range args {
		name, isFlag := strings.CutPrefix(a, "--")
		name, _, _ = strings.Cut(name, "=")
		if isFlag && name != "out" && !slices.ContainsFunc(own, func(f spec.Flag) bool { return name == f.Name }) {
			return nil, nil, fmt.Errorf("--%s is not for a run with --plan: what is measured is in the plan", name)
		}
	}
	p, err := readPlan(f.plan)
	return parsed.Experiment, p, err
}

func readPlan(path string) (*plan.Plan, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, err := plan.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// measuring shows how a measurement goes: a line that is drawn anew on a
// terminal, elsewhere a line for each tenth, and a line of what goes wrong, once
// for each reason in a row.
type measuring struct {
	w     io.Writer
	plan  *plan.Plan
	drawn bool
	said  string // of the last point that went wrong
	tenth int    // of the points, that were told of last
}

func (s *measuring) started(h *measure.Hello, before, now int) {
	fmt.Fprintf(s.w, "%s with PyTorch %s, %s, %s cache; profiles are those of %s\n", h.Name, h.Torch, h.DType, h.Cache, s.plan.Device)
	if before > 0 {
		fmt.Fprintf(s.w, "%s measured before, %d to go\n", count(before, "point"), now)
	}
}

func (s *measuring) progress(p measure.Progress) {
	r := p.Result
	if r.Status != measure.OK && r.Note != s.said {
		s.end()
		s.said = r.Note
		fmt.Fprintf(s.w, "%s: %s: %s\n", r.Point, r.Status, r.Note)
	}
	left := max(p.Left.Round(time.Second), time.Second)
	if f, ok := s.w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(s.w, "%s%d of %d points, about %v left, %s", clearLine, p.Done, p.Total, left, r.Point)
		s.drawn = true
	} else if tenth := 10 * p.Done / p.Total; tenth > s.tenth && p.Done < p.Total {
		s.tenth = tenth
		fmt.Fprintf(s.w, "%d of %d points, about %v left\n", p.Done, p.Total, left)
	}
}

func (s *measuring) end() {
	if s.drawn {
		fmt.Fprint(s.w, clearLine)
		s.drawn = false
	}
}

const unsteady = 25 // %; profiles of GPUs have 1 to 7

// summarize says what there is now.
func summarize(m *measure.Manifest, dir string, w io.Writer) {
	t := m.Total()
	fmt.Fprintf(w, "%s measured", count(t.OK, "point"))
	for _, c := range []struct {
		n    int
		what string
	}{{t.OOM, "out of memory"}, {t.Skipped, "skipped"}, {t.Failed, "failed"}, {t.Left, "left"}} {
		if c.n > 0 {
			fmt.Fprintf(w, ", %d %s", c.n, c.what)
		}
	}
	if m.Seconds > 0 {
		fmt.Fprintf(w, " in %v", time.Duration(m.Seconds*1e9).Round(100*time.Millisecond))
	}
	fmt.Fprintf(w, " on %s (PyTorch %s, %s, %s cache)\n", m.Hello.Name, m.Hello.Torch, m.Hello.DType, m.Hello.Cache)
	if c := m.Clocks; c != nil && c.ThrottledPoints > 0 {
		fmt.Fprintf(w, "the GPU throttled at %s: its clocks were %.0f to %.0f MHz\n", count(c.ThrottledPoints, "point"), c.SMMHzMin, c.SMMHzMax)
	}
	if op, percent := m.Unsteady(); percent > unsteady {
		fmt.Fprintf(w, "the times of %s scatter by %.0f %%: was the machine doing something else?\n", op, percent)
	}
	for _, path := range slices.Sorted(maps.Keys(m.Files)) {
		fmt.Fprintf(w, "%s/%s: %s\n", dir, path, count(m.Files[path], "row"))
	}
	for _, text := range m.LeftOut {
		fmt.Fprintf(w, "not measured  %s\n", text)
	}
}
