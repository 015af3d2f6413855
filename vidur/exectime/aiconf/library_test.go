package aiconf

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/govidur/govidur/vidur/exectime"
)

func TestNames(t *testing.T) {
	for path, want := range map[string]struct {
		id   ID
		kind Kind
	}{
		"/x/systems/data/h100_sxm/gemm/vllm/0.14.0/gemm_perf.parquet":            {ID{"h100_sxm", "vllm", "0.14.0"}, GEMM},
		"/x/systems/data/h100_sxm/trtllm/1.0.0rc3/context_mla_perf.txt":          {ID{"h100_sxm", "trtllm", "1.0.0rc3"}, "context_mla"},
		"/x/systems/data/h100_sxm/nccl/2.27.3/nccl_perf.txt":                     {ID{"h100_sxm", "nccl", "2.27.3"}, NCCL},
		"/t/a100_sxm_attention_vllm_0.14.0_context_attention_perf.parquet":       {ID{"a100_sxm", "vllm", "0.14.0"}, ContextAttention},
		"/t/a100_sxm_comm_vllm_0.14.0_custom_allreduce_perf.parquet":             {ID{"a100_sxm", "vllm", "0.14.0"}, CustomAllReduce},
		"/t/b200_sxm_gemm_sglang_0.5.6.post2_gemm_perf.parquet":                  {ID{"b200_sxm", "sglang", "0.5.6.post2"}, GEMM},
		"/x/systems/data/gb200/attention/sglang/1/generation_attention_perf.csv": {ID{"gb200", "sglang", "1"}, GenerationAttention},
	} {
		id, _, kind, ok := parseName(path)
		if !ok || id != want.id || kind != want.kind {
			t.Errorf("%s: %v %v %v", path, id, kind, ok)
		}
	}
	for _, path := range []string{"/x/LICENSE", "/x/gemm.parquet", "/gemm_perf.parquet", "/a/b/c/gemm_perf.json", "/a/b/c/_perf.parquet"} {
		if id, _, kind, ok := parseName(path); ok {
			t.Errorf("%s is the %s table of %s", path, kind, id)
		}
	}
}

func TestOpen(t *testing.T) {
	dir := small(t)
	writeText(t, dir, "README.md", "no table")
	writeText(t, dir, "h100_sxm/mla/vllm/1.0/context_mla_perf.parquet", "not read")
	tables := open(t, dir).Tables()
	if len(tables) != 5 {
		t.Fatalf("%d tables: %+v", len(tables), tables)
	}
	i := slices.IndexFunc(tables, func(i Info) bool { return i.Kind == GEMM })
	got := tables[i]
	if got.ID != h100 || got.Rows != 45 || got.Family != "gemm" || len(got.SHA256) != 64 || !got.Read ||
		!slices.Equal(got.Dtypes, []string{"bfloat16"}) || !slices.Equal(got.Engines, []string{"1.0"}) {
		t.Errorf("%+v", got)
	}
	if i := slices.IndexFunc(tables, func(i Info) bool { return i.Kind == "context_mla" }); tables[i].Read || tables[i].Rows != 0 {
		t.Errorf("%+v", tables[i])
	}
	if sub := open(t, filepath.Join(dir, "h100_sxm", "gemm", "vllm")).Tables(); len(sub) != 1 || sub[0].ID != h100 {
		t.Errorf("a folder inside the tree: %+v", sub)
	}
}

func TestOpenErrors(t *testing.T) {
	_, err := Open(t.TempDir())
	wantError(t, err, "no table")
	_, err = Open(filepath.Join(t.TempDir(), "none"))
	wantError(t, err, "none")
	dir := small(t)
	write(t, dir, "h100_sxm_gemm_vllm_1.0_gemm_perf.parquet", gemms())
	_, err = Open(dir)
	wantError(t, err, "both the gemm table")
	dir = t.TempDir()
	writeText(t, dir, "a/vllm/1/gemm_perf.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
	_, err = Open(dir)
	wantError(t, err, "Git LFS")
	dir = t.TempDir()
	writeText(t, dir, "a/vllm/1/gemm_perf.parquet", "PAR1 and nothing")
	_, err = Open(dir)
	wantError(t, err, "gemm_perf.parquet", "Parquet")
	dir = t.TempDir()
	writeText(t, dir, "a/vllm/1/gemm_perf.csv", "m,n\n1,\"2\n")
	_, err = Open(dir)
	wantError(t, err, "gemm_perf.csv")
}

// Faults of rows, by a line that takes the place of a good one.
func TestRowErrors(t *testing.T) {
	const header = "gemm_dtype,m,n,k,latency\n"
	const good = "bfloat16,8,64,64,0.5\n"
	for _, c := range []struct {
		content string
		want    []string
	}{
		{"gemm_dtype,m,n,latency\nbfloat16,1,1,1\n", []string{`no column "k"`, "it has gemm_dtype, m, n, latency"}},
		{"a\n1\n", []string{`"gemm_dtype", "m", "n", "k", "latency"`}},
		{header + good + "bfloat16,8,64,64,NaN\n", []string{`line 3: column "latency"`, "NaN"}},
		{header + "bfloat16,8,64,64,0\n", []string{`line 2: column "latency"`, "positive"}},
		{header + "bfloat16,8,64,64,-1\n", []string{"positive"}},
		{header + "bfloat16,8,64,64,+Inf\n", []string{"finite"}},
		{header + "bfloat16,8,64,64,\n", []string{"no value"}},
		{header + "bfloat16,8.5,64,64,1\n", []string{`column "m"`, "whole number"}},
		{header + "bfloat16,0,64,64,1\n", []string{`column "m"`, "from 1 on"}},
		{header + "bfloat16,8,1e300,64,1\n", []string{`column "n"`, "whole"}},
		{header + "bfloat16,8,x,64,1\n", []string{`column "n"`, `"x" is not a number`}},
		{header + good + "bfloat16,8,64,64,1.01\n", []string{`line 3: column "latency"`, "0.5 and 1.01 ms, from line 2 on", "M:8"}},
		{"\ufeff" + header + "\r\n" + good + "\"bfloat16\",8,\"64\",64,\r\n", []string{`line 4: column "latency"`, "no value"}},
		{header, []string{"the table has no rows"}},
		{"framework," + header + "VLLM," + good + "vllm," + good + "SGLang," + good, []string{`column "framework": rows of sglang, vllm: times of different engines do not mix`}},
		{"version," + header + "1," + good + "1.1," + good, []string{`column "version": rows of 1, 1.1: times of different engines do not mix`}},
	} {
		dir := t.TempDir()
		writeText(t, dir, "s/vllm/1/gemm_perf.csv", c.content)
		_, err := open(t, dir).Check()
		wantError(t, err, append(c.want, "gemm_perf.csv")...)
	}
	dir := t.TempDir()
	writeText(t, dir, "s/vllm/1/gemm_perf.txt", header+good+"bfloat16,8,64,64,0.7\n")
	l := open(t, dir)
	g, err := l.GEMM(ID{"s", "vllm", "1"}, gpuOf(t, "h100"), "bfloat16")
	if err != nil {
		t.Fatal(err)
	}
	if a := g.At(8, 64, 64); math.Abs(a.Ms-0.6) > 1e-15 || a.How != Measured {
		t.Errorf("the mean of 0.5 and 0.7 ms: %+v", a)
	}
	_, err = l.GEMM(ID{"s", "vllm", "1"}, gpuOf(t, "h100"), "fp8")
	wantError(t, err, `no "fp8"`, "bfloat16")
	_, err = l.GEMM(ID{"s", "vllm", "2"}, gpuOf(t, "h100"), "fp8")
	wantError(t, err, "no gemm table of s vllm 2; there are s vllm 1 (gemm)")
}

// A table that states another engine than its place is noted where it is used.
func TestFrameworkOfAnother(t *testing.T) {
	for framework, want := range map[string]string{"VLLM": "", "SGLang": "; rows of gemm_perf.csv state framework sglang"} {
		dir := t.TempDir()
		writeText(t, dir, "h100_sxm/vllm/1/gemm_perf.csv", "framework,version,gemm_dtype,m,n,k,latency\n"+framework+",1,bfloat16,8,12288,4096,0.5\n")
		s, err := open(t, dir).Predictor(replica(t, "meta-llama/Llama-2-7b-hf", "h100", 1, 1), Options{AllowMissing: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Origins()[0].Note; !strings.HasSuffix(got, "weights measured"+want) {
			t.Errorf("rows of %s: %q", framework, got)
		}
	}
}

// A folder of tables may be a link, as those of data that a store keeps are.
func TestLinkedTables(t *testing.T) {
	dir := t.TempDir()
	writeText(t, dir, "store/h100_sxm/vllm/1/gemm_perf.csv", "gemm_dtype,m,n,k,latency\nbfloat16,8,64,64,0.5\n")
	for name, to := range map[string]string{"linked": "store", "data/h100_sxm/vllm": "store/h100_sxm/vllm"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(dir, filepath.FromSlash(to)), path); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	for _, name := range []string{"store", "linked", "data"} {
		l, err := Open(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := l.Tables(); len(got) != 1 || got[0].ID != (ID{"h100_sxm", "vllm", "1"}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// One point in more than a thousand may contradict itself: it is left out and listed.
func TestOddPointIsLeftOut(t *testing.T) {
	var rows []gemmRow
	for m := range int64(1500) {
		rows = append(rows, gemmRow{"1", "bfloat16", m + 1, 4096, 4096, 0.1 + float64(m)*1e-3, false})
	}
	rows = append(rows, gemmRow{"1", "bfloat16", 700, 4096, 4096, 50, false})
	dir := t.TempDir()
	write(t, dir, "s/vllm/1/gemm_perf.parquet", rows)
	l := open(t, dir)
	odd, err := l.Check()
	if err != nil || len(odd) != 1 || !strings.Contains(odd[0], "row 1501") {
		t.Fatal(odd, err)
	}
	g, err := l.GEMM(ID{"s", "vllm", "1"}, gpuOf(t, "h100"), "bfloat16")
	if err != nil {
		t.Fatal(err)
	}
	if a := g.At(700, 4096, 4096); a.How != Interpolated || math.Abs(a.Ms-0.799) > 0.001 {
		t.Errorf("%+v", a)
	}
	rows = append(rows, gemmRow{"1", "bfloat16", 701, 4096, 4096, 50, false})
	write(t, dir, "s/vllm/1/gemm_perf.parquet", rows)
	_, err = open(t, dir).Check()
	wantError(t, err, "2 of 1500 points")
}

// What a truncated or changed file makes of itself is an error or a table, and
// never a panic.
func TestCorruptParquet(t *testing.T) {
	raw, err := os.ReadFile(write(t, t.TempDir(), "s/vllm/1/gemm_perf.parquet", gemms()))
	if err != nil {
		t.Fatal(err)
	}
	for n := range raw {
		if n%7 == 0 {
			tryParquet(t, raw[:n])
			flipped := bytes.Clone(raw)
			flipped[n] ^= 0x55
			tryParquet(t, flipped)
		}
	}
}

func tryParquet(t testing.TB, raw []byte) {
	s, err := openSheet("gemm_perf.parquet", raw)
	if err != nil {
		return
	}
	data, err := s.parse(GEMM)
	if err != nil {
		return
	}
	for dtype, set := range data.(*gemmData).dtypes {
		g := &GEMMTable{set: set, gpu: gpuOf(t, "h100"), narrow: narrower(dtype)}
		g.bound = g.gpu.Bound()
		if a := g.At(3, 100, 100); !(a.Ms > 0) || math.IsInf(a.Ms, 0) {
			t.Errorf("a table that was read answers %+v", a)
		}
	}
}

func FuzzParquet(f *testing.F) {
	var b bytes.Buffer
	if err := parquet.Write(&b, gemms()[:12]); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 8<<10 {
			t.Skip()
		}
		tryParquet(t, raw)
	})
}

func TestCacheTypes(t *testing.T) {
	rows := decodes()
	for i := range rows {
		rows[i].Attn, rows[i].Cache = "fp8", "fp8"
	}
	dir := t.TempDir()
	write(t, dir, "h100_sxm/vllm/1.0/generation_attention_perf.parquet", append(rows, decodes()...))
	l := open(t, dir)
	h := exectime.Heads{Q: 32, KV: 8, Dim: 128}
	for kv, want := range map[string]string{"fp8": "fp8/fp8", "bfloat16": "bfloat16/bfloat16", "fp8/fp8": "fp8/fp8"} {
		d, err := l.Decode(h100, gpuOf(t, "h100"), kv, h)
		if err != nil || d.Dtype != want {
			t.Error(kv, d, err)
		}
	}
	_, err := l.Decode(h100, gpuOf(t, "h100"), "int8", h)
	wantError(t, err, `no "int8"`, "fp8/fp8")
	_, err = l.Decode(h100, gpuOf(t, "h100"), "fp8", exectime.Heads{Q: 32})
	wantError(t, err, "at least 1")
}
