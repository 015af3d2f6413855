package catalog

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// file is the layout of the data files and of a user's.
type file struct {
	Source  string             `json:"source"`
	Models  []modelEntry       `json:"models"`
	Devices []deviceEntry      `json:"devices"`
	Nodes   []nodeEntry        `json:"nodes"`
	Prices  map[string]float64 `json:"prices"` // $ per GPU-hour, by device

	Operators json.RawMessage `json:"operators"` // figures of the analytic model, for package exectime
}

type modelEntry struct {
	Name         string   `json:"name"`
	Aliases      []string `json:"aliases"`
	Layers       int      `json:"layers"`
	Hidden       int      `json:"hidden"`
	QHeads       int      `json:"q_heads"`
	KVHeads      int      `json:"kv_heads"`
	HeadDim      int      `json:"head_dim"`
	FFN          int      `json:"ffn"`
	Vocab        int      `json:"vocab"`
	MaxPositions int      `json:"max_positions"`
	Gated        bool     `json:"gated"`
	LayerNorm    bool     `json:"layer_norm"`
	NoPostNorm   bool     `json:"no_post_norm"`
	TiedEmbed    bool     `json:"tied_embed"`
	QKVBias      bool     `json:"qkv_bias"`
	Source       string   `json:"source"`
}

func (e modelEntry) names() (string, []string) { return e.Name, e.Aliases }

func (e modelEntry) model() vidur.Model {
	return vidur.Model{
		Name: e.Name, Layers: e.Layers, Hidden: e.Hidden, QHeads: e.QHeads, KVHeads: e.KVHeads, HeadDim: e.HeadDim,
		FFN: e.FFN, Vocab: e.Vocab, Gated: e.Gated, LayerNorm: e.LayerNorm, NoPostNorm: e.NoPostNorm,
		TiedEmbed: e.TiedEmbed, QKVBias: e.QKVBias, MaxPositions: e.MaxPositions,
	}
}

type deviceEntry struct {
	Name        string   `json:"name"`
	Aliases     []string `json:"aliases"`
	TFLOPS      float64  `json:"tflops"`
	Bandwidth   float64  `json:"bandwidth_gbs"`
	MemoryGB    float64  `json:"memory_gb"`
	SMs         int      `json:"sms"`
	L2MB        float64  `json:"l2_mb"`
	GDDR        bool     `json:"gddr"`
	LinkGBs     float64  `json:"link_gbs"`
	Watts       float64  `json:"watts"`
	Price       float64  `json:"price"`
	PriceSource string   `json:"price_source"`
	Nodes       []string `json:"nodes"` // it is sold in, the usual one first
	Like        string   `json:"like"`  // the device whose fitted figures of operators it shares
	Source      string   `json:"source"`
}

func (e deviceEntry) names() (string, []string) { return e.Name, e.Aliases }

func (e deviceEntry) device() vidur.Device {
	return vidur.Device{
		Name: e.Name, TFLOPS: e.TFLOPS, Bandwidth: e.Bandwidth, MemoryGB: e.MemoryGB, SMs: e.SMs, L2MB: e.L2MB,
		GDDR: e.GDDR, LinkGBs: e.LinkGBs, Watts: e.Watts, Price: e.Price, Like: e.Like,
	}
}

type nodeEntry struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
	Devices int      `json:"devices"`
	Device  string   `json:"device"`
	Source  string   `json:"source"`
}

func (e nodeEntry) names() (string, []string) { return e.Name, e.Aliases }

func (e nodeEntry) node() vidur.Node {
	return vidur.Node{Name: e.Name, Devices: e.Devices, Device: e.Device}
}

// Overlay is Load of a file.
func (c *Catalog) Overlay(path string) (*Catalog, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return c.load(f, path)
}

// Load makes a catalogue with the entries that r holds added, in the layout of
// the package comment. An entry takes the place of one of the same name. Keys
// that are not known, and figures that cannot be, are errors that name the line.
func (c *Catalog) Load(r io.Reader) (*Catalog, error) { return c.load(r, "catalogue") }

func (c *Catalog) load(r io.Reader, name string) (*Catalog, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var f file
	if err := decodeStrict(raw, &f); err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	next, err := c.merge(&f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return next, nil
}

func (c *Catalog) merge(f *file) (*Catalog, error) {
	for i := range f.Models {
		m := f.Models[i].model()
		if err := checkModel(&m); err != nil {
			return nil, fmt.Errorf("model %q: %w", m.Name, err)
		}
	}
	for i := range f.Devices {
		if err := f.Devices[i].check(); err != nil {
			return nil, fmt.Errorf("device %q: %w", f.Devices[i].Name, err)
		}
	}
	for _, n := range f.Nodes {
		if n.Name == "" || n.Devices <= 0 {
			return nil, fmt.Errorf("node %q: it needs a name and a positive number of devices, not %d", n.Name, n.Devices)
		}
	}
	next := &Catalog{
		models:  replace(c.models, f.Models),
		devices: replace(c.devices, f.Devices),
		nodes:   replace(c.nodes, f.Nodes),
	}
	if err := next.setKin(f.Devices); err != nil {
		return nil, err
	}
	return next, next.setPrices(f.Prices)
}

// setKin finds the devices that new ones are like, in the order of the file.
func (c *Catalog) setKin(added []deviceEntry) error {
	for _, e := range added {
		if e.Like == "" {
			continue
		}
		kin := find(c.devices, e.Like)
		if kin == nil {
			return fmt.Errorf("device %q is like: %w", e.Name, unknown("device", e.Like, c.devices))
		}
		find(c.devices, e.Name).Like = cmp.Or(kin.Like, kin.Name)
	}
	return nil
}

func (c *Catalog) setPrices(prices map[string]float64) error {
	for _, name := range slices.Sorted(maps.Keys(prices)) {
		d := find(c.devices, name)
		if d == nil {
			return fmt.Errorf("price: %w", unknown("device", name, c.devices))
		}
		if !positive(prices[name], true) {
			return fmt.Errorf("price of %q: %v must be finite and not negative", name, prices[name])
		}
		d.Price, d.PriceSource = prices[name], ""
	}
	return nil
}

// replace gives the old entries, those with a new one of the same name
// replaced, and the other new ones after them.
func replace[E entry](old, added []E) []E {
	merged := slices.Clone(old)
	for _, e := range added {
		name, _ := e.names()
		i := slices.IndexFunc(merged, func(o E) bool {
			own, _ := o.names()
			return strings.EqualFold(own, name)
		})
		if i < 0 {
			merged = append(merged, e)
		} else {
			merged[i] = e
		}
	}
	return merged
}

func (e *deviceEntry) check() error {
	if e.Name == "" {
		return fmt.Errorf("it has no name")
	}
	for _, v := range []struct {
		name string
		v    float64
		zero bool // allowed
	}{
		{"tflops", e.TFLOPS, false}, {"bandwidth_gbs", e.Bandwidth, false}, {"memory_gb", e.MemoryGB, false},
		{"sms", float64(e.SMs), false}, {"l2_mb", e.L2MB, true}, {"link_gbs", e.LinkGBs, true},
		{"watts", e.Watts, true}, {"price", e.Price, true},
	} {
		if !positive(v.v, v.zero) {
			return fmt.Errorf("%s %v must be positive", v.name, v.v)
		}
	}
	return nil
}

func positive(v float64, zero bool) bool {
	return v > 0 && !math.IsInf(v, 0) || zero && v == 0
}

const maxSize = 1 << 26 // of any dimension of a model: beyond it is a mistake

// checkModel reports the figures of a model that cannot be.
func checkModel(m *vidur.Model) error {
	if m.Name == "" {
		return fmt.Errorf("it has no name")
	}
	for _, v := range []struct {
		name string
		v    int
		zero bool // allowed
	}{
		{"layers", m.Layers, false}, {"hidden", m.Hidden, false}, {"q_heads", m.QHeads, false},
		{"kv_heads", m.KVHeads, false}, {"ffn", m.FFN, false}, {"vocab", m.Vocab, false},
		{"head_dim", m.HeadDim, true}, {"max_positions", m.MaxPositions, true},
	} {
		if v.v < 0 || v.v > maxSize || v.v == 0 && !v.zero {
			return fmt.Errorf("%s %d must be positive, and at most %d", v.name, v.v, maxSize)
		}
	}
	switch {
	case m.KVHeads > m.QHeads || m.QHeads%m.KVHeads != 0:
		return fmt.Errorf("%d KV heads do not divide %d query heads", m.KVHeads, m.QHeads)
	case m.HeadDim == 0 && m.Hidden%m.QHeads != 0:
		return fmt.Errorf("%d query heads do not divide the width %d, and there is no head_dim", m.QHeads, m.Hidden)
	}
	return nil
}
