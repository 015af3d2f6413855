package search

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/govidur/govidur/vidur/search/store"
	"github.com/govidur/govidur/vidur/spec"
)

// About says what [Results] are of. It has no time and no place, so the same sweep
// has the same.
type About struct {
	Kind        string   `json:"kind"` // "sweep" or "search"
	Engine      string   `json:"engine"`
	Axes        []Axis   `json:"axes"`
	Criteria    []string `json:"criteria,omitempty"` // of a search, as [ParseCriterion] reads them
	Granularity float64  `json:"granularity,omitempty"`
	Original    bool     `json:"original,omitempty"` // the search was [OriginalSearch]
	Early       float64  `json:"early,omitempty"`    // the confidence of [Early]
	Points      int      `json:"points"`
	Errors      int      `json:"errors"` // points that could not run

	// Grid is a hash of what was asked: the base experiment, the axes with their
	// values, and the settings of a search. The same question has the same, whatever
	// program answers it; what functions do is not in it.
	Grid string `json:"grid,omitempty"`
}

// Axis is a column of coordinates.
type Axis struct {
	Name  string `json:"name"`
	Type  string `json:"type"`            // string, int, float64 or bool
	Seeds bool   `json:"seeds,omitempty"` // it is that of [Seeds], not of the parameter seed alone
}

// Over is an axis like this one with values of its own, for simulating rows once more:
// [Seeds], or [Over]. A name that is no parameter is an error.
func (a *Axis) Over(values ...any) (Option, error) {
	if _, err := spec.FindParam("parameter", a.Name); err != nil {
		return nil, fmt.Errorf("search: %s is no parameter of an experiment, so what it is of cannot be simulated again", a.Name)
	}
	if !a.Seeds {
		return Over(a.Name, values...), nil
	}
	var seeds []int
	for _, v := range values {
		seed, ok := v.(int)
		if !ok {
			return nil, fmt.Errorf("search: %v is no seed", v)
		}
		seeds = append(seeds, seed)
	}
	return Seeds(seeds...), nil
}

// Names of the files of results in a folder.
const (
	ResultsFile = "results.csv"  // a row per point: the columns of [Results.Names]
	AboutFile   = "results.json" // an [About]
	ProbesFile  = "probes.csv"   // of a search, a row per probe: the axes, probe, probe_seed, probe_qps, met, latency_s
)

// About says what the results are of.
func (r *Results) About() About {
	a := r.about
	if r.read {
		return a
	}
	a.Engine, a.Points = engine(), r.Len()
	a.Axes = []Axis{}
	for _, axis := range r.axes {
		for k, name := range axis.names {
			a.Axes = append(a.Axes, Axis{name, fmt.Sprintf("%T", axis.steps[0].values[k]), axis.seeds && name == seedColumn})
		}
	}
	failed := func(err error) bool { return err != nil }
	for i := range r.rows {
		if failed(r.rows[i].Err) {
			a.Errors++
		}
	}
	if r.spill != nil {
		a.Errors = r.spill.count(failed)
	}
	return a
}

func (p *plan) about() About {
	c := &p.capacity
	if c.grain == 0 {
		return About{Kind: "sweep", Grid: p.asked}
	}
	a := About{Kind: "search", Granularity: c.grain, Original: c.original, Early: c.early, Grid: p.asked}
	for _, criterion := range c.criteria {
		a.Criteria = append(a.Criteria, criterion.String())
	}
	return a
}

// Begin has f called before anything is simulated, with what the results will be
// of. An error of f is that of the whole.
func Begin(f func(About) error) Option { return func(p *plan) { p.begins = f } }

// begin works out what is asked, and says it to the function of Begin.
func (p *plan) begin(base *spec.Experiment, points int) error {
	type place struct {
		Values, Sources any
		Asked           []string `json:",omitempty"`
	}
	var axes []any
	for _, a := range p.axes {
		var places []place
		for _, s := range a.steps {
			places = append(places, place{s.values, s.sources, s.asked})
		}
		axes = append(axes, a.names, places)
	}
	c := &p.capacity
	text, err := json.Marshal([]any{p.about().Kind, differing(base), axes, c.criteria, c.grain, c.probes, c.original, c.early, p.compare.replications, p.compare.confidence})
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	if p.asked = store.Key(text); p.begins == nil {
		return nil
	}
	r := &Results{axes: p.axes, about: p.about(), rows: make([]Row, points)}
	return p.begins(r.About())
}

// ReadResults reads the results in a folder that `vidur sweep` or `vidur search`
// wrote: [ResultsFile] and [AboutFile]. Errors of rows are texts, and the probes
// of a search are not among them.
func ReadResults(dir string) (*Results, About, error) {
	var a About
	path := filepath.Join(dir, AboutFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("search: %s has no results of a sweep or a search: %w", dir, err)
	}
	if err != nil {
		return nil, a, err
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, a, fmt.Errorf("%s: %w", path, err)
	}
	r := &Results{about: a, read: true}
	path = filepath.Join(dir, ResultsFile)
	err = r.readCSV(path)
	if err == nil && r.Len() < a.Points {
		err = fmt.Errorf("it is cut short: %d of %d rows", r.Len(), a.Points)
	}
	if err != nil {
		return nil, a, fmt.Errorf("%s: %w", path, err)
	}
	return r, a, nil
}

func (r *Results) readCSV(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := csv.NewReader(f)
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("it is empty")
	}
	if err != nil {
		return err
	}
	axes := r.about.Axes
	if len(header) <= len(axes) || header[len(axes)] != errorColumn {
		return fmt.Errorf("column %d is not %q", len(axes)+1, errorColumn)
	}
	for i, a := range axes {
		if header[i] != a.Name {
			return fmt.Errorf("column %d is %q, not %q", i+1, header[i], a.Name)
		}
		r.axes = append(r.axes, axis{names: []string{a.Name}})
	}
	for _, name := range header[len(axes)+1:] {
		r.figures = append(r.figures, figure{name: name, label: label(name)})
	}
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil { // says the line
			return err
		}
		if err := r.readRow(cells); err != nil {
			line, _ := in.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// label is what a figure is called in a sentence.
func label(name string) string {
	for _, f := range append(capacityFigures(), figures()...) {
		if f.name == name {
			return f.label
		}
	}
	return name
}

func (r *Results) readRow(cells []string) error {
	n := len(r.about.Axes)
	row := Row{Figures: none(len(cells) - n - 1)}
	for i, a := range r.about.Axes {
		v, err := a.Parse(cells[i])
		if err != nil {
			return err
		}
		row.Point = append(row.Point, Coordinate{a.Name, v})
	}
	if cells[n] != "" {
		row.Err = &PointError{row.Point, errors.New(cells[n])}
	}
	for i, cell := range cells[n+1:] {
		if cell == "" {
			continue
		}
		v, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			return fmt.Errorf("%s: %q is no number", r.figures[i].name, cell)
		}
		row.Figures[i] = v
	}
	r.rows = append(r.rows, row)
	return nil
}

// Parse is the coordinate that a text in a file of results stands for.
func (a *Axis) Parse(text string) (v any, err error) {
	switch a.Type {
	case "string":
		v = text
	case "int":
		v, err = strconv.Atoi(text)
	case "bool":
		v, err = strconv.ParseBool(text)
	case "float64":
		v, err = strconv.ParseFloat(text, 64)
	default:
		return nil, fmt.Errorf("axis %s has the type %q", a.Name, a.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no %s", a.Name, text, a.Type)
	}
	return v, nil
}
