// Package catalog knows models, devices and nodes by name: those of the
// original simulator and current ones, with prices. A Catalog does not change;
// [Catalog.Load] and [Catalog.Overlay] make one with a user's entries added.
//
// Names are those of Hugging Face for models (meta-llama/Llama-2-70b-hf), and
// short ones (llama-2-70b); case does not matter. The file format is that of
// data/models.json and data/devices.json, where every figure has its source:
//
//	{
//	  "models":  [{"name": "my-8b", "layers": 32, "hidden": 4096, "q_heads": 32, "kv_heads": 8,
//	               "ffn": 14336, "vocab": 128256, "gated": true, "source": "…"}],
//	  "devices": [{"name": "my-gpu", "tflops": 400, "bandwidth_gbs": 2000, "memory_gb": 80,
//	               "sms": 100, "l2_mb": 50, "link_gbs": 600, "watts": 500, "price": 2.5, "nodes": ["my-node"]}],
//	  "nodes":   [{"name": "my-node", "devices": 8}],
//	  "prices":  {"h100": 1.99}
//	}
package catalog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/govidur/govidur/data"
	"github.com/govidur/govidur/vidur"
)

// Catalog is a set of models, devices and nodes. It is safe for concurrent use.
type Catalog struct {
	models  []modelEntry
	devices []deviceEntry
	nodes   []nodeEntry
}

// Default is the catalogue that the module ships. It is read once.
func Default() *Catalog { return shipped() }

// shipped panics when the files inside the binary are broken, which a test
// excludes.
var shipped = sync.OnceValue(func() *Catalog {
	c := &Catalog{}
	for _, name := range []string{"models.json", "devices.json"} {
		raw, err := data.FS.ReadFile(name)
		if err == nil {
			c, err = c.load(bytes.NewReader(raw), name)
		}
		if err != nil {
			panic(fmt.Sprintf("the shipped catalogue: %v", err))
		}
	}
	return c
})

// Models are the names of the models, in the order of the files.
func (c *Catalog) Models() []string { return names(c.models) }

// Devices are the names of the devices, in the order of the files.
func (c *Catalog) Devices() []string { return names(c.devices) }

// Nodes are the names of the nodes, in the order of the files.
func (c *Catalog) Nodes() []string { return names(c.nodes) }

// Model finds a model by name. A name that ends in .json, or is a directory that
// holds a config.json, is read as a Hugging Face configuration. A name that is
// not known gives an [*UnknownError].
func (c *Catalog) Model(name string) (vidur.Model, error) {
	if e := find(c.models, name); e != nil {
		return e.model(), nil
	}
	if path := configPath(name); path != "" {
		return readConfig(path)
	}
	return vidur.Model{}, unknown("model", name, c.models)
}

// configPath is the path of the configuration that a name stands for, or "".
func configPath(name string) string {
	if strings.HasSuffix(strings.ToLower(name), ".json") {
		return name
	}
	path := filepath.Join(name, "config.json")
	if info, err := os.Stat(path); name != "" && err == nil && !info.IsDir() {
		return path
	}
	return ""
}

func readConfig(path string) (vidur.Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return vidur.Model{}, err
	}
	defer f.Close()
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if abs, err := filepath.Abs(path); name == "config" && err == nil {
		name = filepath.Base(filepath.Dir(abs))
	}
	m, err := FromHFConfig(f, name)
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Device finds a device by name. One that is not known gives an
// [*UnknownError].
func (c *Catalog) Device(name string) (vidur.Device, error) {
	e := find(c.devices, name)
	if e == nil {
		return vidur.Device{}, unknown("device", name, c.devices)
	}
	return e.device(), nil
}

// Node finds a node by name. One that is not known gives an [*UnknownError].
func (c *Catalog) Node(name string) (vidur.Node, error) {
	e := find(c.nodes, name)
	if e == nil {
		return vidur.Node{}, unknown("node", name, c.nodes)
	}
	return e.node(), nil
}

// DefaultNode is the first node that the data name for a device. A device
// without one gets a machine of eight.
func (c *Catalog) DefaultNode(device string) (vidur.Node, error) {
	return c.nodeFor(device, 1)
}

// nodeFor is the first node of a device that has room for so many, or the last.
func (c *Catalog) nodeFor(device string, devices int) (vidur.Node, error) {
	e := find(c.devices, device)
	if e == nil {
		return vidur.Node{}, unknown("device", device, c.devices)
	}
	node := vidur.Node{Name: e.Name + "_node", Devices: 8, Device: e.Name}
	for _, name := range e.Nodes {
		var err error
		if node, err = c.Node(name); err != nil || node.Devices >= devices {
			return node, err
		}
	}
	return node, nil
}

// Replica describes a replica by names, on the first of the device's nodes that
// holds all of it, or else several of the last one. It has no Predictor yet.
func (c *Catalog) Replica(model, device string, tp, pp int) (vidur.ReplicaSpec, error) {
	m, err := c.Model(model)
	if err != nil {
		return vidur.ReplicaSpec{}, err
	}
	d, err := c.Device(device)
	if err != nil {
		return vidur.ReplicaSpec{}, err
	}
	n, err := c.nodeFor(device, max(tp, 1)*max(pp, 1))
	if err != nil {
		return vidur.ReplicaSpec{}, err
	}
	spec := vidur.ReplicaSpec{Model: m, Device: d, Node: n, TP: tp, PP: pp}
	if tp < 0 || pp < 0 {
		return spec, fmt.Errorf("TP %d and PP %d must not be negative", tp, pp)
	}
	return spec, spec.CheckParallel()
}

// An entry has a name and others that mean the same.
type entry interface {
	names() (name string, aliases []string)
}

func names[E entry](entries []E) []string {
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i], _ = e.names()
	}
	return list
}

// find looks names up before aliases, and later aliases before earlier ones.
func find[E entry](entries []E, name string) *E {
	name = strings.TrimSpace(name)
	for i := range entries {
		if own, _ := entries[i].names(); strings.EqualFold(own, name) {
			return &entries[i]
		}
	}
	for i, e := range slices.Backward(entries) {
		_, aliases := e.names()
		if slices.ContainsFunc(aliases, func(a string) bool { return strings.EqualFold(a, name) }) {
			return &entries[i]
		}
	}
	return nil
}
