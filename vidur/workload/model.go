package workload

import (
	"fmt"
	"math/rand/v2"
)

// Model is a compact description of the lengths in a trace: the distribution of
// each, and how they depend on each other. [Fit] makes one, [Named] finds one.
type Model struct {
	Info
	Prefill CDF   `json:"prefill"` // prompt tokens
	Decode  CDF   `json:"decode"`  // tokens to generate
	Joint   Joint `json:"joint"`
}

// Joint is the dependence of two lengths, apart from their distributions: a
// copula that is constant on the cells of a grid. A request of rank u among the
// prompts (0 shortest, 1 longest) and v among the answers is in row i and column
// j if Edges[i] <= u < Edges[i+1] and Edges[j] <= v < Edges[j+1]. The sums of
// row and column i must both be Scale × (Edges[i+1] - Edges[i]), but for
// rounding.
type Joint struct {
	Edges []float64 `json:"edges"` // rising from 0 to 1
	Cells [][]int   `json:"cells"` // requests in a cell, out of Scale; by row
	Scale int       `json:"scale"` // sum of the cells
}

// independent is the Joint of lengths that do not depend on each other.
func independent() Joint {
	return Joint{Edges: []float64{0, 1}, Cells: [][]int{{1}}, Scale: 1}
}

// Longest implements [Lengths].
func (m Model) Longest() int { return m.MaxTokens }

// Start implements [Lengths].
func (m Model) Start(rng *rand.Rand) (func() (int, int), error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	s := &sampler{
		rng:     rng,
		prefill: newInverse(m.Prefill),
		decode:  newInverse(m.Decode),
		edges:   m.Joint.Edges,
		most:    m.MaxTokens,
	}
	// A row is drawn by the sum of its cells, and not by the distance of its
	// edges, so that rounding cannot lead into an empty row.
	s.rows = make([]float64, len(m.Joint.Cells)+1)
	for i, row := range m.Joint.Cells {
		sums, total := make([]float64, len(row)+1), 0
		for j, n := range row {
			total += n
			sums[j+1] = float64(total)
		}
		for j := range sums {
			sums[j] /= float64(max(total, 1))
		}
		s.cols = append(s.cols, sums)
		s.rows[i+1] = s.rows[i] + float64(total)/float64(m.Joint.Scale)
	}
	return s.next, nil
}

func (m *Model) check() error {
	err := first(m.Prefill.check("Model.Prefill"), m.Decode.check("Model.Decode"), m.Joint.check())
	if err != nil {
		return err
	}
	return within("Model.MaxTokens", m.MaxTokens, m.Prefill.Tokens[0]+m.Decode.Tokens[0]+2, 2*mostTokens)
}

func (j *Joint) check() error {
	n := len(j.Edges) - 1
	if n < 1 || len(j.Cells) != n || j.Edges[0] != 0 || j.Edges[n] != 1 {
		return fmt.Errorf("workload: Model.Joint has %d edges and %d rows; it must have one edge more than rows, from 0 to 1", len(j.Edges), len(j.Cells))
	}
	sum := 0
	for i, row := range j.Cells {
		if len(row) != n || !(j.Edges[i] < j.Edges[i+1]) {
			return fmt.Errorf("workload: Model.Joint: row %d has %d cells from %g to %g; there must be %d, between edges that rise", i, len(row), j.Edges[i], j.Edges[i+1], n)
		}
		for _, c := range row {
			if c < 0 || c > mostTokens {
				return fmt.Errorf("workload: Model.Joint: a cell of row %d is %d; it must be from 0 to %d", i, c, mostTokens)
			}
			sum += c
		}
	}
	if sum != j.Scale || sum == 0 {
		return fmt.Errorf("workload: Model.Joint: the sum of the cells is %d; it must be Scale, %d, and not 0", sum, j.Scale)
	}
	return nil
}

// sampler draws from a Model: a row, a column, a place in the cell.
type sampler struct {
	rng             *rand.Rand
	prefill, decode *inverse
	edges           []float64
	rows            []float64   // cumulative
	cols            [][]float64 // cumulative, by row
	most            int         // tokens
}

// tries bounds the number of draws for a request that fits.
const tries = 64

func (s *sampler) next() (prefill, decode int) {
	i, u := locate(s.rows, s.rng.Float64())
	j, v := locate(s.cols[i], s.rng.Float64())
	for range tries {
		prefill = s.prefill.draw(s.rank(i, u))
		decode = s.decode.draw(s.rank(j, v))
		if prefill+decode <= s.most {
			return prefill, decode
		}
		// Stay in the cell, so that the shares of the cells are kept.
		u, v = s.rng.Float64(), s.rng.Float64()
	}
	prefill = min(prefill, s.most-1)
	return prefill, min(decode, s.most-prefill)
}

// rank is the place u within cell i, from 0 up to but without 1.
func (s *sampler) rank(i int, u float64) float64 {
	return min(s.edges[i]+float64(u*(s.edges[i+1]-s.edges[i])), 1-0x1p-53)
}

// locate finds the part of a cumulative distribution that u is in, and where in
// it u is, from 0 to 1. A part that is empty is never found.
func locate(sums []float64, u float64) (int, float64) {
	i, last := 0, len(sums)-2
	for i < last && sums[i+1] <= u {
		i++
	}
	for i > 0 && sums[i+1] == sums[i] {
		i--
	}
	return i, min((u-sums[i])/(sums[i+1]-sums[i]), 1)
}
