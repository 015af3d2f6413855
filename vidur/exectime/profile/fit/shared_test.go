package fit

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// thorough is set to fit all measurements, and all cards, which takes minutes.
var thorough = os.Getenv("FIT_THOROUGH") != ""

// documented are the errors, in %, of the figures that the module ships, fitted
// to all models and with each model left out.
var documented = []struct {
	card                  string
	gemm, layer, leftOut  float64
	leftGEMM              float64
	rms, silu, rope, addd float64
}{
	{"a100", 5.8, 3.5, 3.5, 5.9, 7.3, 5.5, 7.1, 5.1},
	{"h100", 7.9, 4.6, 4.6, 8.0, 7.8, 6.1, 8.1, 5.4},
	{"a40", 6.9, 3.9, 3.9, 7.0, 4.5, 5.0, 8.4, 6.1},
}

func card(t *testing.T, name string) vidur.Device {
	t.Helper()
	d, err := catalog.Default().Device(name)
	if err != nil {
		t.Fatal(err)
	}
	if name == "h100" {
		d.TFLOPS = 989.4 // 1000 is rounded, as in the original simulator
	}
	return d
}

func sampleSize() int {
	if thorough {
		return -1
	}
	return 1500
}

// The profiles of the original give figures as good as those that ship.
func TestRefit(t *testing.T) {
	dir := sharedtest.Path(t, "vidur-data")
	for i, want := range documented {
		if !thorough && i > 0 {
			continue
		}
		r, err := Device(dir, card(t, want.card), Options{Sample: sampleSize()})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %+v", want.card, r.GPU)
		for _, a := range r.Accuracy {
			if a.From == 0 && a.To == 0 || a.Operator == "gemm" || a.Operator == "layer" || strings.Contains(a.Operator, ",") {
				t.Logf("%s: %v", want.card, a)
			}
		}
		limits := map[string]float64{
			"gemm": want.gemm + 0.3, "layer": want.layer + 0.3,
			"rms_norm": want.rms + 1, "silu_mul": want.silu + 1, "rope": want.rope + 1, "add": want.addd + 1,
			"attn_prefill": 4.3 + 0.5, "attn_decode": 6.7 + 0.5,
		}
		if !thorough {
			limits["gemm"], limits["layer"], limits["attn_decode"] = limits["gemm"]+0.3, limits["layer"]+0.3, 8
		}
		for name, limit := range limits {
			if a, ok := total(r.Accuracy, name); ok && a.MAPE > limit {
				t.Errorf("%s: %v, at most %.1f is due", want.card, a, limit)
			}
		}
		for _, note := range r.Notes {
			t.Logf("%s: %s", want.card, note)
		}
	}
}

func total(all []Accuracy, operator string) (Accuracy, bool) {
	for _, a := range all {
		if a.Operator == operator && a.To == 0 {
			return a, true
		}
	}
	return Accuracy{}, false
}

// Models that a fit did not see are hardly further off.
func TestLeaveOneModelOut(t *testing.T) {
	dir := sharedtest.Path(t, "vidur-data")
	for i, want := range documented {
		if !thorough && i != 2 {
			continue
		}
		d := card(t, want.card)
		all := readAll(t, dir, want.card, nil)
		var layers, gemm by
		models := slices.Compact(slices.Sorted(slices.Values(all.models)))
		if !thorough {
			models = models[1:4]
		}
		for _, model := range models {
			skip := func(m string) bool { return m == model || strings.Contains(m, "70") && strings.Contains(model, "70") } // the same shape
			r, err := Device(dir, d, Options{Skip: skip, Nodes: []string{}, Sample: sampleSize()})
			if err != nil {
				t.Fatal(err)
			}
			c := &spec{d.TFLOPS * 1e6, d.Bandwidth * 1e3, float64(d.SMs), d.L2MB * 1e6}
			own := readAll(t, dir, want.card, func(m string) bool { return m != model })
			one := compareLayers(&r.GPU, c, own.samples)
			layers.merge(one)
			v := r.GPU.vector(kGEMM)
			for i := range own.samples[kGEMM] {
				s := &own.samples[kGEMM][i]
				gemm.add(s.m, s.predict(c, v), s.us)
			}
			t.Logf("%s without %s: %v", want.card, model, one.accuracies("layer")[0])
		}
		for _, a := range append(layers.accuracies("layer"), gemm.accuracies("gemm")...) {
			t.Logf("%s, model left out: %v", want.card, a)
		}
		slack := 0.3
		if !thorough {
			slack = 0.6
		}
		if a := layers.accuracies("layer")[0]; a.MAPE > want.leftOut+slack {
			t.Errorf("%s, model left out: %v, documented %.1f", want.card, a, want.leftOut)
		}
		if a := gemm.accuracies("gemm")[0]; a.MAPE > want.leftGEMM+slack {
			t.Errorf("%s, model left out: %v, documented %.1f", want.card, a, want.leftGEMM)
		}
	}
}

func (b *by) merge(o *by) {
	for i := range b {
		b[i].n, b[i].sum, b[i].bias = b[i].n+o[i].n, b[i].sum+o[i].sum, b[i].bias+o[i].bias
	}
}

func readAll(t *testing.T, dir, folder string, skip func(string) bool) *reader {
	t.Helper()
	r := &reader{samples: map[kind][]sample{}, skip: skip}
	if err := r.read(dir+"/profiling", folder); err != nil {
		t.Fatal(err)
	}
	return r
}

// The curves for large messages are as good as documented.
func TestRefitCurves(t *testing.T) {
	dir := sharedtest.Path(t, "vidur-data")
	f := &fitter{result: &Result{}, opt: Options{Folder: "h100"}}
	if err := f.networks(dir + "/profiling"); err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for _, a := range f.result.Accuracy {
		t.Log(a)
		if a.To == 0 && !strings.Contains(a.Operator, "send_recv, 2 devices, 1 per node") {
			worst = math.Max(worst, a.MAPE)
		}
	}
	if worst > 5 {
		t.Errorf("a curve is %.1f %% off for large messages", worst)
	}
	if len(f.result.Nodes) != 2 || len(f.result.Nodes[0].AllReduce) != 3 || len(f.result.Nodes[1].SendRecv) != 1 {
		t.Errorf("curves %+v", f.result.Nodes)
	}
}
