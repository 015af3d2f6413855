package main

import (
	"context"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/search/queue"
	"github.com/govidur/govidur/vidur/spec"
)

const sweepHead = `vidur sweep --over NAME=V1,V2 ... [--seeds 1..5] [--out DIR] [--KEY VALUE ...]

Simulates at every point of a grid, on all cores. What was simulated is kept: a
sweep that was cut goes on where it stopped, to the same results. They are in
results.csv and results.parquet, a row per point; a point that cannot run is a
row that says why.

With --queue, the workers of other machines simulate: vidur sweep worker --help
and vidur sweep server --help say how.

`

// sweepVerbs are what vidur sweep can do besides.
var sweepVerbs = map[string]func(ctx context.Context, args []string, std streams) error{"worker": sweepWorker, "server": sweepServer}

// sweepVerb simulates a grid.
func sweepVerb(ctx context.Context, args []string, std streams) error {
	if len(args) > 0 {
		if do := sweepVerbs[args[0]]; do != nil {
			return do(ctx, args[1:], std)
		}
	}
	g := &grid{queue: queue.Options{Patience: serverPatience}}
	flags := g.flags()
	rest, err := takeFlags(args, flags)
	if err != nil {
		return err
	}
	if g.help {
		gridUsage(std.out, sweepHead, flags)
		return nil
	}
	parsed, err := spec.Parse(rest)
	if err != nil {
		return err
	}
	g.experiment, g.notes = parsed.Experiment, parsed.Notes
	g.remark(g.experiment)
	return g.do(ctx, search.Sweep, std)
}
