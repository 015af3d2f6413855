package fit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// Options of a fit. Zero fields mean the defaults.
type Options struct {
	Folder string   // of the device below profiling/compute; default: the device's name
	Nodes  []string // folders below profiling/network; default: those that begin with the folder's name and _

	// Skip leaves the profiles of a model out, by its folder: to see how far off
	// the figures are for models that were not profiled.
	Skip func(model string) bool

	// Sample is how many measurements of an operator are used at most, evenly
	// from its octaves; 0 means 6000, negative all.
	Sample int
}

const defaultSample = 6000

// Result is what a fit found.
type Result struct {
	GPU      GPU
	Nodes    []Node
	Models   []string // folders of the profiles that were read
	Accuracy []Accuracy
	Notes    []string // which figures are not fitted, and why
}

// Accuracy says how far the formula for an operator is off, over all its
// measurements up to 4096 tokens; those of pointwise operators and attention
// that take more than 5 µs. The floor by the datasheet that package exectime
// puts under its formulas is not in it.
type Accuracy struct {
	Operator string  `json:"operator"` // "gemm", "rms_norm", …, "layer" without attention and collectives, or a curve
	From     float64 `json:"from"`     // tokens, or bytes for a curve: beyond From, up to To
	To       float64 `json:"to"`       // 0: of any number
	Rows     int     `json:"rows"`
	MAPE     float64 `json:"mape"` // mean absolute error, %
	Bias     float64 `json:"bias"` // mean error, %
}

// fitter is one call of Device.
type fitter struct {
	spec   spec
	opt    Options
	reader reader
	result *Result
}

// Device fits the figures of a device to the profiles below dir, which holds the
// folder profiling or is it. Operators without measurements keep the means of
// the known cards, and Notes say so.
func Device(dir string, device vidur.Device, opt Options) (*Result, error) {
	f, err := newFitter(device, opt)
	if err != nil {
		return nil, err
	}
	root := profile.Root(dir)
	if err := f.reader.read(root, f.opt.Folder); err != nil {
		return nil, err
	}
	f.result.Models = slices.Compact(slices.Sorted(slices.Values(f.reader.models)))
	f.result.GPU.From = "profiles of " + strings.Join(f.result.Models, ", ")
	if n := len(f.result.Models); n > 2 {
		f.result.GPU.From = fmt.Sprintf("profiles of %d models", n)
	}
	f.operators()
	f.layers()
	if err := f.networks(root); err != nil {
		return nil, err
	}
	f.result.GPU.round()
	return f.result, nil
}

// newFitter begins with the means of the known cards.
func newFitter(device vidur.Device, opt Options) (*fitter, error) {
	f := &fitter{opt: opt, result: &Result{}}
	f.spec = spec{device.TFLOPS * 1e6, device.Bandwidth * 1e3, float64(device.SMs), device.L2MB * 1e6}
	for _, v := range []float64{f.spec.peak, f.spec.bandwidth, f.spec.sms} {
		if !(v > 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("device %q: a fit needs its TFLOPS, memory bandwidth and number of SMs", device.Name)
		}
	}
	if f.opt.Folder == "" {
		f.opt.Folder = device.Name
	}
	gpu, err := usual(device.GDDR, &f.spec)
	if err != nil {
		return nil, err
	}
	gpu.Name, gpu.Devices = device.Name, []string{strings.ToLower(device.Name)}
	gpu.Spec.TFLOPS, gpu.Spec.Bandwidth, gpu.Spec.SMs, gpu.Spec.L2MB = device.TFLOPS, device.Bandwidth, device.SMs, device.L2MB
	f.result.GPU = *gpu
	f.reader = reader{skip: opt.Skip, samples: map[kind][]sample{}}
	return f, nil
}

// operators fits one kind after the other.
func (f *fitter) operators() {
	for _, k := range allKinds() {
		all := f.reader.samples[k]
		if len(all) < leastRows {
			f.note("%s: %d measurements: the figures are the means of other cards", k, len(all))
			continue
		}
		p := f.problem(k, f.thin(all))
		var starts [][]float64
		for _, s := range spread[formula(k)] {
			start := p.first()
			for i, factor := range s {
				start[i] *= factor
			}
			starts = append(starts, start)
		}
		f.result.GPU.set(k, p.solve(starts...))
		f.accuracy(k, all)
	}
}

const leastRows = 12

func (f *fitter) note(format string, args ...any) {
	f.result.Notes = append(f.result.Notes, fmt.Sprintf(format, args...))
}

// formula is the kind whose formula k shares.
func formula(k kind) kind {
	if slices.Contains(pointwiseKinds[:], k) {
		return kAdd
	}
	return k
}

// bounds of the figures by formula: beyond them is no GPU.
var bounds = map[kind][][2]float64{
	kGEMM: {{0.1, 50}, {0.8, 4}, {1e-4, 5}, {1, 12}, {0.1, 1000}, {0.01, 20}, {0.01, 1},
		{0.02, 1.1}, {0.02, 1.1}, {0.02, 1.1}},
	kAdd:     {{0.1, 50}, {1e-3, 20}, {0.02, 1.1}, {0.01, 2}},
	kPrefill: {{0.1, 100}, {1e-4, 5}, {0.2, 3}, {0.02, 1.1}, {0.01, 1}, {0.01, 2}, {0.2, 2}},
	kDecode:  {{0.1, 100}, {0.1, 100}, {1, 500}, {1, 2.5}, {0.1, 1.1}, {0.1, 100}, {0.01, 20}},
}

// spread are the starts by formula, as factors of the usual figures.
var spread = map[kind][][]float64{
	kGEMM:    {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {1.3, 0.9, 0.7, 1.3, 0.6, 2, 0.8, 0.95, 0.8, 0.6}},
	kAdd:     {{1, 1, 1, 1}, {0.7, 0.3, 0.8, 0.3}},
	kPrefill: {{1, 1, 1, 1, 1, 1, 1}, {0.7, 1.5, 0.9, 0.8, 2, 1, 0.9}},
	kDecode:  {{1, 1, 1, 1, 1, 1, 1}, {1, 1.5, 1.5, 1, 1, 0.7, 0.7}},
}

// causal is the weight of a chunk's own tokens in a kernel of attention that skips
// what is above the diagonal. Chunks after no cached tokens tell it from the
// efficiency as little as any other.
const causal = 0.5

// problem is the fit of one kind to samples.
func (f *fitter) problem(k kind, samples []sample) *problem {
	p := &problem{weights: weigh(len(samples), func(i int) (int, float64) { return samples[i].octave(), samples[i].us })}
	start := f.result.GPU.vector(k)
	for i, b := range bounds[formula(k)] {
		p.figures = append(p.figures, figure{min(max(start[i], b[0]), b[1]), b[0], b[1]})
	}
	if k == kPrefill && !slices.ContainsFunc(samples, func(s sample) bool { return s.n > 0 }) {
		p.figures[aOwn] = figure{causal, causal, causal}
		f.note("%s: no chunk comes after cached tokens: what they cost beside its own follows from a kernel that skips what is above the diagonal", k)
	}
	p.errors = func(at, out []float64) {
		for i := range samples {
			out[i] = math.Log(samples[i].predict(&f.spec, at) / samples[i].us)
		}
	}
	return p
}

// coarse is the time in µs below which the grid of the profiles, 1 µs, is felt.
const coarse = 5

// weigh gives every group the same weight, and short times less.
func weigh(n int, of func(i int) (group int, us float64)) []float64 {
	count := map[int]float64{}
	for i := range n {
		g, _ := of(i)
		count[g]++
	}
	w := make([]float64, n)
	for i := range w {
		g, us := of(i)
		short := min(1, us/coarse)
		w[i] = short * short / count[g]
	}
	return w
}

// octave is the group of a sample. Decode attention has one: its profiles are an
// even grid of batches and contexts.
func (s *sample) octave() int {
	if s.kind == kDecode {
		return 0
	}
	return octave(s.m)
}

func octave(m float64) int { return int(math.Ceil(math.Log2(max(m, 1)))) }

// thin takes samples evenly from every octave of every model, as many as were
// asked for.
func (f *fitter) thin(all []sample) []sample {
	limit := f.opt.Sample
	if limit == 0 {
		limit = defaultSample
	}
	if limit < 0 || len(all) <= limit {
		return all
	}
	groups := map[int][]sample{}
	for _, s := range all {
		groups[s.octave()] = append(groups[s.octave()], s)
	}
	var out []sample
	each := max(1, limit/len(groups))
	for _, o := range slices.Sorted(maps.Keys(groups)) {
		g := groups[o]
		if len(g) <= each {
			out = append(out, g...)
			continue
		}
		for i := range each {
			// Steps of the golden ratio are even over models, operators and tokens.
			out = append(out, g[int(math.Mod(float64(i)*0.6180339887498949, 1)*float64(len(g)))])
		}
	}
	return out
}
