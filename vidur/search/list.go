package search

import (
	"errors"
	"fmt"
	"sync"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// job is a run to be made.
type job struct {
	point      Point
	experiment spec.Experiment
	config     []func(*vidur.Config) error
	err        error // of a Choice's Experiment
	build      *build
	index      int      // in the list of jobs
	sources    []string // of Choices with functions
	opaque     bool     // a Choice has a function without a Source
	wait       bool     // for another process that is at it
	task       []byte   // the text of it, if it can be said
}

// list is runs to be made. Each is worked out when its turn comes: an experiment
// takes a kilobyte, and a grid has many.
type list struct {
	n     int
	point func(i int) Point
	make  func(i int) job

	mu sync.Mutex // functions of Choices are called one at a time, as if in a loop
}

// job is the i-th.
func (l *list) job(i int) job {
	l.mu.Lock()
	defer l.mu.Unlock()
	j := l.make(i)
	j.index = i
	return j
}

// listOf is a list of jobs that are there already.
func listOf(jobs []job) *list {
	return &list{n: len(jobs), point: func(i int) Point { return jobs[i].point }, make: func(i int) job { return jobs[i] }}
}

// grid lists the points of the grid, the last axis fastest, or those of the shard.
func (p *plan) grid(base *spec.Experiment) (*list, error) {
	if base == nil {
		return nil, errors.New("search: no base experiment")
	}
	const most = 1 << 20
	n := 1
	for _, a := range p.axes {
		if n *= len(a.steps); n > most {
			return nil, fmt.Errorf("search: the grid has more than %d points", most)
		}
	}
	e := *base
	first, stride := 0, 1
	if p.shards > 1 {
		first, stride = p.shard-1, p.shards
		n = max(0, (n-first+stride-1)/stride)
	}
	return &list{
		n:     n,
		point: func(i int) Point { return p.pointAt(p.stepsAt(first + i*stride)) },
		make:  func(i int) job { return p.job(&e, first+i*stride) },
	}, nil
}

// stepsAt is the place of the i-th point of the grid on each axis.
func (p *plan) stepsAt(i int) []*step {
	steps := make([]*step, len(p.axes))
	for k := len(p.axes) - 1; k >= 0; k-- {
		n := len(p.axes[k].steps)
		steps[k] = &p.axes[k].steps[i%n]
		i /= n
	}
	return steps
}

func (p *plan) pointAt(steps []*step) Point {
	var point Point
	for k, s := range steps {
		for l, v := range s.values {
			point = append(point, Coordinate{p.axes[k].names[l], v})
		}
	}
	return point
}

// job is the i-th of the grid.
func (p *plan) job(base *spec.Experiment, i int) job {
	steps := p.stepsAt(i)
	j := job{experiment: *base, point: p.pointAt(steps)}
	for _, s := range steps {
		j.config = append(j.config, s.config...)
		j.sources = append(j.sources, s.sources...)
		j.opaque = j.opaque || s.opaque
	}
	j.err = protect(func() error {
		for _, s := range steps {
			for _, set := range s.experiment {
				if err := set(&j.experiment); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return j
}
