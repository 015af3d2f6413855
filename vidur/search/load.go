package search

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// load is the requests of an experiment, drawn once, so that all rates are tried
// with the same lengths and with the same arrivals but for their pace.
type load struct {
	list            []vidur.Arrival // in order of time
	rate            float64         // requests per s that the list stands for
	prefill, decode float64         // tokens, means
}

// newLoad draws the requests of a run. The rate is the parameter qps where
// arrivals follow it, and otherwise the mean of the list.
func newLoad(run *spec.Run, e *spec.Experiment) (*load, error) {
	recorded := e.File != "" || e.Workload == "replay" || e.Arrivals == "trace"
	switch {
	case e.Concurrency > 0:
		return nil, errors.New("a closed loop sets its own rate: there is none to search")
	case e.Arrivals == "static" && !recorded:
		return nil, errors.New("arrivals are static: there is no rate to search")
	case e.Duration > 0:
		return nil, errors.New("duration makes another number of requests at every rate; give requests")
	}
	w, err := run.Config.NewWorkload(run.Config.Stream("workload"))
	if err != nil {
		return nil, err
	}
	l := &load{rate: e.QPS}
	if err := l.draw(w); err != nil {
		return nil, err
	}
	if n := len(l.list); recorded {
		l.rate = float64(n-1) / (l.list[n-1].At - l.list[0].At)
	}
	if !(l.rate > 0 && l.rate < 1e12) {
		return nil, fmt.Errorf("the requests come at a rate of %g per s, which cannot be scaled", l.rate)
	}
	return l, nil
}

// draw takes all requests of a workload.
func (l *load) draw(w vidur.Workload) error {
	const most = 1 << 24
	now := 0.0
	for {
		a, err := w.Next(now)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(l.list) == most {
			return fmt.Errorf("a probe of more than %d requests", most)
		}
		l.list = append(l.list, a)
		now = a.At
		l.prefill += float64(a.Prefill)
		l.decode += float64(a.Decode)
	}
	if len(l.list) == 0 {
		return errors.New("there are no requests")
	}
	l.prefill /= float64(len(l.list))
	l.decode /= float64(len(l.list))
	return nil
}

// arrived is how many requests come up to a time, in s; 0 means the end.
func (l *load) arrived(factor, until float64) int {
	if until == 0 {
		return len(l.list)
	}
	n, _ := slices.BinarySearchFunc(l.list, until, func(a vidur.Arrival, until float64) int {
		if float64(a.At*factor) <= until {
			return -1
		}
		return 1
	})
	return n
}

// at is a Config.NewWorkload of the requests with their times multiplied.
func (l *load) at(factor float64) func(*rand.Rand) (vidur.Workload, error) {
	return func(*rand.Rand) (vidur.Workload, error) { return &paced{list: l.list, factor: factor}, nil }
}

// paced is a run of a load.
type paced struct {
	list   []vidur.Arrival
	next   int
	factor float64
}

func (p *paced) Next(float64) (vidur.Arrival, error) {
	if p.next == len(p.list) {
		return vidur.Arrival{}, io.EOF
	}
	a := p.list[p.next]
	p.next++
	a.At *= p.factor
	return a, nil
}

func (*paced) Done(*vidur.Request) bool { return false }
