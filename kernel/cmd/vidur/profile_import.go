package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/profile/imports"
	"github.com/govidur/govidur/vidur/spec"
)

const importHelp = `vidur profile import FILE|DIR ... --out DIR [flags]
    makes profiles of what another profiler wrote. DIR is new, or has earlier
    imports, which they go beside; nothing is written if something is wrong
  --model M --device D --tp N   what was profiled, where the file does not say
  --format F                    of the files, in place of what their content says:
                                %s
  --rules FILE                  further rules for names of kernels and layers, looked at first
  --batch B --prompt P          requests of each step, tokens of each prompt
  --cached N                    tokens of each request before the first step
  --phase prefill|decode        of all steps; else a prefill, and then decodes
  --gap US                      a step ends where no kernel runs for so long
  --skip N                      steps at the beginning that are left out
  --repeat N                    iterations that a printed table adds up
  --layers N                    in each step, if not the model's
  --choose X                    which GPU, rank or backend/version, of several
  --json                        prints what was imported as JSON
`

// importFlags are what the user says of the files.
type importFlags struct {
	model, device, format, rules string
	tp                           int
	json                         bool
	imports.Options

	ruled []*imports.Trace // files that make rules in place of profiles
}

func (f *importFlags) list() []spec.Flag {
	o := &f.Options
	return []spec.Flag{
		{Name: "model", Value: &f.model}, {Name: "device", Value: &f.device}, {Name: "tp", Value: &f.tp},
		{Name: "format", Value: &f.format}, {Name: "rules", Value: &f.rules}, {Name: "json", Value: &f.json},
		{Name: "batch", Value: &o.Batch}, {Name: "prompt", Value: &o.Prompt}, {Name: "cached", Value: &o.Cached},
		{Name: "phase", Value: &o.Phase}, {Name: "gap", Value: &o.Gap}, {Name: "skip", Value: &o.Skip},
		{Name: "repeat", Value: &o.Repeat}, {Name: "layers", Value: &o.Layers}, {Name: "choose", Value: &o.Choose},
	}
}

// profileImport converts files of other profilers.
func profileImport(ctx context.Context, args []string, std streams) error {
	n := 0
	for n < len(args) && !strings.HasPrefix(args[n], "-") {
		n++
	}
	if n < len(args) && (args[n] == "--help" || args[n] == "-h") {
		_, err := fmt.Fprintf(std.out, importHelp, strings.Join(imports.FormatNames(), ", "))
		return err
	}
	if n == 0 {
		return fmt.Errorf("profile import takes files or folders, and then flags")
	}
	var f importFlags
	parsed, err := spec.Parse(args[n:], f.list()...)
	if err != nil {
		return err
	}
	e := parsed.Experiment
	if e.Out == "" {
		return fmt.Errorf("profile import needs --out DIR")
	}
	if err := f.check(e); err != nil {
		return err
	}
	var results []*imports.Result
	err = unlessDone(ctx, func() (err error) {
		results, err = f.read(args[:n], e)
		return err
	})
	if err != nil {
		return err
	}
	if len(f.ruled) > 0 {
		if len(results) > 0 {
			return fmt.Errorf("%s makes rules, not profiles: import it alone", f.ruled[0].File)
		}
		return f.writeRules(std.out, e.Out)
	}
	if err := imports.Write(e.Out, results...); err != nil {
		return err
	}
	return f.report(std.out, e.Out, results)
}

// unlessDone is the error of a job that changes no file, or that of ctx if it ends
// before: what reads large files does not look at it, and is left to itself.
func unlessDone(ctx context.Context, job func() error) error {
	done := make(chan error, 1)
	go func() { done <- job() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// check looks at the flags, and finds the replica if the user named one.
func (f *importFlags) check(e *spec.Experiment) error {
	if f.Phase != "" && f.Phase != "prefill" && f.Phase != "decode" {
		return spec.Unknown("phase", f.Phase, []string{"prefill", "decode"})
	}
	if names := imports.FormatNames(); f.format != "" && !slices.Contains(names, f.format) {
		return spec.Unknown("format", f.format, names)
	}
	for _, v := range []struct {
		name  string
		value float64
	}{{"batch", float64(f.Batch)}, {"prompt", float64(f.Prompt)}, {"cached", float64(f.Cached)}, {"gap", f.Gap},
		{"skip", float64(f.Skip)}, {"repeat", float64(f.Repeat)}, {"layers", float64(f.Layers)}, {"tp", float64(f.tp)}} {
		if !(v.value >= 0 && v.value <= 1<<30) {
			return fmt.Errorf("--%s %v must be from 0 to 2^30", v.name, v.value)
		}
	}
	if f.Spec.TP = f.tp; f.model == "" || f.device == "" {
		return nil
	}
	var err error
	f.Spec, err = f.replica(e, &imports.Trace{})
	return err
}

func (f *importFlags) read(paths []string, e *spec.Experiment) ([]*imports.Result, error) {
	rules, err := imports.NewRules(f.rules)
	if err != nil {
		return nil, err
	}
	f.Rules = rules
	var results []*imports.Result
	for _, path := range paths {
		traces, err := imports.Open(path, f.format, f.Options)
		if err != nil {
			return nil, err
		}
		for _, t := range traces {
			if t.Rules != nil {
				f.ruled = append(f.ruled, t)
				continue
			}
			replica, err := f.replica(e, t)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.File, err)
			}
			noteOthers(e, t, &replica)
			r, err := imports.Convert(t, rules, replica)
			if err != nil {
				return nil, err
			}
			results = append(results, r)
		}
	}
	return results, nil
}

// noteOthers notes what a file says was profiled where it is not what the user says:
// another known device or model, another TP, and values of other than 16 bits.
func noteOthers(e *spec.Experiment, t *imports.Trace, as *vidur.ReplicaSpec) {
	cat, err := e.Names()
	if err != nil {
		return
	}
	differs := func(said, taken, flag string) {
		t.Notes = append(t.Notes, fmt.Sprintf("it says that %s was profiled; these are profiles of %s, as --%s says", said, taken, flag))
	}
	if of, err := cat.Device(deviceOf(cat, t.Device)); err == nil && of.Name != as.Device.Name {
		differs(t.Device, as.Device.Name, "device")
	}
	if of, err := cat.Model(t.Model); err == nil && of.Name != as.Model.Name {
		differs(t.Model, as.Model.Name, "model")
	}
	if t.TP > 0 && t.TP != max(as.TP, 1) {
		differs(fmt.Sprintf("TP %d", t.TP), fmt.Sprintf("TP %d", max(as.TP, 1)), "tp")
	}
	switch strings.TrimPrefix(strings.ToLower(t.DType), "torch.") {
	case "", "auto", "bf16", "bfloat16", "fp16", "float16", "half":
	default:
		t.Notes = append(t.Notes, fmt.Sprintf("values are of the type %s: between and beyond the sizes here the analytic model's slope is one of 16 bits, and so is the KV cache of simulations", t.DType))
	}
}

// replica is what a trace is of: what the user says, or else the file.
func (f *importFlags) replica(e *spec.Experiment, t *imports.Trace) (vidur.ReplicaSpec, error) {
	own := *e
	own.PP = 1
	cat, err := own.Names()
	if err != nil {
		return vidur.ReplicaSpec{}, err
	}
	if own.Model = f.model; own.Model == "" {
		own.Model = t.Model
	}
	if own.Device = f.device; own.Device == "" {
		own.Device = deviceOf(cat, t.Device)
	}
	if own.TP = f.tp; own.TP == 0 {
		own.TP = max(t.TP, 1)
	}
	if own.Model == "" || own.Device == "" {
		return vidur.ReplicaSpec{}, fmt.Errorf("it does not say which model on which device was profiled; --model and --device do")
	}
	return own.Hardware()
}

// deviceOf is the device of the catalogue that a word of a product's name is, as in
// NVIDIA A100-SXM4-80GB, or the name itself.
func deviceOf(cat *catalog.Catalog, product string) string {
	if _, err := cat.Device(product); err == nil {
		return product
	}
	words := strings.FieldsFunc(strings.ToLower(product), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for _, w := range words {
		if d, err := cat.Device(w); err == nil {
			return d.Name
		}
	}
	return product
}

// report says what was imported.
func (f *importFlags) report(w io.Writer, dir string, results []*imports.Result) error {
	if f.json {
		var list []imports.Source
		for _, r := range results {
			s, err := r.Source()
			if err != nil {
				return err
			}
			list = append(list, s)
		}
		return writeJSON(w, list)
	}
	for _, r := range results {
		t := r.Trace
		fmt.Fprintf(w, "%s: %s of %s, TP %d on %s\n", t.File, t.Format, r.Spec.Model.Name, r.Spec.TP, r.Spec.Device.Name)
		if err := printSteps(w, t.Steps); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s of profiles\n", count(len(r.Rows), "row"))
		for _, u := range r.Unclassified {
			fmt.Fprintf(w, "unclassified  %5.1f %%  %s\n", 100*u.Share, u.Name)
		}
		for _, note := range r.Notes {
			fmt.Fprintf(w, "note  %s\n", note)
		}
		fmt.Fprintln(w)
	}
	last := results[len(results)-1].Spec
	_, err := fmt.Fprintf(w, "%s is ready: vidur profile show --data %s --model %s --device %s --tp %d\n", dir, dir, last.Model.Name, last.Device.Name, last.TP)
	return err
}

// printSteps lists the first and the last of the steps.
func printSteps(w io.Writer, steps []imports.Step) error {
	if len(steps) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "step\trequests\ttokens\tcached\tkernels\tms\t")
	const ends = 4
	for i := range steps {
		if i == ends && len(steps) > 2*ends {
			fmt.Fprintf(t, "… %d more\t\t\t\t\t\t\n", len(steps)-2*ends)
		}
		if i >= ends && i < len(steps)-ends && len(steps) > 2*ends {
			continue
		}
		s := &steps[i]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%.3f\t\n", s.Name, s.Requests, s.Tokens, s.Cached, len(s.Kernels), s.Time()/1e3)
	}
	return t.Flush()
}
