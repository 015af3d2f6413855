// Package profile reads measured operator times in the CSV layout of the
// original simulator, microsoft/vidur:
//
//	profiling/compute/<device>/<model>/mlp.csv            GEMMs, norms, activations, by num_tokens
//	profiling/compute/<device>/<model>/attention.csv      by batch_size, kv_cache_size, prefill_chunk_size
//	profiling/network/<node>/all_reduce.csv, send_recv.csv  by size, in bytes
//	profiling/cpu_overhead/<node>/<model>/cpu_overheads.csv by batch_size
//
// Profiles of package measure have more, which make the LM head: time_stats.lm_head
// in mlp.csv, and all_gather.csv beside all_reduce.csv, by size of what is gathered.
//
// A directory may have a manifest.json beside the folder profiling: an object whose
// "provenance" is a word. Where it is "imported", another profiler measured the
// times, blank cells were not measured, and there is more, which readers of the
// original layout pass over:
//
//	mlp.csv        time_stats.attn_kv_cache_save, and time_stats.emb is read
//	mlp.csv, iteration.csv, all_reduce.csv  is_prefill: steps of equally many tokens
//	               differ by whether they prefill
//	profiling/compute/<device>/<model>/iteration.csv  times of a whole iteration outside
//	               of the layers: time_stats.lm_head by batch_size, time_stats.other by
//	               num_tokens and batch_size, and num_tensor_parallel_workers
//
// All times are milliseconds. [Read] makes the samples that estimators are
// trained on, with the filters, features and targets of the original. [Check]
// says what is wrong in a directory of profiles. Package fit, below this one,
// fits the figures of the analytic model to them.
//
// Rows that are equal in every column to an earlier one are dropped, as the
// original does: also in columns that nothing else looks at, so a running index
// in the first column, as in the network files, keeps copies. Rows stay in the
// order of the file, because folds that are not shuffled depend on it.
package profile
