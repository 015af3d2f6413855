package imports

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

const oneKernel = `{"traceEvents": [
{"ph":"X","cat":"kernel","name":"gemm","pid":0,"tid":7,"ts":10,"dur":5,"args":{"device":0,"stream":7}}
]}`

func TestKinetoErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "t.json:1: the file ends in the middle"},
		{"7", "t.json:1: 7 where a trace begins"},
		{"{}", "t.json:1: no traceEvents"},
		{`{"traceEvents": 5}`, "traceEvents is no list"},
		{`{"traceEvents": []}`, "t.json: no kernel in it"},
		{`[{"ph":"M"},` + "\n" + `{"ph":"M"},` + "\n" + `{ph}]`, "t.json:3: invalid character"},
		{oneKernel[:len(oneKernel)-30], "t.json:2: the file ends in the middle"},
		{oneKernel[:len(oneKernel)-4], "the file ends in the middle"},
		{strings.Replace(oneKernel, `"dur":5`, `"dur":"x"`, 1), `t.json:2: kernel "gemm" has no ts and dur`},
		{strings.Replace(oneKernel, `"dur":5`, `"dur":-5`, 1), `t.json:2: kernel "gemm" has no ts and dur`},
		{strings.Replace(oneKernel, `"cat"`, `cat`, 1), "t.json:2: invalid character"},
		{"\x1f\x8bxx", "t.json:1: "},
	} {
		_, err := parseKineto("t.json", strings.NewReader(c.text), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v instead of %q of %s", err, c.want, c.text)
		}
		var at *Error
		if !errors.As(err, &at) {
			t.Errorf("%v is no *Error", err)
		}
	}
}

// Kernels of two GPUs, two streams and without a launch are told of.
func TestKinetoNotes(t *testing.T) {
	text := `{"other": {"x": [1]}, "traceEvents": [
{"ph":"X","cat":"kernel","name":"a","pid":0,"tid":7,"ts":10,"dur":5,"args":{"device":0,"stream":7}},
{"ph":"X","cat":"kernel","name":"b","pid":1,"tid":7,"ts":10,"dur":50.5,"args":{"device":1,"stream":7}},
{"ph":"X","cat":"kernel","name":"c","pid":1,"tid":9,"ts":"40","dur":30,"args":{"device":1,"stream":9}},
{"ph":"X","cat":"gpu_memset","name":"Memset (Device)","pid":1,"tid":9,"ts":200,"dur":1,"args":{}}
]}`
	trace, err := parseKineto("t", strings.NewReader(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(trace.Notes, "\n")
	for _, want := range []string{"GPUs [0 1]: number 1", "2 streams overlap for 20.5 µs", "3 of 3 kernels name no call", "no annotation marks steps"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in\n%s", want, notes)
		}
	}
	if n := len(trace.Steps[0].Kernels); n != 3 {
		t.Errorf("%d kernels", n)
	}
	if trace, err = parseKineto("t", strings.NewReader(text), Options{Choose: "0"}); err != nil || len(trace.Steps[0].Kernels) != 1 {
		t.Error("GPU 0 cannot be chosen", err)
	}
	if _, err = parseKineto("t", strings.NewReader(text), Options{Choose: "5"}); err == nil || !strings.Contains(err.Error(), "no kernels on GPU 5") {
		t.Error(err)
	}
	if trace, err = parseKineto("t", strings.NewReader(text), Options{Gap: 100, Phase: "decode", Cached: 7, Batch: 2}); err != nil || len(trace.Steps) != 2 || trace.Steps[1].Cached != 8 {
		t.Error(trace, err)
	}
	if _, err = parseKineto("t", strings.NewReader(text), Options{Skip: 1}); err == nil {
		t.Error("all steps were skipped")
	}
}

func TestRulesErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"{\n", "r.json:1: unexpected EOF"},
		{`{"rules": [{"op": "add"}]}`, "r.json: rule 1: neither pattern nor module"},
		{`{"rules": [{"pattern": "x", "op": "sum"}]}`, `r.json: rule 1: op "sum" is none of`},
		{`{"rules": [{"pattern": "(", "op": "add"}]}`, "r.json: rule 1: error parsing regexp"},
		{`{"rules": [{"name": "x", "op": "add"}]}`, `unknown field "name"`},
	} {
		if _, err := parseRules("r.json", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v instead of %q", err, c.want)
		}
	}
}

// A user's rules are looked at before the shipped ones.
func TestOwnRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(path, []byte(`{"rules": [{"pattern": "^mystery", "op": "mlp_act"}, {"module": "Odd$", "op": "add"}]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	rules, err := NewRules(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{"mystery_kernel", "", "mlp_act"}, {"whatever", "Model/Odd", "add"}, {"unheard", "", ""},
		{"void flash::flash_fwd_kernel<Traits>", "", "attention"},
		{"void cutlass::device_kernel<flash::FlashAttnFwdSm90>", "", "attention"},
		{"nvjet_hsh_128x64_TNT", "", "gemm"},
		{"nvjet_hsh_128x64_TNT", "LlamaModel/LlamaDecoderLayer/LlamaMLP/RowParallelLinear", "mlp_down_proj"},
		{"nvjet_hsh_128x64_TNT", "LlamaModel/LlamaDecoderLayer/LlamaAttention/RowParallelLinear", "attn_post_proj"},
		{"ncclDevKernel_AllReduce_Sum_bf16_RING_LL", "LlamaMLP/RowParallelLinear", "all_reduce"},
		{"triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_0", "LlamaDecoderLayer/RMSNorm", "norm"},
		{"Memcpy DtoD (Device -> Device)", "LlamaAttention/QKVParallelLinear", "other"},
	} {
		if got := rules.match(c[0], c[1]); got != c[2] {
			t.Errorf("%s in %q is %q, not %q", c[0], c[1], got, c[2])
		}
	}
}

// A step of which too little is known is an error, and leaves nothing behind.
func TestConvertErrors(t *testing.T) {
	spec := replica(t, "llama-2-7b", "a100", 1)
	kernels := []Kernel{{Name: "gemm", Time: 5, Calls: 1}}
	for _, c := range []struct {
		step Step
		want string
	}{
		{Step{Name: "s", Kernels: kernels}, "t: step s: how many requests"},
		{Step{Name: "s", Prefill: true, Requests: 2, Tokens: 1, Kernels: kernels}, "how many requests"},
		{Step{Name: "s", Requests: 2, Tokens: 4, Cached: 3, Kernels: kernels}, "4 tokens of 2 requests that decode"},
		{Step{Name: "s", Requests: 2, Tokens: 2, Kernels: kernels}, "how many tokens are cached"},
	} {
		_, err := Convert(&Trace{File: "t", Steps: []Step{c.step}}, nil, spec)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v instead of %q", err, c.want)
		}
	}
	if _, err := Convert(&Trace{File: "t"}, nil, spec); err == nil {
		t.Error("an empty trace is none")
	}
	if _, err := Convert(&Trace{File: "t"}, nil, vidur.ReplicaSpec{}); err == nil {
		t.Error("no model")
	}
}

func FuzzKineto(f *testing.F) {
	f.Add([]byte(oneKernel))
	f.Add([]byte(`[{"ph":"X","cat":"user_annotation","name":"ProfilerStep#1","ts":1,"dur":99},{"ph":"X","cat":"kernel","name":"a","ts":2.5,"dur":1,"args":{"correlation":3,"graph node id":4}}]`))
	f.Add([]byte(`{"traceEvents":[{"ph":"X","cat":"python_function","name":"nn.Module: A_0","tid":1,"ts":1,"dur":9}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		trace, err := parseKineto("f", strings.NewReader(string(raw)), Options{Batch: 1, Prompt: 9})
		if (trace == nil) == (err == nil) {
			t.Fatal(trace, err)
		}
		if trace != nil {
			mustConvert(t, trace)
		}
	})
}

func FuzzAverages(f *testing.F) {
	f.Add(printTable([]tableRow{{"gemm", 0, 5, 1}, {"aten::mm", 3, 5, 2}}, usual, 40, 11))
	f.Add(printTable([]tableRow{{"gemm", 0, 5e7, 1}}, usual[:7], 5, -1))
	f.Fuzz(func(t *testing.T, text string) {
		trace, err := parseAverages("f", text, Options{Batch: 1, Prompt: 9})
		if (trace == nil) == (err == nil) {
			t.Fatal(trace, err)
		}
		if trace != nil {
			mustConvert(t, trace)
		}
	})
}

func FuzzRules(f *testing.F) {
	f.Add([]byte(`{"rules": [{"pattern": "x", "op": "add"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if rules, err := parseRules("f", raw); err == nil {
			rules.match("kernel", "Model/Layer")
		}
	})
}

// mustConvert holds the sum: what goes in as kernels comes out as operators.
func mustConvert(t *testing.T, trace *Trace) {
	t.Helper()
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	spec := replica(t, "llama-2-7b", "a100", 2)
	total := 0.0
	for i := range trace.Steps {
		total += trace.Steps[i].Time()
	}
	r, err := Convert(trace, rules, spec)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, row := range r.Rows {
		op, _ := opByName(row.Op)
		us := row.Time
		if op < vidur.OpSendRecv {
			us *= float64(spec.Model.Layers)
		}
		if op == vidur.OpAllReduce {
			us *= 2
		}
		sum += us
	}
	if d := sum - total; d > 1e-9*total || d < -1e-9*total {
		t.Fatalf("rows are %v µs, kernels %v", sum, total)
	}
}

// A trace of several devices without an all-reduce is one of something else, or of
// kernels that no rule knows.
func TestNoAllReduce(t *testing.T) {
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	for _, tp := range []int{1, 2} {
		text := (&fixture{spec: replica(t, "llama-2-7b", "a100", 1), batch: 2, prompt: 16, decodes: 1}).make(t).out.String()
		trace, err := parseKineto("t.json", strings.NewReader(text), Options{Batch: 2, Prompt: 16})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Convert(trace, rules, replica(t, "llama-2-7b", "a100", tp))
		if err != nil || hasNote(r.Notes, "no kernel is an all-reduce") != (tp > 1) {
			t.Errorf("TP %d: %q, %v", tp, r.Notes, err)
		}
	}
}

// A folder is read through links, and a byte order mark is no part of a file.
func TestFolderOfLinks(t *testing.T) {
	dir := t.TempDir()
	text := (&fixture{spec: replica(t, "llama-2-7b", "a100", 1), batch: 2, prompt: 16, decodes: 1}).make(t).out.String()
	put(t, dir, "store/trace.json", "\ufeff"+text)
	if err := os.Symlink("store", filepath.Join(dir, "linked")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	traces, err := Open(filepath.Join(dir, "linked"), "", Options{Batch: 2, Prompt: 16})
	if err != nil || len(traces) != 1 || len(traces[0].Steps) != 2 {
		t.Fatalf("%d traces, %v", len(traces), err)
	}
	through, err := hash(filepath.Join(dir, "linked"))
	plain, err2 := hash(filepath.Join(dir, "store"))
	if err != nil || err2 != nil || through != plain {
		t.Errorf("%s %v, %s %v", through, err, plain, err2)
	}
}
