package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/govidur/govidur/kernel/internal/whole"
	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
	"github.com/govidur/govidur/vidur/spec"
)

const profileTableHelp = `vidur profile table FILE [--phase P] [--table T] [--csv | --json]
    prints a layerwise profile of vLLM, JSON or CSV, as vLLM's
    print_layerwise_table.py does
vidur profile table [DIR] --batch B --prompt P [--steps N] [--model M]
        [--device D] [--tp T] [--KEY VALUE ...] [-o FILE]
    prints the same tables of predicted times: learnt from the profiles in DIR,
    or analytic without. With -o all phases go into a file that vLLM's tools and
    this verb read
  --phase P    prefill [default] or decode_1, decode_2, ...
  --table T    summary [default], or model: a row for every call
  --steps N    decode steps [1]
  --csv        as the profiler's --csv; --json as its --json

Keys are those of vidur simulate.
`

// tableFlags say what is printed.
type tableFlags struct {
	phase, table         string
	json, csv            bool
	batch, prompt, steps int
}

// profileTable prints a layerwise profile, measured or predicted.
func profileTable(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" {
		_, err := fmt.Fprint(std.out, profileTableHelp)
		return err
	}
	path, rest := operand(args)
	f := tableFlags{phase: "prefill", table: layerwise.Summary, steps: 1}
	parsed, err := spec.Parse(spellOut(rest), []spec.Flag{
		{Name: "phase", Value: &f.phase}, {Name: "table", Value: &f.table}, {Name: "json", Value: &f.json}, {Name: "csv", Value: &f.csv},
		{Name: "batch", Value: &f.batch}, {Name: "prompt", Value: &f.prompt}, {Name: "steps", Value: &f.steps},
	}...)
	if err != nil {
		return err
	}
	e := parsed.Experiment
	p, err := f.open(ctx, path, e)
	if err != nil {
		return err
	}
	for _, note := range append(parsed.Notes, p.Notes...) {
		fmt.Fprintf(std.err, "note  %s\n", note)
	}
	if e.Out != "" {
		return whole.WriteWith(e.Out, p.Write)
	}
	return f.print(p, std)
}

// operand takes a path before the flags off.
func operand(args []string) (path string, rest []string) {
	if strings.HasPrefix(args[0], "-") {
		return "", args
	}
	return args[0], args[1:]
}

// open reads a file, or predicts from a folder of profiles, or without.
func (f *tableFlags) open(ctx context.Context, path string, e *spec.Experiment) (*layerwise.Profile, error) {
	if path != "" {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return layerwise.Read(path)
		}
		e.Data = path
	}
	if f.batch == 0 || f.prompt == 0 {
		return nil, fmt.Errorf("a prediction needs --batch and --prompt; a measured profile needs its FILE")
	}
	replica, err := e.Hardware()
	if err != nil {
		return nil, err
	}
	times, err := e.OperatorTimes(ctx, replica)
	if err != nil {
		return nil, err
	}
	return layerwise.Simulate(replica, times, layerwise.Sizes{Batch: f.batch, Prompt: f.prompt, Steps: f.steps})
}

func (f *tableFlags) print(p *layerwise.Profile, std streams) error {
	ph, err := p.Phase(f.phase)
	switch {
	case err != nil:
		return err
	case f.json && f.csv:
		return fmt.Errorf("either --json or --csv")
	case f.json:
		return ph.JSON(std.out, f.table)
	case f.csv:
		return ph.CSV(std.out, f.table)
	}
	return ph.Table(std.out, f.table)
}
