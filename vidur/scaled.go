package vidur

import (
	"errors"
	"fmt"
	"math"
)

// Scaled is p with the times of some operators multiplied by factor, which is 0
// or more. What if the memory were 1.5 times as fast?
//
//	spec.Predictor, err = vidur.Scaled(spec.Predictor, 1/1.5, vidur.OpAttnDecode, vidur.OpKVSave)
//
// An operator that is named twice is multiplied once. It is an error to name none.
func Scaled(p Predictor, factor float64, ops ...Op) (Predictor, error) {
	if p == nil || len(ops) == 0 {
		return nil, errors.New("vidur: Scaled needs a predictor and an operator")
	}
	if !(factor >= 0) || math.IsInf(factor, 1) {
		return nil, fmt.Errorf("vidur: Scaled by %g; the factor must be 0 or more", factor)
	}
	s := scaled{p: p}
	for op := range s.factors {
		s.factors[op] = 1
	}
	for _, op := range ops {
		if int(op) >= NumOps {
			return nil, fmt.Errorf("vidur: Scaled: %v is no operator", op)
		}
		s.factors[op] = factor
	}
	if _, ok := p.(SumsOnly); ok {
		return &scaledSums{s}, nil
	}
	return &s, nil
}

type scaled struct {
	p       Predictor
	factors [NumOps]float64
}

func (s *scaled) StageTime(b *Batch, stage int) (StageTime, error) {
	t, err := s.p.StageTime(b, stage)
	for op := range t.Ops {
		t.Ops[op] *= s.factors[op]
	}
	return t, err
}

// scaledSums is scaled over a predictor that needs sums only, as it does itself.
type scaledSums struct{ scaled }

func (*scaledSums) SumsOnly() {}
