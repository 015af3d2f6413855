package catalog

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func model(t *testing.T, c *Catalog, name string) vidur.Model {
	t.Helper()
	m, err := c.Model(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Published numbers of parameters, in 10^9, tell a wrong shape: norms and
// biases are a thousandth at most.
func TestModelsHaveTheirSize(t *testing.T) {
	sizes := map[string]float64{
		"codellama-34b": 33.74, "llama-2-7b": 6.74, "llama-2-13b": 13.02, "llama-2-70b": 68.98, "llama-3-8b": 8.03, "llama-3-70b": 70.55,
		"internlm-20b": 20.09, "internlm2-20b": 19.86, "phi-2": 2.78, "qwen-72b": 72.29,
		"llama-3.1-8b": 8.03, "llama-3.1-70b": 70.55, "llama-3.1-405b": 405.85, "llama-3.2-1b": 1.236, "llama-3.2-3b": 3.213, "llama-3.3-70b": 70.55,
		"mistral-7b": 7.248, "mistral-nemo": 12.25, "mistral-small": 23.57, "mistral-large": 122.6,
		"qwen2.5-0.5b": 0.494, "qwen2.5-1.5b": 1.544, "qwen2.5-3b": 3.086, "qwen2.5-7b": 7.616, "qwen2.5-14b": 14.77, "qwen2.5-32b": 32.76, "qwen2.5-72b": 72.71,
		"qwen3-0.6b": 0.596, "qwen3-1.7b": 1.721, "qwen3-4b": 4.022, "qwen3-8b": 8.191, "qwen3-14b": 14.77, "qwen3-32b": 32.76,
		"gemma-2-2b": 2.614, "gemma-2-9b": 9.242, "gemma-2-27b": 27.23,
		"gemma-3-1b": 1.000, "gemma-3-4b": 3.880, "gemma-3-12b": 11.77, "gemma-3-27b": 27.01,
		"phi-3-mini": 3.821, "phi-3-medium": 13.96, "phi-4": 14.66,
	}
	c := Default()
	checked := map[string]bool{}
	for name, billions := range sizes {
		m := model(t, c, name)
		checked[m.Name] = true
		if got := float64(m.Params()) / 1e9; math.Abs(got/billions-1) > 0.003 {
			t.Errorf("%s (%s) has %.3f billion parameters, published %.3f", name, m.Name, got, billions)
		}
	}
	for _, name := range c.Models() {
		if !checked[name] {
			t.Errorf("%s has no published size here", name)
		}
	}
}

// The original simulator's tables.
func TestOriginalNames(t *testing.T) {
	c := Default()
	for _, v := range []struct {
		name                                  string
		layers, q, kv, hidden, ffn, vocab     int
		gated, layerNorm, noPostNorm, qkvBias bool
	}{
		{"codellama/CodeLlama-34b-Instruct-hf", 48, 64, 8, 8192, 22016, 32768, true, false, false, false},
		{"meta-llama/Llama-2-7b-hf", 32, 32, 32, 4096, 11008, 32768, true, false, false, false},
		{"meta-llama/Llama-2-70b-hf", 80, 64, 8, 8192, 28672, 32768, true, false, false, false},
		{"meta-llama/Meta-Llama-3-8B", 32, 32, 8, 4096, 14336, 128256, true, false, false, false},
		{"meta-llama/Meta-Llama-3-70B", 80, 64, 8, 8192, 28672, 128256, true, false, false, false},
		{"internlm/internlm-20b", 60, 40, 40, 5120, 13824, 103168, true, false, false, false},
		{"internlm/internlm2-20b", 48, 48, 8, 6144, 16384, 92544, true, false, false, false},
		{"microsoft/phi-2", 32, 32, 32, 2560, 10240, 51200, false, true, true, true},
		{"Qwen/Qwen-72B", 80, 64, 64, 8192, 24576, 152064, true, false, false, true},
	} {
		m := model(t, c, v.name)
		want := vidur.Model{Name: v.name, Layers: v.layers, Hidden: v.hidden, QHeads: v.q, KVHeads: v.kv, FFN: v.ffn, Vocab: v.vocab,
			Gated: v.gated, LayerNorm: v.layerNorm, NoPostNorm: v.noPostNorm, QKVBias: v.qkvBias, MaxPositions: m.MaxPositions}
		if m != want || m.MaxPositions < 2048 {
			t.Errorf("%+v, want %+v", m, want)
		}
	}
	for _, v := range []struct {
		name              string
		tflops, gb, price float64
	}{{"a40", 150, 45, 1.28}, {"a100", 312, 80, 2.21}, {"h100", 1000, 80, 4.25}} {
		d, err := c.Device(v.name)
		if err != nil || d.TFLOPS != v.tflops || d.MemoryGB != v.gb || d.Price != v.price {
			t.Errorf("%+v, %v", d, err)
		}
	}
	for name, devices := range map[string]int{"a40_pairwise_nvlink": 8, "a100_pairwise_nvlink": 4, "h100_pairwise_nvlink": 4, "a100_dgx": 8, "h100_dgx": 8} {
		n, err := c.Node(name)
		if err != nil || n.Devices != devices || n.Name != name {
			t.Errorf("%+v, %v", n, err)
		}
	}
	// Its planner's figures for the reference runs.
	spec, err := c.Replica("meta-llama/Llama-2-70b-hf", "a100", 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	batch, blocks, err := spec.PlanByRequest()
	if err != nil || batch != 13 || blocks != 3328 || spec.Node.Name != "a100_pairwise_nvlink" {
		t.Errorf("%d requests, %d blocks, %v, %+v", batch, blocks, err, spec.Node)
	}
}

func TestDefaultIsSound(t *testing.T) {
	c := Default()
	if c != Default() {
		t.Error("the shipped catalogue is read more than once")
	}
	seen := map[string]string{}
	unique := func(kind string, e entry) {
		own, aliases := e.names()
		for _, n := range append([]string{own}, aliases...) {
			key := kind + strings.ToLower(n)
			if seen[key] != "" {
				t.Errorf("%s %q is the name of %s and of %s", kind, n, seen[key], own)
			}
			seen[key] = own
		}
	}
	for _, e := range c.models {
		unique("model", e)
		if e.Source == "" || e.MaxPositions == 0 {
			t.Errorf("%s has no source or no context length", e.Name)
		}
	}
	for _, e := range c.devices {
		unique("device", e)
		if e.Source == "" || e.PriceSource == "" || e.Price <= 0 || e.Watts <= 0 || e.L2MB <= 0 || len(e.Nodes) == 0 {
			t.Errorf("%s lacks a figure or its source", e.Name)
		}
		if _, err := c.DefaultNode(e.Name); err != nil {
			t.Error(err)
		}
	}
	for _, e := range c.nodes {
		unique("node", e)
		if e.Source == "" {
			t.Errorf("%s has no source", e.Name)
		}
	}
	if !slices.IsSorted([]int{0, len(c.Nodes()), len(c.Devices()), len(c.Models())}) {
		t.Errorf("%v %v %v", c.Models(), c.Devices(), c.Nodes())
	}
}

func TestNamesInAnyCase(t *testing.T) {
	for alias, want := range map[string]string{
		"LLAMA-2-70B": "meta-llama/Llama-2-70b-hf", "meta-llama/llama-2-70B-HF": "meta-llama/Llama-2-70b-hf", " llama-3-8b ": "meta-llama/Meta-Llama-3-8B",
		"qwen2.5-7b": "Qwen/Qwen2.5-7B", "meta-llama/Llama-3.1-8B-Instruct": "meta-llama/Llama-3.1-8B",
	} {
		if m := model(t, Default(), alias); m.Name != want {
			t.Errorf("%q is %s, want %s", alias, m.Name, want)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	c := Default()
	for _, v := range []struct{ name, want string }{
		{"llama-2-70", `no model "llama-2-70"; near: llama-2-70b, `},
		{"lama-3-8b", `no model "lama-3-8b"; near: llama-3-8b, `},
		{"mixtral", `no model "mixtral"`},
		{"", `no model ""`},
	} {
		_, err := c.Model(v.name)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || unknown.Kind != "model" || len(unknown.Near) > 5 || !strings.HasPrefix(err.Error(), v.want) {
			t.Errorf("%q: %v, want %s", v.name, err, v.want)
		}
	}
	if _, err := c.Device("h10"); err == nil || !strings.HasPrefix(err.Error(), `no device "h10"; near: h100, h100-`) {
		t.Error(err)
	}
	if _, err := c.Node("dgx"); err == nil || !strings.Contains(err.Error(), "a100_dgx") {
		t.Error(err)
	}
	if _, err := c.DefaultNode("?"); err == nil {
		t.Error("a node of an unknown device")
	}
	for _, r := range [][2]string{{"?", "a100"}, {"llama-2-7b", "?"}} {
		if _, err := c.Replica(r[0], r[1], 1, 1); err == nil {
			t.Errorf("a replica of %v", r)
		}
	}
}

func TestReplicaFindsANode(t *testing.T) {
	for _, v := range []struct {
		device string
		tp, pp int
		node   string
	}{
		{"a100", 1, 0, "a100_pairwise_nvlink"}, {"a100", 4, 1, "a100_pairwise_nvlink"}, {"a100", 8, 1, "a100_dgx"},
		{"a100", 8, 2, "a100_dgx"}, {"a100", 2, 4, "a100_dgx"}, {"h100", 2, 1, "h100_dgx"}, {"l40s", 4, 1, "l40s_pcie"},
	} {
		spec, err := Default().Replica("llama-2-70b", v.device, v.tp, v.pp)
		if err != nil || spec.Node.Name != v.node || spec.TP != v.tp || spec.PP != v.pp {
			t.Errorf("%+v: %+v, %v", v, spec.Node, err)
		}
	}
	for _, v := range [][2]int{{-1, 1}, {3, 1}, {5, 1}, {1, 3}} {
		if _, err := Default().Replica("llama-2-70b", "a100", v[0], v[1]); err == nil {
			t.Errorf("TP %d, PP %d was accepted", v[0], v[1])
		}
	}
}

const userFile = `{
  "models": [{"name": "my-8b", "layers": 32, "hidden": 4096, "q_heads": 32, "kv_heads": 8, "ffn": 14336, "vocab": 128256, "gated": true}],
  "devices": [{"name": "my-gpu", "tflops": 400, "bandwidth_gbs": 2000, "memory_gb": 80, "sms": 100},
              {"name": "A100", "tflops": 312, "bandwidth_gbs": 2039, "memory_gb": 79, "sms": 108, "nodes": ["mine"]}],
  "nodes": [{"name": "mine", "devices": 16, "device": "a100"}],
  "prices": {"H100": 1.99, "a100-sxm": 0.5}
}`

func TestOverlay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.json")
	if err := os.WriteFile(path, []byte(userFile), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Default().Overlay(path)
	if err != nil {
		t.Fatal(err)
	}
	if m := model(t, c, "MY-8B"); m.Layers != 32 {
		t.Errorf("%+v", m)
	}
	spec, err := c.Replica("my-8b", "my-gpu", 2, 1)
	if err != nil || spec.Node != (vidur.Node{Name: "my-gpu_node", Devices: 8, Device: "my-gpu"}) {
		t.Errorf("%+v, %v", spec.Node, err)
	}
	if d, err := c.Device("a100"); err != nil || d.MemoryGB != 79 {
		t.Errorf("%+v, %v", d, err)
	}
	if n, err := c.DefaultNode("a100"); err != nil || n.Devices != 16 {
		t.Errorf("%+v, %v", n, err)
	}
	for name, want := range map[string]float64{"h100": 1.99, "a100-sxm-80gb": 0.5} {
		if d, err := c.Device(name); err != nil || d.Price != want {
			t.Errorf("%+v, %v", d, err)
		}
	}
	if d, err := Default().Device("h100"); err != nil || d.Price != 4.25 {
		t.Errorf("the shipped catalogue changed: %+v, %v", d, err)
	}
	if len(c.Models()) != len(Default().Models())+1 || len(c.Devices()) != len(Default().Devices())+1 {
		t.Errorf("%v %v", c.Models(), c.Devices())
	}
	if _, err := Default().Overlay(path + ".missing"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// A device that is like another names the one that has the figures.
func TestLike(t *testing.T) {
	const datasheet = `"tflops": 1, "bandwidth_gbs": 1, "memory_gb": 1, "sms": 1`
	c, err := Default().Load(strings.NewReader(`{"devices": [
		{"name": "fast", "like": "H200-SXM", ` + datasheet + `}, {"name": "faster", "like": "fast", ` + datasheet + `}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fast", "faster"} {
		if d, err := c.Device(name); err != nil || d.Like != "h200" {
			t.Errorf("%+v, %v", d, err)
		}
	}
	if d, err := c.Device("h200"); err != nil || d.Like != "" {
		t.Errorf("%+v, %v", d, err)
	}
	_, err = Default().Load(strings.NewReader(`{"devices": [{"name": "fast", "like": "h20", ` + datasheet + `}]}`))
	if err == nil || !strings.Contains(err.Error(), `device "fast" is like: no device "h20"`) {
		t.Error(err)
	}
}

func TestLoadErrors(t *testing.T) {
	for _, v := range []struct{ text, want string }{
		{"{\n\"models\": [{\n\"nam\": \"x\"}]}", `catalogue:3: unknown key "nam"; there is name, aliases, layers`},
		{"{\n\"Models\": []}", `catalogue:2: unknown key "Models"; there is source, models, devices, nodes, prices`},
		{"{\"nodes\": [],\n\n\"nodes\": []}", `catalogue:3: key "nodes" is given twice`},
		{"{\n\"models\": [}", "catalogue:2: invalid character '}'"},
		{"{\n\"models\": 5}", "catalogue:2: json: cannot unmarshal number"},
		{"{}{}", "catalogue:1: invalid character '{' after top-level value"},
		{"", "catalogue:1: unexpected end of JSON input"},
		{`{"models": [{}]}`, `catalogue: model "": it has no name`},
		{`{"models": [{"name": "x"}]}`, `catalogue: model "x": layers 0 must be positive`},
		{`{"models": [{"name": "x", "layers": 1, "hidden": 10, "q_heads": 3, "kv_heads": 2, "ffn": 1, "vocab": 1}]}`, "2 KV heads do not divide 3 query heads"},
		{`{"models": [{"name": "x", "layers": 1, "hidden": 10, "q_heads": 3, "kv_heads": 1, "ffn": 1, "vocab": 1}]}`, "3 query heads do not divide the width 10"},
		{`{"devices": [{"name": "x", "tflops": -1}]}`, `device "x": tflops -1 must be positive`},
		{`{"devices": [{"tflops": 1}]}`, `device "": it has no name`},
		{`{"nodes": [{"name": "x"}]}`, `node "x": it needs a name and a positive number of devices, not 0`},
		{`{"prices": {"h10": 1}}`, `price: no device "h10"; near: h100`},
		{`{"prices": {"h100": -1}}`, `price of "h100": -1 must be finite and not negative`},
	} {
		_, err := Default().Load(strings.NewReader(v.text))
		if err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%s: %v, want %s", v.text, err, v.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(userFile)
	f.Add(`{"prices": {"h100": 1e308}}`)
	f.Add(`{"models": [null, {"name": null}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Default().Load(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, name := range c.Models() {
			m, err := c.Model(name)
			if err != nil || m.Params() < 0 {
				t.Errorf("%q: %+v, %v", name, m, err)
			}
		}
		for _, name := range c.Devices() {
			if d, err := c.Device(name); err != nil || !(d.TFLOPS > 0) {
				t.Errorf("%q: %+v, %v", name, d, err)
			}
		}
	})
}
