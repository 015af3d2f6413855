package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/govidur/govidur/kernel/internal/whole"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/profile/fit"
	"github.com/govidur/govidur/vidur/exectime/profile/measure"
	"github.com/govidur/govidur/vidur/spec"
)

// profileFit fits the analytic model to a folder of profiles.
func profileFit(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return fmt.Errorf("profile fit takes a folder and flags")
	}
	dir, folder := args[0], ""
	var card cardFlags
	parsed, err := spec.Parse(args[1:], append(card.flags(), spec.Flag{Name: "folder", Value: &folder})...)
	if err != nil {
		return err
	}
	if strings.ContainsAny(folder, `/\`) || strings.HasPrefix(folder, ".") {
		return fmt.Errorf("--folder: %q is no name of a folder below profiling/compute", folder)
	}
	e := parsed.Experiment
	if e.Out == "" {
		return fmt.Errorf("profile fit needs --out FILE")
	}
	cat, err := e.Names()
	if err != nil {
		return err
	}
	device, notes, err := fitDevice(cat, e.Device, dir, orText(folder, e.Device), &card)
	if err != nil {
		return err
	}
	result, err := fitted(ctx, dir, device, folder)
	if err != nil {
		return err
	}
	result.Notes = append(notes, result.Notes...)
	var text bytes.Buffer
	if err := result.File(device, fitNodes(cat, result, dir, &card)).Write(&text); err != nil {
		return err
	}
	if err := whole.Write(e.Out, text.Bytes()); err != nil {
		return err
	}
	reportFit(std.out, result)
	return nil
}

// fitted is fit.Device, which takes long, until ctx ends.
func fitted(ctx context.Context, dir string, device vidur.Device, folder string) (*fit.Result, error) {
	var result *fit.Result
	err := unlessDone(ctx, func() (err error) {
		result, err = fit.Device(dir, device, fit.Options{Folder: folder})
		return err
	})
	if err != nil {
		return nil, err // what the job left behind may still be written to
	}
	return result, nil
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

// fitNodes are the nodes of the curves that the catalogue lacks.
func fitNodes(cat *catalog.Catalog, result *fit.Result, dir string, card *cardFlags) []vidur.Node {
	var nodes []vidur.Node
	for _, n := range result.Nodes {
		if _, err := cat.Node(n.Name); err == nil || len(n.AllReduce)+len(n.SendRecv) == 0 {
			continue
		}
		node := vidur.Node{Name: n.Name, Devices: card.perNode}
		for _, c := range n.AllReduce {
			node.Devices = max(node.Devices, c.PerNode)
		}
		if m, err := measure.ReadManifest(dir); err == nil && card.perNode == 0 {
			node.Devices = max(node.Devices, m.Hello.Count)
		}
		if node.Devices == 0 {
			node.Devices = 8
		}
		nodes = append(nodes, node)
	}
	return nodes
}
