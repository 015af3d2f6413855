// Package layerwise reads, folds, prints and writes the profiles of vLLM's
// layerwise profiler: the GPU time of every kernel and of the modules around it,
// for the prefill and for each decode step of a batch.
//
//	profile.json, *_table.csv ─▶ Read ─▶ Profile ─▶ Phase.Table      as print_layerwise_table.py prints it
//	        ▲                              │    └─▶ Profile.Bars     as visualize_layerwise_profile.py draws it
//	        └──────────── Write ◀── Predict, of a predictor's times  └─▶ Phase.Leaves: the kernels
//
// Files of both ages are read: those of 2024 have output_len in their context and
// no metadata. What is odd in a file is in Profile.Notes, and nothing is passed
// over in silence.
//
// # What a profile does not have
//
// The profiler looks at the events of one thread: of a replica of several GPUs it
// is the first one's. It needs eager execution (CUDA graphs hide the modules), and
// sees nothing of vLLM's V1 engine, whose profiles are empty. A CSV file has no
// context and no depths: [Parse] rebuilds the tree from the times, which of a
// module are the sum of what is in it.
//
// Times are microseconds, shares are percent, lengths are tokens.
package layerwise
