// Package vidur simulates the serving of large language models: requests
// arrive, a router sends each to a replica, the replica's scheduler puts them
// into batches, and a predictor says how long a pipeline stage takes for each.
// It is deterministic: the same Config gives the same events, alone or beside
// others.
//
// # The five things a user can replace
//
//	Workload   Next(now) (Arrival, error); Done(r) bool   which requests, when, how long
//	Router     Route(r, cluster) int                      which replica
//	Scheduler  Next(replica, batch); Done(replica, batch) which requests in the next iteration
//	Predictor  StageTime(batch, stage) (StageTime, error) how long it takes
//	Recorder   Record(event)                              what is kept of it
//
// RouterFunc, SchedulerFunc, PredictorFunc, WorkloadFunc and RecorderFunc make each
// of a function. To change one thing about a ready one, embed the interface and
// write the method anew.
//
// A scheduler fills a batch with Replica.DecodeAll, Prefill and Admit within its
// Limits, after ordering the queues with Queue.SortBy; what they do not do it does
// request by request with Queue.Pop, KV.Alloc and Batch.Add.
//
// Ready ones are in packages workload, route, sched, exectime, metrics, breakdown
// and trace; catalog knows models and GPUs. A policy of one's own is about twenty
// lines: see the Example.
//
// # A run
//
// By names, as on the command line; from its parts, see the examples of package
// spec:
//
//	e := spec.Default()
//	e.Model, e.Device, e.Scheduler = "llama-3-8b", "h100", "vllm"
//	e.Workload, e.QPS, e.Requests = "azure-conv-2023", 4, 500
//	run, err := e.Build()
//	if err != nil {
//		log.Fatal(err)
//	}
//	run.Config.NewScheduler = myScheduler // or any other part
//	store, err := run.Simulate(context.Background())
//	if err != nil {
//		log.Fatal(err)
//	}
//	ttft, _ := store.Stat("prefill_e2e_time")
//	fmt.Println(ttft.P50, ttft.P99)
//
// # The way of a request
//
//	Workload.Next ─▶ Arrived ─▶ Routed ─▶ Scheduled ─▶ StageArrived ─▶ StageStarted
//	     ▲                                    ▲                            │
//	     │                                    │                            ▼
//	Workload.Done ◀─────────────────────── BatchEnded ◀── last stage ── StageEnded ─▶ next stage
//
// Each arrow is an event, and each event has a handler, in handlers.go in this
// order. A batch is one iteration: all its requests go through the stages
// together. At its end each request is further by its tokens; the iteration
// that completes a prompt also emits the first token. Events at one time happen
// in the order in which they were caused.
//
// # Units
//
// Times are float64 seconds of the simulated clock, operator times milliseconds,
// lengths tokens, memory blocks of tokens or bytes. A StageTime is per layer
// where an operator runs in every layer.
//
// # The loop
//
//	sim, err := vidur.New(cfg, recorders...)
//	err = sim.Run(ctx)                  // or for sim.Step() { … }
//
// What goes wrong is a *RunError with time, replica, batch and request: what a policy
// returned, or did wrong, or its panic. A request that can never be scheduled is a
// *StuckError.
//
// A Config holds recipes and no state, so it can be run again and at once. All
// memory of the steady state is used again: the engine allocates once for 64
// requests, and nothing per event.
package vidur
