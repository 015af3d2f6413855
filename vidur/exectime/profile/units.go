package profile

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// UnitError says that times are so far from what the datasheet lets expect that
// they must be in another unit than ms.
type UnitError struct {
	File  string
	Op    vidur.Op
	Ratio float64 // median of the times read as ms over what is usual
	Unit  string  // that the times seem to be in: "µs", "ns" or "s"
}

func (e *UnitError) Error() string {
	return fmt.Sprintf("%s: %s: the median time is %.3g times what this device usually takes: the file seems to be in %s, and must be in ms",
		e.File, e.Op, e.Ratio, e.Unit)
}

// otherUnit is by how much times must be off, either way, to be taken for
// another unit.
const otherUnit = 300

func unitOf(ratio float64) string {
	switch {
	case ratio == 0:
		return ""
	case ratio >= otherUnit*1000:
		return "ns"
	case ratio >= otherUnit:
		return "µs"
	case ratio <= 1.0/otherUnit:
		return "s"
	}
	return ""
}

// checkUnit compares the times of an operator with the device's datasheet, if
// that is known.
func (r *reader) checkUnit(s *Samples) error {
	shape := shapeOf(&r.spec.Model, r.spec.TP)
	shape.far = s.Op == vidur.OpSendRecv && r.several()
	ratio := shape.scale(s.Op, &r.spec.Device, s.X, s.Y)
	if unit := unitOf(ratio); unit != "" {
		return &UnitError{File: s.File, Op: s.Op, Ratio: ratio, Unit: unit}
	}
	return nil
}
