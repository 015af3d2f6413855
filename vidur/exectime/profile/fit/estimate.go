package fit

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// What the fastest measurements reach of the datasheet, on the A100, H100 and A40
// of the original's profiles: GEMMs 0.87 to 0.90 of the FLOPs, adding 0.93 to
// 1.03 of the memory bandwidth.
const (
	bestFLOPs     = 0.89
	bestBandwidth = 0.98
)

// Estimate guesses the FLOPs and the memory bandwidth of a device without a
// datasheet from the profiles below dir/profiling/compute/folder, or
// dir/compute/folder: from the fastest GEMM and the fastest addition beyond the
// cache, by what such kernels reach on known cards; where adding is part of
// other kernels, from the activation, which may reach half. l2MB is the size of
// the cache, MB; 0 if it is not known. Device has no other figures. For the cards
// of the original's profiles it gives 95 to 106 % of the datasheet, and 86 to 105
// without the size of the cache.
func Estimate(dir, folder string, l2MB float64) (vidur.Device, error) {
	r := reader{samples: map[kind][]sample{}}
	if err := r.read(profile.Root(dir), folder); err != nil {
		return vidur.Device{}, err
	}
	var d vidur.Device
	for i := range r.samples[kGEMM] {
		s := &r.samples[kGEMM][i]
		d.TFLOPS = max(d.TFLOPS, 2*s.m*s.n*s.k/s.us/1e6/bestFLOPs)
	}
	most := 0.0
	for _, s := range r.moving() {
		most = max(most, s.k)
	}
	from := most / 2
	if l2 := 2e6 * l2MB; l2 > 0 && l2 < from {
		from = l2
	}
	for _, s := range r.moving() {
		if s.k >= from {
			d.Bandwidth = max(d.Bandwidth, s.k/s.us/1e3/bestBandwidth)
		}
	}
	if d.Bandwidth == 0 {
		return d, fmt.Errorf("%s: no pointwise operators, from which the memory bandwidth could be estimated", folder)
	}
	d.TFLOPS, d.Bandwidth = round(d.TFLOPS, 3), round(d.Bandwidth, 3)
	return d, nil
}

// moving are the samples of operators that do little but move bytes.
func (r *reader) moving() []sample {
	for _, k := range []kind{kAdd, kAddTwo, kSiLUMul, kGELU} {
		if len(r.samples[k]) > 0 {
			return r.samples[k]
		}
	}
	return nil
}
