package report

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// experimentFile is the base experiment in a folder of results.
const experimentFile = "experiment.yaml"

// probe is a rate that a search has tried.
type probe struct {
	row, number int
	seed        string
	qps         float64 // requests per s
	met         bool
	latency     float64 // s, NaN if it was not measured
}

// Read makes a report of the results in a folder that `vidur search` or `vidur
// sweep` wrote: what [search.ReadResults] reads, and, if they are there, the probes
// and the base experiment.
func Read(dir string) (*Report, error) {
	results, about, err := search.ReadResults(dir)
	if err != nil {
		return nil, err
	}
	r := &Report{about: about}
	path := filepath.Join(dir, search.ProbesFile)
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		if r.probes, err = readProbes(f, results); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if r.base, err = readBase(filepath.Join(dir, experimentFile)); err != nil {
		return nil, err
	}
	return r, r.prepare(results)
}

// readBase reads the base experiment; nil if there is none.
func readBase(path string) (*spec.Experiment, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	parsed, err := spec.Parse([]string{"--config", path})
	if err != nil {
		return nil, err
	}
	return parsed.Experiment, nil
}

// probeColumns stand behind the axes in a file of probes.
var probeColumns = []string{"probe", "probe_seed", "probe_qps", "met", "latency_s"}

// readProbes reads a file of probes of results.
func readProbes(from io.Reader, results *search.Results) ([]probe, error) {
	in := csv.NewReader(from)
	header, err := in.Read()
	if err != nil {
		return nil, err
	}
	axes := results.About().Axes
	if len(header) != len(axes)+len(probeColumns) || !slices.Equal(header[len(axes):], probeColumns) {
		return nil, fmt.Errorf("the columns are %s, not the axes and %s", strings.Join(header, ", "), strings.Join(probeColumns, ", "))
	}
	rows := map[string]int{}
	for i, row := range results.Rows() {
		rows[placeOf(row.Point)] = i
	}
	var probes []probe
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return probes, nil
		}
		if err != nil { // says the line
			return nil, err
		}
		p, err := readProbe(cells, axes, rows)
		if err != nil {
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		probes = append(probes, p)
	}
}

// readProbe reads a line.
func readProbe(cells []string, axes []search.Axis, rows map[string]int) (probe, error) {
	point := make(search.Point, len(axes))
	var errs []error
	for i, a := range axes {
		v, err := a.Parse(cells[i])
		point[i], errs = search.Coordinate{Name: a.Name, Value: v}, append(errs, err)
	}
	row, known := rows[placeOf(point)]
	if !known {
		errs = append(errs, fmt.Errorf("there are no results of %s", point))
	}
	cells = cells[len(axes):]
	p := probe{row: row, seed: cells[1]}
	var err error
	p.number, err = strconv.Atoi(cells[0])
	errs = append(errs, err)
	p.qps, err = strconv.ParseFloat(cells[2], 64)
	errs = append(errs, err)
	p.met, err = strconv.ParseBool(cells[3])
	errs = append(errs, err)
	p.latency, err = number(cells[4])
	return p, errors.Join(append(errs, err)...)
}
