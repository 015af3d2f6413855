package measure

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// Manifest says what a folder of measurements holds and how they were taken.
type Manifest struct {
	Provenance string `json:"provenance"` // "measured"
	Session
	Sessions    int    `json:"sessions"`        // agents that measured for it
	Mixed       string `json:"mixed,omitempty"` // what differs between them
	Interrupted bool   `json:"interrupted,omitempty"`

	Points  map[plan.Kind]Counts      `json:"points"`           // of the plan and of earlier ones here
	Seconds float64                   `json:"seconds"`          // that points with times took; starting agents is not in it
	Planned float64                   `json:"planned_seconds"`  // that the plan estimates for them
	Kernels map[string]map[string]int `json:"kernels"`          // by operator and kernel: points
	Clocks  *ClockRange               `json:"clocks,omitempty"` // nil on a CPU
	Spread  map[string]float64        `json:"spread_percent"`   // by operator: median of the runs' std over their median
	Files   map[string]int            `json:"files"`            // rows, by path
	Without []Result                  `json:"without"`          // points without times, and why
	LeftOut []string                  `json:"left_out"`         // what is not measured at all
}

// Counts are numbers of points.
type Counts struct {
	OK      int `json:"ok"`
	OOM     int `json:"oom,omitempty"`
	Skipped int `json:"skipped,omitempty"`
	Failed  int `json:"error,omitempty"`
	Left    int `json:"left,omitempty"` // still to be measured, without a failure yet
}

// ClockRange are the clocks of the GPU over all points.
type ClockRange struct {
	SMMHzMin        float64 `json:"sm_mhz_min"` // at the ends of points
	SMMHzMax        float64 `json:"sm_mhz_max"`
	TemperatureMax  float64 `json:"temperature_c_max"`
	ThrottledPoints int     `json:"throttled_points"`
}

// notMeasured are the CPU overheads that only a serving engine has.
var notMeasured = []string{
	vidur.OpSchedule.String() + ", " + vidur.OpProcessOutputs.String() + ", " + vidur.OpComm.String() + ": only a serving engine has them",
}

// Total are the numbers of points over all kinds.
func (m *Manifest) Total() Counts {
	var t Counts
	for _, c := range m.Points {
		t.OK, t.OOM, t.Skipped, t.Failed, t.Left = t.OK+c.OK, t.OOM+c.OOM, t.Skipped+c.Skipped, t.Failed+c.Failed, t.Left+c.Left
	}
	return t
}

// Unsteady is the operator with the largest spread, in %; "" if nothing was
// measured.
func (m *Manifest) Unsteady() (op string, percent float64) {
	for _, name := range sorted(m.Spread) {
		if m.Spread[name] > percent {
			op, percent = name, m.Spread[name]
		}
	}
	return op, percent
}

// write writes the tables and the manifest.
func (r *runner) write(interrupted bool) (*Manifest, error) {
	files, err := r.tables()
	if err != nil {
		return nil, err
	}
	m := &Manifest{Provenance: profile.ProvenanceMeasured, Interrupted: interrupted, Sessions: len(r.journal.sessions), Files: files, Points: map[plan.Kind]Counts{},
		Kernels: map[string]map[string]int{}, Spread: map[string]float64{}, Without: []Result{}, LeftOut: notMeasured}
	for i, s := range r.journal.sessions {
		m.Session = *s
		if i > 0 && m.Mixed == "" {
			m.Mixed = r.journal.sessions[i-1].differs(s, true)
		}
	}
	m.PlanHash = r.hash
	r.tally(m)
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, err
	}
	return m, replace(filepath.Join(r.opt.Dir, "manifest.json"), append(text, '\n'))
}

// tally counts points and sums their times up.
func (r *runner) tally(m *Manifest) {
	spreads := map[string][]float64{}
	for _, id := range sorted(r.journal.latest) {
		e := r.journal.latest[id]
		m.count(&e)
		for op, s := range e.Ops {
			spreads[op] = append(spreads[op], 100*s.Std/s.Median)
		}
	}
	for _, p := range r.plan.Points {
		if _, ok := r.journal.latest[p.ID]; !ok {
			c := m.Points[p.Kind]
			c.Left++
			m.Points[p.Kind] = c
		}
	}
	for op, list := range spreads {
		m.Spread[op] = median(list)
	}
}

// count adds a point.
func (m *Manifest) count(e *entry) {
	c := m.Points[e.At.Kind]
	switch e.Status {
	case OK:
		c.OK++
		m.Seconds, m.Planned = m.Seconds+e.Seconds, m.Planned+e.At.Seconds
	case OOM:
		c.OOM++
	case Skipped:
		c.Skipped++
	default:
		c.Failed++
	}
	m.Points[e.At.Kind] = c
	if e.Status != OK {
		m.Without = append(m.Without, Result{Point: e.Point, Status: e.Status, Note: e.Note})
	}
	for op, kernel := range e.Kernels {
		if m.Kernels[op] == nil {
			m.Kernels[op] = map[string]int{}
		}
		m.Kernels[op][kernel]++
	}
	m.clocks(e.Clocks)
}

func (m *Manifest) clocks(c *Clocks) {
	if c == nil {
		return
	}
	if m.Clocks == nil {
		m.Clocks = &ClockRange{SMMHzMin: c.After}
	}
	k := m.Clocks
	k.SMMHzMin, k.SMMHzMax = min(k.SMMHzMin, c.After), max(k.SMMHzMax, c.After)
	k.TemperatureMax = max(k.TemperatureMax, c.Temperature)
	if c.Throttled {
		k.ThrottledPoints++
	}
}

// ErrOther is that a manifest is of profiles that were not measured here, such as
// imported ones.
var ErrOther = errors.New("is not of a measurement")

// ReadManifest reads the manifest of a folder of measurements. Of a folder with other
// profiles the error is an [ErrOther].
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, "manifest.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if m.Provenance != profile.ProvenanceMeasured {
		return nil, fmt.Errorf("%s %w", path, ErrOther)
	}
	return m, nil
}
