package imports

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// put writes a file of a fixture and returns its path.
func put(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantFault checks that an error is an *Error of a file, and what it says.
func wantFault(t *testing.T, err error, line int, parts ...string) {
	t.Helper()
	var at *Error
	if !errors.As(err, &at) {
		t.Errorf("error %v is no *Error; want one with %q", err, parts)
		return
	}
	if at.File == "" || at.Line != line {
		t.Errorf("error %v is of %q, line %d; want line %d", err, at.File, at.Line, line)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

// hasNote reports whether a note says all parts.
func hasNote(notes []string, parts ...string) bool {
next:
	for _, n := range notes {
		for _, p := range parts {
			if !strings.Contains(n, p) {
				continue next
			}
		}
		return true
	}
	return false
}

// fixtureKernel is a kernel of a fixture.
type fixtureKernel struct {
	name string
	us   float64
}

// layerShape says how the layers of a fixture look.
type layerShape struct {
	layers  int
	splitUp bool    // gate and up projection apart
	flash   bool    // attention by flash_fwd
	head    bool    // LM head at the end
	memset  float64 // µs
}

// decodeKernels are the launches of a decode step with the operator times of the
// analytic model, in the order in which vLLM makes them.
func decodeKernels(ref *reference, s *Step, shape layerShape) []fixtureKernel {
	us := ref.times(s)
	for op := range vidur.OpSendRecv {
		us[op] /= float64(ref.layers)
	}
	attention := "void vllm::paged_attention_v1_kernel<bf16>"
	if shape.flash {
		attention = "void flash_fwd_splitkv_kernel<128>"
	}
	list := []fixtureKernel{{"void at::native::embedding_kernel", us[vidur.OpEmbed]}}
	if shape.memset > 0 {
		list = append(list, fixtureKernel{"Memset (Device)", shape.memset})
	}
	for range shape.layers {
		list = append(list, fixtureKernel{"vllm::rms_norm_kernel", us[vidur.OpInputNorm]},
			fixtureKernel{"ampere_bf16_s16816gemm_qkv", us[vidur.OpAttnPreProj]},
			fixtureKernel{"vllm::rotary_embedding_kernel", us[vidur.OpAttnRope]},
			fixtureKernel{"vllm::reshape_and_cache_flash_kernel", us[vidur.OpKVSave]},
			fixtureKernel{attention, us[vidur.OpAttnDecode]},
			fixtureKernel{"ampere_bf16_s16816gemm_o", us[vidur.OpAttnPostProj]},
			fixtureKernel{"vllm::fused_add_rms_norm_kernel", us[vidur.OpPostNorm]})
		if up := us[vidur.OpMLPUp]; shape.splitUp {
			list = append(list, fixtureKernel{"cutlass_gate", up / 2}, fixtureKernel{"cutlass_up", up / 2})
		} else {
			list = append(list, fixtureKernel{"cutlass_gate_up", up})
		}
		list = append(list, fixtureKernel{"vllm::act_and_mul_kernel<silu>", us[vidur.OpMLPAct]},
			fixtureKernel{"gemvx_down", us[vidur.OpMLPDown]})
	}
	if shape.head {
		list = append(list, fixtureKernel{"cutlass_lm_head", us[vidur.OpLMHead]})
	}
	return list
}

// kernelRows is parsed_csvs/data_N.csv of launches.
func kernelRows(list []fixtureKernel) string {
	var b strings.Builder
	b.WriteString("kernel,gdim,bdim,tot_threads,dur,blocks_per_sm,warps_per_sm,registers_per_thread,occupancy,time_stamp\r\n")
	now := 990.0
	for _, k := range list {
		if strings.HasPrefix(k.name, "Mem") {
			fmt.Fprintf(&b, "%s,,,,%v,,,,,%v\r\n", k.name, k.us, now)
		} else {
			fmt.Fprintf(&b, "%s,\"[8, 1, 1]\",\"[128, 1, 1]\",1024,%v,0.1,0.5,64,12,%v\r\n", quoted(k.name), k.us, now)
		}
		now += k.us + 1.5
	}
	return b.String()
}

func quoted(name string) string {
	if strings.ContainsAny(name, `,"`) {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

// twin is the cyclic machine that makes a row of op_times_detailed.tsv, and the rule
// by words that makes one of op_times.tsv, written anew from their description.
type twin struct{ detailed, coarse map[string]float64 }

func newTwin(list []fixtureKernel) twin {
	cycle := []struct{ column, words string }{
		{"kqv_proj", "cutlass gemv gemm"}, {"rope", "rotary"}, {"paged_attention", "attention"},
		{"o_proj", "cutlass gemv gemm"}, {"gated_up_proj", "cutlass gemv gemm"}, {"down_proj", "cutlass gemv gemm"},
	}
	t := twin{map[string]float64{}, map[string]float64{}}
	at := 0
	for _, k := range list {
		if strings.HasPrefix(k.name, "Mem") {
			continue // its duration is lost
		}
		if c := cycle[at]; anyWord(k.name, c.words) {
			t.detailed[c.column] += k.us / 1e3
			at = (at + 1) % len(cycle)
		} else {
			t.detailed["others"] += k.us / 1e3
		}
		switch {
		case anyWord(k.name, "attention"):
			t.coarse["attention"] += k.us / 1e3
		case anyWord(k.name, "cutlass gemv gemm"):
			t.coarse["linear"] += k.us / 1e3
		default:
			t.coarse["others"] += k.us / 1e3
		}
	}
	return t
}

func anyWord(name, words string) bool {
	for _, w := range strings.Fields(words) {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// line is a row of a table.
func line(batch int, columns []string, ms map[string]float64) string {
	text := fmt.Sprintf("%-12d", batch)
	for _, c := range columns[1:] {
		text += fmt.Sprintf("%-12.4f", ms[c])
	}
	return strings.TrimRight(text, " ") + "\n"
}
