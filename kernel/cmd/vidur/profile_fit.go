package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/internal/whole"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/aiconf"
	"github.com/govidur/govidur/vidur/exectime/profile/fit"
	"github.com/govidur/govidur/vidur/exectime/profile/measure"
	"github.com/govidur/govidur/vidur/spec"
)

// profileFit fits the analytic model to a folder of profiles, or to tables.
func profileFit(ctx context.Context, args []string, std streams) error {
	dir, folder, system := "", "", ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		dir, args = args[0], args[1:]
	}
	var card cardFlags
	parsed, err := spec.Parse(args, append(card.flags(), spec.Flag{Name: "folder", Value: &folder}, spec.Flag{Name: "system", Value: &system})...)
	if err != nil {
		return err
	}
	e := parsed.Experiment
	switch {
	case dir == "" && e.AIConfigurator == "":
		return fmt.Errorf("profile fit takes a folder and flags, or --aiconfigurator DIR")
	case dir != "" && e.AIConfigurator != "":
		return fmt.Errorf("a folder of profiles and --aiconfigurator do not go together")
	case strings.ContainsAny(folder, `/\`) || strings.HasPrefix(folder, "."):
		return fmt.Errorf("--folder: %q is no name of a folder below profiling/compute", folder)
	case e.Out == "":
		return fmt.Errorf("profile fit needs --out FILE")
	}
	cat, err := e.Names()
	if err != nil {
		return err
	}
	f := fitting{cat: cat, e: e, card: &card, dir: dir, folder: folder, system: system}
	if err := unlessDone(ctx, f.fit); err != nil { // what the job leaves behind may still be written to
		return err
	}
	var text bytes.Buffer
	if err := f.result.File(f.device, f.nodes()).Write(&text); err != nil {
		return err
	}
	if err := whole.Write(e.Out, text.Bytes()); err != nil {
		return err
	}
	reportFit(std.out, f.result)
	return nil
}

// fitting is one call of the verb.
type fitting struct {
	cat                 *catalog.Catalog
	e                   *spec.Experiment
	card                *cardFlags
	dir, folder, system string

	device vidur.Device
	result *fit.Result
}

// fit fits the device, which takes long.
func (f *fitting) fit() (err error) {
	var notes []string
	if f.dir == "" {
		notes, err = f.tables()
	} else if f.device, notes, err = fitDevice(f.cat, f.e.Device, f.dir, orText(f.folder, f.e.Device), f.card); err == nil {
		f.result, err = fit.Device(f.dir, f.device, fit.Options{Folder: f.folder})
	}
	if err == nil {
		f.result.Notes = append(notes, f.result.Notes...)
	}
	return err
}

// tables fits to AIConfigurator's tables; a GPU that no catalogue has is described
// by flags.
func (f *fitting) tables() (notes []string, err error) {
	if f.device, notes, err = f.card.device(f.cat, f.e.Device); err != nil {
		return nil, err
	}
	node := orText(f.e.Node, f.device.Name+"_node")
	if n, err := f.cat.DefaultNode(f.device.Name); err == nil && f.e.Node == "" {
		node = n.Name
	}
	l, err := aiconf.Open(f.e.AIConfigurator)
	if err != nil {
		return nil, err
	}
	if f.system == "" && aiconf.SystemOf(f.device.Name) == "" {
		return nil, fmt.Errorf("--system says which of the tables' systems %s is: %s", f.device.Name, strings.Join(systems(l), ", "))
	}
	f.result, err = fit.Tables(l, f.device, node, aiconf.Options{System: f.system, Backend: f.e.Backend, Version: f.e.BackendVersion, AllReduce: f.e.AllReduce})
	return notes, err
}

// systems are AIConfigurator's names of the GPUs that there are tables of.
func systems(l *aiconf.Library) []string {
	var names []string
	for _, t := range l.Tables() {
		names = append(names, t.System)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func reportFit(w io.Writer, result *fit.Result) {
	for _, a := range result.Accuracy {
		fmt.Fprintln(w, a)
	}
	for _, n := range result.Notes {
		fmt.Fprintln(w, "note ", n)
	}
}

// fitDevice is the datasheet of the device that is fitted. Of one that no
// catalogue has, the flags win, then what the manifest of a measurement says,
// then what the times themselves tell.
func fitDevice(cat *catalog.Catalog, name, dir, folder string, card *cardFlags) (vidur.Device, []string, error) {
	d, err := cat.Device(name)
	if err == nil {
		return d, nil, card.correct(&d)
	}
	m, manifestErr := measure.ReadManifest(dir)
	if manifestErr != nil && !errors.Is(manifestErr, fs.ErrNotExist) && !errors.Is(manifestErr, measure.ErrOther) {
		return d, nil, manifestErr
	}
	var h measure.Hello
	if m != nil {
		h = m.Hello
	}
	l2 := float64(h.L2Bytes) / 1e6
	if card.l2 > 0 {
		l2 = card.l2
	}
	d, estimateErr := fit.Estimate(dir, folder, l2)
	if estimateErr != nil {
		return d, nil, fmt.Errorf("%w; and as a new device it cannot be described: %w", err, estimateErr)
	}
	d.Name, d.L2MB, d.SMs, d.MemoryGB = name, l2, h.Units, float64(h.MemoryBytes)/(1<<30)
	notes := []string{fmt.Sprintf("no catalogue has %s: %.4g TFLOPS and %.4g GB/s are estimated from its fastest operators; --tflops and --bandwidth say better", name, d.TFLOPS, d.Bandwidth)}
	if err := card.correct(&d); err != nil {
		return d, nil, err
	}
	if card.tflops > 0 && card.bandwidth > 0 {
		notes = nil
	}
	if d.SMs == 0 {
		d.SMs = stranger.SMs
		notes = append(notes, fmt.Sprintf("%d SMs are assumed; --sms says how many", d.SMs))
	}
	if d.MemoryGB == 0 {
		return d, nil, fmt.Errorf("no catalogue has a GPU called %q, and no manifest says how much memory it has: --memory does, such as 80GiB", name)
	}
	return d, notes, nil
}

// nodes are those of the curves that the catalogue lacks.
func (f *fitting) nodes() []vidur.Node {
	var nodes []vidur.Node
	for _, n := range f.result.Nodes {
		if _, err := f.cat.Node(n.Name); err == nil || len(n.AllReduce)+len(n.SendRecv) == 0 {
			continue
		}
		node := vidur.Node{Name: n.Name, Devices: f.card.perNode}
		for _, c := range n.AllReduce {
			node.Devices = max(node.Devices, c.PerNode)
		}
		if m, err := measure.ReadManifest(f.dir); err == nil && f.dir != "" && f.card.perNode == 0 {
			node.Devices = max(node.Devices, m.Hello.Count)
		}
		if node.Devices == 0 {
			node.Devices = 8
		}
		nodes = append(nodes, node)
	}
	return nodes
}
