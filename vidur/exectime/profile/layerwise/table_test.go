package layerwise

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/layerwisetest"
)

var update = flag.Bool("update", false, "rewrite the golden tables in testdata")

// The golden tables are equal to what vLLM's print_layerwise_table.py prints of the
// same file.
func TestTable(t *testing.T) {
	p := parse(t, fixture{TP: 2, Layers: 2, Decodes: 2, Seed: 7}.Text())
	for _, table := range []string{Summary, Model} {
		var got bytes.Buffer
		if err := p.Phases[1].Table(&got, table); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "decode_1_"+table+".txt")
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s:\n%s", table, got.String())
		}
	}
	if _, err := p.Phase("decode_9"); err == nil || !strings.Contains(err.Error(), "prefill, decode_1, decode_2") {
		t.Error(err)
	}
	if err := p.Phases[0].Table(&bytes.Buffer{}, "none"); err == nil {
		t.Error("no error for a table that there is not")
	}
	if err := (&Phase{Name: "prefill", Model: []*Node{}}).Table(&bytes.Buffer{}, Summary); err == nil {
		t.Error("no error for a table that the phase lacks")
	}
}

// Cells are cut and filled by characters.
func TestCells(t *testing.T) {
	for _, v := range []struct {
		s    string
		n    int
		want string
	}{
		{"ab", 4, "ab  "}, {"abcd", 4, "abcd"}, {"abcde", 4, "a   "}, {"abcdefgh", 7, "abcd..."}, {"abcdefgh", 6, "abc   "},
		{"äöüäöüäö", 7, "äöüä..."}, {"é", 3, "é  "}, {"", 3, "   "},
	} {
		if got := left(v.s, v.n); got != v.want {
			t.Errorf("%q in %d: %q, want %q", v.s, v.n, got, v.want)
		}
	}
}

// The bars of a phase sum to its time, by any level, however few parts are shown.
func TestBars(t *testing.T) {
	p := parse(t, fixture{TP: 2, Layers: 3, Decodes: 6, Seed: 8}.Text())
	for _, o := range []BarOptions{{}, {Kernels: true}, {Top: 3}, {Top: -1, Every: 1}, {Kernels: true, Top: 1}, {Fold: []string{"LlamaMLP"}}, {Share: true}, {Share: true, Top: 4}} {
		b, err := p.Bars(o)
		if err != nil {
			t.Fatal(err)
		}
		for i, bar := range b.Bars {
			sum := 0.0
			for _, v := range bar.Values {
				sum += v
			}
			want := p.drawn(o.Every)[i].Total() / 1e3
			if o.Share {
				want = 100
			}
			if math.Abs(sum-want) > 1e-6*want {
				t.Errorf("%+v: %s sums to %g, not %g", o, bar.Label, sum, want)
			}
		}
		if k := slices.Index(b.Parts, others); k >= 0 && k != len(b.Parts)-1 {
			t.Errorf("%+v: parts %q", o, b.Parts)
		}
	}
	b, _ := p.Bars(BarOptions{})
	var labels []string
	for _, bar := range b.Bars {
		labels = append(labels, bar.Label)
	}
	if got := strings.Join(labels, " "); got != "prefill decode_1-seqs-8 decode_5-seqs-7 decode_6-seqs-7" {
		t.Error(got)
	}
	if b.Parts[0] != "MergedColumnParallelLinear(weight=bfloat16[14336, 4096])" || !slices.Contains(b.Parts, "Sampler") || !slices.Contains(b.Parts, "LogitsProcessor") {
		t.Errorf("modules %q", b.Parts)
	}
	// The final norm is the one in LlamaModel, the others are in its layers.
	if !slices.Contains(b.Parts, "RMSNorm(weight=bfloat16[4096]) <- LlamaDecoderLayer") {
		t.Errorf("modules %q", b.Parts)
	}
	b, _ = p.Bars(BarOptions{Kernels: true})
	for _, want := range []string{"cutlass_gemm_ops", "gemm_ops", "attention", "nccl_all_reduce_ops", "rms_norm_ops", "Sampler"} {
		if !slices.Contains(b.Parts, want) {
			t.Errorf("no %s among kernels %q", want, b.Parts)
		}
	}
}

// A kernel beside modules is among the others, and a note says so.
func TestBarsStray(t *testing.T) {
	root := &Node{Name: "M", CUDA: 10, Percent: 100, Children: []*Node{
		{Name: "Linear", CUDA: 6, Percent: 60, Children: []*Node{{Name: "gemm", CUDA: 6, Percent: 60}}}, {Name: "add", CUDA: 4, Percent: 40}}}
	p := &Profile{Phases: []*Phase{{Name: "prefill", Summary: []*Node{root}}}}
	b, err := p.Bars(BarOptions{})
	if err != nil || !slices.Equal(b.Parts, []string{"Linear", others}) || !slices.Equal(b.Bars[0].Values, []float64{0.006, 0.004}) || len(b.Notes) != 1 {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := (&Profile{}).Bars(BarOptions{}); err == nil {
		t.Error("no error without a phase")
	}
}

func TestClass(t *testing.T) {
	for name, want := range map[string]string{
		layerwisetest.GEMM: "cutlass_gemm_ops", layerwisetest.Ampere: "gemm_ops", layerwisetest.Flash: "attention", layerwisetest.Cache: "attention", layerwisetest.Norm: "rms_norm_ops", layerwisetest.NCCL: "nccl_all_reduce_ops",
		layerwisetest.Copy: "mem_ops", layerwisetest.Rotary: "", layerwisetest.SiLU: "", "ncclKernel_AllGather": "nccl_gather_ops", "ncclDevKernel_SendRecv": "nccl_other_ops",
		"void cross_device_reduce_1stage<x>": "cross_device_reduce_1stage_ops", "VocabParallelEmbedding": "vocab_embed_ops",
		"dynamic_scaled_int8_quant_kernel_s16816gemm": "quant_ops", "Broadcast": "",
	} {
		if got := Class(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		layerwisetest.SiLU: "vllm::act_and_mul_kernel", layerwisetest.Copy: layerwisetest.Copy, layerwisetest.Ampere: layerwisetest.Ampere, layerwisetest.Gather: "indexSelectLargeIndex",
		"QKVParallelLinear(weight=bfloat16[6144, 4096])": "QKVPLinear(bf16 [6144, 4096])",
		"RowParallelLinear <- LlamaMLP":                  "RPLinear <- LlamaMLP",
	} {
		if got := Short(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A predicted phase has the predicted time, in both tables, and survives a file.
func TestPredict(t *testing.T) {
	m := &vidur.Model{Layers: 3, Gated: true}
	st := vidur.StageTime{Layers: 3}
	for op := range st.Ops {
		st.Ops[op] = 0.01 * float64(op+1)
	}
	ph := Predict("decode_1", 8, m, &st)
	if want := st.Model() * 1e6; math.Abs(ph.Total()-want) > 1e-6*want || math.Abs(sumOf(ph.Model)-want) > 1e-6*want {
		t.Errorf("%g and %g µs, want %g", ph.Total(), sumOf(ph.Model), want)
	}
	host := 0.0
	for _, n := range ph.Model {
		host += n.CPU
	}
	if want := st.CPU() * 1e6; math.Abs(host-want) > 1e-6*want {
		t.Errorf("%g µs on the host, want %g", host, want)
	}
	if norm := find(ph.Summary[1].Children, "RMSNorm"); norm.Calls != 6 || len(norm.Children) != 2 {
		t.Errorf("norms of three layers: %+v", norm)
	}
	if layer := ph.Model[1]; layer.Children[0].Name != "RMSNorm" || layer.Children[2].Name != "RMSNorm" {
		t.Errorf("calls of a layer: %+v", layer)
	}
	p := &Profile{Context: Context{Model: "m", TP: 2, Batch: 8}, Phases: []*Phase{ph}}
	if p.Layers() != 3 {
		t.Errorf("%d layers", p.Layers())
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	q := parse(t, out.String())
	if !samePhase(q.Phases[0], ph) || q.Phases[0].Seqs != 8 || q.Context.Model != "m" || q.Context.TP != 2 {
		t.Errorf("%+v", q)
	}
	if ph := Predict("prefill", 1, &vidur.Model{LayerNorm: true}, &vidur.StageTime{}); ph.Total() != 0 || ph.Summary == nil {
		t.Error("a phase of nothing")
	}
}

// A simulated run has the phases of a measured one, with the times of the
// predictor for the batches of the engine.
func TestSimulate(t *testing.T) {
	var seen []string
	predictor := vidur.PredictorFunc(func(b *vidur.Batch, stage int) (vidur.StageTime, error) {
		seen = append(seen, fmt.Sprintf("%d/%d/%d", b.PrefillTokens, b.NumDecodes, b.DecodeCached))
		st := vidur.StageTime{Layers: 2}
		st.Ops[vidur.OpMLPUp] = float64(b.NumTokens)
		return st, nil
	})
	spec := vidur.ReplicaSpec{Model: vidur.Model{Name: "m"}, TP: 2}
	p, err := Simulate(spec, predictor, Sizes{Batch: 3, Prompt: 10, Steps: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, " "); got != "30/0/0 0/3/33 0/3/36" {
		t.Errorf("batches %s", got)
	}
	if len(p.Phases) != 3 || p.Phases[0].Total() != 60e3 || p.Phases[2].Total() != 6e3 || p.Phases[2].Name != "decode_2" || p.Phases[2].Seqs != 3 {
		t.Errorf("%+v", p)
	}
	for _, s := range []Sizes{{}, {Batch: 1}, {Batch: 1 << 12, Prompt: 1 << 12}, {Batch: 1, Prompt: 1, Steps: -1}} {
		if _, err := Simulate(spec, predictor, s); err == nil {
			t.Errorf("no error for %+v", s)
		}
	}
	spec.PP = 2
	if _, err := Simulate(spec, predictor, Sizes{Batch: 1, Prompt: 1}); err == nil {
		t.Error("no error for two stages")
	}
}
