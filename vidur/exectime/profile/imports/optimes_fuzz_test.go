package imports

import (
	"errors"
	"math"
	"testing"
)

// sound checks what every reader promises: an *Error, or a trace of finite times.
func sound(t *testing.T, trace *Trace, err error) {
	t.Helper()
	var at *Error
	if err != nil {
		if !errors.As(err, &at) || at.File == "" {
			t.Fatalf("error %v of no file", err)
		}
		return
	}
	for _, s := range trace.Steps {
		if s.Requests < 1 || s.Tokens < s.Requests || s.Cached < 0 {
			t.Fatalf("step %+v", s)
		}
		for _, k := range s.Kernels {
			if !(k.Time >= 0) || math.IsInf(k.Time, 0) || k.Calls < 1 {
				t.Fatalf("kernel %+v", k)
			}
		}
	}
	for _, r := range trace.Rows {
		if !(r.Time >= 0) || math.IsInf(r.Time, 0) || r.X < 1 || r.Cached < 0 {
			t.Fatalf("row %+v", r)
		}
	}
}

func FuzzOpTimes(f *testing.F) {
	f.Add(sample)
	f.Add("batch_size attention linear others\n1 0 0 0\n")
	f.Add("\ufeffbatch_size\tattention\tlinear\tothers\r\n3\t1e308\t1e308\t0\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := parseOpTimes("f.tsv", []byte(text))
		trace := &Trace{}
		if err == nil {
			err = table.steps(trace, Options{Spec: replica(t, "llama-3-8b", "h100", 2)})
		}
		sound(t, trace, err)
	})
}

func FuzzKernelRows(f *testing.F) {
	f.Add(kernelRows([]fixtureKernel{{"Memset (Device)", 1.5}, {"void f<a, b>(int)", 3}}))
	f.Add("kernel,dur,num_calls\n\"a \"\" b\",1e308,5\n")
	f.Fuzz(func(t *testing.T, text string) {
		kernels, _, err := parseKernelRows("data_3.csv", []byte(text))
		sound(t, &Trace{Steps: []Step{{Requests: 1, Tokens: 1, Kernels: kernels}}}, err)
	})
}

func FuzzEngineLog(f *testing.F) {
	f.Add(engineLog)
	f.Add(`{"message":"MODEL_EXEC","forward_time_ms":1e300,"logits_time_ms":1e300}`)
	f.Fuzz(func(t *testing.T, text string) {
		o := Options{Spec: replica(t, "llama-3-8b", "h100", 1), Batch: 3}
		ref, err := newReference(o)
		if err != nil {
			t.Fatal(err)
		}
		steps, _, err := parseEngineLog("a.jsonl", []byte(text), o)
		trace := &Trace{}
		if err == nil {
			addLogSteps(trace, ref, steps, 32)
		}
		sound(t, trace, err)
	})
}

func FuzzKernelDat(f *testing.F) {
	f.Add("bsize,kernel,op_type\n1,a,rope\n1,\"b, c\",o_proj\n")
	f.Fuzz(func(t *testing.T, text string) {
		trace := &Trace{File: "kernel_dat.csv"}
		err := parseKernelDat(trace, []byte(text))
		sound(t, trace, err)
		for i := range trace.Rules {
			if err := trace.Rules[i].compile(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzBundle(f *testing.F) {
	for _, name := range []string{"tp1/dense.csv", "tp1/per_sequence.csv", "tp1/attention.csv", "tp1/skew.csv", "tp1/skew_fit.csv", "tp2/moe.csv"} {
		f.Add(bundleFiles[name])
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := put(t, dir, "any.csv", text)
		for _, table := range bundleTables {
			b := &bundle{trace: &Trace{}, norms: map[int]Row{}, picks: map[int]Row{}}
			err := table.read(b, path)
			b.finish(1)
			sound(t, b.trace, err)
		}
	})
}

func FuzzBundleMeta(f *testing.F) {
	f.Add(bundleMetaText)
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := parseMeta("meta.yaml", []byte(text))
		sound(t, &Trace{}, err)
	})
}
