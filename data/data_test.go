package data_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"slices"
	"testing"

	"github.com/govidur/govidur/data"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime"
)

func read(t *testing.T, name string, v any) {
	t.Helper()
	raw, err := data.FS.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// Every file is JSON, and says where its figures come from.
func TestFilesHaveSources(t *testing.T) {
	names, err := fs.Glob(data.FS, "*")
	if err != nil || len(names) < 3 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		raw, err := data.FS.ReadFile(name)
		if err != nil || !json.Valid(raw) || !bytes.Contains(raw, []byte(`"source"`)) {
			t.Errorf("%s is not JSON or has no source: %v", name, err)
		}
	}
}

// The operator model's figures are for devices and nodes that there are.
func TestOperatorsAreOfTheCatalogue(t *testing.T) {
	type named struct {
		Name    string
		Devices []string
	}
	var f struct {
		GPUs     []named
		Networks struct{ Nodes []struct{ Name string } }
	}
	read(t, "operators.json", &f)
	c := catalog.Default()
	for _, g := range f.GPUs {
		for _, name := range g.Devices {
			if !slices.Contains(c.Devices(), name) {
				t.Errorf("figures of %s: no device %q", g.Name, name)
			}
		}
	}
	for _, n := range f.Networks.Nodes {
		if !slices.Contains(c.Nodes(), n.Name) {
			t.Errorf("curves of %q: no such node", n.Name)
		}
	}
}

// Every model runs on every device, no faster than its weights can be read.
func TestEveryModelOnEveryDevice(t *testing.T) {
	a, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, combinations := catalog.Default(), 0
	for _, model := range c.Models() {
		for _, device := range c.Devices() {
			for tp := 1; tp <= 8; tp *= 2 {
				spec, err := c.Replica(model, device, tp, 1)
				if err != nil {
					continue // the heads do not divide
				}
				p, err := a.Predictor(spec)
				if err != nil {
					t.Fatalf("%s on %d × %s: %v", model, tp, device, err)
				}
				b := &vidur.Batch{}
				b.Add(&vidur.Request{Done: 1000, Prompt: 999}, 1)
				st, err := p.StageTime(b, 0)
				weights := 2 * float64(spec.Model.LayerParams(tp)*spec.Model.Layers+spec.Model.Vocab*spec.Model.Hidden/tp)
				bound := weights / (spec.Device.Bandwidth * 1e9)
				if s := st.Total(); err != nil || !(s >= bound) || math.IsInf(s, 0) || s > 20*bound+0.05 {
					t.Errorf("%s on %d × %s: one token in %.4f s, its weights take %.4f: %v", model, tp, device, s, bound, err)
				}
				combinations++
			}
		}
	}
	t.Logf("%d combinations", combinations)
}
