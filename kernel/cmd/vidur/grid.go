package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/search/queue"
	"github.com/govidur/govidur/vidur/spec"
	"github.com/govidur/govidur/vidur/wandb"
)

// grid is what the flags of sweep and search come to.
type grid struct {
	experiment *spec.Experiment
	options    []search.Option // axes and settings
	out, store string
	queue      queue.Options
	shard      string // "i/n"; "" is the whole
	collect    bool
	force      bool
	quiet      bool
	help       bool
	notes      []string

	configuration []byte // of the original's search; nil if there is none
}

// gridFlag is a flag of sweep or search that is no key of an experiment.
type gridFlag struct {
	name string
	doc  string
	bare bool // takes no value
	set  func(value string) error
}

// option is a flag that adds an option.
func (g *grid) option(name, doc string, of func(value string) (search.Option, error)) gridFlag {
	return gridFlag{name: name, doc: doc, set: func(value string) error {
		o, err := of(value)
		g.options = append(g.options, o)
		return err
	}}
}

// text is a flag whose value is kept as it is.
func text(name, doc string, to *string) gridFlag {
	return gridFlag{name: name, doc: doc, set: func(value string) error { *to = value; return nil }}
}

// yes is a flag without a value.
func yes(name, doc string, to *bool) gridFlag {
	return gridFlag{name: name, doc: doc, bare: true, set: func(string) error { *to = true; return nil }}
}

// count is a flag whose value is a whole number.
func (g *grid) count(name, doc string, of func(int) search.Option) gridFlag {
	return g.option(name, doc, func(value string) (search.Option, error) {
		n, err := wholeNumber(value)
		return of(n), err
	})
}

func wholeNumber(value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", value)
	}
	return n, nil
}

// flags are those that sweep and search have in common.
func (g *grid) flags() []gridFlag {
	return append([]gridFlag{
		g.option("over", "NAME=V1,V2,...: an axis of a key of the experiment; several are combined, the last varies fastest; 1..5 is 1 to 5; a list with ; has values with commas", overFlag),
		g.option("seeds", "1..5 or 1,2,3: an axis of seeds", seedsFlag),
		text("out", "folder of the results [results]", &g.out),
		text("store", "folder of what was simulated so far, which several processes may share [OUT/store]", &g.store),
		text("shard", "I/N: does one of N parts of the grid, I from 1 to N, and writes to the store only", &g.shard),
		yes("force", "overwrite results of another sweep or search in OUT", &g.force),
		yes("collect", "simulates nothing: writes the results of what is in the store", &g.collect),
		g.count("workers", "simulations at once [as many as cores]", search.Workers),
		yes("quiet", "print nothing but errors", &g.quiet),
		yes("help", "print this", &g.help),
	}, queueFlags(&g.queue)...)
}

// takeFlags sets the flags that are of the list and returns the other arguments.
func takeFlags(args []string, flags []gridFlag) (rest []string, err error) {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name, value, inline := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		f := flagOf(flags, arg, name)
		if f == nil {
			rest = append(rest, arg)
			continue
		}
		switch {
		case f.bare && inline:
			return nil, fmt.Errorf("--%s takes no value", name)
		case !f.bare && !inline && len(args) == 0:
			return nil, fmt.Errorf("--%s needs a value", name)
		case !f.bare && !inline:
			value, args = args[0], args[1:]
		}
		if err := f.set(value); err != nil {
			return nil, fmt.Errorf("--%s: %w", name, err)
		}
	}
	return rest, nil
}

func flagOf(flags []gridFlag, arg, name string) *gridFlag {
	if arg == "-h" {
		name = "help"
	} else if !strings.HasPrefix(arg, "--") {
		return nil
	}
	for i := range flags {
		if flags[i].name == name {
			return &flags[i]
		}
	}
	return nil
}

// overFlag reads an axis of a parameter.
func overFlag(value string) (search.Option, error) {
	name, list, ok := strings.Cut(value, "=")
	if !ok || list == "" {
		return nil, errors.New("it is like chunk=256,512")
	}
	param, err := spec.FindParam("key", name)
	if err != nil {
		return nil, err
	}
	comma := ","
	if strings.Contains(list, ";") {
		comma = ";"
	}
	var values []any
	for word := range strings.SplitSeq(list, comma) {
		for _, word := range span(word) {
			var e spec.Experiment
			if err := param.Set(&e, word); err != nil {
				return nil, err
			}
			values = append(values, reflect.ValueOf(param.Field(&e)).Elem().Interface())
		}
	}
	return search.Over(param.Name, values...), nil
}

const mostOfSpan = 1 << 20

// span is the numbers of a text like 1..5, and else the text itself.
func span(text string) []string {
	low, high, ok := strings.Cut(text, "..")
	from, err1 := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	if !ok || err1 != nil || err2 != nil || to < from || to-from >= mostOfSpan {
		return []string{text}
	}
	var words []string
	for i := from; i <= to; i++ {
		words = append(words, strconv.Itoa(i))
	}
	return words
}

func seedsFlag(value string) (search.Option, error) {
	var seeds []int
	for word := range strings.SplitSeq(value, ",") {
		for _, word := range span(word) {
			seed, err := wholeNumber(word)
			if err != nil {
				return nil, err
			}
			seeds = append(seeds, seed)
		}
	}
	return search.Seeds(seeds...), nil
}

// remark notes what the experiment says of its requests when it is built, as that
// a model stands in for a trace that is not there. What is wrong with it is said
// by the rows.
func (g *grid) remark(e *spec.Experiment) {
	run, err := e.BuildWith(func(vidur.ReplicaSpec) (vidur.Predictor, error) { return nil, nil })
	if err == nil {
		g.notes = append(g.notes, run.Notes...)
	}
}

// complete puts defaults in and makes options of what is left.
func (g *grid) complete() error {
	if g.out == "" {
		g.out = "results"
	}
	if g.store == "" {
		g.store = filepath.Join(g.out, "store")
	}
	g.options = append(g.options, search.Cache(g.store), search.Spill(g.store), search.Begin(g.unlike))
	if g.collect {
		if g.shard != "" {
			return errors.New("--shard and --collect do not go together")
		}
		g.options = append(g.options, search.CacheOnly())
	}
	if g.shard == "" {
		return nil
	}
	i, n, _ := strings.Cut(g.shard, "/")
	part, err1 := strconv.Atoi(i)
	parts, err2 := strconv.Atoi(n)
	if err1 != nil || err2 != nil {
		return fmt.Errorf("--shard %s: it is like 3/16", g.shard)
	}
	g.options = append(g.options, search.Shard(part, parts))
	return nil
}

// runner is search.Sweep or search.Capacity.
type runner func(context.Context, *spec.Experiment, ...search.Option) (*search.Results, error)

// do runs the grid and writes its results.
func (g *grid) do(ctx context.Context, run runner, std streams) error {
	if err := g.complete(); err != nil {
		return err
	}
	if name := g.experiment.WandbProject; name != "" {
		if err := wandb.CheckProject(name); err != nil {
			return err
		}
	}
	for _, note := range g.notes {
		g.say(std.err, "note: %s\n", note)
	}
	if !g.collect && (g.queue.URL != "" || g.queue.Context != "") {
		through, end, err := queueOption(ctx, g.queue, std.err)
		if err != nil {
			return err
		}
		defer end()
		g.options = append(through, g.options...)
	}
	view := newGridView(std.err, g.quiet)
	res, err := run(ctx, g.experiment, append(g.options, search.Each(view.row))...)
	view.end()
	if err != nil {
		return g.stopped(err, view, std.err)
	}
	if g.shard != "" {
		g.say(std.out, "shard %s: %s; --collect writes the results when all shards are done\n", g.shard, countOf(res))
		return nil
	}
	if err := g.write(ctx, res, std.out); err != nil {
		return err
	}
	g.say(std.out, "%s; results in %s\n", countOf(res), g.out)
	return nil
}

// write writes the files of the results, and prints some of their rows.
func (g *grid) write(ctx context.Context, res *search.Results, to io.Writer) error {
	err := errors.Join(writeGrid(g.out, g.experiment, res), writeConfiguration(g.out, g.configuration))
	if err == nil {
		err = g.wandb(ctx, res)
	}
	if err != nil || g.quiet {
		return err
	}
	if err := printGrid(to, res); err != nil {
		return err
	}
	for _, remark := range res.Remarks() {
		fmt.Fprintln(to, "note:", remark)
	}
	return printReasons(to, res)
}

// stopped is the error of a grid that was cut, and says how far it is.
func (g *grid) stopped(err error, view *gridView, w io.Writer) error {
	switch {
	case errors.Is(err, context.Canceled) && view.total > 0:
		g.say(w, "%d of %d are done; the same command goes on there\n", view.done, view.total)
	case g.collect && errors.Is(err, search.ErrNotRun):
		return fmt.Errorf("%w; the store %s does not have them", err, g.store)
	}
	return err
}

func (g *grid) say(w io.Writer, format string, args ...any) {
	if !g.quiet {
		fmt.Fprintf(w, format, args...)
	}
}

// countOf says how many points there are, and how many could not run.
func countOf(res *search.Results) string {
	a := res.About()
	points := "points"
	if a.Points == 1 {
		points = "point"
	}
	if a.Errors == 0 {
		return fmt.Sprintf("%d %s", a.Points, points)
	}
	return fmt.Sprintf("%d %s, of which %d cannot run: the column error says why", a.Points, points, a.Errors)
}

// gridUsage prints the flags.
func gridUsage(w io.Writer, head string, flags []gridFlag) {
	fmt.Fprint(w, head)
	for _, f := range flags {
		describe(w, "--"+f.name, f.doc)
	}
	fmt.Fprintln(w, "and every key of an experiment; vidur simulate --help lists them")
}
