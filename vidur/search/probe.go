package search

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Probe is a rate that [Capacity] has tried.
type Probe struct {
	Seed uint64  // of the experiment
	QPS  float64 // requests per s
	Met  bool    // all criteria are
	// Latency is the percentile that [OriginalSearch] looks at, s; NaN in other
	// searches, where a run ends when its verdict is certain.
	Latency float64
}

// probeText is a Probe in JSON, in which there is no NaN.
type probeText struct {
	Seed    uint64  `json:"seed"`
	QPS     float64 `json:"qps"`
	Met     bool    `json:"met"`
	Latency string  `json:"latency,omitempty"`
}

// MarshalJSON writes the probe.
func (p Probe) MarshalJSON() ([]byte, error) {
	t := probeText{Seed: p.Seed, QPS: p.QPS, Met: p.Met}
	if !math.IsNaN(p.Latency) {
		t.Latency = strconv.FormatFloat(p.Latency, 'g', -1, 64)
	}
	return json.Marshal(t)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Probe) UnmarshalJSON(text []byte) error {
	var t probeText
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	*p = Probe{t.Seed, t.QPS, t.Met, math.NaN()}
	if t.Latency == "" {
		return nil
	}
	var err error
	if p.Latency, err = strconv.ParseFloat(t.Latency, 64); err != nil {
		return fmt.Errorf("latency: %w", err)
	}
	return nil
}

func (p Probe) text() []byte {
	text, err := json.Marshal(p)
	if err != nil { // a rate that is not finite is never tried
		return nil
	}
	return text
}

func readProbe(text []byte) (p Probe, err error) {
	err = json.Unmarshal(text, &p)
	return p, err
}

// ProbeTable is the columns of a table of all probes of a search, in the order of the
// points and of the search: the axes, "probe" (from 1 on), "probe_seed", "probe_qps", "met" and
// "latency_s". Column returns the values of a name: a []string, []int, []float64
// or []bool.
type ProbeTable struct {
	results *Results
	rows    []probeRow
}

type probeRow struct {
	point  Point
	number int
	Probe
}

// ProbeTable is the table of probes; empty if the results are not of a search.
func (r *Results) ProbeTable() *ProbeTable {
	r = r.held()
	t := &ProbeTable{results: r}
	for i := range r.rows {
		for k, p := range r.rows[i].Probes {
			t.rows = append(t.rows, probeRow{r.rows[i].Point, k + 1, p})
		}
	}
	return t
}

// Names are the names of the columns.
func (t *ProbeTable) Names() []string {
	var names []string
	for _, a := range t.results.axes {
		names = append(names, a.names...)
	}
	return append(names, "probe", "probe_seed", "probe_qps", "met", "latency_s")
}

// Column returns a column.
func (t *ProbeTable) Column(name string) (any, error) {
	switch name {
	case "probe_seed":
		return gather(t.rows, func(p *probeRow) int { return int(p.Seed & math.MaxInt) }), nil
	case "probe":
		return gather(t.rows, func(p *probeRow) int { return p.number }), nil
	case "probe_qps":
		return gather(t.rows, func(p *probeRow) float64 { return p.QPS }), nil
	case "met":
		return gather(t.rows, func(p *probeRow) bool { return p.Met }), nil
	case "latency_s":
		return gather(t.rows, func(p *probeRow) float64 { return p.Latency }), nil
	}
	points := &Results{axes: t.results.axes}
	for i := range t.rows {
		points.rows = append(points.rows, Row{Point: t.rows[i].point})
	}
	return points.Column(name)
}
