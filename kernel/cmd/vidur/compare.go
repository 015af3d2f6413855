package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/cart"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/spec"
)

// compared are the estimators of the table: figures for forests of 60 trees are
// known from scikit-learn.
func compared(seed uint64) []learn.Estimator {
	return []learn.Estimator{
		learn.Forest{Trees: 60, Seed: seed},
		learn.Poly{Degree: 3, Intercept: true},
		cart.Tree{MaxDepth: 20},
	}
}

// profileCompare prints, for every replica that a folder has profiles of, how
// far off estimators and the analytic model are.
func profileCompare(ctx context.Context, args []string, std streams) error {
	var device, model string
	parsed, err := spec.Parse(args, spec.Flag{Name: "only-device", Value: &device}, spec.Flag{Name: "only-model", Value: &model})
	if err != nil {
		return err
	}
	e := parsed.Experiment
	if e.Data == "" {
		return errors.New("profile compare needs --data DIR")
	}
	folders, err := profiled(e)
	if err != nil {
		return err
	}
	folders = slices.DeleteFunc(folders, func(f profiledFolder) bool {
		return device != "" && f.device != device || model != "" && f.model != model
	})
	if len(folders) == 0 {
		return fmt.Errorf("no profiles in %s are of device %q and model %q, as --only-device and --only-model say", e.Data, device, model)
	}
	return compareAll(ctx, folders, e, std)
}

// compareAll writes the table of the folders, each when it is done.
func compareAll(ctx context.Context, folders []profiledFolder, e *spec.Experiment, std streams) error {
	t := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "device\tmodel\tTP\toperator\trows\tforest %\tleast squares %\tCART %\tanalytic %\t")
	for _, f := range folders {
		e.Model, e.Device = f.modelAs, f.deviceAs
		for _, e.TP = range []int{1, 2, 4, 8} {
			err := compareOne(ctx, t, f, e)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if stranger := new(catalog.UnknownError); errors.As(err, &stranger) {
				fmt.Fprintf(std.err, "%s, %s: no %s %q in the catalogue: --%[3]s names a file that describes it\n", f.device, f.model, stranger.Kind, stranger.Name)
				break
			}
			if err != nil {
				fmt.Fprintf(std.err, "%s, %s, TP %d: %v\n", f.device, f.model, e.TP, err)
			}
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// profiledFolder is a folder of profiles: the names of its device and model, and
// what an experiment calls them.
type profiledFolder struct{ device, model, deviceAs, modelAs string }

// profiled are the folders below data that have profiles. The model and the device
// of the experiment, which may be files, are meant where their names are those of a
// folder.
func profiled(e *spec.Experiment) ([]profiledFolder, error) {
	own, err := e.Hardware()
	if err != nil {
		return nil, err
	}
	names, err := modelFolders(e.Data)
	if err != nil {
		return nil, err
	}
	var folders []profiledFolder
	for _, name := range names {
		f := profiledFolder{}
		f.device, f.model, _ = strings.Cut(name, "/")
		f.deviceAs, f.modelAs = f.device, f.model
		if f.device == own.Device.Name {
			f.deviceAs = e.Device
		}
		if f.model == own.Model.Name {
			f.modelAs = e.Model
		}
		folders = append(folders, f)
	}
	if len(folders) == 0 {
		return nil, fmt.Errorf("no profiles in %s", e.Data)
	}
	return folders, nil
}

// modelFolders are the folders, as device/model, that have profiles in data, which
// holds the folder profiling or is it.
func modelFolders(data string) ([]string, error) {
	root := os.DirFS(profile.Root(data))
	var all []string
	for _, depth := range []string{"*/*/", "*/*/*/"} { // names of models have a slash or none
		var folders []string
		for _, file := range []string{"mlp.csv", "mlp.csv.gz", "attention.csv", "attention.csv.gz"} {
			found, err := fs.Glob(root, "compute/"+depth+file)
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				folders = append(folders, strings.TrimPrefix(path.Dir(f), "compute/"))
			}
		}
		slices.Sort(folders)
		all = append(all, slices.Compact(folders)...)
	}
	return all, nil
}

func compareOne(ctx context.Context, w io.Writer, f profiledFolder, e *spec.Experiment) error {
	replica, err := e.Hardware()
	if err != nil {
		return err
	}
	figures, err := e.Figures()
	if err != nil {
		return err
	}
	set, err := profile.Read(e.Data, replica, profile.Options{Lenient: true})
	if err != nil {
		return err
	}
	list, err := trained.Compare(ctx, set, replica, exectime.AnalyticOptions{Figures: figures}, compared(e.Seed), learn.Folds{K: 10, Shuffle: true, Seed: e.Seed})
	if err != nil {
		return err
	}
	for _, c := range list {
		fmt.Fprintf(w, "%s\t%s\t%d\t%v\t%d\t", f.device, f.model, e.TP, c.Op, c.Rows)
		for _, v := range append(c.Errors, c.Analytic) {
			if math.IsNaN(v) {
				fmt.Fprint(w, "\t")
				continue
			}
			fmt.Fprintf(w, "%.1f\t", v)
		}
		fmt.Fprintln(w)
	}
	return nil
}
