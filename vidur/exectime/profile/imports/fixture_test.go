package imports

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime"
)

// fixture describes a trace that is made to the format's specification: an engine
// that prefills a batch and then decodes, with operators whose times are the
// analytic model's times a factor each, and a little noise.
type fixture struct {
	spec    vidur.ReplicaSpec
	batch   int
	prompt  int
	decodes int
	graphs  bool // decode steps are replayed from CUDA graphs
	modules bool // with calls of modules
	whole   bool // times are whole µs
	odd     bool // with a kernel that no rule knows
	noise   float64
	slow    float64 // by how much the kernels of prefills take longer than factors say; 0 means not
}

func replica(t testing.TB, model, device string, tp int) vidur.ReplicaSpec {
	t.Helper()
	spec, err := catalog.Default().Replica(model, device, tp, 1)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// factors are measured over analytic times.
var factors = map[string]float64{
	preProj: 0.9, postProj: 1.1, up: 0.95, down: 1.05, act: 0.7, rope: 0.6, inputNorm: 0.8, postNorm: 0.85,
	allReduce: 0.6, "attention": 1.3, "attn_kv_cache_save": 0.5, embed: 1.2, lmHead: 0.9, other: 1,
}

// made writes a trace.
type made struct {
	*fixture
	ref    *exectime.Operators
	out    strings.Builder
	clock  float64
	corr   int
	graph  bool
	step   []float64 // kernel time of each step, µs
	random uint64
}

func (f *fixture) make(t testing.TB) *made {
	t.Helper()
	ref, err := analytic(f.spec)
	if err != nil {
		t.Fatal(err)
	}
	m := &made{fixture: f, ref: ref, random: 88172645463325252}
	fmt.Fprintf(&m.out, `{"schemaVersion": 1, "deviceProperties": [{"id": 0, "name": "NVIDIA A100-SXM4-80GB", "numSms": 108}],
"distributedInfo": {"backend": "nccl", "rank": 0, "world_size": %d},
"displayTimeUnit": "ms", "baseTimeNanoseconds": 1700000000000000000,
"traceEvents": [
{"ph": "M", "name": "process_name", "pid": 1, "tid": 0, "args": {"name": "python"}}`, max(f.spec.TP, 1))
	for i := range 1 + f.decodes {
		m.iteration(i)
	}
	m.out.WriteString("\n], \"traceName\": \"trace.json\"}\n")
	return m
}

func (m *made) event(format string, args ...any) { fmt.Fprintf(&m.out, ",\n"+format, args...) }

// iteration writes a step: its mark, and its kernels layer by layer.
func (m *made) iteration(i int) {
	m.graph = m.graphs && i > 0
	m.step = append(m.step, 0)
	tokens, begin := m.batch, m.clock
	if i == 0 {
		tokens *= m.prompt
	}
	ops := m.times(i, tokens)
	m.kernel("", "Memcpy HtoD (Pinned -> Device)", 1.5)
	m.kernel("VocabParallelEmbedding_0", "void at::native::(anonymous namespace)::indexSelectLargeIndex<c10::Half>", ops[embed])
	if m.spec.TP > 1 {
		m.kernel("VocabParallelEmbedding_0", "ncclDevKernel_AllReduce_Sum_f16_RING_LL", ops[allReduce])
	}
	for range m.spec.Model.Layers {
		m.layer(ops)
	}
	m.kernel("RMSNorm_0", "void vllm::rms_norm_kernel<c10::Half>", ops[inputNorm])
	m.kernel("LogitsProcessor_0", "ampere_fp16_s16816gemm_fp16_128x128_ldg8_f2f_stages_32x5_tn", ops[lmHead])
	m.kernel("Sampler_0", "void at::native::reduce_kernel<512, 1, ArgMaxOps>", ops[other])
	if m.odd {
		m.kernel("", "mystery_kernel", 0.03*ops[lmHead])
	}
	m.event(`{"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#%d", "pid": 1, "tid": 1, "ts": %.3f, "dur": %.3f, "args": {}}`,
		i, begin, m.clock-begin)
	m.clock += 50
}

// times are those of one call of each operator, in µs.
func (m *made) times(step, tokens int) map[string]float64 {
	layer := m.ref.ByTokens(tokens).Layer.Ops
	ops := map[string]float64{}
	for op := range vidur.OpSendRecv {
		ops[op.String()] = 1e3 * layer[op]
	}
	ops["attention"] = 1e3 * m.ref.Decode(m.batch, float64(m.prompt+step))
	if step == 0 {
		ops["attention"] = 1e3 * float64(m.batch) * m.ref.Prefill(m.prompt, 0)
	}
	ops[embed], ops[lmHead], ops[other] = 1e3*m.ref.ByTokens(tokens).Embed, 1e3*m.ref.Logits(m.batch), 12
	for op := range ops {
		if ops[op] *= factors[op]; step == 0 {
			ops[op] *= 1 + m.slow
		}
	}
	return ops
}

// layer writes the kernels of a layer. The residual is added in the norms.
func (m *made) layer(ops map[string]float64) {
	const gemm = "ampere_fp16_s16816gemm_fp16_128x64_ldg8_f2f_stages_64x4_tn"
	attention, mlp := "LlamaDecoderLayer_0/LlamaAttention_0/", "LlamaDecoderLayer_0/LlamaMLP_0/"
	m.kernel("LlamaDecoderLayer_0/RMSNorm_0", "void vllm::fused_add_rms_norm_kernel<c10::Half, 8>", ops[inputNorm])
	m.kernel(attention+"QKVParallelLinear_0", gemm, ops[preProj])
	m.kernel(attention+"RotaryEmbedding_0", "void vllm::rotary_embedding_kernel<c10::Half, true>", ops[rope])
	m.kernel(attention+"Attention_0", "void vllm::reshape_and_cache_flash_kernel<unsigned short>", ops["attn_kv_cache_save"])
	m.kernel(attention+"Attention_0", "void flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64>>", ops["attention"]*0.9)
	m.kernel(attention+"Attention_0", "void flash_fwd_splitkv_combine_kernel<Flash_fwd_kernel_traits>", ops["attention"]*0.1)
	m.kernel(attention+"RowParallelLinear_0", gemm, ops[postProj]*0.8)
	m.kernel(attention+"RowParallelLinear_0", "void cublasLt::splitKreduce_kernel<32, 16, int>", ops[postProj]*0.2)
	m.reduce(attention+"RowParallelLinear_0", ops)
	m.kernel("LlamaDecoderLayer_0/RMSNorm_1", "void vllm::fused_add_rms_norm_kernel<c10::Half, 8>", ops[postNorm])
	m.kernel(mlp+"MergedColumnParallelLinear_0", gemm, ops[up])
	m.kernel(mlp+"SiluAndMul_0", "void vllm::act_and_mul_kernel<c10::Half>", ops[act])
	m.kernel(mlp+"RowParallelLinear_1", gemm, ops[down])
	m.reduce(mlp+"RowParallelLinear_1", ops)
}

func (m *made) reduce(module string, ops map[string]float64) {
	if m.spec.TP > 1 {
		m.kernel(module, "void vllm::cross_device_reduce_1stage<c10::Half, 2>", ops[allReduce])
	}
}

// kernel writes a kernel, the call that launched it and the modules around that.
func (m *made) kernel(path, name string, us float64) {
	m.random ^= m.random << 13
	m.random ^= m.random >> 7
	m.random ^= m.random << 17
	us *= 1 + m.noise*(float64(m.random>>11)/(1<<52)-1)
	us = math.Round(us*1e3) / 1e3
	number := fmt.Sprintf("%.3f", us)
	if m.whole {
		us = max(1, math.Round(us))
		number = fmt.Sprintf("%.0f", us)
	}
	m.corr++
	host := m.clock
	if m.modules && !m.graph {
		for i, module := range strings.Split(path, "/") {
			m.event(`{"ph": "X", "cat": "python_function", "name": "nn.Module: %s", "pid": 1, "tid": 1, "ts": %.3f, "dur": %.3f, "args": {"Python id": 1}}`,
				module, host+0.01*float64(i), 1-0.02*float64(i))
		}
	}
	call, cat, node := "cudaLaunchKernel", "kernel", ""
	switch {
	case strings.HasPrefix(name, "Memcpy"):
		call, cat = "cudaMemcpyAsync", "gpu_memcpy"
	case m.graph:
		call, node = "cudaGraphLaunch", fmt.Sprintf(`, "graph node id": %d`, m.corr)
	}
	m.event(`{"ph": "X", "cat": "cuda_runtime", "name": "%s", "pid": 1, "tid": 1, "ts": %.3f, "dur": 0.5, "args": {"External id": %d, "cbid": 211, "correlation": %d}}`,
		call, host+0.2, m.corr, m.corr)
	m.event(`{"ph": "X", "cat": "%s", "name": %q, "pid": 0, "tid": 7, "ts": %.3f, "dur": %s, "args": {"External id": %d, "queued": 0, "device": 0, "context": 1, "stream": 7, "correlation": %d, "grid": [8, 1, 1], "block": [128, 1, 1]%s}}`,
		cat, name, host+2, number, m.corr, m.corr, node)
	m.clock += us + 3
	m.step[len(m.step)-1] += us
}
