package spec

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
)

// Names is the catalogue that the experiment's names are looked up in: the
// built-in one, the Catalog file, and the device file if Device is one.
func (e *Experiment) Names() (*catalog.Catalog, error) {
	cat := catalog.Default()
	for _, path := range e.catalogs() {
		var err error
		if cat, err = cat.Overlay(path); err != nil {
			return nil, err
		}
	}
	return cat, nil
}

func (e *Experiment) catalogs() []string {
	var paths []string
	if e.Catalog != "" {
		paths = append(paths, e.Catalog)
	}
	if e.deviceFile() {
		paths = append(paths, e.Device)
	}
	return paths
}

// deviceFile reports whether the device is named by a file that describes it, as
// a fit to profiles writes them.
func (e *Experiment) deviceFile() bool { return strings.HasSuffix(e.Device, ".json") }

// Hardware is the replicas' kind by name: model, devices and node, without a
// predictor.
func (e *Experiment) Hardware() (vidur.ReplicaSpec, error) {
	cat, err := e.Names()
	if err != nil {
		return vidur.ReplicaSpec{}, err
	}
	device := e.Device
	if e.deviceFile() {
		if device, err = onlyDevice(e.Device); err != nil {
			return vidur.ReplicaSpec{}, err
		}
	}
	spec, err := cat.Replica(e.Model, device, e.TP, e.PP)
	if err == nil && e.Node != "" {
		spec.Node, err = cat.Node(e.Node)
	}
	if err == nil {
		err = spec.CheckParallel()
	}
	spec.BlockSize = e.blockSize()
	return spec, err
}

// onlyDevice is the name of the device in a device file.
func onlyDevice(path string) (string, error) {
	var file struct{ Devices []struct{ Name string } }
	if err := readJSON(path, &file); err != nil {
		return "", err
	}
	if len(file.Devices) != 1 {
		return "", fmt.Errorf("%s has %d devices; a device file has one", path, len(file.Devices))
	}
	return file.Devices[0].Name, nil
}

// Figures are those of the operators in the experiment's catalogues, for the
// analytic model; empty if there are none. The last file that has some counts.
func (e *Experiment) Figures() (string, error) {
	text := ""
	for _, path := range e.catalogs() {
		var file struct{ Operators json.RawMessage }
		if err := readJSON(path, &file); err != nil {
			return "", err
		}
		if len(file.Operators) > 0 {
			text = string(file.Operators)
		}
	}
	return text, nil
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
