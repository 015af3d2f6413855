package learn_test

import (
	"math"
	"testing"

	"github.com/govidur/govidur/vidur/exectime/learn"
)

func fit(t testing.TB, e learn.Estimator, d learn.Data) learn.Model {
	t.Helper()
	m, err := e.Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// target gives data another target, a function of the features.
func target(d learn.Data, f func(x []float64) float64) learn.Data {
	d.Y = make([]float64, len(d.X[0]))
	x := make([]float64, len(d.X))
	for r := range d.Y {
		for k := range x {
			x[k] = d.X[k][r]
		}
		d.Y[r] = f(x)
	}
	return d
}

func near(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*max(math.Abs(a), math.Abs(b))
}

func TestPolynomialsAreFoundAgain(t *testing.T) {
	quintic := func(x []float64) float64 {
		v := x[0]
		return 3 + v*(0.01+v*(2e-6+v*(-1e-9+v*(4e-13+v*1e-17))))
	}
	surface := func(x []float64) float64 { return 2 + 0.1*x[0] - 3e-4*x[0]*x[1] + 1e-7*x[1]*x[1] }
	product := func(x []float64) float64 { return 1 + x[0] + 2*x[1] + 3*x[0]*x[1] }
	for _, c := range []struct {
		poly learn.Poly
		of   func(x []float64) float64
		d    learn.Data
	}{
		{learn.Poly{Degree: 5, Intercept: true}, quintic, random(1, 300, 1)},
		{learn.Poly{Degree: 5, Bias: true}, quintic, random(1, 300, 2)},
		{learn.Poly{Degree: 5, Bias: true, Intercept: true}, quintic, random(1, 6, 3)},
		{learn.Poly{Degree: 2, Intercept: true}, surface, random(2, 100, 4)},
		{learn.Poly{Degree: 4, Intercept: true}, surface, random(2, 400, 5)},
		{learn.Poly{Degree: 2, InteractionOnly: true, Bias: true}, product, random(2, 50, 6)},
		{learn.Poly{Degree: 1}, func(x []float64) float64 { return 7 * x[0] }, random(1, 3, 7)},
		{learn.Poly{Degree: 1, Intercept: true}, func([]float64) float64 { return 0.3 }, random(1, 9, 8)},
		{learn.Poly{Degree: 3}, func([]float64) float64 { return 0 }, random(2, 30, 9)},
	} {
		d := target(c.d, c.of)
		m := fit(t, c.poly, d)
		at := target(random(len(d.X), 100, 99), c.of)
		x := make([]float64, len(d.X))
		for r, want := range at.Y {
			for k := range x {
				x[k] = at.X[k][r]
			}
			if got := m.Predict(x); !near(got, want, 1e-7) {
				t.Fatalf("%v at %v: %v, want %v", c.poly, x, got, want)
			}
		}
	}
}

// The line of least squares: slope = cov(x, y)/var(x).
func TestLeastSquaresLine(t *testing.T) {
	d := learn.Data{Features: []string{"x"}, X: [][]float64{{1, 2, 4, 9}}, Y: []float64{2, 3, 3, 11}}
	if got, want := fit(t, learn.Poly{Degree: 1, Intercept: true}, d).Predict([]float64{10}), 4.75+6*43.0/38; !near(got, want, 1e-13) {
		t.Errorf("with an intercept: %v, want %v", got, want)
	}
	if got, want := fit(t, learn.Poly{Degree: 1}, d).Predict([]float64{10}), 10*119.0/102; !near(got, want, 1e-13) {
		t.Errorf("without: %v, want %v", got, want)
	}
}

// Of columns that say the same, or nothing, none gets a large factor.
func TestRedundantColumns(t *testing.T) {
	d := random(1, 40, 1)
	line := func(x []float64) float64 { return 1 + 0.01*x[0] }
	d.Features = []string{"tokens", "tokens again", "constant", "zero"}
	d.X = append(d.X, d.X[0], make([]float64, 40), make([]float64, 40))
	for i := range d.X[2] {
		d.X[2][i] = 8
	}
	d = target(d, line)
	for _, p := range []learn.Poly{{Degree: 1, Intercept: true}, {Degree: 3, Intercept: true}, {Degree: 2, Bias: true}} {
		m := fit(t, p, d)
		for _, v := range []float64{1, 100, 4000} {
			if got, want := m.Predict([]float64{v, v, 8, 0}), line([]float64{v}); !near(got, want, 1e-6) {
				t.Errorf("%v at %v: %v, want %v", p, v, got, want)
			}
		}
	}
	few := learn.Data{Features: []string{"x"}, X: [][]float64{{1, 2}}, Y: []float64{1, 3}}
	m := fit(t, learn.Poly{Degree: 5, Intercept: true}, few)
	for r, want := range few.Y {
		if got := m.Predict([]float64{few.X[0][r]}); !near(got, want, 1e-12) {
			t.Errorf("two rows, degree 5: %v, want %v", got, want)
		}
	}
}
