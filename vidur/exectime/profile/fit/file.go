package fit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// File is a device file: a catalogue with one device (the layout of
// data/devices.json) and the figures of its operators (that of
// data/operators.json).
type File struct {
	Source    string        `json:"source"`
	Devices   []DeviceEntry `json:"devices"`
	Nodes     []NodeEntry   `json:"nodes,omitempty"`
	Operators Operators     `json:"operators"`
}

// DeviceEntry is a device as a catalogue has it.
type DeviceEntry struct {
	Name      string   `json:"name"`
	TFLOPS    float64  `json:"tflops"`
	Bandwidth float64  `json:"bandwidth_gbs"`
	MemoryGB  float64  `json:"memory_gb"`
	SMs       int      `json:"sms"`
	L2MB      float64  `json:"l2_mb"`
	GDDR      bool     `json:"gddr,omitempty"`
	LinkGBs   float64  `json:"link_gbs"`
	Watts     float64  `json:"watts"`
	Price     float64  `json:"price"`
	Nodes     []string `json:"nodes,omitempty"`
	Source    string   `json:"source"`
}

// NodeEntry is a node as a catalogue has it.
type NodeEntry struct {
	Name    string `json:"name"`
	Devices int    `json:"devices"`
	Source  string `json:"source"`
}

// File makes a device file of a result. The nodes are those that the catalogue
// lacks; the device is sold in them and in those that curves were fitted to.
func (r *Result) File(d vidur.Device, nodes []vidur.Node) *File {
	source := fmt.Sprintf("of %s, fitted to %s", d.Name, r.GPU.From)
	if len(r.Models) > 0 {
		source = fmt.Sprintf("fitted to profiles of %s: %s", d.Name, strings.Join(r.Models, ", "))
	}
	f := &File{Source: source, Operators: Operators{Source: source, GPUs: []GPU{r.GPU}, Accuracy: r.Accuracy}}
	e := DeviceEntry{d.Name, d.TFLOPS, d.Bandwidth, d.MemoryGB, d.SMs, d.L2MB, d.GDDR, d.LinkGBs, d.Watts, d.Price, nil, "datasheet, as given to the fit"}
	for _, n := range nodes {
		f.Nodes = append(f.Nodes, NodeEntry{n.Name, n.Devices, "as given to the fit"})
		e.Nodes = append(e.Nodes, n.Name)
	}
	for _, n := range r.Nodes {
		if len(n.AllReduce)+len(n.SendRecv) == 0 {
			continue
		}
		if f.Operators.Networks == nil {
			f.Operators.Networks = &Networks{}
		}
		f.Operators.Networks.Nodes = append(f.Operators.Networks.Nodes, n)
		known := false
		for _, name := range e.Nodes {
			known = known || name == n.Name
		}
		if !known {
			e.Nodes = append(e.Nodes, n.Name)
		}
	}
	f.Operators.GPUs[0].Note = strings.Join(r.Notes, "; ")
	f.Devices = []DeviceEntry{e}
	return f
}

// Write writes the file as JSON.
func (f *File) Write(w io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(f)
}

// ReadFile reads a device file. Unknown keys and figures that cannot be are
// errors.
func ReadFile(path string) (*File, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := new(File)
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err = d.Decode(f)
	if err == nil {
		if _, after := d.Token(); !errors.Is(after, io.EOF) {
			err = fmt.Errorf("something stands after the end")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, lineOf(raw, d.InputOffset(), err), err)
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func lineOf(raw []byte, offset int64, err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	} else if errors.As(err, &kind) {
		offset = kind.Offset
	}
	return 1 + bytes.Count(raw[:min(int(offset), len(raw))], []byte("\n"))
}

// check reports figures that cannot be.
func (f *File) check() error {
	if len(f.Devices) == 0 || len(f.Operators.GPUs) == 0 {
		return fmt.Errorf("it needs a device and the figures of its operators")
	}
	for i := range f.Operators.GPUs {
		g := &f.Operators.GPUs[i]
		if g.Name == "" || len(g.Devices) == 0 {
			return fmt.Errorf("figures need a name and the names of devices")
		}
		if err := g.check(); err != nil {
			return fmt.Errorf("figures of %q: %w", g.Name, err)
		}
	}
	if f.Operators.Networks == nil {
		return nil
	}
	for _, n := range f.Operators.Networks.Nodes {
		for _, c := range append(append([]Curve(nil), n.AllReduce...), n.SendRecv...) {
			if c.Devices < 2 || c.PerNode < 1 || !(c.Bandwidth > 0) || !plain(c.Floor, c.Latency, c.Bandwidth, c.Ramp) {
				return fmt.Errorf("curve of %q, %d devices, %d per node: figures must be finite and not negative, the bandwidth positive", n.Name, c.Devices, c.PerNode)
			}
		}
	}
	return nil
}

func (g *GPU) check() error {
	if len(g.GEMM.Tiles) != len(tileSizes) {
		return fmt.Errorf("%d sizes of GEMM tiles, %d are due", len(g.GEMM.Tiles), len(tileSizes))
	}
	for i, t := range g.GEMM.Tiles {
		if t.Rows != tileSizes[i][0] || t.Cols != tileSizes[i][1] {
			return fmt.Errorf("GEMM tile %d is %v × %v, %v × %v is due", i+1, t.Rows, t.Cols, tileSizes[i][0], tileSizes[i][1])
		}
	}
	for _, k := range allKinds() {
		if _, ok := g.Pointwise[string(k)]; !ok && formula(k) == kAdd {
			return fmt.Errorf("%s is missing", k)
		}
		v := g.vector(k)
		if !plain(v...) {
			return fmt.Errorf("%s: figures must be finite and not negative: %v", k, v)
		}
		for i, x := range v {
			if x == 0 && divides(k, i) {
				return fmt.Errorf("%s: figure %d must not be 0: %v", k, i+1, v)
			}
		}
	}
	return nil
}

// divides reports whether times are divided by a figure, or it is an exponent.
func divides(k kind, i int) bool {
	switch formula(k) {
	case kGEMM:
		return i == gNorm || i >= gTile
	case kPrefill:
		return i == aEfficiency
	case kDecode:
		return i == dEfficiency
	}
	return i == pEfficiency
}

func plain(values ...float64) bool {
	for _, v := range values {
		if !(v >= 0) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
