package exectime_test

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// One operator's time, for a card that is known by its datasheet.
func ExampleGPU_GEMM() {
	model, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	gpu, err := model.GPU(vidur.Device{Name: "l40s", TFLOPS: 362, Bandwidth: 864, SMs: 142, L2MB: 96, GDDR: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("one token:   %.0f µs\n", gpu.GEMM(1, 28672, 4096))
	fmt.Printf("4096 tokens: %.0f µs\n", gpu.GEMM(4096, 28672, 4096))
	// Output:
	// one token:   331 µs
	// 4096 tokens: 3518 µs
}

// The time of an iteration, by operator.
func ExampleAnalytic_Predictor() {
	model, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := model.Predictor(vidur.ReplicaSpec{
		Model:  vidur.Model{Name: "llama-3-8b", Layers: 32, Hidden: 4096, QHeads: 32, KVHeads: 8, FFN: 14336, Vocab: 128256, Gated: true},
		Device: vidur.Device{Name: "a100", TFLOPS: 312, Bandwidth: 2039, SMs: 108, L2MB: 40, LinkGBs: 600},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var batch vidur.Batch
	batch.Add(&vidur.Request{Prompt: 999, Done: 1000}, 1) // decodes
	batch.Add(&vidur.Request{Prompt: 511}, 511)           // prefills
	t, err := p.StageTime(&batch, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f ms\n", 1e3*t.Total())
	for _, op := range []vidur.Op{vidur.OpMLPUp, vidur.OpAttnPrefill, vidur.OpAttnDecode, vidur.OpLMHead} {
		fmt.Printf("%-14s %.3f ms\n", op, t.Ops[op])
	}
	// Output:
	// 40.0 ms
	// mlp_up_proj    0.539 ms
	// attn_prefill   0.089 ms
	// attn_decode    0.020 ms
	// lm_head        0.667 ms
}
