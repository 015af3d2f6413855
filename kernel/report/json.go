package report

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/govidur/govidur/vidur/spec"
)

// figure is a number of a page's data: six digits, null if there is none.
type figure float64

// MarshalJSON writes the number.
func (f figure) MarshalJSON() ([]byte, error) {
	if v := float64(f); v != v || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return []byte(plain(float64(f))), nil
}

// pageData is what the scripts of the page read.
type pageData struct {
	Kind    string            `json:"kind"`
	Rate    string            `json:"rate"` // column
	Goal    string            `json:"goal"` // column
	Slack   float64           `json:"slack"`
	Budget  float64           `json:"budget"`
	Engine  string            `json:"engine"`
	Axes    []pageAxis        `json:"axes"`
	Columns []column          `json:"columns"`
	Values  [][]figure        `json:"values"` // by column and row
	Errors  map[int]string    `json:"errors"` // by row
	Limits  []pageLimit       `json:"limits"`
	Groups  []pageGroup       `json:"groups"`
	Runs    map[int]pageRun   `json:"runs"`
	Advice  map[int][]string  `json:"advice,omitempty"` // by row
	NoRuns  string            `json:"noRuns,omitempty"`
	Notes   []string          `json:"notes,omitempty"`
	Probes  [][]any           `json:"probes,omitempty"` // row, seed, number, qps, met, latency
	Base    map[string]string `json:"base,omitempty"`
}

type pageAxis struct {
	Name   string `json:"name"`
	Values []any  `json:"values"` // different ones, in order of their first row
	At     []int  `json:"at"`     // of each row, which of the values
	Serves bool   `json:"serves,omitempty"`
}

type pageLimit struct {
	Metric  string `json:"metric"`
	Label   string `json:"label"`
	Unit    string `json:"unit"`
	Percent int    `json:"percent"`
	Most    figure `json:"most"` // in the unit
}

type pageGroup struct {
	Name string `json:"name"`
	Rows []int  `json:"rows"`
}

type pageRun struct {
	Curves map[string][]figure `json:"curves"` // in the units of the metrics
}

// shownBase are the keys of the base experiment that a page shows.
var shownBase = []string{"model", "device", "tp", "pp", "replicas", "scheduler", "chunk", "max-batch", "workload", "trace", "arrivals", "requests", "qps", "seed"}

func (r *Report) data() ([]byte, error) {
	d := pageData{
		Kind: r.about.Kind, Rate: rateColumn(r.results), Goal: goalColumn(r.results), Slack: slack, Budget: r.Budget,
		Engine: r.about.Engine, Columns: columnsOf(r.results, r.limits), Errors: map[int]string{}, NoRuns: r.noRuns, Runs: map[int]pageRun{},
		Values: [][]figure{}, Limits: []pageLimit{}, Groups: []pageGroup{},
	}
	for _, c := range d.Columns {
		values, err := r.results.Floats(c.Name)
		if err != nil {
			return nil, err
		}
		d.Values = append(d.Values, scaled(values, c.scale))
	}
	for i, row := range r.results.Rows() {
		if row.Err != nil {
			d.Errors[i] = textOf(row.Err)
		}
	}
	for _, l := range r.limits {
		label, unit, scale := l.labelOf()
		d.Limits = append(d.Limits, pageLimit{l.metric, label, unit, l.percent, figure(l.most * scale)})
	}
	for _, g := range r.groups {
		d.Groups = append(d.Groups, pageGroup{g.name, g.rows})
	}
	d.Axes, d.Notes = r.pageAxes(), r.notes()
	for i, curves := range r.runs {
		d.Runs[i] = pageRun{unitsOf(curves)}
	}
	for _, p := range r.probes {
		d.Probes = append(d.Probes, []any{p.row, p.seed, p.number, figure(p.qps), p.met, figure(p.latency)})
	}
	if r.base != nil {
		d.Base = r.baseOf()
		if err := r.advise(&d); err != nil {
			return nil, err
		}
	}
	return json.Marshal(&d)
}

func scaled(values []float64, scale float64) []figure {
	out := make([]figure, len(values))
	for i, v := range values {
		out[i] = figure(v * scale)
	}
	return out
}

// unitsOf are curves in the units in which their metrics are shown.
func unitsOf(curves map[string][]float64) map[string][]figure {
	out := map[string][]figure{}
	for _, m := range metricLabels {
		if c := curves[m.name]; c != nil {
			out[m.name] = scaled(c, m.scale)
		}
	}
	return out
}

// pageAxes are the coordinates of all rows.
func (r *Report) pageAxes() []pageAxis {
	axes := []pageAxis{}
	rows := r.results.Rows()
	if len(rows) == 0 {
		return axes
	}
	for k, c := range rows[0].Point {
		a := pageAxis{Name: c.Name, Serves: slices.Contains(workloadAxes, c.Name)}
		index := map[any]int{}
		for _, row := range rows {
			v := row.Point[k].Value
			at, seen := index[v]
			if !seen {
				at = len(a.Values)
				index[v], a.Values = at, append(a.Values, v)
			}
			a.At = append(a.At, at)
		}
		axes = append(axes, a)
	}
	return axes
}

// baseOf is what all rows have in common, as far as it is shown.
func (r *Report) baseOf() map[string]string {
	base := map[string]string{}
	rows := r.results.Rows()
	search := r.about.Kind == "search"
	jobs := len(rows) > 0 && rows[0].Point.Value("job") != nil
	params := spec.Params()
	for i := range params {
		p := &params[i]
		own := jobs && p.Name != "arrivals" && p.Name != "seed" || search && p.Name == "qps" // of each row
		if text := p.Show(r.base); text != "" && !own && slices.Contains(shownBase, p.Name) {
			base[p.Name] = text
		}
	}
	return base
}
