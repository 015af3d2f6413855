package plots

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// logScale is a logarithmic axis that takes any number: what it cannot show is
// left of the axis.
type logScale struct{}

// Normalize is the place of x between lo, 0, and hi, 1.
func (logScale) Normalize(lo, hi, x float64) float64 {
	lo, hi = positive(lo, hi)
	if !(x > 0) {
		return -1
	}
	return max(-1, (math.Log(x)-math.Log(lo))/(math.Log(hi)-math.Log(lo)))
}

// positive repairs a range for a logarithmic axis.
func positive(lo, hi float64) (float64, float64) {
	const least = 1e-306 // below, numbers lose their digits
	if !(hi > 0 && hi <= 1e307) {
		return 1, 10
	}
	if !(lo > 0) {
		lo = hi / 1e6
	}
	lo = max(lo, least)
	if !(lo < hi) {
		return lo / 2, lo * 2
	}
	return lo, hi
}

// ticks are marks at 1, 2 and 5 times a power of ten.
type ticks struct {
	log  bool
	most int // labels at most, 0 means 6
}

// Ticks are the marks from lo to hi.
func (t ticks) Ticks(lo, hi float64) []plot.Tick {
	most := t.most
	if most < 1 {
		most = 6
	}
	if t.log {
		lo, hi = positive(lo, hi)
		if hi/lo >= 8 {
			return logTicks(lo, hi, most)
		}
	}
	if !(hi > lo) || hi-lo > 4*huge {
		return nil
	}
	return linearTicks(lo, hi, most)
}

// linearTicks have at most most labels and, between them, marks without.
func linearTicks(lo, hi float64, most int) []plot.Tick {
	step, parts := niceStep((hi - lo) / float64(most))
	minor := step / float64(parts)
	// A little more than the range, so that an end that is a mark is one too.
	eps := 1e-9 * (hi - lo)
	first, last := math.Ceil((lo-eps)/minor), math.Floor((hi+eps)/minor)
	if !(math.Abs(first) < 1<<52 && math.Abs(last) < 1<<52) || last-first > 1000 {
		return []plot.Tick{{Value: lo, Label: exact(lo)}, {Value: hi, Label: exact(hi)}}
	}
	var out []plot.Tick
	label := labeller(step, max(math.Abs(lo), math.Abs(hi)))
	for i := first; i <= last; i++ {
		// From whole multiples, not by adding up, so that 0 is 0.
		t := plot.Tick{Value: i * minor}
		if k := i / float64(parts); k == math.Trunc(k) {
			t.Label = label(k * step)
		}
		out = append(out, t)
	}
	return out
}

// niceStep is the least of 1, 2, 5 times a power of ten that is not below raw,
// and into how many parts the marks without labels divide it.
func niceStep(raw float64) (step float64, parts int) {
	mag := math.Pow(10, math.Floor(math.Log10(raw)))
	switch r := raw / mag; {
	case r <= 1+1e-9:
		return mag, 5
	case r <= 2+1e-9:
		return 2 * mag, 4
	case r <= 5+1e-9:
		return 5 * mag, 5
	}
	return 10 * mag, 5
}

// units are the letters of the SI for large numbers.
var units = [...]struct {
	size   float64
	letter string
}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}

// labeller writes multiples of step up to most in magnitude, all alike.
func labeller(step, most float64) func(float64) string {
	if most >= 1e15 || most < 1e-4 {
		digits := max(0, decimals(step/math.Pow(10, math.Floor(math.Log10(most)))))
		return func(v float64) string {
			if v == 0 {
				return "0"
			}
			return minus(strconv.FormatFloat(v, 'e', digits, 64))
		}
	}
	size, letter := 1.0, ""
	if most >= 1e4 {
		for _, u := range units {
			if most >= u.size {
				size, letter = u.size, u.letter
				break
			}
		}
	}
	digits := decimals(step / size)
	return func(v float64) string {
		if v == 0 {
			return "0"
		}
		return minus(strconv.FormatFloat(v/size, 'f', digits, 64)) + letter
	}
}

// decimals is how many of them a multiple of step needs.
func decimals(step float64) int {
	return min(12, max(0, -int(math.Floor(math.Log10(step)+1e-9))))
}

// logTicks have labels at powers of ten, at every so many if there are many, and
// at 2 and 5 times them if there are few.
func logTicks(lo, hi float64, most int) []plot.Tick {
	first, last := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	every := 1
	for (last-first)/every > most {
		every++
	}
	dense := last-first <= 2 && 3*(last-first)+1 <= most+2
	var out []plot.Tick
	for d := first; d <= last; d++ {
		for m := 1; m < 10; m++ {
			v := power(m, d)
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 && d%every == 0 || dense && (m == 2 || m == 5) {
				t.Label = decade(v)
			}
			if t.Label != "" || every == 1 || m == 1 {
				out = append(out, t)
			}
		}
	}
	return out
}

// power is m·10^d, the float64 nearest to it.
func power(m, d int) float64 {
	v, err := strconv.ParseFloat(strconv.Itoa(m)+"e"+strconv.Itoa(d), 64)
	if err != nil {
		return math.Inf(1)
	}
	return v
}

// decade writes a mark of a logarithmic axis.
func decade(v float64) string {
	if v < 0.999e-4 || v >= 1e15 {
		return minus(strconv.FormatFloat(v, 'e', 0, 64))
	}
	for _, u := range units {
		if v >= u.size && (u.size == 1 || v >= 1e4) {
			return strconv.FormatFloat(v/u.size, 'f', -1, 64) + u.letter
		}
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func exact(v float64) string { return minus(strconv.FormatFloat(v, 'g', -1, 64)) }

// minus sets the typographic minus sign.
func minus(s string) string {
	out := make([]rune, 0, len(s))
	for i, r := range s {
		switch {
		case r == '-':
			out = append(out, '−')
		case r == '+' && i > 0: // the exponent 1e+09
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// groupTicks are the names of groups at 0, 1, ….
type groupTicks []string

// Ticks are the names from lo to hi.
func (g groupTicks) Ticks(float64, float64) []plot.Tick {
	out := make([]plot.Tick, len(g))
	for i, name := range g {
		out[i] = plot.Tick{Value: float64(i), Label: name}
	}
	return out
}
