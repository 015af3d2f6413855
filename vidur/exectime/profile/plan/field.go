package plan

import (
	"cmp"
	"math"
	"slices"
)

// maxProbes is at how many points of a grid the uncertainty is looked at: evenly
// drawn from larger grids.
const maxProbes = 1 << 14

// field is what is uncertain about a grid, as points of it are measured.
type field struct {
	*grid
	at     []place // of each point
	done   []bool  // measured, or picked
	corner []bool
	probes []probe // by x
	picks  int     // so far
}

// probe is a point at which the uncertainty is looked at.
type probe struct {
	place
	sure float64 // 1 - √min(1, distance from the nearest measurement)
}

func newField(g *grid) *field {
	f := &field{grid: g, done: g.known(), corner: make([]bool, len(g.points))}
	for i := range g.points {
		f.at = append(f.at, at(&g.points[i]))
	}
	for _, i := range g.corners() {
		f.corner[i] = true
	}
	every := max(1, (len(f.at)+maxProbes-1)/maxProbes)
	for i := 0; i < len(f.at); i += every {
		f.probes = append(f.probes, probe{place: f.at[i]})
	}
	slices.SortStableFunc(f.probes, func(a, b probe) int { return cmp.Compare(a.x, b.x) })
	for _, p := range g.measured {
		f.learn(p)
	}
	return f
}

// near are the probes that a measurement at p tells something about, and perhaps
// others: those within an octave along x.
func (f *field) near(p place) []probe {
	by := func(b probe, x float64) int {
		if b.x < x {
			return -1
		}
		return 1
	}
	from, _ := slices.BinarySearchFunc(f.probes, p.x-1, by)
	to, _ := slices.BinarySearchFunc(f.probes, p.x+1, by)
	return f.probes[from:to]
}

func sureness(d float64) float64 {
	if d >= 1 {
		return 0
	}
	return 1 - math.Sqrt(d)
}

func (f *field) learn(p place) {
	near := f.near(p)
	for i := range near {
		near[i].sure = max(near[i].sure, sureness(p.apart(near[i].place)))
	}
}

func (f *field) measure(i int) {
	f.done[i] = true
	f.picks++
	f.learn(f.at[i])
}

// gain is what measuring point i takes off the uncertainty per second. It is
// rounded, so that equal points are equal however a processor adds them up.
func (f *field) gain(i int) float32 {
	p, sum := f.at[i], 0.0
	for _, q := range f.near(p) {
		if s := sureness(p.apart(q.place)); s > q.sure {
			sum += s - q.sure
		}
	}
	return float32(f.weight * sum / float64(len(f.probes)) / f.points[i].Seconds)
}
