// Package aiconf predicts operator times from the tables that NVIDIA
// AIConfigurator publishes (github.com/ai-dynamo/aiconfigurator, Apache-2.0):
// measured latencies of GEMM, attention, all-reduce and mixture-of-experts
// kernels, by GPU, serving engine and its version. The tables are not part of
// this module; [Open] reads a folder of them:
//
//	library, err := aiconf.Open("systems/data/h100_sxm")
//	source, err := library.Predictor(spec, aiconf.Options{Backend: "vllm", Version: "0.14.0"})
//	spec.Predictor = source
//
// A Predictor takes GEMMs, attention and the all-reduce from tables of one engine
// and version, and what they do not have (norms, activation, rotary embedding,
// residual, KV cache save, token embedding, transfers between stages) from the
// analytic model; [Source.Origins] says which is which.
//
// # From points to answers
//
// A point of a table is answered as it was measured. Between points of a curve the
// logarithm of the time is interpolated in the logarithm of the work (tokens of a
// GEMM or of a mixture of experts, size of a message), or the time in the work
// (context of decode attention, and requests of both kinds of attention), or the
// ratio to the analytic time (chunk of prefill attention): what was nearest to
// points that were left out of public tables. Shapes that are not in a
// table (weights, attention heads) are transferred: the analytic time of the
// shape, times the ratio of measured to analytic time of the shapes nearest to it.
// Beyond the last point the analytic model gives the slope. No answer is below
// what the datasheet allows, max(FLOPs/peak, bytes/bandwidth), a measured one
// included: repeating one kernel finds its data in the cache, which serving mostly
// does not. [Answer] says which of these it was.
//
// # Units
//
// Latencies are milliseconds. Tables count the sizes of messages in elements
// (collector/collect_nccl.py of AIConfigurator divides the bytes by the width of
// the type); the methods here take bytes.
package aiconf
