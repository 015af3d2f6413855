package plots

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
	"github.com/govidur/govidur/vidur/exectime/trained"
)

// phaseBars are a prefill and three decode steps.
func phaseBars() *layerwise.Bars {
	b := &layerwise.Bars{Parts: []string{"MergedColumnParallelLinear(weight=bfloat16[28672, 4096])", "gemm_ops", "attention", "nccl_all_reduce_ops", "SiluAndMul", "others"}}
	for i, scale := range []float64{6, 1.9, 1.95, 2} {
		name := "prefill"
		if i > 0 {
			name = fmt.Sprintf("decode_%d-seqs-8", 4*i-3)
		}
		b.Bars = append(b.Bars, layerwise.Bar{Label: name, Prefill: i == 0, Values: []float64{scale * 0.5, scale * 0.25, scale * 0.1, scale * 0.1, scale * 0.004, scale * 0.03}})
	}
	return b
}

// profilePoints are measurements of five operators about their predictions.
func profilePoints() []trained.Point {
	rng := rand.New(rand.NewPCG(4, 4))
	var out []trained.Point
	for _, op := range []vidur.Op{vidur.OpMLPUp, vidur.OpAttnDecode, vidur.OpAttnPrefill, vidur.OpInputNorm, vidur.OpAllReduce} {
		for n := 1.0; n <= 4096; n *= 1.3 {
			work := exectime.Work{FLOPs: 4e8 * n, Bytes: 4e8 + 1e5*n}
			switch op {
			case vidur.OpAttnDecode:
				work = exectime.Work{FLOPs: 3e7 * n, Bytes: 4e6 * n}
			case vidur.OpInputNorm:
				work = exectime.Work{FLOPs: 3e4 * n, Bytes: 3e4 * n}
			case vidur.OpAllReduce:
				work = exectime.Work{}
			}
			bound := 1e3 * max(work.FLOPs/312e12, work.Bytes/2039e9)
			ms := (0.005 + 1.2*bound) * (1 + 0.1*rng.Float64())
			out = append(out, trained.Point{Op: op, Size: n, Measured: ms, Learnt: ms * (1 + 0.05*rng.NormFloat64()), Analytic: 1.1 * ms, Bound: bound, Work: work})
		}
	}
	return out
}

var a100 = vidur.Device{Name: "a100", TFLOPS: 312, Bandwidth: 2039}

func galleryPhases(t testing.TB) *Figure { return must(t)(Phases("GPU time (ms)", phaseBars())) }

func galleryProfileRoofline(t testing.TB) *Figure {
	return must(t)(ProfileRoofline(a100, profilePoints()))
}

func galleryProfileFidelity(t testing.TB) *Figure {
	return must(t)(ProfileFidelity(profilePoints(), false))
}

// The stack of each phase is as high as the sum of its values, whatever is too
// small to be seen, and parts look alike in both panels.
func TestPhases(t *testing.T) {
	b := phaseBars()
	f := must(t)(Phases("GPU time (ms)", b))
	if len(f.Panels) != 2 {
		t.Fatalf("%d panels", len(f.Panels))
	}
	at := 0
	for _, p := range f.Panels {
		top := map[float64]float64{}
		for _, l := range p.layers {
			if r, ok := l.(*rects); ok {
				for i := range r.x0 {
					top[r.x0[i]] = max(top[r.x0[i]], r.y1[i])
				}
			}
		}
		for _, x := range slices.Sorted(mapsKeys(top)) {
			sum := 0.0
			for _, v := range b.Bars[at].Values {
				sum += v
			}
			if math.Abs(top[x]-sum) > 1e-9 {
				t.Errorf("%s is %g high, not %g", b.Bars[at].Label, top[x], sum)
			}
			at++
		}
		for _, e := range p.entries {
			if e.name == "SiluAndMul" {
				t.Error("a part that cannot be seen has an entry")
			}
		}
	}
	if at != len(b.Bars) || fmt.Sprint(f.Panels[0].entries) != fmt.Sprint(f.Panels[1].entries) {
		t.Errorf("%d bars of %d, entries %v and %v", at, len(b.Bars), f.Panels[0].entries, f.Panels[1].entries)
	}
	b.Bars = b.Bars[:1]
	if f := must(t)(Phases("ms", b)); len(f.Panels) != 1 {
		t.Error("a panel without a phase")
	}
}

func mapsKeys(m map[float64]float64) func(func(float64) bool) {
	return func(yield func(float64) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestProfileFiguresRefuse(t *testing.T) {
	ragged := phaseBars()
	ragged.Bars[1].Values = ragged.Bars[1].Values[:2]
	negative := phaseBars()
	negative.Bars[0].Values[0] = -1
	for name, f := range map[string]func() (*Figure, error){
		"no bars":     func() (*Figure, error) { return Phases("ms", nil) },
		"ragged":      func() (*Figure, error) { return Phases("ms", ragged) },
		"negative":    func() (*Figure, error) { return Phases("ms", negative) },
		"no points":   func() (*Figure, error) { return ProfileRoofline(a100, nil) },
		"no device":   func() (*Figure, error) { return ProfileRoofline(vidur.Device{}, profilePoints()) },
		"no FLOPs":    func() (*Figure, error) { return ProfileRoofline(a100, []trained.Point{{Measured: 1}}) },
		"no fidelity": func() (*Figure, error) { return ProfileFidelity(nil, true) },
		"no estimator": func() (*Figure, error) {
			return ProfileFidelity([]trained.Point{{Measured: 1, Learnt: math.NaN()}}, false)
		},
	} {
		if _, err := f(); err == nil || !strings.HasPrefix(err.Error(), "plots: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The error by size is the mean over each octave.
func TestErrorsBySize(t *testing.T) {
	s := errorsBySize([]trained.Point{
		{Size: 1, Measured: 1, Learnt: 1.1}, {Size: 2, Measured: 2, Learnt: 1}, {Size: 3.9, Measured: 1, Learnt: 1.3}, {Size: 64, Measured: 1, Learnt: 1.02},
	}, func(p *trained.Point) float64 { return p.Learnt })
	want := []float64{10, 40, 2}
	for i := range want {
		if len(s.Y) != 3 || math.Abs(s.Y[i]-want[i]) > 1e-9 {
			t.Fatalf("%v, want %v", s.Y, want)
		}
	}
	if s.X[0] != 1 || !(s.X[1] > 2 && s.X[1] < 3.9) || s.X[2] != 64 {
		t.Errorf("at %v", s.X)
	}
}

// Of the operators without FLOPs a note speaks; thousands of rows are a few points.
func TestProfileRoofline(t *testing.T) {
	var many []trained.Point
	for range 100 {
		many = append(many, profilePoints()...)
	}
	few, all := must(t)(ProfileRoofline(a100, profilePoints())), must(t)(ProfileRoofline(a100, many))
	if len(few.Notes) != 1 || !strings.Contains(few.Notes[0], "all_reduce") {
		t.Errorf("notes %q", few.Notes)
	}
	x, _ := few.cloudPoints()
	y, _ := all.cloudPoints()
	if len(x) != len(y) || len(x) > 4*26 {
		t.Errorf("%d and %d points", len(x), len(y))
	}
}
