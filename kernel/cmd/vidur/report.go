package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"

	pages "github.com/govidur/govidur/kernel/report"
	"github.com/govidur/govidur/vidur/search"
)

const reportHelp = `vidur report [FLAGS] DIR

Writes a page of the results in a folder of vidur search or vidur sweep: what is
best, Pareto fronts, cost, two configurations side by side, how the search went.
It is one HTML file that opens from disk and needs no network. The same results
give the same bytes.

`

// configName is a configuration of a search in its folder of results.
const configName = "search.yaml"

// reportFlags are the flags of report.
type reportFlags struct {
	out, title, config string
	limits             []search.Criterion
	budget             float64
	runs               int
}

func (f *reportFlags) set() *flag.FlagSet {
	set := flag.NewFlagSet("report", flag.ContinueOnError)
	set.StringVar(&f.out, "o", "", "the page; - is standard output [DIR/report.html]")
	set.StringVar(&f.title, "title", "", "what stands above it")
	set.StringVar(&f.config, "config", "", "configuration of the original's vidur-search that the results are of [DIR/"+configName+"]")
	set.Float64Var(&f.budget, "budget", 100, "what the page's question of cost begins with, in $ per hour")
	set.IntVar(&f.runs, "runs", 24, "configurations that are simulated again for distributions, at most")
	set.Func("limit", `limit by which configurations are judged at first, like "ttft p90 <= 2", in s; may be repeated [those of the search, else TTFT P90 2 s, TBT P99 0.2 s]`, func(value string) error {
		c, err := search.ParseCriterion(value)
		f.limits = append(f.limits, c)
		return err
	})
	return set
}

// reportVerb writes a page of results.
func reportVerb(ctx context.Context, args []string, std streams) error {
	f := &reportFlags{}
	set := f.set()
	var dirs []string
	for more := true; more; more = len(args) > 0 {
		if done, err := parseFlags(set, args, reportHelp, std.out); done || err != nil {
			return err
		}
		if args = set.Args(); len(args) > 0 {
			dirs, args = append(dirs, args[0]), args[1:]
		}
	}
	if len(dirs) != 1 {
		return errors.New("of which results? vidur report DIR, a folder of vidur search or vidur sweep")
	}
	if f.runs < 0 || !(f.budget > 0) || math.IsInf(f.budget, 0) {
		return fmt.Errorf("runs is %d and budget %g: they must be at least 0 and above 0", f.runs, f.budget)
	}
	return f.write(ctx, dirs[0], std)
}

func (f *reportFlags) write(ctx context.Context, dir string, std streams) error {
	r, err := pages.Read(dir)
	if err != nil {
		return err
	}
	r.Budget = f.budget
	if f.title != "" {
		r.Title = f.title
	}
	if f.limits != nil {
		if err := r.SetLimits(f.limits...); err != nil {
			return err
		}
	}
	if err := f.jobs(dir, r); err != nil {
		return err
	}
	if err := r.Simulate(ctx, f.runs); err != nil {
		return err
	}
	page, err := r.HTML()
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = filepath.Join(dir, "report.html")
	}
	if err := writeWhole(f.out, page, std); err != nil || f.out == "-" {
		return err
	}
	fmt.Fprintln(std.out, f.out)
	return nil
}

// jobs tells the report of the configuration of a search, if there is one.
func (f *reportFlags) jobs(dir string, r *pages.Report) error {
	path := f.config
	if path == "" {
		path = filepath.Join(dir, configName)
		if _, err := os.Stat(path); err != nil {
			return nil
		}
	}
	file, err := search.ReadOriginalFile(path)
	if err != nil {
		return err
	}
	r.SetJobs(file.Jobs())
	return nil
}
