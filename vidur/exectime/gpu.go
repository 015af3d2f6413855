package exectime

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// GPU predicts operators of one kind of GPU. All its methods give microseconds
// for fp16 or bf16, are pure, and never go below what the datasheet allows. A
// method that is asked about nothing (no tokens, no width) gives 0.
type GPU struct {
	Name   string
	Fitted string // the card whose figures it has, or "" for the mean of several
	From   string // what its figures were fitted to, in words

	peak      float64 // FLOPs per µs
	bandwidth float64 // bytes per µs
	sms       float64
	l2        float64 // bytes
	bound     bool    // its times are what the datasheet allows, and no longer

	gemm      gemmFigures
	pointwise pointwiseFigures
	decode    decodeFigures
	prefill   prefillFigures

	errors map[string]float64 // of the fit, %, by formula
}

const (
	tera = 1e6 // per second, in units per µs
	giga = 1e3

	// sameTFLOPS is how far a device's TFLOPS may be from the fitted card's and
	// still mean the same: the original simulator rounds 989.4 to 1000.
	sameTFLOPS = 0.02

	// A block of the decode kernel alone on its SM is as fast as the memory
	// bandwidth per SM allows, in proportion to the A100.
	genericDecodeKVNs     = 31.5 // ns per cached token
	genericDecodeGBsPerSM = 18.9
)

// newGPU picks the figures for a device: those of the card that its name, or that
// of the one it is like, stands for, otherwise the mean ones. The fitted card's datasheet gives what
// the device leaves at 0; its TFLOPS hold as well where they differ by rounding
// only.
//
// The names of the original simulator, a100, h100 and a40, stand for its profiles
// of 2024; the names of products for the kernels of a serving engine of today.
// Cards with the same chip share figures, relative to their own datasheet: those of
// the H100 are 7.5 % off for GEMMs of the H200, the means 15 %.
func (f *figures) newGPU(d *vidur.Device) (*GPU, error) {
	tflops, bandwidth, sms, l2 := d.TFLOPS, d.Bandwidth, float64(d.SMs), d.L2MB
	g := &GPU{Name: d.Name}
	name := kin(d)
	for i := range f.GPUs {
		c := &f.GPUs[i]
		if !slices.Contains(c.Devices, name) {
			continue
		}
		g.Fitted, g.From, g.gemm, g.pointwise, g.decode, g.prefill, g.errors = c.Name, cmp.Or(c.From, "figures of "+c.Name), c.GEMM, c.Pointwise, c.Decode, c.Prefill, c.errors
		if math.Abs(tflops/c.Spec.TFLOPS-1) <= sameTFLOPS {
			tflops = 0
		}
		orElse(&tflops, c.Spec.TFLOPS)
		orElse(&bandwidth, c.Spec.Bandwidth)
		orElse(&sms, c.Spec.SMs)
		orElse(&l2, c.Spec.L2MB)
	}
	for _, v := range []struct {
		name string
		v    float64
	}{{"TFLOPS", tflops}, {"memory bandwidth, GB/s,", bandwidth}, {"number of SMs", sms}} {
		if !(v.v > 0) || math.IsInf(v.v, 0) {
			return nil, fmt.Errorf("device %q: its %s must be known for operator times to be computed, and be positive: %v", d.Name, v.name, v.v)
		}
	}
	g.peak, g.bandwidth, g.sms, g.l2 = tflops*tera, bandwidth*giga, sms, max(l2, 0)*1e6
	if g.Fitted == "" {
		g.From = "means over other cards"
		g.useMeans(&f.Generic, d.GDDR)
	}
	return g, nil
}

// kin is the device whose figures one shares, itself mostly, in lower case.
func kin(d *vidur.Device) string { return strings.ToLower(cmp.Or(d.Like, d.Name)) }

// useMeans gives g the figures for cards that nothing was fitted to. GDDR
// cards run pointwise operators nearer to their bandwidth than HBM cards.
func (g *GPU) useMeans(means *genericGPU, gddr bool) {
	g.gemm, g.decode, g.prefill, g.pointwise = means.GEMM, means.Decode, means.Prefill, means.HBM
	if gddr {
		g.pointwise = means.GDDR
	}
	perSM := g.bandwidth / giga / g.sms
	g.decode.KVTokenNs = genericDecodeKVNs * genericDecodeGBsPerSM / perSM
}

// Bound is the GPU as its datasheet promises it: every operator takes the time
// of its FLOPs at the peak, or of its bytes at the bandwidth.
func (g *GPU) Bound() *GPU {
	b := *g
	b.bound = true
	return &b
}

// atLeast raises a time to what the datasheet allows: the floor of every
// operator.
func (g *GPU) atLeast(us, flops, bytes float64) float64 {
	if g.bound {
		us = 0
	}
	return max(us, flops/g.peak, bytes/g.bandwidth)
}

// tail is the time of w waves of thread blocks, in waves: of the unfilled part
// of the last one a fraction is lost.
func tail(w, lost float64) float64 { return w + (math.Ceil(w)-w)*lost }

func orElse(v *float64, d float64) {
	if *v == 0 {
		*v = d
	}
}
