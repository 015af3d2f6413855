package measure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// agent are the files of the agent.
//
//go:embed agent.py agent_kernels.py
var agent embed.FS

// Options say how a plan is measured. Zero fields mean the defaults.
type Options struct {
	Dir     string // that results go to; required
	Python  string // program that runs the agent; default "python3"
	Device  string // "cuda" (default) or "cpu"
	DType   string // name of PyTorch's; default: the plan's on a GPU, float32 on a CPU
	Cache   string // "warm" (default), or "cold": the last-level cache is flushed before every run
	Kernels string // "auto" (default), "torch" for none but PyTorch's, or of vllm, flashinfer and flash_attn, with commas
	Repeat  int    // runs of each operator; 0 means the plan's
	Force   bool   // adds to measurements of another machine, other software or settings; never to another model's

	Timeout  time.Duration // without an answer about a point, besides 20 times what the plan estimates; default 1 minute
	Start    time.Duration // until the agent says hello, which FlashInfer may compile kernels before; default 15 minutes
	Restarts int           // of an agent that died or was ended for its silence; default 5, negative none

	// Nodes more than 1 measures the collectives between that many nodes and
	// nothing else. The same run must be started on each of them; NodeRank counts
	// them, and only the first, 0, writes results. Endpoint is a host and port of
	// the first.
	Nodes, NodeRank int
	Endpoint        string

	Command  []string                                // of the user, for the manifest
	Progress func(Progress)                          // called after each point
	Started  func(hello *Hello, previously, now int) // called when the agent is ready: points measured before, and to measure
}

func (o *Options) defaults() error {
	for _, d := range []struct {
		field *string
		value string
	}{{&o.Python, "python3"}, {&o.Device, "cuda"}, {&o.Cache, "warm"}, {&o.Kernels, "auto"}} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Start == 0 {
		o.Start = 15 * time.Minute
	}
	if o.Restarts == 0 {
		o.Restarts = 5
	}
	return o.check()
}

func (o *Options) check() error {
	switch {
	case o.Dir == "":
		return errors.New("measuring needs a folder for its results")
	case o.Device != "cuda" && o.Device != "cpu":
		return fmt.Errorf("device %q: measured are cuda and cpu", o.Device)
	case o.Cache != "warm" && o.Cache != "cold":
		return fmt.Errorf("cache state %q: it is warm or cold", o.Cache)
	case !usable(o.Kernels):
		return fmt.Errorf("kernels %q: auto, torch, or some of vllm, flashinfer and flash_attn, with commas", o.Kernels)
	case o.Repeat < 0 || o.Timeout < 0 || o.Start < 0 || o.Nodes < 0:
		return errors.New("repetitions, timeouts and nodes must not be negative")
	case o.Nodes > 1 && !endpoint(o.Endpoint):
		return fmt.Errorf("several nodes need an endpoint, host:port of the first, and not %q", o.Endpoint)
	case o.NodeRank < 0 || o.NodeRank >= max(o.Nodes, 1):
		return fmt.Errorf("node %d of %d: they count from 0", o.NodeRank, max(o.Nodes, 1))
	}
	return nil
}

func endpoint(s string) bool {
	host, port, err := net.SplitHostPort(s)
	return err == nil && host != "" && port != ""
}

// usable reports whether kernels can be asked for so.
func usable(kernels string) bool {
	for name := range strings.SplitSeq(kernels, ",") {
		if kernels != "auto" && !slices.Contains([]string{"torch", "vllm", "flashinfer", "flash_attn"}, name) {
			return false
		}
	}
	return true
}

// DiffersError says that a folder holds measurements that new ones cannot stand
// beside.
type DiffersError struct{ Dir, Why string }

func (e *DiffersError) Error() string {
	return fmt.Sprintf("%s holds other measurements: %s; take another folder (or --force, for the same model)", e.Dir, e.Why)
}

// runner is one call of Run.
type runner struct {
	opt      Options
	plan     *plan.Plan
	hash     string
	journal  *journal // nil on nodes that report nothing
	log      *os.File
	restarts int
	total    int
	before   int // points measured by earlier runs
	done     int // points of the plan that need no more measurement
	pace     *pace
	ready    bool
}

// Run measures the points of a plan that the folder has no times of, and writes
// its tables and manifest anew from all that it has. It does so too when ctx
// ends or an agent is given up, and returns both the manifest and the error, but
// no manifest where no agent ever started. A point that fails is no error: the
// manifest counts and names it.
func Run(ctx context.Context, p *plan.Plan, opt Options) (*Manifest, error) {
	if err := opt.defaults(); err != nil {
		return nil, err
	}
	r := &runner{opt: opt, plan: p, total: len(p.Points)}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	defer r.log.Close()
	if r.journal == nil {
		return nil, r.measure(ctx)
	}
	defer r.journal.close()
	err := r.measure(ctx)
	var differs *DiffersError
	if errors.As(err, &differs) || err != nil && len(r.journal.sessions) == 0 {
		return nil, err
	}
	m, failed := r.write(ctx.Err() != nil)
	return m, errors.Join(err, failed)
}

// prepare makes the folder and reads what is in it.
func (r *runner) prepare() error {
	for _, name := range []string{r.plan.Device, r.plan.Node, r.plan.ModelName} {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("%q names a device, node or model of the plan, and is no name of a folder", name)
		}
	}
	if err := os.MkdirAll(r.opt.Dir, 0o777); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := r.plan.Write(&text); err != nil {
		return err
	}
	sum := sha256.Sum256(text.Bytes())
	r.hash = hex.EncodeToString(sum[:])
	var err error
	if r.opt.NodeRank == 0 {
		if r.journal, err = openJournal(filepath.Join(r.opt.Dir, "measurements.jsonl")); err != nil {
			return err
		}
		left := r.left(func(plan.Point) bool { return true })
		r.before, r.done, r.pace = r.total-len(left), r.total-len(left), newPace(left)
	}
	if r.log, err = os.OpenFile(filepath.Join(r.opt.Dir, "agent.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666); err == nil {
		err = r.unpack()
	}
	if err != nil && r.journal != nil {
		r.journal.close()
	}
	return err
}

// unpack writes the agent.
func (r *runner) unpack() error {
	for _, name := range []string{"agent.py", "agent_kernels.py"} {
		text, err := agent.ReadFile(name)
		if err != nil {
			return err
		}
		if err := replace(filepath.Join(r.opt.Dir, name), text); err != nil {
			return err
		}
	}
	return nil
}

// left are the points that are still to be measured.
func (r *runner) left(of func(plan.Point) bool) []plan.Point {
	return slices.DeleteFunc(slices.Clone(r.plan.Points), func(p plan.Point) bool {
		return !of(p) || r.journal != nil && r.journal.done(p.ID)
	})
}

// team is who measures: one process, or one for each device of a collective.
type team struct{ workers, perNode int }

func (t team) nodes() int { return max(1, t.workers/max(t.perNode, 1)) }

func teamOf(p plan.Point) team {
	if !collective(p.Kind) {
		return team{}
	}
	if p.Kind == plan.SendRecv && p.PerNode > 1 {
		return team{2, 2}
	}
	return team{p.Workers, p.PerNode}
}

// measure goes through the teams in the order of the plan.
func (r *runner) measure(ctx context.Context) error {
	var teams []team
	for _, p := range r.plan.Points {
		if t := teamOf(p); !slices.Contains(teams, t) {
			teams = append(teams, t)
		}
	}
	for _, t := range teams {
		points := r.left(func(p plan.Point) bool { return teamOf(p) == t })
		if err := r.team(ctx, t, points); err != nil {
			return err
		}
	}
	return nil
}

// team measures the points of a team, with as many agents as it takes. Between
// several nodes all must start, also for nothing.
func (r *runner) team(ctx context.Context, t team, points []plan.Point) error {
	if why := r.lacks(t); why != "" && r.opt.Nodes > 1 {
		return nil // a run for several nodes says nothing of what is not for it
	} else if why != "" {
		return r.markAll(points, Skipped, why)
	}
	for len(points) > 0 || r.opt.Nodes > 1 {
		left, err := r.session(ctx, t, points)
		var start *StartError
		switch {
		case errors.As(err, &start) && t.workers > 0 && r.journal != nil:
			return r.markAll(left, Failed, start.Error())
		case err != nil:
			return err
		case len(left) == 0:
			return nil
		}
		if r.restarts++; r.restarts > max(r.opt.Restarts, 0) {
			return fmt.Errorf("the agent ended or fell silent %d times: given up with %d points left; the same run goes on with them (see %s)",
				r.restarts, len(left), r.log.Name())
		}
		points = left
	}
	return nil
}

// lacks says what a team needs that is not there; empty if nothing.
func (r *runner) lacks(t team) string {
	if n := t.nodes(); n != max(r.opt.Nodes, 1) {
		return fmt.Sprintf("it needs %d nodes (GPUs of each: %d): a run for so many nodes must be started on each of them", n, t.perNode)
	}
	if r.journal == nil || len(r.journal.sessions) == 0 {
		return ""
	}
	if h := &r.journal.sessions[len(r.journal.sessions)-1].Hello; h.Kind == "cuda" && h.Count < t.perNode {
		return fmt.Sprintf("it needs %d devices, and %d are there", t.perNode, h.Count)
	}
	return ""
}

// markAll gives points without times the same status.
func (r *runner) markAll(points []plan.Point, status Status, why string) error {
	for _, p := range points {
		if err := r.keep(p, Result{Point: p.ID, Status: status, Note: why}); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the result of a point into the journal.
func (r *runner) keep(p plan.Point, result Result) error {
	if r.journal == nil {
		return nil
	}
	if err := r.journal.add(entry{At: &p, Result: &result}); err != nil {
		return err
	}
	if r.journal.done(p.ID) {
		r.done++
	}
	r.pace.take(&p, &result)
	if r.opt.Progress != nil {
		r.opt.Progress(Progress{Done: r.done, Total: r.total, Point: &p, Result: &result, Left: r.pace.left()})
	}
	return nil
}
