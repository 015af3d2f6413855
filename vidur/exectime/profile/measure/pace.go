package measure

import (
	"time"

	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// Progress is how far a run is.
type Progress struct {
	Done, Total int // points that need no more measurement, and those of the plan
	Point       *plan.Point
	Result      *Result // of the point, just now

	// Left is the time to the end: what the plan estimates for the points that are
	// left, times what points of their kind have taken of their estimates so far, or
	// all kinds while there are none of theirs. Starting agents is not in it.
	Left time.Duration
}

// pace compares the plan's estimates with the time that points take, s by kind.
type pace struct{ due, estimated, took map[plan.Kind]float64 }

func newPace(points []plan.Point) *pace {
	p := &pace{map[plan.Kind]float64{}, map[plan.Kind]float64{}, map[plan.Kind]float64{}}
	for i := range points {
		p.due[points[i].Kind] += points[i].Seconds
	}
	return p
}

// take counts a point.
func (p *pace) take(q *plan.Point, r *Result) {
	p.due[q.Kind] -= q.Seconds
	if r.Status == OK && r.Seconds > 0 && q.Seconds > 0 {
		p.estimated[q.Kind] += q.Seconds
		p.took[q.Kind] += r.Seconds
	}
}

func (p *pace) left() time.Duration {
	estimated, took, sum := 0.0, 0.0, 0.0
	for _, k := range plan.Kinds() {
		estimated, took = estimated+p.estimated[k], took+p.took[k]
	}
	for _, k := range plan.Kinds() {
		switch due := max(p.due[k], 0); {
		case p.estimated[k] > 0:
			sum += due * p.took[k] / p.estimated[k]
		case estimated > 0:
			sum += due * took / estimated
		default:
			sum += due
		}
	}
	return time.Duration(sum * float64(time.Second))
}
