package measure

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// The time that is left follows what points took, by their kinds.
func TestPace(t *testing.T) {
	token, decode, cpu := plan.Point{Kind: plan.Token, Seconds: 1}, plan.Point{Kind: plan.Decode, Seconds: 2}, plan.Point{Kind: plan.CPU, Seconds: 6}
	p := newPace([]plan.Point{token, token, decode, decode, cpu})
	step := func(q *plan.Point, r Result, want time.Duration) {
		t.Helper()
		if q != nil {
			p.take(q, &r)
		}
		if got := p.left(); got != want {
			t.Errorf("%v left; due are %v", got, want)
		}
	}
	step(nil, Result{}, 12*time.Second)
	step(&token, Result{Status: OK, Seconds: 3}, (3+2*6+18)*time.Second)
	step(&decode, Result{Status: OK, Seconds: 2}, (3+2+10)*time.Second)
	step(&cpu, Result{Status: Failed, Seconds: 100}, 5*time.Second)
	step(&token, Result{Status: OOM}, 2*time.Second)
	step(&decode, Result{Status: OK, Seconds: 6}, 0)
	step(&decode, Result{Status: OK, Seconds: 6}, 0) // one point more than there are
}

// BenchmarkLongPlan is what a run adds to an agent's time, by point, of a plan of
// as many points as whole grids have.
func BenchmarkLongPlan(b *testing.B) {
	p := tiny()
	p.Points = nil
	for n := range b.N {
		p.Points = append(p.Points, plan.Point{ID: fmt.Sprintf("token/tp1/n%d", n+1), Kind: plan.Token, TP: 1, Tokens: n + 1})
	}
	b.Setenv(fakeMode, "fake")
	b.Setenv("VIDUR_FAKE_MARKS", b.TempDir())
	o := Options{Dir: b.TempDir(), Python: os.Args[0], Device: "cpu", Progress: func(Progress) {}}
	if _, err := Run(b.Context(), p, o); err != nil {
		b.Fatal(err)
	}
}
