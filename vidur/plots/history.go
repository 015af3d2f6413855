package plots

import (
	"fmt"
	"strconv"

	"github.com/govidur/govidur/vidur"
)

// Panel is one of several step figures over the same time.
type Panel struct {
	YLabel string
	Series []Series // X is the time in s
}

// OverTime draws panels under each other with one time axis: queues and memory,
// for example. Values hold until the next.
func OverTime(panels ...Panel) (*Figure, error) {
	figs := make([]*Figure, len(panels))
	for i, p := range panels {
		f, err := Steps("time (s)", p.YLabel, p.Series...)
		if err != nil {
			return nil, err
		}
		f.bare = i+1 < len(panels)
		f.Height = 1.2
		figs[i] = f
	}
	g, err := Grid(1, figs...)
	if err != nil {
		return nil, err
	}
	g.letters = false
	lo, hi := figs[0].Plot.X.Min, figs[0].Plot.X.Max
	for _, f := range figs {
		lo, hi = min(lo, f.Plot.X.Min), max(hi, f.Plot.X.Max)
	}
	for _, f := range figs {
		f.Plot.X.Min, f.Plot.X.Max = lo, hi
	}
	g.Height = min(most, 0.35+0.95*float64(len(panels)))
	return g, nil
}

// History is a Recorder that keeps how many requests wait at each replica, how
// many are there at all, and how full its KV cache is.
type History struct {
	replicas []*past
}

// past is the history of one replica, a value where it changed.
type past struct{ waiting, present, memory changes }

type changes struct{ at, value []float64 }

// put adds a value unless it is the latest; of several at one time the last stays.
func (c *changes) put(at, value float64) {
	n := len(c.at)
	if n > 0 && c.value[n-1] == value {
		return
	}
	if n > 0 && c.at[n-1] == at {
		c.value[n-1] = value
		return
	}
	c.at, c.value = append(c.at, at), append(c.value, value)
}

// Record looks at the replica of an event.
func (h *History) Record(e *vidur.Event) {
	rep := e.Replica
	if rep == nil || e.Kind != vidur.Scheduled && e.Kind != vidur.BatchEnded {
		return
	}
	for len(h.replicas) <= rep.ID {
		h.replicas = append(h.replicas, &past{})
	}
	p := h.replicas[rep.ID]
	p.waiting.put(e.At, float64(rep.Waiting.Len()))
	p.present.put(e.At, float64(rep.Outstanding()))
	if rep.KV.Blocks > 0 {
		p.memory.put(e.At, 100*float64(rep.KV.Used())/float64(rep.KV.Blocks))
	}
}

// Waiting is the number of requests in the queue of a replica over time, in s.
func (h *History) Waiting(replica int) (Series, error) {
	return h.series(replica, func(p *past) changes { return p.waiting })
}

// Outstanding is the number of requests at a replica, waiting or not, over time.
func (h *History) Outstanding(replica int) (Series, error) {
	return h.series(replica, func(p *past) changes { return p.present })
}

// Memory is the share of blocks of the KV cache of a replica in use, in percent,
// over time.
func (h *History) Memory(replica int) (Series, error) {
	return h.series(replica, func(p *past) changes { return p.memory })
}

func (h *History) series(replica int, of func(*past) changes) (Series, error) {
	if replica < 0 || replica >= len(h.replicas) || len(of(h.replicas[replica]).at) == 0 {
		return Series{}, fmt.Errorf("plots: nothing was recorded of replica %d", replica)
	}
	c := of(h.replicas[replica])
	return XY("replica "+strconv.Itoa(replica), c.at, c.value), nil
}

// Figure draws all three for all replicas.
func (h *History) Figure() (*Figure, error) {
	panels := []Panel{{YLabel: "waiting"}, {YLabel: "requests"}, {YLabel: "KV in use (%)"}}
	for r := range h.replicas {
		for i, of := range []func(int) (Series, error){h.Waiting, h.Outstanding, h.Memory} {
			s, err := of(r)
			if err != nil {
				return nil, err
			}
			if i > 0 || len(h.replicas) == 1 {
				s.Name = "" // one legend is enough
			}
			panels[i].Series = append(panels[i].Series, s)
		}
	}
	return OverTime(panels...)
}
