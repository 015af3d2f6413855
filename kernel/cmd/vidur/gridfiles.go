package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/govidur/govidur/kernel/internal/whole"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// writeGrid writes the files of a sweep or a search, each at once and whole: a
// reader sees the earlier one or the new one. Rows are in memory a piece at a time.
func writeGrid(dir string, e *spec.Experiment, res *search.Results) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	about := res.About()
	if there, err := aboutIn(dir); err != nil || there.Grid != about.Grid { // what it says is not of the files that come now
		if err := removeFile(filepath.Join(dir, search.AboutFile)); err != nil {
			return err
		}
	}
	files := []struct {
		name  string
		write func(io.Writer) error
	}{
		{search.ResultsFile, func(w io.Writer) error { return writeRows(w, res) }},
		{"results.parquet", func(w io.Writer) error { return writeParquet(w, res) }},
		{search.ProbesFile, func(w io.Writer) error { return writeProbes(w, res) }},
		{"experiment.yaml", func(w io.Writer) error { return writeExperiment(w, e) }},
		{search.AboutFile, func(w io.Writer) error { return writeJSON(w, about) }},
	}
	for _, f := range files {
		if f.name == search.ProbesFile && about.Kind != "search" {
			if err := removeFile(filepath.Join(dir, f.name)); err != nil {
				return err
			}
			continue
		}
		if err := whole.WriteWith(filepath.Join(dir, f.name), f.write); err != nil {
			return err
		}
	}
	return nil
}

// pieceRows is how many rows are written at a time: a multiple of 1024, so that the
// bytes of Parquet do not depend on there being pieces.
const pieceRows = 1 << 10

// inPieces calls write with the rows of results, piece by piece.
func inPieces(res *search.Results, write func(*search.Results) error) error {
	for from := 0; from == 0 || from < res.Len(); from += pieceRows {
		part, err := res.Part(from, min(from+pieceRows, res.Len()))
		if err != nil {
			return err
		}
		if err := write(part); err != nil {
			return err
		}
	}
	return nil
}

func writeRows(w io.Writer, res *search.Results) error {
	out := frames.NewCSVWriter(w)
	return inPieces(res, func(part *search.Results) error { return out.Write(frames.Sweep(part)) })
}

func writeParquet(w io.Writer, res *search.Results) error {
	out := frames.NewParquetWriter(w)
	if err := inPieces(res, func(part *search.Results) error { return out.Write(frames.Sweep(part)) }); err != nil {
		return err
	}
	return out.Close()
}

// unlike is an error if the folder of results has those of something else, which
// would be overwritten.
func (g *grid) unlike(to search.About) error {
	if g.force || g.shard != "" {
		return nil
	}
	there, err := aboutIn(g.out)
	switch {
	case isRun(g.out):
		there.Kind = "run"
	case errors.Is(err, os.ErrNotExist), err == nil && there.Grid == to.Grid:
		return nil
	}
	return fmt.Errorf("%s has results of another %s; --out DIR puts these elsewhere, --force overwrites those", g.out, cmp.Or(there.Kind, "program"))
}

// aboutIn is what the results in a folder are of.
func aboutIn(dir string) (about search.About, err error) {
	text, err := os.ReadFile(filepath.Join(dir, search.AboutFile))
	if err == nil {
		err = json.Unmarshal(text, &about)
	}
	return about, err
}

// writeConfiguration writes the configuration of a search beside its results, or
// removes that of another one.
func writeConfiguration(dir string, text []byte) error {
	path := filepath.Join(dir, configName)
	if text != nil {
		return whole.Write(path, text)
	}
	return removeFile(path)
}

// removeFile removes a file if it is there.
func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func writeProbes(w io.Writer, res *search.Results) error {
	out := frames.NewCSVWriter(w)
	return inPieces(res, func(part *search.Results) error {
		table := part.ProbeTable()
		df, err := frames.FromColumns(table.Names(), table.Column)
		if err != nil {
			return err
		}
		return out.Write(df)
	})
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

// order is in which order rows are printed: of a search the best first and those that
// no rate bounds behind them, of a sweep as they are.
func order(res *search.Results, columns [][]float64) []int {
	rows := make([]int, res.Len())
	for i := range rows {
		rows[i] = i
	}
	over, err := res.Floats("over_qps")
	if err != nil { // a sweep
		return rows
	}
	goal := columns[2] // capacity per dollar
	if !slices.ContainsFunc(goal, func(v float64) bool { return v == v }) {
		goal = columns[0]
	}
	bounded := func(i int) int {
		if over[i] == over[i] {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(rows, func(a, b int) int { // NaN is least
		return cmp.Or(cmp.Compare(bounded(b), bounded(a)), cmp.Compare(goal[b], goal[a]))
	})
	return rows
}

// mostReasons is how many reasons why points cannot run are printed.
const mostReasons = 5

// printReasons says why points cannot run: each reason once, with the first point.
func printReasons(w io.Writer, res *search.Results) error {
	column, err := res.Column("error")
	if err != nil {
		return err
	}
	var first []int
	count := map[string]int{}
	texts, _ := column.([]string)
	for i, text := range texts {
		if count[text]++; text != "" && count[text] == 1 {
			first = append(first, i)
		}
	}
	for _, i := range first[:min(len(first), mostReasons)] {
		row, err := res.Part(i, i+1)
		if err != nil {
			return err
		}
		more := ""
		if n := count[texts[i]] - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more)", n)
		}
		fmt.Fprintf(w, "cannot run%s: %s\n", more, strings.TrimPrefix(oneLine(row.Rows()[0].Err), "search: "))
	}
	return nil
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
		row, err := res.Part(i, i+1)
		if err != nil {
			return err
		}
		printRow(t, &row.Rows()[0], func(k int) float64 { return columns[k][i] }, len(columns))
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
