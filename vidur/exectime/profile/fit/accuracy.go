package fit

import (
	"fmt"
	"math"
	"slices"
)

// buckets are the upper ends of the ranges of tokens that accuracies are given
// for.
var buckets = [...]float64{16, 64, 128, 256, 512, 1024, 2048, 4096}

// deviation gathers relative errors.
type deviation struct {
	n         int
	sum, bias float64
}

func (d *deviation) add(got, want float64) {
	d.n++
	d.sum += math.Abs(got/want - 1)
	d.bias += got/want - 1
}

func (d *deviation) accuracy(operator string, from, to float64) Accuracy {
	n := float64(max(d.n, 1))
	return Accuracy{operator, from, to, d.n, round(100*d.sum/n, 4), round(100*d.bias/n, 4)}
}

// by gathers errors by bucket, the last for all of them.
type by [len(buckets) + 1]deviation

func (b *by) add(m, got, want float64) {
	i, _ := slices.BinarySearch(buckets[:], m)
	if i == len(buckets) {
		return // beyond what the documented errors are about
	}
	b[i].add(got, want)
	b[len(buckets)].add(got, want)
}

func (b *by) accuracies(operator string) []Accuracy {
	out := []Accuracy{b[len(buckets)].accuracy(operator, 0, 0)}
	from := 0.0
	for i, to := range buckets {
		if b[i].n > 0 {
			out = append(out, b[i].accuracy(operator, from, to))
		}
		from = to
	}
	return out
}

// accuracy measures the figures of a kind on all samples, the short ones of
// pointwise operators left out, for which the profiles' grid is too coarse.
func (f *fitter) accuracy(k kind, all []sample) {
	var b by
	v := f.result.GPU.vector(k)
	for i := range all {
		s := &all[i]
		if k == kGEMM || s.us > coarse {
			b.add(s.m, s.predict(&f.spec, v), s.us)
		}
	}
	f.result.Accuracy = append(f.result.Accuracy, b.accuracies(string(k))...)
}

// layers measures the sum of the operators of a layer.
func (f *fitter) layers() {
	b := compareLayers(&f.result.GPU, &f.spec, f.reader.samples)
	f.result.Accuracy = append(f.result.Accuracy, b.accuracies("layer")...)
}

// compareLayers compares the sums of a layer's operators without attention and
// collectives.
func compareLayers(g *GPU, c *spec, samples map[kind][]sample) *by {
	type layer struct{ m, got, want float64 }
	rows := map[int]*layer{}
	for _, k := range append([]kind{kGEMM}, pointwiseKinds[:]...) {
		v := g.vector(k)
		for i := range samples[k] {
			s := &samples[k][i]
			if k == kEmbed {
				continue
			}
			l := rows[s.layer]
			if l == nil {
				l = &layer{m: s.m}
				rows[s.layer] = l
			}
			l.got, l.want = l.got+s.predict(c, v), l.want+s.us
		}
	}
	b := new(by)
	keys := make([]int, 0, len(rows))
	for i := range rows {
		keys = append(keys, i)
	}
	slices.Sort(keys)
	for _, i := range keys {
		b.add(rows[i].m, rows[i].got, rows[i].want)
	}
	return b
}

func (a Accuracy) String() string {
	where := ""
	if a.To > 0 {
		where = fmt.Sprintf(" %.0f < m <= %.0f", a.From, a.To)
	}
	return fmt.Sprintf("%s%s: %.1f %% of %d, bias %+.1f", a.Operator, where, a.MAPE, a.Rows, a.Bias)
}

// round keeps so many significant digits.
func round(v float64, digits int) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	scale := math.Pow10(digits - 1 - int(math.Floor(math.Log10(math.Abs(v)))))
	return math.Round(v*scale) / scale
}
