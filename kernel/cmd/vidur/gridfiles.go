package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/govidur/govidur/kernel/internal/whole"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// writeGrid writes the files of a sweep or a search, each at once and whole: a
// reader sees the earlier one or the new one.
func writeGrid(dir string, e *spec.Experiment, res *search.Results) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	about := res.About()
	df := frames.Sweep(res)
	files := []struct {
		name  string
		write func(io.Writer) error
	}{
		{search.ResultsFile, func(w io.Writer) error { return frames.WriteCSV(w, df) }},
		{"results.parquet", func(w io.Writer) error { return frames.WriteParquet(w, df) }},
		{search.ProbesFile, func(w io.Writer) error { return writeProbes(w, res) }},
		{"experiment.yaml", func(w io.Writer) error { return writeExperiment(w, e) }},
		{search.AboutFile, func(w io.Writer) error { return writeJSON(w, about) }},
	}
	for _, f := range files {
		if f.name == search.ProbesFile && about.Kind != "search" {
			if err := os.Remove(filepath.Join(dir, f.name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			continue
		}
		var text bytes.Buffer
		if err := f.write(&text); err != nil {
			return err
		}
		if err := whole.Write(filepath.Join(dir, f.name), text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// writeConfiguration writes the configuration of a search beside its results, or
// removes that of another one.
func writeConfiguration(dir string, text []byte) error {
	path := filepath.Join(dir, configName)
	if text != nil {
		return whole.Write(path, text)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func writeProbes(w io.Writer, res *search.Results) error {
	table := res.ProbeTable()
	df, err := frames.FromColumns(table.Names(), table.Column)
	if err != nil {
		return err
	}
	return frames.WriteCSV(w, df)
}

func writeExperiment(w io.Writer, e *spec.Experiment) error {
	text, err := e.YAML()
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

// mostRows is how many rows of results are printed.
const mostRows = 20

// shownFigures are the columns that are printed.
var shownFigures = map[string][]string{
	"sweep":  {"ttft_p50_s", "ttft_p99_s", "tbt_p99_s", "e2e_p50_s", "requests_per_s", "output_tokens_per_s", "cost_usd"},
	"search": {"capacity_qps", "qps_per_gpu", "qps_per_usd", "ttft_p90_s", "tbt_p99_s", "delay_p99_s", "probes"},
}

// order is in which order rows are printed: of a search the best first, of a sweep
// as they are.
func order(res *search.Results, columns [][]float64) []int {
	rows := make([]int, res.Len())
	for i := range rows {
		rows[i] = i
	}
	if res.About().Kind != "search" {
		return rows
	}
	goal := columns[2] // capacity per dollar
	if !slices.ContainsFunc(goal, func(v float64) bool { return v == v }) {
		goal = columns[0]
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(goal[b], goal[a]) }) // NaN is least
	return rows
}

// printRow prints a point and n figures.
func printRow(w io.Writer, row *search.Row, figure func(int) float64, n int) {
	for _, c := range row.Point {
		fmt.Fprintf(w, "%v\t", c.Value)
	}
	for k := range n {
		switch v := figure(k); {
		case row.Err != nil && k == 0:
			fmt.Fprint(w, "cannot run\t")
		case v == v:
			fmt.Fprintf(w, "%.4g\t", v)
		default:
			fmt.Fprint(w, "\t")
		}
	}
	fmt.Fprintln(w)
}

// printGrid prints the first rows, some columns of them.
func printGrid(w io.Writer, res *search.Results) error {
	about := res.About()
	var header []string
	for _, a := range about.Axes {
		header = append(header, a.Name)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, name := range append(header, shownFigures[about.Kind]...) {
		fmt.Fprintf(t, "%s\t", name)
	}
	fmt.Fprintln(t)
	columns := make([][]float64, len(shownFigures[about.Kind]))
	for k, name := range shownFigures[about.Kind] {
		var err error
		if columns[k], err = res.Floats(name); err != nil {
			return err
		}
	}
	for _, i := range order(res, columns)[:min(res.Len(), mostRows)] {
		printRow(t, &res.Rows()[i], func(k int) float64 { return columns[k][i] }, len(columns))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if more := res.Len() - mostRows; more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	fmt.Fprintln(w)
	return nil
}
