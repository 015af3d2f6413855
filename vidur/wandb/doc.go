// Package wandb writes runs for Weights & Biases, as directories on disk that
// `wandb sync` uploads and `wandb leet` shows: the original simulator logs there.
// Nothing here uses the network.
//
//	series := &wandb.Series{}
//	store, err := run.Simulate(ctx, series)
//	…
//	w, err := wandb.Simulation(e, run, store, series)
//	dir, err := w.Write(metrics.Dir("results/wandb"))
//
// or, of a sweep or a search, a run of each row:
//
//	err := wandb.Rows(ctx, e, results, func(w *wandb.Run) error { … })
//
// # What is written
//
// A [Run] becomes a folder offline-run-<time>-<id> with what the client of W&B leaves
// there when it is offline: the transaction log run-<id>.wandb and, for people,
// files/config.yaml, files/wandb-summary.json and files/wandb-metadata.json.
//
// The log is a LevelDB log (blocks of 32 KiB; records in fragments, each with CRC-32,
// length and type) with W&B's header of 7 bytes before it, and a record is a message
// Record of wandb_internal.proto. That is how client versions 0.16 to 0.31 write and
// read it.
//
// # The same bytes
//
// Equal runs are equal files. The identifier of a run is a hash of all that is in it, so what is
// uploaded twice is one run. Time begins at SOURCE_DATE_EPOCH, in Unix seconds, or else
// at 2000-01-01, and goes on as the simulated clock does.
package wandb
