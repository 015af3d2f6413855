package exectime

import (
	"fmt"
	"math"
	"sync"

	"github.com/govidur/govidur/vidur"
)

// AnalyticOptions are what the analytic model cannot take from a datasheet.
// Zero fields mean the defaults.
type AnalyticOptions struct {
	LatencyUs  float64 // of a message inside a node without fitted curves, µs; default 8
	NetworkGBs float64 // per device between nodes without fitted curves, one direction, 10^9 bytes/s; default 25

	// IdealCollectives takes the fitted bandwidths but the latencies of the rule
	// for other nodes. The profiles' small all-reduces take 20 to 50 µs, most of
	// which is the skew of the hosts that launch them; engines that replay CUDA
	// graphs take 5 to 20.
	IdealCollectives bool

	// LaunchMs is added to each all-reduce, ms. The fitted curves contain what
	// the profiled host needed, so the default is 0; the original simulator adds
	// 0.02 to its profiles.
	LaunchMs float64

	// Figures are those of further GPUs and nodes, in JSON laid out like
	// data/operators.json: {"gpus": […], "networks": {"nodes": […]}}. They win over
	// shipped ones of the same name. Package fit makes them from profiles.
	Figures string
}

// Analytic computes operator times from formulas. It is safe for concurrent
// use. Its predictors remember what they computed, and replicas of the same
// kind share one.
type Analytic struct {
	options AnalyticOptions
	figures *figures

	mu         sync.Mutex
	predictors map[replicaKind]*analyticPredictor
}

// replicaKind is what a replica's operator times depend on.
type replicaKind struct {
	model  vidur.Model
	device vidur.Device
	node   vidur.Node
	tp, pp int
}

// NewAnalytic makes the analytic model with the figures that the module ships.
func NewAnalytic(options AnalyticOptions) (*Analytic, error) {
	for _, o := range []struct {
		name string
		v    *float64
		def  float64
	}{{"LatencyUs", &options.LatencyUs, 8}, {"NetworkGBs", &options.NetworkGBs, 25}, {"LaunchMs", &options.LaunchMs, 0}} {
		if !(*o.v >= 0) || math.IsInf(*o.v, 0) {
			return nil, fmt.Errorf("%s %v must be finite and not negative", o.name, *o.v)
		}
		orElse(o.v, o.def)
	}
	f, err := embedded()
	if err == nil {
		f, err = f.with(options.Figures)
	}
	if err != nil {
		return nil, err
	}
	return &Analytic{options: options, figures: f, predictors: map[replicaKind]*analyticPredictor{}}, nil
}

// GPU is the operator model of a device. Its name decides whose figures it gets;
// a device that no figures were fitted to needs TFLOPS, Bandwidth and SMs, and
// should have L2MB and GDDR.
func (a *Analytic) GPU(d vidur.Device) (*GPU, error) { return a.figures.newGPU(&d) }

// Predictor makes a predictor for a replica. The same kind of replica gets the
// same one.
func (a *Analytic) Predictor(spec vidur.ReplicaSpec) (vidur.Predictor, error) {
	kind := replicaKind{spec.Model, spec.Device, spec.Node, max(spec.TP, 1), max(spec.PP, 1)}
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.predictors[kind]; p != nil {
		return p, nil
	}
	p, err := a.newPredictor(spec)
	if err != nil {
		return nil, err
	}
	a.predictors[kind] = p
	return p, nil
}

func (a *Analytic) newPredictor(spec vidur.ReplicaSpec) (*analyticPredictor, error) {
	if err := checkSpec(&spec); err != nil {
		return nil, err
	}
	gpu, err := a.GPU(spec.Device)
	if err != nil {
		return nil, err
	}
	m, tp, pp := &spec.Model, max(spec.TP, 1), max(spec.PP, 1)
	p := &analyticPredictor{
		gpu: gpu, network: a.Network(spec), model: *m, tp: tp,
		heads:    Heads{Q: m.QHeads / tp, KV: ceilDiv(m.KVHeads, tp), Dim: m.Head()},
		layers:   m.Layers / pp,
		last:     pp - 1,
		launchUs: a.options.LaunchMs * 1e3,
	}
	p.tokens.Make = p.perToken
	p.logits.Make = p.head
	return p, nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
