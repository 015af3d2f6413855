package wandb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// Rows calls do with a run for each row of a sweep or a search of base, in their order.
// They are in the project and group that base says, and the name of each
// is its point in the grid, behind that of base. The first error of do ends it.
//
// A row of a sweep is simulated once more for its history, which is that of a [Series]; its
// summary is that of [Simulation] with the figures of the row. The axes must be parameters
// of the experiment. A row of a search has its probes for a history: probe, probe_qps
// (requests per s), met (1 or 0) and, with the original's search, latency_s. A row with an error is a run that
// has failed, and its summary says why.
func Rows(ctx context.Context, base *spec.Experiment, res *search.Results, do func(*Run) error) error {
	about := res.About()
	for from := 0; from < res.Len(); from += pieceRows {
		part, err := res.Part(from, min(from+pieceRows, res.Len()))
		if err != nil {
			return err
		}
		r := &rows{base, part, part.Rows(), about}
		runs, err := r.runs(ctx)
		if err != nil {
			return err
		}
		for _, w := range runs {
			if err := do(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// pieceRows is how many rows are in memory at once.
const pieceRows = 64

// rows are results of which runs are made.
type rows struct {
	base  *spec.Experiment
	res   *search.Results
	list  []search.Row
	about search.About
}

// runs are those of all rows.
func (r *rows) runs(ctx context.Context) ([]*Run, error) {
	var runs []*Run
	var again []int // rows to be simulated
	for i := range r.list {
		w := r.run(i)
		if r.about.Kind == "search" {
			w.History = probes(r.list[i].Probes)
		} else if r.list[i].Err == nil {
			again = append(again, i)
		}
		runs = append(runs, w)
	}
	if len(again) == 0 {
		return runs, nil
	}
	return runs, r.simulate(ctx, again, runs)
}

// run is what is known of a row without a simulation.
func (r *rows) run(i int) *Run {
	row := &r.list[i]
	kind := "simulation"
	if r.about.Kind == "search" {
		kind = "search"
	}
	w := &Run{Project: r.base.WandbProject, Group: r.base.WandbGroup, Name: r.base.WandbName, JobType: kind, Config: r.config(row.Point)}
	if point := row.Point.String(); w.Name == "" {
		w.Name = point
	} else if point != "" {
		w.Name += ": " + point
	}
	if row.Err != nil {
		w.Failed = true
		w.Summary = []Item{{"error", row.Err.Error()}}
		return w
	}
	for k, name := range r.res.FigureNames() {
		w.Summary = append(w.Summary, Item{name, row.Figures[k]})
	}
	return w
}

// config is the configuration of a point. That of a job of the original's search
// says nothing but its coordinates: the others are not those of base.
func (r *rows) config(p search.Point) []Item {
	var items []Item
	if p.Value("job") == nil {
		items = keysOf(r.base)
	}
	for k, c := range p {
		items = put(items, c.Name, c.Value)
		if r.about.Axes[k].Seeds {
			items = put(put(items, "generator-seed", c.Value), "length-seed", c.Value)
		}
	}
	if r.about.Kind != "search" {
		return items
	}
	items = slices.DeleteFunc(items, func(it Item) bool { return it.Name == "qps" }) // it is what is looked for
	return append(items, Item{"criteria", r.about.Criteria}, Item{"granularity", r.about.Granularity})
}

// put sets an item; an underscore may stand for a hyphen, as in [search.Over].
func put(items []Item, name string, v any) []Item {
	for i := range items {
		if items[i].Name == name || items[i].Name == strings.ReplaceAll(name, "_", "-") {
			items[i].Value = v
			return items
		}
	}
	return append(items, Item{name, v})
}

// probes are the rates that a search has tried.
func probes(list []search.Probe) History {
	h := History{Names: []string{"probe", "probe_qps", "met"}}
	latency := slices.ContainsFunc(list, func(p search.Probe) bool { return finite(p.Latency) })
	if latency {
		h.Names = append(h.Names, "latency_s")
	}
	for i, p := range list {
		row := []float64{float64(i + 1), p.QPS, 0}
		if p.Met {
			row[2] = 1
		}
		if latency {
			row = append(row, p.Latency)
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}

// simulate simulates some rows again, for what their runs lack.
func (r *rows) simulate(ctx context.Context, which []int, runs []*Run) error {
	axes, err := r.axes(which)
	if err != nil {
		return err
	}
	series := make([]Series, len(which))
	place := map[string]int{}
	for k, i := range which {
		place[key(r.list[i].Point)] = k
	}
	again, err := search.Sweep(ctx, r.base, append(axes, search.Keep(nil),
		search.Watch(func(k int) vidur.Recorder { return &series[k] }),
		search.Each(func(_, _ int, row *search.Row) {
			if row.Err != nil {
				return
			}
			k := place[key(row.Point)]
			complete(runs[which[k]], row, &series[k])
			row.Store, series[k] = nil, Series{} // of many rows, they would not fit
		}))...)
	if err == nil {
		err = again.Err()
	}
	if err != nil {
		return fmt.Errorf("wandb: the second time: %w", err)
	}
	return nil
}

func key(p search.Point) string { return fmt.Sprintf("%#v", p) }

// complete adds what the second simulation of a row has shown.
func complete(w *Run, again *search.Row, s *Series) {
	sum := again.Store.Summary()
	for _, it := range slices.Concat(figures(&sum), originals(&sum)) {
		if !slices.ContainsFunc(w.Summary, func(have Item) bool { return have.Name == it.Name }) {
			w.Summary = append(w.Summary, it)
		}
	}
	w.History, w.Length = s.History(len(sum.Replicas)), sum.End
}

// axes are those of some rows, as a list of points.
func (r *rows) axes(which []int) ([]search.Option, error) {
	var axes []search.Option
	for k := range r.list[which[0]].Point {
		var values []any
		for _, i := range which {
			values = append(values, r.list[i].Point[k].Value)
		}
		axis, err := r.about.Axes[k].Over(values...)
		if err != nil {
			return nil, fmt.Errorf("wandb: %w", err)
		}
		axes = append(axes, axis)
	}
	if len(axes) == 0 {
		return nil, nil
	}
	return []search.Option{search.Zip(axes...)}, nil
}
