// Package exectime has the predictors of operator times. Both make a
// [vidur.Predictor] of a [vidur.ReplicaSpec] and may be shared by replicas and
// by runs side by side:
//
//   - [Table] reads operator times from CSV files and looks them up as the
//     original simulator does, to the last bit.
//   - [Analytic] computes them from the shape of the model and the datasheet of
//     the device, for any model, degree of parallelism and GPU.
//
// Package trained, below this one, learns operator times from profiles, and takes
// the analytic model where there are none.
//
// Predicted times are those of the GPU's kernels and of the links between GPUs.
// CPU overhead, of scheduling or sampling for instance, is not in them.
//
// # The analytic model
//
// Every operator has a closed formula with a few figures per GPU, which were
// fitted to the public profiling data of microsoft/vidur (a100, h100 and a40) and
// to the tables of vLLM 0.14 that NVIDIA AIConfigurator publishes (a100-sxm,
// h100-sxm and their kin, h200); data/operators.json has them. The methods of [GPU]
// are the formulas, in microseconds. Other cards use means of the fitted figures,
// which are relative to the datasheet; cards with GDDR memory differ from those
// with HBM in pointwise operators. A time below the datasheet's bound,
//
//	max(FLOPs / peak, bytes / bandwidth),
//
// is raised to it, in one place, for every operator. Data that fit into the L2
// cache are held to the same bound: profiles that repeat one kernel find them
// there, and serving, where a layer's weights pass through between two uses,
// mostly does not.
//
// The errors are about 6 % for a GEMM and 4 % for a layer on fitted cards, and
// 7 to 11 % for a GEMM and 11 to 27 % for a pointwise operator on other cards.
package exectime
