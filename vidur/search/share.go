package search

import (
	"os"
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
	times map[hardware]*times
	spare []parameter // what no operator time depends on; nil before it is needed
}

// build is an experiment that is built when first asked for and let go when the
// last job that has it is done.
type build struct {
	once sync.Once
	of   spec.Experiment
	run  *spec.Run
	err  error
	left int // jobs
}

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
	m.left++
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
	if m.left--; m.left == 0 {
		delete(b.runs, m.of)
	}
}

// make builds an experiment. If its operator times are dear, all else is built
// with analytic ones in their place, where that leaves all else as it is.
func (b *builds) make(e spec.Experiment) (*spec.Run, error) {
	light := e
	light.OpTimes, light.AIConfigurator = "", ""
	light.ComputeFile, light.AttentionFile, light.AllReduceFile, light.SendRecvFile, light.CPUFile = "", "", "", "", ""
	if light.Data = ""; light == e {
		return b.makeAnalytic(e)
	}
	var run *spec.Run
	var err error
	if foundWithoutData(&e) {
		run, err = light.Build()
	}
	if run == nil || err != nil {
		if run, err = e.Build(); err != nil {
			return nil, err
		}
	}
	predictor, err := b.predictor(e, run.Config.Replicas[0].BlockSize)
	if err != nil {
		return nil, err
	}
	use(run, predictor)
	return run, nil
}

// makeAnalytic builds an experiment with the analytic model, which is cheap,
// but remembers what it has worked out. The original looks for profiles where
// no parameter says, so with it nothing is shared.
func (b *builds) makeAnalytic(e spec.Experiment) (*spec.Run, error) {
	run, err := e.Build()
	if err != nil || e.Original {
		return run, err
	}
	t := b.timesOf(e, run.Config.Replicas[0].BlockSize)
	t.once.Do(func() { t.predictor = run.Config.Replicas[0].Predictor })
	use(run, t.predictor)
	return run, nil
}

// use gives all replicas their operator times.
func use(run *spec.Run, p vidur.Predictor) {
	for i := range run.Config.Replicas {
		run.Config.Replicas[i].Predictor = p
	}
}

// foundWithoutData reports whether the files of the workload are found where
// they are named, so that the data folder is for profiles only.
func foundWithoutData(e *spec.Experiment) bool {
	if e.Data == "" {
		return true
	}
	for _, path := range []string{e.Trace, e.Times} {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return false
		}
	}
	return true
}

// predictor finds the operator times of an experiment's replicas.
func (b *builds) predictor(e spec.Experiment, blockSize int) (vidur.Predictor, error) {
	t := b.timesOf(e, blockSize)
	t.once.Do(func() {
		t.err = protect(func() error {
			e.Seed = b.seed
			run, err := e.Build()
			if err == nil {
				t.predictor = run.Config.Replicas[0].Predictor
			}
			return err
		})
	})
	return t.predictor, t.err
}

// timesOf finds the entry of an experiment by what operator times depend on. A
// parameter that is in none of the groups named here is taken to matter.
func (b *builds) timesOf(e spec.Experiment, blockSize int) *times {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spare == nil {
		b.spare = parametersOf("policies", "workload", "results")
	}
	for _, p := range b.spare {
		p.clear(&e)
	}
	e.Replicas, e.Margin, e.Blocks, e.BlockSize, e.MaxTokens = 0, 0, 0, 0, 0
	e.Seed, e.GeneratorSeed, e.LengthSeed, e.Until = 0, 0, 0, 0
	key := hardware{e, blockSize}
	if b.times[key] == nil {
		b.times[key] = &times{}
	}
	return b.times[key]
}
