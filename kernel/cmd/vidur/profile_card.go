package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/spec"
)

// cardFlags describe a GPU that is in no catalogue, or correct one that is.
type cardFlags struct {
	memory                      string
	tflops, bandwidth, l2, link float64
	sms, perNode                int
	gddr                        bool
}

func (f *cardFlags) flags() []spec.Flag {
	return []spec.Flag{
		{Name: "memory", Value: &f.memory}, {Name: "tflops", Value: &f.tflops}, {Name: "bandwidth", Value: &f.bandwidth},
		{Name: "sms", Value: &f.sms}, {Name: "l2", Value: &f.l2}, {Name: "link", Value: &f.link}, {Name: "gddr", Value: &f.gddr},
		{Name: "gpus-per-node", Value: &f.perNode},
	}
}

// stranger is the datasheet that stands in for what is not said of an unknown GPU:
// that of an A100, which errs on the slow side for newer ones.
var stranger = vidur.Device{TFLOPS: 312, Bandwidth: 2039, SMs: 108, L2MB: 40, LinkGBs: 600}

// hardware is the experiment's model, device and node with what the flags say of
// the device, and notes on what was assumed.
func (f *cardFlags) hardware(e *spec.Experiment) (vidur.ReplicaSpec, []string, error) {
	if *f == (cardFlags{}) {
		return knownHardware(e)
	}
	cat, err := e.Names()
	if err != nil {
		return vidur.ReplicaSpec{}, nil, err
	}
	s := vidur.ReplicaSpec{BlockSize: e.BlockSize}
	if s.Model, err = cat.Model(e.Model); err != nil {
		return s, nil, err
	}
	var notes []string
	if s.Device, notes, err = f.device(cat, e.Device); err != nil {
		return s, nil, err
	}
	switch {
	case e.Node != "" && f.perNode == 0:
		s.Node, err = cat.Node(e.Node)
	default:
		if s.Node, err = cat.DefaultNode(e.Device); err != nil {
			s.Node, err = vidur.Node{Name: e.Device + "_node", Devices: 8}, nil
		}
		if e.Node != "" {
			s.Node.Name = e.Node
		}
		if f.perNode > 0 {
			s.Node.Devices = f.perNode
		}
	}
	return s, notes, err
}

// knownHardware is the experiment's hardware; the node is the device's first that
// holds the largest TP, if the model can be cut so.
func knownHardware(e *spec.Experiment) (vidur.ReplicaSpec, []string, error) {
	s, err := e.Hardware()
	if err != nil {
		one := *e
		one.TP = 1
		s, err = one.Hardware()
	}
	if err == nil {
		return s, nil, nil
	}
	if cat, e2 := e.Names(); e2 == nil {
		if _, e2 = cat.Device(e.Device); e2 != nil {
			err = fmt.Errorf("%w; or describe the GPU: --memory 80GiB --tflops N --bandwidth GB/s --sms N", err)
		}
	}
	return s, nil, err
}

// device is one of the catalogue, or an unknown one, with what the flags say of it,
// and notes on what was assumed.
func (f *cardFlags) device(cat *catalog.Catalog, name string) (d vidur.Device, notes []string, err error) {
	if d, err = cat.Device(name); err != nil {
		if notes, err = f.strange(&d, name); err != nil {
			return d, nil, err
		}
	}
	return d, notes, f.correct(&d)
}

// strange begins an unknown GPU: its name is that of a folder.
func (f *cardFlags) strange(d *vidur.Device, name string) ([]string, error) {
	if name == "" || strings.ContainsAny(name, `/\:`) || strings.HasPrefix(name, ".") {
		return nil, fmt.Errorf("%q is no name of a GPU: its profiles lie in a folder of that name", name)
	}
	if f.memory == "" {
		return nil, fmt.Errorf("no catalogue has a GPU called %q: --memory says how much it has, such as 80GiB", name)
	}
	*d = stranger
	d.Name = name
	if f.tflops > 0 && f.bandwidth > 0 && f.sms > 0 {
		return nil, nil
	}
	return []string{fmt.Sprintf("no catalogue has %s: what --tflops, --bandwidth and --sms do not say is taken from an A100, for estimates of time", name)}, nil
}

func (f *cardFlags) correct(d *vidur.Device) error {
	for _, v := range []struct {
		to   *float64
		from float64
	}{{&d.TFLOPS, f.tflops}, {&d.Bandwidth, f.bandwidth}, {&d.L2MB, f.l2}, {&d.LinkGBs, f.link}} {
		if v.from > 0 {
			*v.to = v.from
		}
	}
	if f.sms > 0 {
		d.SMs = f.sms
	}
	d.GDDR = d.GDDR || f.gddr
	if f.memory == "" {
		return nil
	}
	gb, err := gibibytes(f.memory)
	d.MemoryGB = gb
	return err
}

// gibibytes reads a size of memory: 80GiB, 80GB (of 10^9 bytes), 81920MiB; a bare
// number is GiB.
func gibibytes(s string) (float64, error) {
	number, unit := strings.TrimSpace(s), 1.0
	for _, u := range []struct {
		suffix string
		gib    float64
	}{{"gib", 1}, {"gb", 1e9 / (1 << 30)}, {"mib", 1.0 / 1024}, {"g", 1}} {
		if cut, ok := strings.CutSuffix(strings.ToLower(number), u.suffix); ok {
			number, unit = strings.TrimSpace(cut), u.gib
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) || v*unit > 1<<20 {
		return 0, fmt.Errorf("--memory: %q is no size of memory, such as 80GiB", s)
	}
	return v * unit, nil
}
