// Package search runs many simulations and compares them: grids of parameters
// and policies, and two variants on the same requests.
//
//	res, err := search.Sweep(ctx, base,
//		search.Over("chunk", 256, 512, 1024),
//		search.Schedulers("sarathi", search.Scheduler("mine", newMine)),
//		search.Seeds(1, 2, 3))
//	p99, err := res.Floats("ttft_p99_s")    // a value per run, in the order of the grid
//
//	cmp, err := search.Compare(ctx, base,
//		search.Schedulers("sarathi", search.Scheduler("mine", newMine)),
//		search.Replications(20))
//	fmt.Println(cmp)
//
// # The grid
//
// Axes are combined as nested loops are, in the order in which they are given:
// the last varies fastest. [Zip] makes one axis of several that move together,
// which is a list of points. Rows stand in the order of the grid on any number
// of cores, and the same sweep gives the same bytes.
//
// A run that fails is an error of its row and stops no other. A context that is
// done leaves what has finished and marks the others with [ErrNotRun].
//
// # What runs share
//
// An experiment is built once for all its seeds and policies. Operator times
// from tables or profiles are read or learnt once for each model, device, TP,
// PP and KV block size. They are learnt with the seed of the base experiment,
// so the seeds of a sweep are those of requests and policies and not of the
// learning. All else is as if each point had been built and simulated by
// itself.
//
// Factories and functions that are given to a sweep are called from several
// goroutines at once, [Progress] excepted. A panic in one of them is an
// error of the run.
//
// # Figures
//
// For each x of ttft, tbt, tpot, e2e and delay (scheduling delay), as package
// metrics defines them, over the requests that completed, in s:
//
//	x_mean_s x_p50_s x_p90_s x_p99_s
//
// and over the makespan, from the first arrival to the last event:
//
//	requests_per_s         complete requests
//	output_tokens_per_s    of complete requests
//	tokens_per_s           prompt and output
//	goodput_per_s          requests that met the SLO; NaN without one
//	slo_fraction           of the complete ones that did; NaN without one
//	busy_percent           devices at work, mean over replicas and stages
//	mfu_percent            model FLOPs utilization, the same mean
//	mbu_percent            model bandwidth utilization, the same mean; see below
//	kv_mean_percent        KV blocks held, mean over time and replicas
//	kv_max_percent         the most of any replica
//	preemptions            that threw a KV cache away (restarts), of complete requests
//	makespan_s             s
//	arrived, completed     requests
//	gpus                   of all replicas
//	cost_usd               of all GPUs over the makespan; NaN if a price is not stated
//
// MBU is the bytes that an iteration must read over what the memory could
// deliver from 0 s to the end: the weights of the stage's layers once, and the
// keys and values of all tokens of the requests in the batch, 16 bit each.
// Embeddings and LM head are left out, as from MFU. The definition is that of
// MosaicML, "LLM Inference Performance Engineering: Best Practices" (2023),
// taken over the run instead of over the decoding of one token.
//
// A figure without a value, as the TBT of requests of one token, is NaN.
package search
