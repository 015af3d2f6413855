package layerwise

import "strings"

// class is a kind of kernels, by parts of their names.
type class struct {
	name string
	any  []string // one of them is in the name
	nccl bool     // and so is nccl, in any case; any are in lower case then
	fold bool     // case does not matter
}

// classes are the kinds of visualize_layerwise_profile.py; the first that fits.
var classes = []class{
	{name: "attention", any: []string{"flash_fwd", "reshape_and_cache_flash_kernel"}},
	{name: "quant_ops", any: []string{"scaled_fp8_quant", "scaled_int8_quant"}},
	{name: "sgmv_shrink_ops", any: []string{"sgmv_shrink"}},
	{name: "sgmv_expand_ops", any: []string{"sgmv_expand"}},
	{name: "bgmv_shrink_ops", any: []string{"bgmv_shrink"}},
	{name: "bgmv_expand_ops", any: []string{"bgmv_expand"}},
	{name: "cutlass_gemm_ops", any: []string{"void cutlass::Kernel", "void cutlass::device_kernel"}},
	{name: "gemm_ops", any: []string{"xmma_gemm", "gemv2T_kernel", "splitKreduce", "s16816gemm"}},
	{name: "rms_norm_ops", any: []string{"rms_norm_kernel"}},
	{name: "vocab_embed_ops", any: []string{"vocabparallelembed"}, fold: true},
	{name: "mem_ops", any: []string{"memcpy", "memset"}, fold: true},
	{name: "elementwise_ops", any: []string{"elementwise_kernel"}},
	{name: "nccl_all_reduce_ops", any: []string{"all_reduce", "allreduce"}, nccl: true},
	{name: "nccl_gather_ops", any: []string{"gather"}, nccl: true},
	{name: "nccl_broadcast_ops", any: []string{"broadcast"}, nccl: true},
	{name: "nccl_other_ops", any: []string{""}, nccl: true},
	{name: "cross_device_reduce_1stage_ops", any: []string{"cross_device_reduce_1stage"}},
	{name: "cross_device_reduce_2stage_ops", any: []string{"cross_device_reduce_2stage"}},
	{name: "custom_ar_all_reduce_ops", any: []string{"_C_custom_ar::all_reduce"}},
	{name: "reduce_kernel_ops", any: []string{"reduce_kernel"}},
}

// Class is the kind of a kernel by its name, as gemm_ops or nccl_all_reduce_ops, or
// "" if it is of none. The kinds are those of visualize_layerwise_profile.py.
func Class(kernel string) string {
	lower := strings.ToLower(kernel)
	for _, c := range classes {
		name := kernel
		if c.fold || c.nccl {
			name = lower
		}
		if c.nccl && !strings.Contains(lower, "nccl") {
			continue
		}
		for _, part := range c.any {
			if strings.Contains(name, part) {
				return c.name
			}
		}
	}
	return ""
}

// abbreviations of names in figures.
var abbreviations = strings.NewReplacer("weight=", "", "bfloat16[", "bf16 [", "float16[", "fp16 [", "MergedColumnParallelLinear", "MCPLinear",
	"QKVParallelLinear", "QKVPLinear", "RowParallelLinear", "RPLinear", "at::native::", "", "at::", "")

// Short is a name that fits into a legend: of a kernel without its parameters and
// those of its templates, of a module with common words abbreviated.
func Short(name string) string {
	place := ""
	if i := strings.Index(name, " <- "); i >= 0 {
		name, place = name[:i], name[i:]
	}
	if !module.MatchString(name) {
		name = strings.ReplaceAll(strings.TrimPrefix(name, "void "), "(anonymous namespace)::", "")
		if i := strings.IndexAny(name, "<("); i > 0 && !strings.HasPrefix(name, "Mem") {
			name = name[:i]
		}
	}
	return abbreviations.Replace(name + place)
}
