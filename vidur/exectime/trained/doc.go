// Package trained predicts operator times from profiles where there are some,
// and from the analytic model elsewhere.
//
//	profile.Read ─▶ Train: learn.Select per operator ─▶ look-ups made when first asked for ─▶ Predictor
//	                  └─ no rows: analytic model, corrected by profiles of other replicas where that helps
//
// [New] does all of it for one kind of replica; [Train] takes profiles that were
// read before. What every operator rests on, and how far off it may be, is in
// [Trained.Provenance]; [Trained.Band] makes an error of an iteration of it.
//
// # Look-ups
//
// Measured operators are looked up by the keys of the original simulator,
// microsoft/vidur: tokens rounded up to 8 (writing the KV cache: not rounded),
// requests that decode × their mean cached tokens rounded up to 64, cached tokens
// × the chunk that stands for all. A key is computed when it is first asked for
// and remembered, so there is no table to build and none to run out of. Analytic
// operators are computed for the batch as it is, as [exectime.Analytic] does.
//
// # Beyond the profile
//
// Past the largest profiled size x0, and before the smallest, a time goes on as the
// analytic model does,
//
//	t(x) = max( t(x0) · analytic(x)/analytic(x0),  bound(x) · min(1, t(x0)/bound(x0)) )
//
// where bound is what the datasheet allows. Large operators are bound by compute
// or bandwidth, where the model is off by an efficiency, which is a factor; a
// difference would vanish beside them. The second term keeps the datasheet's
// promise, or, where the profile itself beats it, as far as the profile does.
// Both are continuous at x0, and grow with x. For attention x0 is the corner or
// side of the profiled region that is next when cached tokens give way first:
// profiles hold cached tokens and chunk to a sum. With Options.Clamp the
// estimator answers there too, as in the original: times of forests stand still.
// CPU operators go on along the straight line through their samples.
//
// # Imported profiles
//
// What another profiler measured ([profile.Samples].Imported) is too little to
// train on: one prefill, a few decode steps. Its operators are
//
//	t(x) = analytic(x) · r(x),  r = measured/analytic at the points, straight lines in ln x between, level beyond
//
// and, for attention, likewise in the cached tokens. Where a prefill and a decode
// step of one size were measured, a batch takes the times of the phase that most of
// its tokens are in. They are exact at the points,
// and follow the analytic model's slope elsewhere. Look-ups are not rounded, and
// Options.Over is not applied, so that the operators of an iteration that was
// traced add up to the time of its kernels.
//
// # The original's run
//
// With learn.Forest.Original in Options.Grid, Options.Folds as the original has
// them, Original and Clamp, all operator times are those of the original to the
// bit. Its forests draw from one stream, so the operators are learnt one after
// the other, and what runs decides: without pipeline stages, which do not send,
// all that follow are others.
package trained
