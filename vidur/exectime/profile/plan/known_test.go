package plan

import (
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// TestWeights: a kind weighs by the cross-validated error of its profiles, times
// their operators' share; without profiles by the error of the analytic model.
func TestWeights(t *testing.T) {
	spec := replica(t, "llama-3-8b", "h100")
	m, err := newMaker(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	weigh := func(noise float64) map[Kind]float64 {
		set := &profile.Set{}
		if noise >= 0 {
			set.Ops[vidur.OpMLPUp] = noisy(noise)
		}
		w, err := m.weigh(t.Context(), set, staged(spec))
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	none, exact, rough := weigh(-1), weigh(0), weigh(1)
	if !(exact[Token] < none[Token] && none[Token] < rough[Token]) {
		t.Errorf("tokens weigh %v with an exact profile, %v without, %v with a rough one", exact[Token], none[Token], rough[Token])
	}
	for _, k := range Kinds() {
		if !(none[k] > 0) || k != Token && none[k] != rough[k] {
			t.Errorf("%s weighs %v and %v", k, none[k], rough[k])
		}
	}
}

// noisy are samples of an operator whose logarithms scatter.
func noisy(noise float64) *profile.Samples {
	r := rand.New(rand.NewPCG(1, 2))
	s := &profile.Samples{Op: vidur.OpMLPUp, Features: []string{profile.NumTokens}, X: [][]float64{nil}}
	for n := 8; n <= 1024; n += 8 {
		s.X[0] = append(s.X[0], float64(n))
		s.Y = append(s.Y, (0.5+1e-4*float64(n))*(1+noise*r.Float64()))
		s.Lines = append(s.Lines, n)
	}
	return s
}
