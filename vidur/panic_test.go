package vidur_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

var errBoom = errors.New("boom\nof two lines")

// bomb is every policy at once; the one in at panics when the clock says when.
type bomb struct {
	vidur.Scheduler
	at string
}

// explode is on the stack of every panic below.
func (p bomb) explode(at string, now float64) {
	if p.at == at && now >= 5 {
		panic(errBoom)
	}
}

func (p bomb) Next(rep *vidur.Replica, b *vidur.Batch) {
	p.explode("Next", rep.Now)
	p.Scheduler.Next(rep, b)
}

func (p bomb) Done(rep *vidur.Replica, b *vidur.Batch) {
	p.explode("Done", rep.Now)
	p.Scheduler.Done(rep, b)
}

func (p bomb) Route(r *vidur.Request, c *vidur.Cluster) int {
	p.explode("Route", c.Now)
	return r.ID % 2
}

func (p bomb) Record(e *vidur.Event) { p.explode("Record", e.At) }

func (p bomb) StageTime(b *vidur.Batch, _ int) (vidur.StageTime, error) {
	p.explode("StageTime", b.ScheduledAt)
	return vidur.Seconds(1), nil
}

// bombs is the workload: two requests at once, and two at 5 s.
type bombs struct {
	bomb
	list
}

func (p *bombs) Next(now float64) (vidur.Arrival, error) {
	if len(p.left) < 2 {
		p.explode("Workload.Next", 5)
	}
	return p.list.Next(now)
}

func (p *bombs) Done(r *vidur.Request) bool {
	p.explode("Workload.Done", r.CompletedAt)
	return false
}

// armed is a simulation in which the policy at that place panics.
func armed(at string) (vidur.Config, vidur.Recorder) {
	p := bomb{at: at}
	cfg := vidur.Config{
		Replicas: vidur.Uniform(2, vidur.ReplicaSpec{Blocks: 100, Predictor: p}),
		NewWorkload: func(*rand.Rand) (vidur.Workload, error) {
			p.explode("NewWorkload", 5)
			return &bombs{p, list{left: []vidur.Arrival{{Prefill: 4, Decode: 2}, {Prefill: 4, Decode: 2}, {At: 5, Prefill: 4, Decode: 2}, {At: 5, Prefill: 4, Decode: 2}}}}, nil
		},
		NewRouter: func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
			p.explode("NewRouter", 5)
			return p, nil
		},
		NewScheduler: func(rep *vidur.Replica) (vidur.Scheduler, error) {
			if rep.ID == 1 {
				p.explode("NewScheduler", 5)
			}
			s, err := sched.VLLM{}.New(rep)
			return bomb{s, at}, err
		},
	}
	return cfg, p
}

var panics = []struct{ at, policy, where string }{
	{"Next", "scheduler", "vidur: t=5 s replica 0 batch 4: "},
	{"Done", "scheduler", "vidur: t=6 s replica 0 batch 4: "},
	{"Route", "router", "vidur: t=5 s request 2: "},
	{"Record", "recorder", "vidur: t=5 s request 2: "},
	{"StageTime", "predictor", "vidur: t=5 s replica 0 batch 4: "},
	{"Workload.Next", "workload", "vidur: t=5 s: "},
	{"Workload.Done", "workload", "vidur: t=7 s request 2: "},
	{"NewWorkload", "workload", "vidur: t=0 s: "},
	{"NewRouter", "router", "vidur: t=0 s: "},
	{"NewScheduler", "scheduler", "vidur: t=0 s replica 1: "},
}

// TestPanicsOfPolicies: a panic of any policy is an error with its place, from Run
// and after steps, and stays.
func TestPanicsOfPolicies(t *testing.T) {
	for _, c := range panics {
		t.Run(c.at, func(t *testing.T) {
			for _, stepped := range []bool{false, true} {
				cfg, recorder := armed(c.at)
				s, err := vidur.New(cfg, recorder)
				if err == nil {
					for stepped && s.Step() {
					}
					if err = s.Run(t.Context()); s.Step() || s.Run(t.Context()) != err || s.Cluster() == nil {
						t.Error("it goes on after the error")
					}
				}
				want := c.where + "the " + c.policy + " panicked: boom; of two lines"
				var place *vidur.RunError
				var p *vidur.PanicError
				if !errors.As(err, &place) || !errors.As(err, &p) || !errors.Is(err, errBoom) || err.Error() != want {
					t.Fatalf("got %v, want %s", err, want)
				}
				if p.Policy != c.policy || p.Value != errBoom || !bytes.Contains(p.Stack, []byte("bomb.explode")) {
					t.Errorf("policy %q, value %v, stack %s", p.Policy, p.Value, p.Stack)
				}
			}
		})
	}
}

// steadyBomb is a scheduler whose batches may be repeated.
type steadyBomb struct {
	vidur.Scheduler
	left, leftDone *int
}

func (s steadyBomb) Again(rep *vidur.Replica, b *vidur.Batch) bool {
	if *s.left--; *s.left < 0 {
		panic("no more")
	}
	return s.Scheduler.(vidur.Steady).Again(rep, b)
}

func (s steadyBomb) Done(rep *vidur.Replica, b *vidur.Batch) {
	if *s.leftDone--; *s.leftDone < 0 {
		panic("no more")
	}
	s.Scheduler.Done(rep, b)
}

type sums struct{ vidur.Predictor }

func (sums) SumsOnly() {}

// TestPanicsOfRepeatedBatches has the scheduler panic where batches are counted only.
func TestPanicsOfRepeatedBatches(t *testing.T) {
	for _, c := range []struct {
		again, done int
		want        string
	}{
		{3, 99, "vidur: t=6 s replica 0 batch 5: the scheduler panicked: no more"},
		{99, 1, "vidur: t=4 s replica 0 batch 3: the scheduler panicked: no more"},
	} {
		cfg := config(1, vidur.Arrival{Prefill: 4, Decode: 9}, vidur.Arrival{At: 3.5, Prefill: 4, Decode: 1})
		cfg.NewRouter = nil
		cfg.Replicas[0].Predictor = sums{seconds(1)}
		cfg.NewScheduler = func(rep *vidur.Replica) (vidur.Scheduler, error) {
			s, err := sched.Sarathi{}.New(rep)
			return steadyBomb{s, &c.again, &c.done}, err
		}
		s, err := vidur.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context()); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
		s.Cluster() // does not call the scheduler again
	}
}

type badExplainer struct{ vidur.SchedulerFunc }

func (badExplainer) Explain(*vidur.Replica, *vidur.Request) string { panic("why not") }

func TestPanicOfExplain(t *testing.T) {
	cfg := config(2, at(1))
	cfg.NewScheduler = func(*vidur.Replica) (vidur.Scheduler, error) {
		return badExplainer{func(*vidur.Replica, *vidur.Batch) {}}, nil
	}
	if err := run(cfg); err == nil || err.Error() != "vidur: t=1 s replica 0: the scheduler panicked: why not" {
		t.Error(err)
	}
}

// TestMisuseStops: Add does not return from a misuse, and its stack is not an
// error of its own; a policy that recovers does not hide it.
func TestMisuseStops(t *testing.T) {
	for _, hide := range []bool{false, true} {
		after := false
		err := run(withScheduler(func(rep *vidur.Replica, b *vidur.Batch) {
			defer func() {
				if hide {
					_ = recover()
				}
			}()
			b.Add(rep.Waiting.Pop(), -1)
			after = true
		}, at(5)))
		var place *vidur.RunError
		var p *vidur.PanicError
		if !errors.As(err, &place) || errors.As(err, &p) || after || place.Request != 0 || place.Batch != 0 {
			t.Errorf("hide %v: %v, after %v", hide, err, after)
		}
		if want := "vidur: t=5 s replica 0 batch 0: -1 tokens of request 0 were put into a batch, but it has 4 left to prefill"; err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestMisuseOutsideOfCalls: a batch that was kept does nothing between two steps.
func TestMisuseOutsideOfCalls(t *testing.T) {
	var kept *vidur.Batch
	cfg := withScheduler(func(rep *vidur.Replica, b *vidur.Batch) {
		if kept = b; rep.Waiting.Len() > 0 {
			b.Add(rep.Waiting.Pop(), 4)
		}
	}, at(0))
	s, err := vidur.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for kept == nil && s.Step() {
	}
	kept.Add(kept.Slots[0].Request, 1)
}

func TestRouterErrorNamesTheRequest(t *testing.T) {
	err := run(withRouter(2, func(r *vidur.Request, _ *vidur.Cluster) int { return 3 * r.ID }, at(0), at(1)))
	var place *vidur.RunError
	if !errors.As(err, &place) || place.Request != 1 || place.Replica != -1 || err.Error() != "vidur: t=1 s: the router sent request 1 to replica 3 of 2" {
		t.Errorf("%+v: %v", place, err)
	}
}

// TestErrorsAreOneLine has a predictor whose error has three.
func TestErrorsAreOneLine(t *testing.T) {
	cfg := config(1, at(2))
	cfg.Replicas[0].Predictor = vidur.PredictorFunc(func(*vidur.Batch, int) (vidur.StageTime, error) {
		return vidur.StageTime{}, errors.Join(errBoom, errors.New("and\r\nmore\n"))
	})
	if err := run(cfg); err == nil || err.Error() != "vidur: t=2 s replica 0 batch 0: boom; of two lines; and; more" {
		t.Error(err)
	}
}

// TestGoexit: a policy that ends its goroutine, as t.FailNow does, ends it.
func TestGoexit(t *testing.T) {
	ended := make(chan bool)
	go func() {
		back := false
		defer func() { ended <- recover() == nil && !back }()
		_ = run(withScheduler(func(*vidur.Replica, *vidur.Batch) { runtime.Goexit() }, at(0)))
		back = true
	}()
	if !<-ended {
		t.Error("Run came back, or panicked")
	}
}

// TestNilPanic: panic(nil) is a panic like any other.
func TestNilPanic(t *testing.T) {
	err := run(withScheduler(func(*vidur.Replica, *vidur.Batch) { panic(nil) }, at(0)))
	var p *vidur.PanicError
	if !errors.As(err, &p) || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}
