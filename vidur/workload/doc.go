// Package workload makes the requests of a simulation.
//
// A workload is an arrival process times a distribution of lengths:
//
//	Synthetic   Intervals × Lengths, streamed, open loop
//	ClosedLoop  N clients, each of which waits for its answer; × Lengths
//	Replay      the arrivals of a file or a list, as they are
//	Original    the requests that the original simulator draws from its seeds
//
//	Intervals   Poisson  Gamma  Constant  Static  Recorded
//	Lengths     Fixed  Uniform  Zipf  Range  Shuffled  Model
//
// All of these are recipes: plain values that hold no state and can be used by
// any number of runs at once. Their New method is what Config.NewWorkload
// takes:
//
//	lengths, err := workload.Named("azure-conv-2023")
//	…
//	cfg.NewWorkload = workload.Synthetic{
//		Intervals: workload.Poisson{QPS: 2},
//		Lengths:   lengths,
//		Requests:  10_000,
//	}.New
//
// Times are seconds, lengths are tokens. Arrival times and lengths are drawn
// from two streams, so a change of one distribution leaves the draws of the
// other as they were: two rates see the same requests, closer together.
//
// [Read] reads the files of public traces and of benchmarks, and says what it
// assumed of them:
//
//	t, err := workload.Read("AzureLLMInferenceTrace_conv.csv")
//	fmt.Print(t.Report)                          // units, steps of times, what was left out
//	faster, err := t.Requests.AtRate(20)         // the same bursts, 20 requests a second
//	model, err := t.Fit()                        // of its lengths; Save keeps it
//
// Models of public traces that need no file are found by [Named].
package workload
