// Package plan says what to measure on a GPU so that the operator times of a model
// can be predicted: which operators, at which sizes, in which order, how long that
// takes and how much memory it needs. The shape of the model and the memory of the
// device decide; the device need not be at hand, nor in a catalogue.
//
//	p, err := plan.New(ctx, vidur.ReplicaSpec{Model: model, Device: device, Node: node}, plan.Options{})
//
// # Grids
//
// Points of one kind and one degree of tensor parallelism, or of one topology, are
// a grid. Every shard is measured on one GPU, as in the original simulator,
// microsoft/vidur, so degrees of parallelism need no more devices; collectives do.
//
//   - Tokens are those of the original: 1, 2, 4, then by 8 to 1024, by 16 to 2048,
//     and on with twice the step per octave.
//   - Chunks and cached tokens are those of the original too: by 16 to 128, by 32
//     to 1024, by 64 to 4096, and on with twice the step per octave; chunks begin
//     at 1, 16, 32, where the original's begin at 64.
//   - Batches are 1 to 16, then eight per octave; the original has all to 128.
//   - Messages are those of the tokens, 2 bytes × width; gathered ones those of the
//     logits of the batches, 2 bytes × vocabulary.
//
// The largest size asked for is always in a grid. Attention that never fits beside
// the weights of a device, at the best of 1, 2, 4 or 8 pipeline stages, is left
// out, and so is what would not fit while it is measured; Plan.LeftOut counts both.
//
// # What is measured once
//
// Norms and the residual add have the same shape at every degree of parallelism. A
// profile has them in the rows of each, and they are measured once for a number of
// tokens: Point.Like names the point that does. Everything else differs between
// degrees: heads, columns of the MLP and rows of the vocabulary are divided, and
// an embedding of a part of the vocabulary masks.
//
// # A budget
//
// With Options.Budget the plan is the beginning of an order in which every point
// tells most for its time. First come the corners of every grid, so that no
// prediction has to extrapolate; then, greedily, the point with the largest
//
//	weight · (mean over the grid of what it takes off √min(1, d)) / seconds
//
// where d is the distance of a size from the nearest measured one, in octaves. The
// root is the standard deviation of a random walk: of a Gaussian process with
// independent increments over the logarithms of the sizes, of which the straight
// line between measurements in log-log is the mean. An octave away a measurement says
// no more than the predictor did before, whose error, times the operator's share of
// a typical iteration, is the weight of the grid: cross-validated where there are
// profiles (Options.Data), else that of the analytic model. The sum has diminishing
// returns (it is submodular), so greedy picks are near the best set, and a queue
// that looks again at the best of old scores finds the same picks as looking at all.
//
// A larger budget has all the points of a smaller one, in the same order. Points in
// Options.Data are measured already: they cost nothing, are not in the plan, and
// make their neighbourhood certain.
package plan
