package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/spec"
)

// profileCommand is one thing that can be done with profiles.
type profileCommand struct {
	verb
	more bool // it has help of its own
}

// profileCommands are all of them, in the order of the help.
var profileCommands = []profileCommand{
	{verb{"show", `vidur profile show [--model M] [--device D] [--tp T] [--data DIR] [--KEY VALUE ...] [--json]
    where each operator's time comes from, and how far off it may be. Keys are
    those of vidur simulate
`, profileShow}, false},
	{verb{"plan", `vidur profile plan [--model M] [--device D] [--budget 10m] [-o plan.json] [...]
    what to measure on a GPU, at which sizes and in which order; how long that
    takes and how much memory it needs
`, profilePlan}, true},
	{verb{"run", `vidur profile run --plan plan.json --out DIR [...]
    measures that with PyTorch, and goes on where it was cut
`, profileRun}, true},
	{verb{"import", `vidur profile import FILE|DIR ... --out DIR [--model M] [--device D] [...]
    makes profiles of what another profiler wrote: traces and tables of PyTorch,
    vLLM and others
`, profileImport}, true},
	{verb{"table", `vidur profile table FILE|DIR [--phase P] [--table summary|model] [...]
    prints a layerwise profile of vLLM, or what is predicted of one
`, profileTable}, true},
	{verb{"plot", `vidur profile plot FILE|DIR -o FIGURE [...]
    draws where the time of phases goes, rooflines, and predicted over measured
    times
`, profilePlot}, true},
	{verb{"check", `vidur profile check DIR [--device FILE] [--model FILE] [--catalog FILE] [--json]
    what is wrong in a folder of profiles; of a GPU or model that is not in the
    catalogue more is found with the file that describes it
`, profileCheck}, false},
	{verb{"fit", `vidur profile fit DIR --device D [--folder NAME] [--catalog FILE] --out FILE
vidur profile fit --aiconfigurator DIR --device D [--system S] [--backend B]
        [--backend-version V] [--all-reduce A] [--node N] --out FILE
    fits the analytic model to the profiles of a GPU, or to AIConfigurator's tables
    of one engine and version; --device takes the file.
    D is a name of the catalogue, for the datasheet; NAME its folder below
    profiling/compute, if that is another. Of a GPU that no catalogue has, what
    --memory, --tflops, --bandwidth, --sms, --l2, --link, --gddr and
    --gpus-per-node do not say is taken from the manifest of profile run, or
    estimated from the times
`, profileFit}, false},
	{verb{"compare", `vidur profile compare --data DIR [--only-device D] [--only-model M]
        [--model FILE] [--device FILE] [--catalog FILE]
    cross-validated error of forest, least squares and CART, and that of the
    analytic model, for every device, model, TP and operator there. Files describe
    those that are not in the catalogue
`, profileCompare}, false},
}

// profileVerb is what can be done with profiles of operators.
func profileVerb(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		for _, c := range profileCommands {
			fmt.Fprint(std.out, c.doc)
		}
		fmt.Fprint(std.out, "\nvidur profile VERB --help says more.\n")
		return nil
	}
	var names []string
	for _, c := range profileCommands {
		if c.name != args[0] {
			names = append(names, c.name)
			continue
		}
		if !c.more && (slices.Contains(args, "--help") || slices.Contains(args, "-h")) {
			fmt.Fprint(std.out, c.doc)
			return nil
		}
		return c.run(ctx, args[1:], std)
	}
	return spec.Unknown("verb of profile", args[0], names)
}

func profileShow(ctx context.Context, args []string, std streams) error {
	var asJSON bool
	parsed, err := spec.Parse(args, spec.Flag{Name: "json", Value: &asJSON})
	if err != nil {
		return err
	}
	replica, err := parsed.Experiment.Hardware()
	if err != nil {
		return err
	}
	if parsed.Experiment.AIConfigurator != "" {
		return showTables(parsed.Experiment, replica, std.out, asJSON)
	}
	t, err := parsed.Experiment.Learn(ctx, replica)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(std.out, t.Provenance())
	}
	fmt.Fprintf(std.out, "%s, TP %d, PP %d on %s in %s\n\n", replica.Model.Name, replica.TP, replica.PP, replica.Device.Name, replica.Node.Name)
	if err := printProvenance(std.out, t.Provenance()); err != nil {
		return err
	}
	if note := parsed.Experiment.WithoutProfiles(); note != "" {
		fmt.Fprintf(std.out, "note  %s\n", note)
	}
	for _, note := range append(parsed.Notes, t.Notes()...) {
		fmt.Fprintf(std.out, "note  %s\n", note)
	}
	return nil
}

func showTables(e *spec.Experiment, replica vidur.ReplicaSpec, w io.Writer, asJSON bool) error {
	source, err := e.Tables(replica)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(w, source.Origins())
	}
	fmt.Fprintf(w, "%s, TP %d, PP %d on %s: %s %s\n\n", replica.Model.Name, replica.TP, replica.PP, replica.Device.Name, source.ID.Backend, source.ID.Version)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operator\ttable\tnote\t")
	for _, o := range source.Origins() {
		table := "analytic model"
		if o.Path != "" {
			table = filepath.Base(o.Path)
		}
		fmt.Fprintf(t, "%v\t%s\t%s\t\n", o.Op, table, o.Note)
	}
	return t.Flush()
}

func printProvenance(w io.Writer, list []trained.Provenance) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operator\tsource\trows\terror %\ttraining %\testimator\trange\t")
	for _, p := range list {
		rows, training := "", ""
		if p.Rows > 0 {
			rows, training = fmt.Sprint(p.Rows), fmt.Sprintf("%.2f", p.TrainError)
		}
		fmt.Fprintf(t, "%v\t%v\t%s\t%.1f\t%s\t%s\t%s\t\n", p.Op, p.Source, rows, p.CVError, training, p.Estimator, p.Range)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nerror: mean absolute error by cross-validation, or of the analytic model on models it was not fitted to")
	for _, p := range list {
		if p.Note != "" {
			fmt.Fprintf(w, "note  %v: %s\n", p.Op, p.Note)
		}
	}
	return nil
}

func profileCheck(_ context.Context, args []string, std streams) error {
	dir, flags, err := checkedFolder(args)
	if err != nil {
		return err
	}
	var asJSON bool
	parsed, err := spec.Parse(flags, spec.Flag{Name: "json", Value: &asJSON})
	if err != nil {
		return err
	}
	cat, err := parsed.Experiment.Names()
	if err != nil {
		return err
	}
	own, err := cat.Model(parsed.Experiment.Model)
	if err != nil {
		return err
	}
	report, err := profile.Check(dir, ownModel{cat, own})
	if err != nil {
		return err
	}
	if asJSON {
		err = writeJSON(std.out, report)
	} else {
		_, err = fmt.Fprint(std.out, report)
	}
	if n := report.Count(profile.Error); err == nil && n > 0 {
		return fmt.Errorf("%s in %s", count(n, "error"), dir)
	}
	return err
}

// ownModel is a catalogue that knows the model of a file by its name too.
type ownModel struct {
	*catalog.Catalog
	own vidur.Model
}

// Model is that of the file, or of the catalogue.
func (c ownModel) Model(name string) (vidur.Model, error) {
	if name == c.own.Name {
		return c.own, nil
	}
	return c.Catalog.Model(name)
}

// checkedFolder takes the folder from the arguments of profile check: the first or the
// last of them.
func checkedFolder(args []string) (dir string, flags []string, err error) {
	n := len(args)
	switch {
	case n > 0 && !strings.HasPrefix(args[0], "-"):
		return args[0], args[1:], nil
	case n > 0 && !strings.HasPrefix(args[n-1], "-"):
		return args[n-1], args[:n-1], nil
	}
	return "", nil, fmt.Errorf("profile check takes one folder: vidur profile check DIR [flags]")
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
