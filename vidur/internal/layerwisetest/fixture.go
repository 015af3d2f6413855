// Package layerwisetest constructs profiles as vLLM's layerwise profiler writes
// them, for tests.
package layerwisetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Fixture is what vLLM's profiler writes of a small Llama, in the layout of Python's
// json.dump with an indent of 2: a prefill of [Batch] prompts of [Prompt] tokens,
// and decode steps.
type Fixture struct {
	TP, Layers, Decodes int
	Old                 bool // of 2024: output_len, no metadata, decode steps numbered wrongly
	Seed                uint64
}

// call is a module or kernel of the engine.
type call struct {
	name, trace string
	us          float64
	sub         []call
}

func k(name string, us float64) call {
	return call{name: name, trace: "mm(bfloat16[8, 64], bfloat16[64, 192]) <- linear(bfloat16[8, 64], bfloat16[192, 64], None)", us: us}
}

func m(name string, sub ...call) call { return call{name: name, sub: sub} }

// Names of kernels.
const (
	GEMM   = "void cutlass::Kernel2<cutlass_80_tensorop_bf16_s16816gemm_relu_bf16_64x64_32x6_tn_align8>(cutlass_80_tensorop_bf16_s16816gemm_relu_bf16_64x64_32x6_tn_align8::Params)"
	Ampere = "ampere_bf16_s16816gemm_bf16_128x64_ldg8_f2f_stages_64x3_tn"
	Flash  = "void flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4, false, false, cutlass::bfloat16_t>>(Flash_fwd_params)"
	Cache  = "void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16, __nv_bfloat16, (vllm::Fp8KVCacheDataType)0>(__nv_bfloat16 const*)"
	Norm   = "std::enable_if<((8)>(0))&&vllm::_typeConvert<c10::BFloat16>::exists, void>::type vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>(c10::BFloat16*)"
	Rotary = "void vllm::rotary_embedding_kernel<c10::BFloat16, true>(long const*, c10::BFloat16*)"
	SiLU   = "void vllm::act_and_mul_kernel<c10::BFloat16, &(c10::BFloat16 vllm::silu_kernel<c10::BFloat16>(c10::BFloat16 const&)), true>(c10::BFloat16*)"
	NCCL   = "ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)"
	Gather = "void at::native::(anonymous namespace)::indexSelectLargeIndex<c10::BFloat16, long>(at::cuda::detail::TensorInfo)"
	Copy   = "Memcpy DtoD (Device -> Device)"
)

// step is one call of the engine.
func (f Fixture) step(rng *rand.Rand, tokens float64) []call {
	us := func(fixed, each float64) float64 { // whole nanoseconds, as Kineto has them
		return float64(int(1000*(fixed+each*tokens)*(1+0.1*rng.Float64()))) / 1000
	}
	row := func(name string, t float64) call {
		c := m(name, k(Ampere, t))
		if f.TP > 1 {
			c.sub = append(c.sub, k(NCCL, us(12, 0.02)))
		}
		return c
	}
	var layers []call
	for range f.Layers {
		layers = append(layers, m("LlamaDecoderLayer",
			m("RMSNorm(weight=bfloat16[4096])", k(Norm, us(2, 0.001))),
			m("LlamaAttention",
				m(fmt.Sprintf("QKVParallelLinear(weight=bfloat16[%d, 4096])", 6144/f.TP), k(GEMM, us(18, 0.05))),
				m("LlamaRotaryEmbedding", k(Rotary, us(2, 0.001))),
				m("Attention", k(Cache, us(2, 0.001)), k(Flash, us(9, 0.03))),
				row(fmt.Sprintf("RowParallelLinear(weight=bfloat16[4096, %d])", 4096/f.TP), us(13, 0.04))),
			m("RMSNorm(weight=bfloat16[4096])", k(Norm, us(2, 0.001))),
			m("LlamaMLP",
				m(fmt.Sprintf("MergedColumnParallelLinear(weight=bfloat16[%d, 4096])", 28672/f.TP), k(GEMM, us(70, 0.2))),
				m("SiluAndMul", k(SiLU, us(3, 0.01))),
				row(fmt.Sprintf("RowParallelLinear(weight=bfloat16[4096, %d])", 14336/f.TP), us(40, 0.1)))))
	}
	return []call{
		m("LlamaForCausalLM", m("LlamaModel", append(append([]call{
			m("VocabParallelEmbedding(weight=bfloat16[128256, 4096])", k(Gather, us(3, 0.002)))},
			layers...), m("RMSNorm(weight=bfloat16[4096])", k(Norm, us(2, 0.001))))...)),
		m("LogitsProcessor", k(Ampere, us(300, 0.01)), k(Copy, us(1, 0))),
		m("Sampler", m("Greedy", k("void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float>>(at::native::ReduceOp<float>)", us(20, 0)))),
	}
}

func (c call) cuda() float64 {
	sum := c.us
	for _, s := range c.sub {
		sum += s.cuda()
	}
	return sum
}

// merge is the summary of calls: those of one name in one place are one.
func merge(list []call) (names []string, groups map[string][]call) {
	groups = map[string][]call{}
	for _, c := range list {
		if groups[c.name] == nil {
			names = append(names, c.name)
		}
		groups[c.name] = append(groups[c.name], c)
	}
	return names, groups
}

func summaryJSON(b *strings.Builder, list []call, total float64, indent string) {
	names, groups := merge(list)
	b.WriteString("[")
	for i, name := range names {
		us, sub := 0.0, []call(nil)
		for _, c := range groups[name] {
			us, sub = us+c.cuda(), append(sub, c.sub...)
		}
		comma(b, i)
		fmt.Fprintf(b, "\n%s  {\n%s    \"entry\": {\n%s      \"name\": %q,\n%s      \"cuda_time_us\": %s,\n%s      \"pct_cuda_time\": %s,\n%s      \"invocations\": %d\n%s    },\n%s    \"children\": ",
			indent, indent, indent, name, indent, decimal(us), indent, decimal(us/total*100), indent, len(groups[name]), indent, indent)
		summaryJSON(b, sub, total, indent+"    ")
		fmt.Fprintf(b, "\n%s  }", indent)
	}
	end(b, len(names), indent)
}

func modelJSON(b *strings.Builder, list []call, total float64, indent string) {
	b.WriteString("[")
	for i, c := range list {
		cpu := 0.0
		if c.us == 0 {
			cpu = 10 + c.cuda()/2
		}
		comma(b, i)
		fmt.Fprintf(b, "\n%s  {\n%s    \"entry\": {\n%s      \"name\": %q,\n%s      \"cpu_time_us\": %s,\n%s      \"cuda_time_us\": %s,\n%s      \"pct_cuda_time\": %s,\n%s      \"trace\": %q\n%s    },\n%s    \"children\": ",
			indent, indent, indent, c.name, indent, decimal(cpu), indent, decimal(c.cuda()), indent, decimal(c.cuda()/total*100), indent, c.trace, indent, indent)
		modelJSON(b, c.sub, total, indent+"    ")
		fmt.Fprintf(b, "\n%s  }", indent)
	}
	end(b, len(list), indent)
}

// decimal is v as Python writes it.
func decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func comma(b *strings.Builder, i int) {
	if i > 0 {
		b.WriteString(",")
	}
}

func end(b *strings.Builder, n int, indent string) {
	if n > 0 {
		b.WriteString("\n" + indent)
	}
	b.WriteString("]")
}

// Tokens of a prompt, and prompts.
const Prompt, Batch = 128, 8

// Text is the file.
func (f Fixture) Text() string {
	var b strings.Builder
	how := "\"num_steps\": 4,\n    \"complete_num_requests_per_step\": null"
	if f.Old {
		how = "\"output_len\": 5"
	}
	fmt.Fprintf(&b, `{
  "context": {
    "python_version": "3.10.12 (main, Sep 11 2024, 15:47:36) [GCC 11.4.0]",
    "torch_version": "2.5.1+cu124",
    "torch_cuda_version": "12.4",
    "cuda_devices": "[_CudaDeviceProperties(name='NVIDIA H100 80GB HBM3', major=9, minor=0, total_memory=81110MB, multi_processor_count=132)]",
    "engine_args": {
      "model": "meta-llama/Meta-Llama-3-8B",
      "tensor_parallel_size": %d,
      "dtype": "auto",
      "quantization": null
    },
    "prompt_len": %d,
    "batch_size": %d,
    %s,
    "save_chrome_traces_folder": null
  }`, f.TP, Prompt, Batch, how)
	rng := rand.New(rand.NewPCG(f.Seed, 1))
	prefill := f.step(rng, Prompt*Batch)
	decodes := make([][]call, f.Decodes)
	for i := range decodes {
		decodes[i] = f.step(rng, Batch)
	}
	f.phase(&b, "prefill", "null", prefill)
	for i := range decodes {
		of := decodes[i]
		if f.Old && f.Decodes > 1 { // the second loop of that profiler
			of = decodes[min(i+1, f.Decodes-1)]
		}
		f.phase(&b, fmt.Sprintf("decode_%d", i+1), fmt.Sprint(Batch-i/3), of)
	}
	return b.String() + "\n}"
}

func (f Fixture) phase(b *strings.Builder, name, seqs string, calls []call) {
	total := 0.0
	for _, c := range calls {
		total += c.cuda()
	}
	fmt.Fprintf(b, ",\n  %q: {", name)
	if !f.Old {
		fmt.Fprintf(b, "\n    \"metadata\": {\n      \"num_running_seqs\": %s\n    },", seqs)
	}
	b.WriteString("\n    \"summary_stats\": ")
	summaryJSON(b, calls, total, "    ")
	b.WriteString(",\n    \"model_stats\": ")
	modelJSON(b, calls, total, "    ")
	b.WriteString("\n  }")
}
