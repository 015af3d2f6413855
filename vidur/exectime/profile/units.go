package profile

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// UnitError says that times are so far from what is usual, or some from the others,
// that they must be in another unit than ms. What is usual follows from the
// datasheet of the device, if that is known; of operators of the CPU it is 0.3 ms.
type UnitError struct {
	File  string
	Line  int // where the first of some rows stands; 0 where all are in that unit
	Op    vidur.Op
	Ratio float64 // median of the times read as ms over what is usual; that of the first of some over the others'
	Unit  string  // that the times, or the first of some, seem to be in: "µs", "ns" or "s"
	Rows  int     // that are in another unit
	Of    int     // rows of the operator
}

func (e *UnitError) Error() string {
	u := unit{name: e.Unit, ratio: e.Ratio, rows: e.Rows, some: e.Line > 0}
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, e.Op, u.text(e.Of))
	}
	return fmt.Sprintf("%s: %s: %s", e.File, e.Op, u.text(e.Of))
}

// otherUnit is by how much times must be off, either way, to be taken for
// another unit. Ratios to what is usual are within a factor of ten of each other in
// most profiles, and of fifty in all that are public.
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

// unit is another unit than ms that times seem to be in.
type unit struct {
	name  string
	ratio float64
	rows  int  // how many; 0: all are in ms
	first int  // of them
	some  bool // others are in ms
}

func (u *unit) text(of int) string {
	if u.some {
		return fmt.Sprintf("units are mixed: the time is %.3g times what the other rows let expect, and seems to be in %s; such rows: %d of %d; all must be in ms",
			u.ratio, u.name, u.rows, of)
	}
	return fmt.Sprintf("the median time is %.3g times what is usual: the file seems to be in %s, and must be in ms", u.ratio, u.name)
}

// whichUnit compares times with what is usual, and with each other. Those of the CPU
// may be as short as they like: of one device there is nothing to communicate with.
func (s *shape) whichUnit(op vidur.Op, d *vidur.Device, x [][]float64, y []float64) (u unit) {
	name := func(ratio float64) string {
		if op >= vidur.OpSchedule && ratio < 1 {
			return ""
		}
		return unitOf(ratio)
	}
	ratios := s.ratios(op, d, x, y)
	usual := median(ratios)
	if datasheet(d) || op >= vidur.OpSchedule {
		u.ratio = usual
	}
	if u.name = name(u.ratio); u.name != "" {
		u.rows = len(y)
		return u
	}
	for i, r := range ratios {
		if !(r > 0) || name(r/usual) == "" {
			continue
		}
		if u.rows++; u.rows == 1 {
			u = unit{name: name(r / usual), ratio: r / usual, rows: 1, first: i, some: true}
		}
	}
	return u
}

// checkUnit is a *UnitError of times that are not in ms. Some times of an imported
// profile may be anything: an operator may stand for a part of another.
func (r *reader) checkUnit(s *Samples) error {
	shape := shapeOf(&r.spec.Model, r.spec.TP)
	shape.far = s.Op == vidur.OpSendRecv && r.several()
	u := shape.whichUnit(s.Op, &r.spec.Device, s.X, s.Y)
	if u.rows == 0 || u.some && s.Imported {
		return nil
	}
	e := &UnitError{File: s.File, Op: s.Op, Ratio: u.ratio, Unit: u.name, Rows: u.rows, Of: len(s.Y)}
	if u.some {
		e.Line = s.Lines[u.first]
	}
	return e
}
