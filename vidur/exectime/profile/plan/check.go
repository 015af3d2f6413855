package plan

import (
	"fmt"
	"math"
	"slices"
)

// check reports what an agent must not be given.
func (p *Plan) check() error {
	m := &p.Model
	if m.Layers < 1 || m.Hidden < 1 || m.MLPHidden < 1 || m.QHeads < 1 || m.KVHeads < 1 || m.HeadDim < 1 || m.Vocab < 1 {
		return fmt.Errorf("the plan's model has a size below 1: %+v", *m)
	}
	if p.BlockSize < 1 || p.WarmUp < 0 || p.Repeat < 1 {
		return fmt.Errorf("the plan has blocks of %d tokens, %d runs to warm up and %d that count", p.BlockSize, p.WarmUp, p.Repeat)
	}
	seen := make(map[string]bool, len(p.Points))
	for i := range p.Points {
		pt := &p.Points[i]
		if err := pt.check(m); err != nil {
			return fmt.Errorf("point %d, %q: %w", i+1, pt.ID, err)
		}
		if seen[pt.ID] {
			return fmt.Errorf("point %d: %q is in the plan twice", i+1, pt.ID)
		}
		if pt.Like != "" && !seen[pt.Like] {
			return fmt.Errorf("point %d, %q: %q is not before it in the plan", i+1, pt.ID, pt.Like)
		}
		seen[pt.ID] = true
	}
	return nil
}

func (p *Point) check(m *Shape) error {
	if !slices.Contains(Kinds(), p.Kind) {
		return fmt.Errorf("unknown kind %q", p.Kind)
	}
	if want := p.id(); p.ID != want {
		return fmt.Errorf("its sizes are those of %q", want)
	}
	if p.Cached < 0 || p.Memory < 0 || !(p.Seconds >= 0) || math.IsInf(p.Seconds, 0) {
		return fmt.Errorf("a size, its time or its memory is negative")
	}
	if p.perShard() && (p.TP < 1 || m.QHeads%p.TP != 0) {
		return fmt.Errorf("TP %d does not divide %d query heads", p.TP, m.QHeads)
	}
	if !p.sized() {
		return fmt.Errorf("a size of its kind is missing")
	}
	return nil
}

func (p *Point) perShard() bool {
	return p.Kind == Token || p.Kind == Prefill || p.Kind == Decode || p.Kind == CPU
}

// sized reports whether the sizes of the point's kind are there.
func (p *Point) sized() bool {
	switch p.Kind {
	case Token:
		return p.Tokens > 0
	case Prefill:
		return p.Chunk > 0 && p.Batch > 0
	case Decode:
		return p.Batch > 0 && p.Cached > 0
	case CPU:
		return p.Batch > 0
	}
	return p.Bytes > 0 && p.Workers > 1 && p.PerNode > 0 && p.PerNode <= p.Workers
}
