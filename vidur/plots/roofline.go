package plots

import (
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur"
)

// Roofline draws points under the roof of a device: over the intensity, FLOPs per
// byte of memory traffic, the rate in TFLOP/s, both axes logarithmic. The roof is
// the bandwidth times the intensity up to the peak of the FLOPs, by the datasheet;
// the vertical line is where they meet, and Labels stand beside their points.
// Source: S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful
// visual performance model", Communications of the ACM 52(4), 2009. The device
// needs TFLOPS and Bandwidth, and points must be positive.
func Roofline(d vidur.Device, series ...Series) (*Figure, error) {
	ridge := d.TFLOPS * 1e3 / d.Bandwidth // FLOPs per byte
	if !(ridge > 0) || !(d.TFLOPS > 0) || math.IsInf(ridge, 0) || math.IsInf(d.TFLOPS, 0) {
		return nil, fmt.Errorf("plots: a roofline of %q needs its TFLOPS (%g) and its memory bandwidth (%g GB/s)", d.Name, d.TFLOPS, d.Bandwidth)
	}
	f := newFigure("intensity (FLOPs per byte)", "rate (TFLOP/s)")
	f.Height = 2.4
	if err := f.clouds(series); err != nil {
		return nil, err
	}
	names, err := f.named(series)
	if err != nil {
		return nil, err
	}
	lo, hi := rangeOf(names.x)
	lo, hi = min(lo, ridge/2), max(hi, ridge*2)
	roof := &line{look: look{color: ink}, x: []float64{lo, ridge, hi}, y: []float64{d.TFLOPS * lo / ridge, d.TFLOPS, d.TFLOPS}}
	names.path = &line{ // the roof, down the bend's line and back
		x: []float64{lo, ridge, ridge, ridge, hi}, y: []float64{roof.y[0], d.TFLOPS, roof.y[0] / 1e3, d.TFLOPS, d.TFLOPS},
	}
	f.add(roof)
	f.add(names)
	f.entry("roof of "+d.Name, roof.look, asLine)
	if err := f.LogX(); err != nil {
		return nil, err
	}
	if err := f.LogY(); err != nil {
		return nil, err
	}
	return f, f.VLine(ridge, fmt.Sprintf("%.0f FLOPs/byte", ridge))
}

// named are the points of series with their labels. It is an error if one is not
// positive.
func (f *Figure) named(series []Series) (*pointLabels, error) {
	all := &pointLabels{}
	for i, s := range series {
		s, err := (&Figure{}).points(s) // f has noted what is left out
		if err != nil {
			return nil, err
		}
		for k, x := range s.X {
			if !(x > 0) || !(s.Y[k] > 0) {
				return nil, fmt.Errorf("plots: series %q: point %d is at %g, %g; a roofline has logarithmic axes", s.Name, k, x, s.Y[k])
			}
		}
		if s.Labels == nil {
			s.Labels = make([]string, len(s.X))
		}
		all.x, all.y, all.labels = append(all.x, s.X...), append(all.y, s.Y...), append(all.labels, s.Labels...)
		all.avoid = append(all.avoid, &cloud{look: lookOf(i), x: s.X, y: s.Y})
	}
	return all, nil
}
