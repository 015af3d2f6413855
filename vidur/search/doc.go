// Package search runs many simulations and compares them: grids of parameters
// and policies, two variants on the same requests, and the load that each of
// many deployments can take.
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
//	res, err = search.Capacity(ctx, base,
//		search.Over("tp", 1, 2, 4), search.Over("chunk", 256, 512, 1024),
//		search.Meet(search.Percentile("ttft", 90, 2), search.Percentile("tbt", 99, 0.2)))
//	best, err := res.Best(search.Max("qps_per_usd"))
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
// # Going on where it stopped
//
// With [Cache] every simulation is kept in a folder as soon as it is done, and never
// made twice, whoever shares the folder:
//
//	res, err := search.Capacity(ctx, base, search.Over("tp", 1, 2, 4), search.Cache("results"))
//
// A sweep that was cut, even by the end of its process, loses what was under way.
// [Shard] does a part of a grid, [CacheOnly] puts the parts together, and [Through]
// has points done by a [Worker] elsewhere. The results are the same bytes each way.
// [ReadResults] reads what `vidur sweep` and `vidur search` write.
//
// An experiment is made when its turn comes, and with [Spill] rows that are done go
// to a file, so that memory grows with the number of points by some tens of bytes
// each; [Results.Part] goes through them piece by piece.
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
//	usd_per_million_tokens         the same, of 10^6 tokens, prompt and output
//	usd_per_million_output_tokens
//	board_kwh              of all GPUs at board power over the makespan: they take no more
//	tbt_p25_s              s, and
//	batch_p75              requests of a batch: what advice rests on besides
//
// MBU is the bytes that an iteration must read over what the memory could
// deliver from 0 s to the end: the weights of the stage's layers once, and the
// keys and values of all tokens of the requests in the batch, 16 bit each.
// Embeddings and LM head are left out, as from MFU. The definition is that of
// MosaicML, "LLM Inference Performance Engineering: Best Practices" (2023),
// taken over the run instead of over the decoding of one token.
//
// # Capacity
//
// The capacity of a point is the highest rate, in requests per s, at which a run
// meets all criteria of [Meet]. Every rate is tried with the same lengths and with
// the same arrivals but for their pace: those that an experiment of that qps has.
// Rates are (1 + granularity)^k, k whole, so that a search that begins elsewhere
// finds the same where a rate that is met means that lower ones are. It begins at
// an estimate from the operator times or at what a neighbour in the grid can take,
// moves away in steps that double, and bisects. A run is stopped as soon as its
// verdict is certain: when more requests have failed, or wait for longer than the
// limit already, than may, or as many as must have kept it. [Early] ends runs that
// are judged by times between tokens sooner, with a stated confidence.
//
// A run is as long as the experiment's number of requests, so it must have enough
// of them: if they all arrive within a few times the limit, a rate is a burst.
// Where a tail jumps with the rate there can be several brackets, and one is found.
// Limits of tbt and tpot alone may bound no rate, since a request that waits has none:
// the capacity is then as far as was looked, and over_qps NaN. [Results.Remarks] says
// of which capacities either is true.
//
// Where no rate is met, one run is made to its end, so that a request that can never
// be scheduled is an error of the point, and not a capacity of 0.
//
// The columns of [Capacity] are these and the figures above, of a run at the
// capacity:
//
//	capacity_qps   the highest rate that was met, requests/s; 0 if none was
//	over_qps       the least rate above it that was not; NaN if none was
//	low_qps        interval of the capacity over [Replications], at the level of
//	high_qps       [Confidence], Student t; NaN without replications
//	arrivals_s     s over which the requests arrive at the capacity
//	probes         rates that were tried
//	qps_per_gpu    capacity over GPUs
//	usd_per_hour   price of all GPUs, from the catalogue; NaN if it is not stated
//	qps_per_usd    capacity over that price: requests/s per $/hour
//
// With replications, those above are means, and probes a sum; the others are of
// the first one. [Results.Front], [Results.Best] and [Results.Transfer] choose
// among rows of any results, [Results.Advise] says what keeps one from its limits, and
// [OverJobs] searches the jobs of a configuration of the original's vidur-search.
//
// A figure without a value, as the TBT of requests of one token, is NaN.
package search
