package trained

import (
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur"
)

// CPUOverhead is time on the host by a straight line: what an engine needs for
// an iteration, and for each request in it. It is paid once per batch, on the
// first stage, and booked on [vidur.OpSchedule].
type CPUOverhead struct {
	ConstantMs    float64 // per batch, ms
	PerSequenceMs float64 // per request in the batch, ms
}

func (c CPUOverhead) check() error {
	if !(c.ConstantMs >= 0) || !(c.PerSequenceMs >= 0) || math.IsInf(c.ConstantMs+c.PerSequenceMs, 0) {
		return fmt.Errorf("CPU overhead of %v ms and %v ms per request: both must be finite and not negative", c.ConstantMs, c.PerSequenceMs)
	}
	return nil
}

// ms is the overhead of a batch of n requests.
func (c CPUOverhead) ms(n int) float64 {
	return c.ConstantMs + float64(c.PerSequenceMs*float64(n))
}

// WithCPU adds a CPU overhead to the times of any predictor. Negative parts of
// it, and those that are not finite, make every look-up an error.
func WithCPU(p vidur.Predictor, c CPUOverhead) vidur.Predictor {
	if c == (CPUOverhead{}) {
		return p
	}
	return &withCPU{p: p, cpu: c, err: c.check()}
}

type withCPU struct {
	p   vidur.Predictor
	cpu CPUOverhead
	err error
}

// StageTime adds the overhead on the first stage.
func (w *withCPU) StageTime(b *vidur.Batch, stage int) (vidur.StageTime, error) {
	t, err := w.p.StageTime(b, stage)
	if stage == 0 {
		t.Ops[vidur.OpSchedule] += w.cpu.ms(b.Len())
	}
	if err == nil {
		err = w.err
	}
	return t, err
}
