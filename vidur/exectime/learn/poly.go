package learn

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Poly is least squares on the monomials of the features: scikit-learn's
// PolynomialFeatures and LinearRegression, which the original simulator uses.
//
// Features and monomials are scaled before the fit. scikit-learn's are not: from
// degree 4 of thousands of tokens on it drops directions that its own rounding
// hides, and its predictions differ from the least-squares solution.
type Poly struct {
	Degree          int  // of the monomials, 1 or more
	Bias            bool // a constant among the monomials (include_bias)
	InteractionOnly bool // no monomial has a feature twice (interaction_only)
	Intercept       bool // a constant beside the monomials (fit_intercept); makes Bias redundant
}

// String tells the polynomial's parameters.
func (p Poly) String() string {
	return fmt.Sprintf("poly(degree=%d bias=%t interaction_only=%t intercept=%t)", p.Degree, p.Bias, p.InteractionOnly, p.Intercept)
}

// canonical returns the simplest polynomial with the same solution.
func (p Poly) canonical(features int) Poly {
	if p.InteractionOnly {
		p.Degree = min(p.Degree, features)
	}
	if p.Degree == 1 {
		p.InteractionOnly = false
	}
	p.Bias, p.Intercept = false, p.Intercept || p.Bias
	return p
}

// maxTerms bounds the number of monomials.
const maxTerms = 5000

// terms lists the monomials except the constant, each as the features that it
// multiplies, ascending.
func (p Poly) terms(features int) [][]int {
	var all [][]int
	last := [][]int{nil}
	for range p.Degree {
		var next [][]int
		for _, term := range last {
			from := 0
			if n := len(term); n > 0 && p.InteractionOnly {
				from = term[n-1] + 1
			} else if n > 0 {
				from = term[n-1]
			}
			for k := from; k < features; k++ {
				next = append(next, append(term[:len(term):len(term)], k))
			}
		}
		all, last = append(all, next...), next
		if len(all) > maxTerms {
			return nil
		}
	}
	return all
}

// Fit solves the least-squares problem; of many solutions it takes the one with
// the smallest coefficients, as scaled.
func (p Poly) Fit(d Data) (Model, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	if p.Degree < 1 || p.Degree > 64 {
		return nil, fmt.Errorf("%v: the degree must be from 1 to 64", p)
	}
	p = p.canonical(len(d.X))
	m := &polyModel{terms: p.terms(len(d.X)), scale: make([]float64, len(d.X))}
	if m.terms == nil {
		return nil, fmt.Errorf("%v: more than %d monomials", p, maxTerms)
	}
	for k, column := range d.X {
		for _, v := range column {
			m.scale[k] = max(m.scale[k], math.Abs(v))
		}
		if m.scale[k] == 0 {
			m.scale[k] = 1
		}
	}
	return m, m.solve(d, p.Intercept)
}

// A polyModel is a polynomial.
type polyModel struct {
	scale     []float64 // by feature: divides it
	terms     [][]int
	factors   []float64 // by term
	intercept float64
}

// Predict evaluates the polynomial.
func (m *polyModel) Predict(x []float64) float64 {
	if len(x) != len(m.scale) {
		panic(fmt.Sprintf("poly: %d features given, %d learnt", len(x), len(m.scale)))
	}
	sum := m.intercept
	for t := range m.terms {
		sum += m.factors[t] * m.term(t, x)
	}
	return sum
}

func (m *polyModel) term(t int, x []float64) float64 {
	v := 1.0
	for _, k := range m.terms[t] {
		v *= x[k] / m.scale[k]
	}
	return v
}

// solve finds the factors: a QR decomposition of the terms' columns and the
// target, then the singular values of the small triangle.
func (m *polyModel) solve(d Data, intercept bool) error {
	n, p := len(d.Y), len(m.terms)
	a := mat.NewDense(max(n, p+1), p+1, nil)
	means, norms := make([]float64, p+1), make([]float64, p+1)
	x, column := make([]float64, len(d.X)), make([]float64, n)
	for t := range p + 1 {
		for r := range column {
			if t == p {
				column[r] = d.Y[r]
				continue
			}
			for k := range x {
				x[k] = d.X[k][r]
			}
			column[r] = m.term(t, x)
		}
		means[t], norms[t] = normalise(column, intercept)
		for r, v := range column {
			a.Set(r, t, v)
		}
	}
	solution, err := leastSquares(a, n)
	if err != nil {
		return err
	}
	m.factors = make([]float64, p)
	m.intercept = means[p]
	for t := range m.factors {
		m.factors[t] = solution.AtVec(t) * norms[p] / norms[t]
		m.intercept -= m.factors[t] * means[t]
	}
	return nil
}

// normalise takes the mean from a column, if told to, and gives it the length
// 1, if it has any. It returns the mean and what the length was, or 1.
func normalise(column []float64, centre bool) (mean, norm float64) {
	most := 0.0
	for _, v := range column {
		mean += v / float64(len(column))
		most = max(most, math.Abs(v))
	}
	if !centre {
		mean = 0
	}
	for r := range column {
		column[r] -= mean
		norm = math.Hypot(norm, column[r])
	}
	if norm <= 1e-14*most*math.Sqrt(float64(len(column))) { // a constant column, but for rounding
		clear(column)
		return mean, 1
	}
	for r := range column {
		column[r] /= norm
	}
	return mean, norm
}

// leastSquares solves for the last column of a in terms of the others. Singular
// values below rows*epsilon of the largest count as 0.
func leastSquares(a *mat.Dense, rows int) (*mat.VecDense, error) {
	_, c := a.Dims()
	var qr mat.QR
	qr.Factorize(a)
	var r mat.Dense
	qr.RTo(&r)
	var svd mat.SVD
	if !svd.Factorize(r.Slice(0, c-1, 0, c-1), mat.SVDThin) {
		return nil, errors.New("poly: the singular value decomposition does not converge")
	}
	values := svd.Values(nil)
	rank := 0
	for rank < len(values) && values[rank] > values[0]*float64(max(rows, c))*0x1p-52 {
		rank++
	}
	solution := mat.NewVecDense(c-1, nil)
	if rank > 0 {
		svd.SolveVecTo(solution, mat.VecDenseCopyOf(r.Slice(0, c-1, 0, c).(*mat.Dense).ColView(c-1)), rank)
	}
	return solution, nil
}
