package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"text/tabwriter"

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
	t := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "device\tmodel\tTP\toperator\trows\tforest %\tleast squares %\tCART %\tanalytic %\t")
	files, err := filepath.Glob(filepath.Join(e.Data, "profiling", "compute", "*", "*", "*", "mlp.csv"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("no profiles in %s", e.Data))
	}
	for _, file := range files {
		folder := filepath.Dir(file)
		e.Model = filepath.Base(filepath.Dir(folder)) + "/" + filepath.Base(folder)
		e.Device = filepath.Base(filepath.Dir(filepath.Dir(folder)))
		if device != "" && e.Device != device || model != "" && e.Model != model {
			continue
		}
		for _, e.TP = range []int{1, 2, 4, 8} {
			if err := compareOne(ctx, t, e); err != nil {
				fmt.Fprintf(std.err, "%s, %s, TP %d: %v\n", e.Device, e.Model, e.TP, err)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func compareOne(ctx context.Context, w io.Writer, e *spec.Experiment) error {
	replica, err := e.Hardware()
	if err != nil {
		return err
	}
	set, err := profile.Read(e.Data, replica, profile.Options{Lenient: true})
	if err != nil {
		return err
	}
	list, err := trained.Compare(ctx, set, replica, exectime.AnalyticOptions{}, compared(e.Seed), learn.Folds{K: 10, Shuffle: true, Seed: e.Seed})
	if err != nil {
		return err
	}
	for _, c := range list {
		fmt.Fprintf(w, "%s\t%s\t%d\t%v\t%d\t", e.Device, e.Model, e.TP, c.Op, c.Rows)
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
