package workload

import (
	"errors"
	"fmt"
	"math"
)

// Published are the figures that a publication gives of a distribution of
// lengths, in tokens.
type Published struct{ Mean, Median, P90 float64 }

// FitPublished makes a Model of published figures where no trace is at hand. A
// distribution is log-normal around its median as far as that and its P90 say;
// its lower half is wider by a factor k, and its part above P90 narrower by k, so
// that the mean fits too. ratio is the median of prefill/decode; the lengths
// depend on each other as little as it allows, and not at all if it is 0.
// Requests of more than maxTokens are left out, as such publications leave them
// out; the figures are those of the rest.
func FitPublished(prefill, decode Published, ratio float64, maxTokens int) (Model, error) {
	if err := first(within("maxTokens", maxTokens, 2, mostTokens), notNegative("ratio", ratio)); err != nil {
		return Model{}, err
	}
	m := Model{Info: Info{MaxTokens: maxTokens}, Joint: independent()}
	// Leaving requests out changes the figures, so aim higher by as much as the
	// last round fell short.
	aimP, aimD, aimRatio := prefill, decode, ratio
	for range 8 {
		var err error
		if m.Prefill, err = aimP.cdf(maxTokens - 1); err != nil {
			return Model{}, fmt.Errorf("%w (prefill)", err)
		}
		if m.Decode, err = aimD.cdf(maxTokens - 1); err != nil {
			return Model{}, fmt.Errorf("%w (decode)", err)
		}
		if ratio > 0 {
			m.Joint = leastJoint(m.Prefill, m.Decode, aimRatio)
		}
		gotP, gotD, err := m.draws(fitDraws)
		if err != nil {
			return Model{}, err
		}
		p, d := newSample(gotP), newSample(gotD)
		m.Fit = append(prefill.compare("prefill", p), decode.compare("decode", d)...)
		if ratio > 0 {
			got := medianRatio(gotP, gotD)
			m.Fit = append(m.Fit, Figure{"prefill/decode P50", ratio, got}.rounded())
			aimRatio *= ratio / got
		}
		aimP, aimD = aimP.corrected(prefill, p), aimD.corrected(decode, d)
	}
	return m, nil
}

// corrected is the aim of the next round after one with f brought drawn where
// want is wanted.
func (f Published) corrected(want Published, drawn *sample) Published {
	return Published{
		Mean:   f.Mean * want.Mean / drawn.mean(),
		Median: f.Median * want.Median / float64(drawn.quantile(.5)),
		P90:    f.P90 * want.P90 / float64(drawn.quantile(.9)),
	}
}

// leastJoint is the dependence nearest to none (in relative entropy) of which
// half of the requests have prefill/decode below ratio: the cells are weighted
// by exp(λ × their share of such requests), with λ found by bisection, and scaled
// to uniform rows and columns.
func leastJoint(prefill, decode CDF, ratio float64) Joint {
	const n = 10
	below := shareBelow(prefill, decode, ratio, n)
	low, high := -64.0, 64.0
	var cells [n * n]float64
	for range 40 {
		lambda := (low + high) / 2
		sum := 0.0
		for i := range cells {
			cells[i] = math.Exp(lambda * (below[i] - 0.5))
		}
		balance(cells[:], n)
		for i := range cells {
			sum += cells[i] * below[i]
		}
		if sum < 0.5 {
			low = lambda
		} else {
			high = lambda
		}
	}
	var edges []float64
	for i := range n + 1 {
		edges = append(edges, float64(i)/n)
	}
	return newJoint(edges, cells[:])
}

// shareBelow is, for each of n × n cells of ranks, the share of lengths with
// prefill/decode below ratio.
func shareBelow(prefill, decode CDF, ratio float64, n int) []float64 {
	const fine = 16 // steps of a cell
	p, d := newInverse(prefill), newInverse(decode)
	below := make([]float64, n*n)
	for i := range n * fine {
		a := float64(p.draw((float64(i) + 0.5) / float64(n*fine)))
		for j := range n * fine {
			b := float64(d.draw((float64(j) + 0.5) / float64(n*fine)))
			if a < ratio*b {
				below[i/fine*n+j/fine] += 1.0 / (fine * fine)
			}
		}
	}
	return below
}

// balance scales the rows and columns of n × n cells until each has the sum 1/n
// (Sinkhorn and Knopp, 1967).
func balance(cells []float64, n int) {
	for range 200 {
		for i := range n {
			rows, cols := 0.0, 0.0
			for j := range n {
				rows += cells[i*n+j]
			}
			for j := range n {
				cells[i*n+j] /= rows * float64(n)
			}
			for j := range n {
				cols += cells[j*n+i]
			}
			for j := range n {
				cells[j*n+i] /= cols * float64(n)
			}
		}
	}
}

func (f Published) compare(name string, drawn *sample) []Figure {
	return []Figure{
		Figure{name + " mean", f.Mean, drawn.mean()}.rounded(),
		Figure{name + " P50", f.Median, float64(drawn.quantile(.5))}.rounded(),
		Figure{name + " P90", f.P90, float64(drawn.quantile(.9))}.rounded(),
	}
}

var errPublished = errors.New("workload: no distribution has these figures")

// cdf finds k by bisection: the mean falls as k rises.
func (f Published) cdf(longest int) (CDF, error) {
	err := first(positive("Published.Mean", f.Mean), positive("Published.Median", f.Median), positive("Published.P90", f.P90))
	if err != nil {
		return CDF{}, err
	}
	if f.Median < 1 || f.P90 <= f.Median || f.P90 >= float64(longest) {
		return CDF{}, fmt.Errorf("%w: median %g, P90 %g, at most %d", errPublished, f.Median, f.P90, longest)
	}
	low, high := 1.0/16, 16.0
	for range 60 {
		k := math.Sqrt(low * high)
		c := f.shaped(k, longest)
		if c.mean() > f.Mean {
			low = k
		} else {
			high = k
		}
	}
	c := f.shaped(low, longest)
	if got := c.mean(); math.Abs(got/f.Mean-1) > 0.01 {
		return CDF{}, fmt.Errorf("%w: mean %g with median %g and P90 %g; the nearest has %.0f", errPublished, f.Mean, f.Median, f.P90, got)
	}
	return c, nil
}

// shaped is the distribution for one k. Its entries are 0.2 standard deviations
// of the normal distribution apart, from -3.2 to 3.2; what would be longer
// than longest is as long.
func (f Published) shaped(k float64, longest int) CDF {
	const z90 = 1.2815515655446004 // 90 % of a normal distribution is below
	s := math.Log(f.P90/f.Median) / z90
	end := min(3.2, z90+math.Log(float64(longest)/f.P90)*k/s)
	var c CDF
	add := func(z float64) {
		x := f.Median * math.Exp(s*z)
		switch {
		case z < 0:
			x = f.Median * math.Exp(s*k*z)
		case z > z90:
			x = f.P90 * math.Exp(s/k*(z-z90))
		}
		t, p := min(int(math.Round(x)), longest-1), math.Round(normal(z)*1e6)/1e6
		if n := len(c.Tokens); n > 0 && t <= c.Tokens[n-1] {
			c.P[n-1] = p // several entries at one length
			return
		}
		c.Tokens, c.P = append(c.Tokens, t), append(c.P, p)
	}
	for i := -16; i <= 16 && float64(i)/5 < end; i++ {
		add(float64(i) / 5)
		if i == 6 {
			add(z90)
		}
	}
	add(end)
	c.P[0] = 0
	c.Tokens, c.P = append(c.Tokens, c.Tokens[len(c.Tokens)-1]+1), append(c.P, 1)
	return c
}

// normal is the distribution function of the normal distribution.
func normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
