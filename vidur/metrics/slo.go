package metrics

// SLO is a service-level objective: limits that a request meets or not. A zero
// limit is none. As in serving benchmarks, the time between tokens is judged by
// its mean over the request, TPOT.
type SLO struct {
	TTFT float64 `json:"ttft_s,omitempty"` // s, at most
	TPOT float64 `json:"tpot_s,omitempty"` // s, at most; a request of one token meets it
	E2E  float64 `json:"e2e_s,omitempty"`  // s, at most

	// Attainment is the fraction of the requests that must meet all limits for
	// the run to be good; 0 means 0.99.
	Attainment float64 `json:"attainment,omitempty"`
}

const defaultAttainment = 0.99

// Goodput is how an SLO was met.
type Goodput struct {
	SLO      SLO     `json:"slo"`
	Requests int     `json:"requests"`     // complete ones that met all limits
	Fraction float64 `json:"fraction"`     // of the complete ones; 0 if there is none
	Rate     float64 `json:"rate_per_s"`   // requests that met all limits, per second of the makespan
	TTFT     float64 `json:"ttft_met"`     // fraction that met that limit
	TPOT     float64 `json:"tpot_met"`     // fraction that met that limit
	E2E      float64 `json:"e2e_met"`      // fraction that met that limit
	Attained bool    `json:"slo_attained"` // Fraction is at least the SLO's Attainment
}

const (
	limitTTFT = iota
	limitTPOT
	limitE2E
	numLimits
)

// judge counts which limits a complete request meets. A TPOT that is none, NaN,
// meets every one.
func (t *totals) judge(slo *SLO, q *Request) {
	all := 1
	for i, over := range [numLimits]bool{
		limitTTFT: slo.TTFT > 0 && q.TTFT() > slo.TTFT,
		limitTPOT: slo.TPOT > 0 && q.TPOT() > slo.TPOT,
		limitE2E:  slo.E2E > 0 && q.E2E() > slo.E2E,
	} {
		if over {
			all = 0
		} else {
			t.met[i]++
		}
	}
	t.good += all
}

func (t *totals) goodput(slo SLO, makespan float64) Goodput {
	g := Goodput{SLO: slo, Requests: t.good}
	if t.completed == 0 {
		return g
	}
	n := float64(t.completed)
	g.Fraction = float64(t.good) / n
	g.TTFT, g.TPOT, g.E2E = float64(t.met[limitTTFT])/n, float64(t.met[limitTPOT])/n, float64(t.met[limitE2E])/n
	if makespan > 0 {
		g.Rate = float64(t.good) / makespan
	}
	if slo.Attainment == 0 {
		slo.Attainment = defaultAttainment
	}
	g.Attained = g.Fraction >= slo.Attainment
	return g
}

// Goodput judges the run by any SLO. It needs the rows; with
// Options.SketchesOnly it reports false unless slo is Options.SLO.
func (s *Store) Goodput(slo SLO) (Goodput, bool) {
	if slo == s.opt.SLO {
		return s.totals.goodput(slo, s.makespan()), true
	}
	if s.opt.SketchesOnly {
		return Goodput{}, false
	}
	t := totals{completed: s.totals.completed}
	for _, id := range s.order.all {
		t.judge(&slo, s.rows.at(int(*id)))
	}
	return t.goodput(slo, s.makespan()), true
}

// makespan is from the first arrival to the last event, s.
func (s *Store) makespan() float64 {
	if s.arrived == 0 {
		return 0
	}
	return s.now - s.first
}
