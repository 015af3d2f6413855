package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/exectime/profile/measure"
)

const tinyConfig = `{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "intermediate_size": 128,
	"num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 200,
	"max_position_embeddings": 256, "hidden_act": "silu", "torch_dtype": "bfloat16"}`

// TestProfileRun goes the whole way of a GPU that nobody has catalogued, with a
// CPU in its place: plan, measure (interrupted once), check, fit, simulate.
func TestProfileRun(t *testing.T) {
	python, dir := torchPython(t), t.TempDir()
	t.Setenv("OMP_NUM_THREADS", "1")
	model, planFile, out := filepath.Join(dir, "tiny.json"), filepath.Join(dir, "plan.json"), filepath.Join(dir, "out")
	write(t, model, tinyConfig)
	if r := do("profile", "plan", "--model", model, "--device", "mychip", "--memory", "4GiB", "--gpus-per-node", "2", "--tp", "1,2",
		"--max-tokens", "64", "--max-batch", "8", "--ops", "token,prefill,decode,all_reduce,cpu", "-o", planFile); r.status != 0 {
		t.Fatal(r)
	}
	args := []string{"profile", "run", "--plan", planFile, "--out", out, "--device", "cpu", "--python", python, "--repeat", "5"}
	interruptRun(t, out, args)
	r := do(args...)
	if r.status != 0 || !strings.Contains(r.out, "attention.csv") || !strings.Contains(r.err, "measured before") || !strings.Contains(r.err, "left\n") {
		t.Fatal(r)
	}
	m, err := measure.ReadManifest(out)
	if err != nil {
		t.Fatal(err)
	}
	if c := m.Total(); c.OK == 0 || c.OK*10 < 9*(c.OK+c.Failed+c.OOM) || c.Left > 0 || m.Mixed != "" || m.Hello.DType != "float32" || !strings.Contains(strings.Join(m.Command, " "), "profile run") {
		t.Errorf("%+v %+v", c, m.Without)
	}
	if r := do("profile", "check", out); r.status != 0 {
		t.Error(r)
	}
	device := filepath.Join(dir, "mychip.json")
	if r := do("profile", "fit", out, "--device", "mychip", "--out", device); r.status != 0 || !strings.Contains(r.out, "estimated from its fastest operators") {
		t.Fatal(r)
	}
	simulation := []string{"simulate", "--device", device, "--model", model, "--no-files", "--requests", "5", "--cache", "none", "--trees", "20",
		"--workload", "fixed", "--prompt-tokens", "20", "--output-tokens", "5"}
	if r := do(simulation...); r.status != 0 || !strings.Contains(r.out, "5 of 5 requests complete") || !strings.Contains(r.out, "analytic") {
		t.Error(r)
	}
	if r := do(append(simulation, "--data", out, "--tp", "2")...); r.status != 0 || !strings.Contains(r.out, "measured") {
		t.Error(r)
	}
}

// interruptRun begins a run as a process and interrupts it when some points are
// measured.
func interruptRun(t *testing.T, out string, args []string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	cmd := exec.Command(os.Args[0], args...)
	var text bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), asVidur+"=1"), &text, &text
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	await(t, "points are measured", func() bool {
		raw, _ := os.ReadFile(filepath.Join(out, "measurements.jsonl"))
		return bytes.Count(raw, []byte("\n")) > 10 || len(ended) > 0
	})
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err, text.String())
	}
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Fatal(err, text.String())
	}
	if m, err := measure.ReadManifest(out); err != nil || !m.Interrupted || m.Total().OK == 0 {
		t.Error(m, err)
	}
}

func TestProfileRunErrors(t *testing.T) {
	dir := t.TempDir()
	planFile := filepath.Join(dir, "plan.json")
	if r := do("profile", "plan", "--model", "llama-2-7b", "--device", "a40", "--tp", "1", "--max-tokens", "64", "--ops", "cpu", "-o", planFile); r.status != 0 {
		t.Fatal(r)
	}
	out := filepath.Join(dir, "out")
	for _, c := range []struct{ args, want string }{
		{"--plan " + planFile, "needs --out"},
		{"--plan nothing.json --out " + out, "no such file"},
		{"--plan " + os.Args[0] + " --out " + out, "not a plan"},
		{"--plan " + planFile + " --out " + out + " --device tpu", `device "tpu"`},
		{"--plan " + planFile + " --out " + out + " --cache hot", `cache state "hot"`},
		{"--plan " + planFile + " --out " + out + " --kernels mine", `kernels "mine"`},
		{"--plan " + planFile + " --out " + out + " --timeout soon", "--timeout"},
		{"--plan " + planFile + " --out " + out + " --python " + filepath.Join(dir, "none"), "did not start"},
		{"--plan " + planFile + " --out " + out + " --frobnicate", "frobnicate"},
		{"--plan " + planFile + " -o " + out + " --tp=4", "--tp is not for a run with --plan"},
		{"--plan " + planFile + " --out " + out + " --seed 3", "--seed is not for a run with --plan"},
	} {
		r := do(append([]string{"profile", "run"}, strings.Fields(c.args)...)...)
		if r.status != exitBad || !strings.Contains(r.err, c.want) {
			t.Errorf("%s: %v; due is %q", c.args, r, c.want)
		}
	}
}

// The flags that other verbs have for other things.
func TestProfileRunOwnNames(t *testing.T) {
	for args, want := range map[string]string{
		"--plan p --device cpu":        "--plan p --on cpu",
		"--plan p --device=cuda":       "--plan p --on=cuda",
		"--device h100 --device cpu":   "--device h100 --on cpu",
		"--device h100 --on cuda":      "--device h100 --on cuda",
		"--cache cold --cache=warm":    "--cache-state cold --cache-state=warm",
		"--plan p --device --cache":    "--plan p --on --cache-state",
		"--device":                     "--device",
		"--kernels torch --device=cpu": "--kernels torch --on=cpu",
	} {
		got := ownNames(strings.Fields(args), strings.Contains(args, "--plan"))
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q; due is %s", args, got, want)
		}
	}
}

// torchPython is a Python with PyTorch: $VIDUR_TEST_TORCH, or python3 if it has
// it. The test is skipped without.
func torchPython(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("VIDUR_TEST_TORCH"); path != "" {
		return path
	}
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import torch").Run() == nil {
			return name
		}
	}
	t.Skip("no Python with PyTorch: VIDUR_TEST_TORCH names one, to run this test")
	return ""
}
