package search

import (
	"context"
	"slices"
	"sync"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// builds makes experiments ready to run, each once for all points that have it,
// and operator times once for each kind of replica.
type builds struct {
	seed  uint64 // that operator times are learnt with
	mu    sync.Mutex
	runs  map[spec.Experiment]*build
	idle  []*build // of runs, that which was released first at the head
	times map[hardware]*times
}

// build is an experiment that is built when first asked for and let go when no job
// has it and others have been asked for since.
type build struct {
	once sync.Once
	of   spec.Experiment
	run  *spec.Run
	err  error
	used int // jobs that have it
}

// mostIdle is how many builds that no job has are kept for others that may come,
// and mostIdleRequests how many requests all of them have at most, which are what
// takes memory: with them the seeds and policies of a point share a build.
const (
	mostIdle         = 256
	mostIdleRequests = 1 << 20
)

// hardware is what operator times depend on.
type hardware struct {
	experiment spec.Experiment // with all else left out
	blockSize  int             // tokens
}

// times are the operator times of a kind of replica.
type times struct {
	once      sync.Once
	predictor vidur.Predictor
	err       error
}

func newBuilds(seed uint64) *builds {
	return &builds{seed: seed, runs: map[spec.Experiment]*build{}, times: map[hardware]*times{}}
}

// add finds the build of an experiment, for one job. Seeds are set in the
// Config, unless it is the original's generators that draw: for those they are
// part of the experiment.
func (b *builds) add(e spec.Experiment) *build {
	if !e.Original {
		e.Seed, e.GeneratorSeed, e.LengthSeed = b.seed, 0, 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.runs[e]
	if m == nil {
		m = &build{of: e}
		b.runs[e] = m
	}
	if m.used++; m.used == 1 {
		b.idle = slices.DeleteFunc(b.idle, func(o *build) bool { return o == m })
	}
	return m
}

// get makes a build ready, and returns it for one job with a seed of its own.
func (b *builds) get(m *build, seed uint64) (*spec.Run, error) {
	m.once.Do(func() {
		m.err = protect(func() (err error) {
			m.run, err = b.make(m.of)
			return err
		})
	})
	if m.err != nil {
		return nil, m.err
	}
	run := *m.run
	run.Config.Seed = seed
	run.Config.Replicas = slices.Clone(run.Config.Replicas)
	return &run, nil
}

// release ends one job's need of a build.
func (b *builds) release(m *build) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m.used--; m.used > 0 {
		return
	}
	b.idle = append(b.idle, m)
	requests := 0
	for i := len(b.idle) - 1; i >= 0; i-- {
		if b.idle[i].run != nil {
			requests += b.idle[i].run.Requests
		}
		if len(b.idle)-i > mostIdle || requests > mostIdleRequests {
			for _, old := range b.idle[:i+1] {
				delete(b.runs, old.of)
			}
			b.idle = slices.Delete(b.idle, 0, i+1)
			return
		}
	}
}

// make builds an experiment with the operator times of its kind of replica. They
// are shared also where they are the analytic model, which is cheap, but
// remembers what it has worked out.
func (b *builds) make(e spec.Experiment) (*spec.Run, error) {
	return e.BuildWith(func(s vidur.ReplicaSpec) (vidur.Predictor, error) {
		t := b.timesOf(e, s.BlockSize)
		t.once.Do(func() {
			t.err = protect(func() (err error) {
				e.Seed = b.seed
				t.predictor, err = e.OperatorTimes(context.Background(), s)
				return err
			})
		})
		return t.predictor, t.err
	})
}

// timesOf finds the entry of an experiment by what operator times depend on. A
// parameter that is not named here, nor in one of the groups, is taken to matter.
func (b *builds) timesOf(e spec.Experiment, blockSize int) *times {
	var zero spec.Experiment
	for _, p := range spec.Params() {
		switch p.Group {
		case "policies", "workload", "results":
			_ = p.Set(&e, p.Show(&zero)) // what it shows of itself, it takes
		}
	}
	e.Replicas, e.Margin, e.Blocks, e.BlockSize, e.MaxTokens = 0, 0, 0, 0, 0
	e.Seed, e.GeneratorSeed, e.LengthSeed, e.Until = 0, 0, 0, 0
	key := hardware{e, blockSize}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.times[key] == nil {
		b.times[key] = &times{}
	}
	return b.times[key]
}
