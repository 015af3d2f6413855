// Package metrics measures a run: it is a [vidur.Recorder] that keeps typed
// columns and sketches, of which it makes summaries and the files of the
// original simulator.
//
//	st := metrics.New(metrics.Options{Replicas: cfg.Replicas})
//	sim, err := vidur.New(cfg, st)
//	…
//	err = sim.Run(ctx)          // a run that is cut or fails can be looked at too
//	sum := st.Summary()         // count, mean, percentiles of every metric
//	err = st.Write(metrics.Dir("out"), metrics.WriteOptions{})
//
// # Definitions
//
// All times are in seconds of the simulated clock. For a request:
//
//	TTFT      time to first token: from the arrival to the end of the
//	          iteration that completes the prompt, which emits the first token
//	E2E       from the arrival to the last token
//	TPOT      time per output token: (E2E - TTFT) / (output tokens - 1), the mean
//	          time between its tokens; a request of one token has none
//	ITL       inter-token latency, also called TBT, time between tokens: each
//	          single time between two consecutive emissions of a request, as a
//	          client sees it. A preemption between the two counts. An iteration
//	          that emits several tokens of a request emits them at once and
//	          counts once. TTFT is not one of them.
//	queueing  from the arrival until a stage begins to work on it
//	delay     from the arrival until it is first put into a batch (the
//	          original's scheduling delay; shorter than queueing when the
//	          batch waits for the first stage)
//	execution the sum of the times of the stages that worked on it, also of
//	          work that a restart threw away; model execution is that without
//	          the overhead on the host
//	preemption all the time between its first and its last stage in which no
//	          stage worked on it: preempted, between two iterations, or
//	          waiting for the next pipeline stage
//
// Metrics of a request are counted when it completes. A request that is not
// complete at the end of the run has a row without times.
//
// Normalized metrics are divided by the tokens that the request asked for. The
// original simulator divides by what is left of them after the latest
// preemption, which turned generated tokens into prompt; Options.Original does so too.
//
// # Exact or sketched
//
// With a row per request, the metrics of requests are exact, and so are counts
// of tokens and requests per batch. What comes once per iteration or token is
// in sketches, whose quantiles are within 0.1 %; with Options.SketchesOnly the
// metrics of requests are too, and memory does not grow with their number.
package metrics
