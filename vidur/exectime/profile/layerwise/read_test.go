package layerwise

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// Every number of a constructed file is read, in its place and with its line.
func TestParse(t *testing.T) {
	for _, f := range []fixture{newer, {TP: 2, Layers: 2, Decodes: 3, Seed: 2}} {
		text := f.Text()
		p := parse(t, text)
		c := p.Context
		if c.Model != "meta-llama/Meta-Llama-3-8B" || c.TP != f.TP || c.Prompt != prompt || c.Batch != batch || c.Steps != 4 || c.Device != "NVIDIA H100 80GB HBM3" {
			t.Errorf("context %+v", c)
		}
		if p.Old || len(p.Phases) != 1+f.Decodes || p.Layers() != f.Layers {
			t.Fatalf("old %v, %d phases, %d layers", p.Old, len(p.Phases), p.Layers())
		}
		lines := strings.Split(text, "\n")
		for i, ph := range p.Phases {
			if ph.Prefill() != (i == 0) || ph.Step != i || ph.Copy {
				t.Errorf("phase %d is %q, step %d", i, ph.Name, ph.Step)
			}
			if !strings.Contains(lines[ph.Line-1], ph.Name) {
				t.Errorf("%s is not in line %d", ph.Name, ph.Line)
			}
			for _, n := range ph.modules() {
				if !strings.Contains(lines[n.Line-1], fmt.Sprintf("%q", n.Name)) {
					t.Fatalf("%s: %q is not in line %d", ph.Name, n.Name, n.Line)
				}
			}
		}
		if want := map[bool]int{false: 0, true: 1}[f.TP > 1]; len(p.Notes) != want {
			t.Errorf("TP %d: notes %q", f.TP, p.Notes)
		}
	}
}

// Both tables have the same time; kernels have all of it, whichever they come from.
func TestSums(t *testing.T) {
	p := parse(t, fixture{TP: 2, Layers: 4, Decodes: 2, Seed: 3}.Text())
	for _, ph := range p.Phases {
		onlyModel := &Phase{Name: ph.Name, Model: ph.Model}
		a, b := ph.Leaves(), onlyModel.Leaves()
		if len(a) != len(b) {
			t.Fatalf("%d kernels by the summary, %d by the calls", len(a), len(b))
		}
		sum := 0.0
		for i := range a {
			sum += a[i].CUDA
			if a[i].Node.Name != b[i].Node.Name || a[i].Module != b[i].Module || a[i].Calls != b[i].Calls || math.Abs(a[i].CUDA-b[i].CUDA) > 1e-9*a[i].CUDA {
				t.Errorf("%+v by the summary, %+v by the calls", a[i], b[i])
			}
		}
		if math.Abs(sum-ph.Total()) > 1e-9*sum {
			t.Errorf("kernels take %g of %g µs", sum, ph.Total())
		}
	}
	if m := p.Phases[0].Leaves()[1].Module; m != "LlamaForCausalLM/LlamaModel/LlamaDecoderLayer/RMSNorm(weight=bfloat16[4096])" {
		t.Error(m)
	}
}

// The profiler of 2024 lost the first decode step and wrote the last one twice.
func TestOldNumbers(t *testing.T) {
	f := fixture{TP: 1, Layers: 2, Decodes: 4, Old: true, Seed: 5}
	p := parse(t, f.Text())
	right := f
	right.Old = false
	truth := parse(t, right.Text())
	if !p.Old || p.Context.Output != 5 || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "step 1 is lost") {
		t.Errorf("old %v, %+v, notes %q", p.Old, p.Context, p.Notes)
	}
	for i, ph := range p.Phases[1:] {
		want := min(i+2, 4)
		if ph.Step != want || ph.Copy != (i == 3) || ph.Total() != truth.Phases[want].Total() {
			t.Errorf("%s is step %d, copy %v", ph.Name, ph.Step, ph.Copy)
		}
	}
	f.Decodes = 1
	if p := parse(t, f.Text()); len(p.Notes) != 0 || p.Phases[1].Step != 1 {
		t.Errorf("one decode step: %q", p.Notes)
	}
	// Steps of equal time are not a copy in a file that is not of that profiler.
	same := strings.Replace(right.Text(), `"decode_2"`, `"decode_9"`, 1)
	if p := parse(t, same); len(p.Notes) != 0 {
		t.Errorf("notes %q", p.Notes)
	}
}

// What is written is read back the same.
func TestWrite(t *testing.T) {
	for _, f := range []fixture{newer, {TP: 2, Layers: 1, Decodes: 3, Old: true, Seed: 4}} {
		p := parse(t, f.Text())
		var out bytes.Buffer
		if err := p.Write(&out); err != nil {
			t.Fatal(err)
		}
		q := parse(t, out.String())
		if !reflect.DeepEqual(p.Context.Batch, q.Context.Batch) || p.Old != q.Old || !reflect.DeepEqual(p.Notes, q.Notes) {
			t.Errorf("%+v and %+v", p, q)
		}
		for i, ph := range p.Phases {
			if !samePhase(ph, q.Phases[i]) || ph.Seqs != q.Phases[i].Seqs || ph.Step != q.Phases[i].Step {
				t.Errorf("%s differs", ph.Name)
			}
		}
		if out.String() != f.Text()+"\n" {
			a, b := strings.Split(strings.TrimSpace(out.String()), "\n"), strings.Split(f.Text(), "\n")
			for i := range a {
				// Python writes 3.0 where Go writes 3.
				if i >= len(b) || a[i] != b[i] && strings.ReplaceAll(a[i]+",", ".0,", ",") != strings.ReplaceAll(b[i]+",", ".0,", ",") {
					t.Fatalf("line %d is %s", i+1, a[i])
				}
			}
		}
	}
}

// A table in CSV has no depths; times give them back.
func TestCSV(t *testing.T) {
	dir := t.TempDir()
	p := parse(t, fixture{TP: 2, Layers: 3, Decodes: 1, Seed: 6}.Text())
	for i, phase := range []string{"prefill", "decode"} {
		for _, table := range []string{Summary, Model} {
			var b bytes.Buffer
			if err := p.Phases[i].CSV(&b, table); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "run_"+phase+"_"+table+"_table.csv"), b.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, one := range []string{"run_prefill_summary_table.csv", "run_decode_model_table.csv"} {
		q, err := Read(filepath.Join(dir, one))
		if err != nil {
			t.Fatal(err)
		}
		for i, ph := range p.Phases {
			if !samePhase(ph, q.Phases[i]) || ph.Name != q.Phases[i].Name {
				t.Errorf("%s: %s is another tree", one, ph.Name)
			}
		}
		if q.Layers() != 3 || q.Context.Model != "" || !strings.Contains(strings.Join(q.Notes, "\n"), "does not say model") {
			t.Errorf("%d layers, notes %q", q.Layers(), q.Notes)
		}
	}
}

// Modules without GPU time may move up; everything else keeps its place, and a
// note says so.
func TestCSVWithEmptyModules(t *testing.T) {
	text := `,name,cuda_time_us,pct_cuda_time,invocations
0,Model,5.0,100.0,1
1,Dropout,0.0,0.0,1
2,Linear(weight=f16[2]),3.0,60.0,2
3,ampere_gemm,3.0,60.0,2
4,Norm,2.0,40.0,1
5,norm_kernel,2.0,40.0,1
6,Identity,0.0,0.0,1
7,Sampler,1.0,0.0,1
8,sampler_kernel,1.0,0.0,1
`
	p, err := Parse("x_prefill_summary_table.csv", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := p.Phases[0].Rows(Summary)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, r := range rows {
		got += fmt.Sprintf("%d%s ", r.Depth, r.Name)
	}
	if want := "0Model 1Dropout 1Linear(weight=f16[2]) 2ampere_gemm 1Norm 2norm_kernel 0Identity 0Sampler 1sampler_kernel "; got != want {
		t.Error(got)
	}
	if !strings.Contains(p.Notes[0], "2 modules without GPU time") {
		t.Errorf("%q", p.Notes)
	}
	p, err = Parse("x_prefill_summary_table.csv", []byte(strings.Replace(text, "norm_kernel,2.0", "norm_kernel,9.0", 1)))
	if err != nil || !strings.Contains(strings.Join(p.Notes, "\n"), "depths there are guessed") {
		t.Errorf("%v, %q", err, p.Notes)
	}
}

func TestErrors(t *testing.T) {
	good := newer.Text()
	entry := "{\"prefill\": {\"summary_stats\": [\n{\"entry\": {\"name\": \"a\", \"cuda_time_us\": 1, \"pct_cuda_time\": 2, \"invocations\": 3}, \"children\": []}\n]}}"
	for _, v := range []struct{ file, text, want string }{
		{"p.json", "", "p.json: the file is empty"},
		{"p.json", "{}", "p.json: no phase"},
		{"p.json", good[:len(good)/2], "the file is cut short"},
		{"p.json", "{\n\"context\": {},\n\"prefill\": 3}", "p.json:3: prefill is 3, not an object"},
		{"p.json", "[1]", "p.json:1: the file is a list"},
		{"p.json", "{\n\"decode_0\": {}}", `p.json:2: "decode_0" is no phase`},
		{"p.json", "{\n\n,", "p.json:3: invalid character ','"},
		{"p.json", "{\"context\": {\"batch_size\": \"x\"}, \"prefill\": {}}", "p.json:1: the context"},
		{"p.json", "{\"context\": {\"batch_size\": -1}, \"prefill\": {}}", "below 0"},
		{"p.json", "{\"prefill\": {}, \"prefill\": {}}", "stands twice"},
		{"p.json", strings.Replace(entry, "1,", "-1,", 1), "p.json:2: cuda_time_us is -1"},
		{"p.json", strings.Replace(entry, "1,", "1e999,", 1), "p.json:2: cuda_time_us is 1e999"},
		{"p.json", strings.Replace(entry, "1,", "NaN,", 1), "p.json:2: invalid character 'N'"},
		{"p.json", strings.Replace(entry, "3}", "1.5}", 1), "p.json:2: invocations is 1.5"},
		{"p.json", strings.Replace(entry, "\"a\"", "7", 1), "p.json:2: name is 7, not text"},
		{"p.json", strings.Replace(entry, "invocations", "calls", 1), `an entry has no "invocations"`},
		{"p.json", strings.Replace(entry, "entry", "node", 1), `a node has no "entry"`},
		{"p.json", entry + " 1", "more after the end"},
		{"p.json", "{\"prefill\": {\"summary_stats\": " + strings.Repeat(`[{"children": `, 2000), "deep in each other"},
		{"p.csv", ",name,cuda_time_us,invocations\n0,a,1,2\n", "p.csv:1: neither a layerwise profile"},
		{"p.csv", "a,b\n1,2\n", "p.csv:1: neither a layerwise profile"},
		{"p.csv", "name,cuda_time_us,pct_cuda_time,invocations\na,1,2,x\n", `p.csv:2: column "invocations": "x"`},
		{"p.csv", "name,cuda_time_us,pct_cuda_time,invocations\n\"b\nc\",1,2,3\na,nan,2,1\n", `p.csv:4: column "cuda_time_us"`},
		{"p.csv", "name,cuda_time_us,pct_cuda_time,invocations\na,1,2,1.5\n", `p.csv:2: column "invocations"`},
		{"p.csv", ",name,cuda_time_us,pct_cuda_time,invocations\n0,a,1\n", "p.csv:2: wrong number of fields"},
	} {
		_, err := Parse(v.file, []byte(v.text))
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%.60q: %v, want %q", v.text, err, v.want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.json")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// Columns are found by name: others, and another order, change nothing.
func TestCSVColumns(t *testing.T) {
	p := parse(t, "pct_cuda_time,device,invocations,name,cuda_time_us\n100,0,3,k,7.5\n")
	if n := p.Phases[0].Summary[0]; n.Name != "k" || n.CUDA != 7.5 || n.Percent != 100 || n.Calls != 3 {
		t.Errorf("%+v", n)
	}
	if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, "not used: device") {
		t.Error(notes)
	}
}

// What is odd is said, and read all the same.
func TestNotes(t *testing.T) {
	root := `{"entry": {"name": "Linear", "cuda_time_us": 1, "pct_cuda_time": 50, "invocations": 2}, "children": []}`
	for _, v := range []struct{ text, want string }{
		{`{"context": {}, "prefill": {"metadata": {}, "summary_stats": [], "model_stats": []}}`, "V1 engine"},
		{`{"context": {}, "prefill": {"metadata": {}, "summary_stats": [` + root + "," + root + `]}}`, "1 roots of the summary stand twice"},
		{`{"prefill": {"summary_stats": [` + root + `], "extra": {"a": [1]}}, "more": 1}`, `the key "extra" is not known`},
		{`{"prefill": {"summary_stats": [` + root + `]}, "context": {}}`, "does not begin with its context"},
		{`{"context": {}, "prefill": {"summary_stats": [` + root + `]}, "prefill_2": {"summary_stats": [` + root + `]}}`, "2 prefills"},
		{`{"context": {}, "prefill": {"summary_stats": [` + strings.Replace(root, "[]", "["+strings.Replace(root, "1,", "7,", 1)+"]", 1) + `]}}`, "another GPU time than what is in them"},
	} {
		p := parse(t, v.text)
		if !strings.Contains(strings.Join(p.Notes, "\n"), v.want) {
			t.Errorf("%s: notes %q, want %q", v.text, p.Notes, v.want)
		}
		if len(p.Phases[0].Summary) == 2 && p.Phases[0].Total() != 1 {
			t.Errorf("a root that stands twice counts %g", p.Phases[0].Total())
		}
	}
}

func TestReadPacked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json.gz")
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, newer.Text())
	z.Close()
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if p, err := Read(path); err != nil || len(p.Phases) != 7 {
		t.Error(p, err)
	}
	if err := os.WriteFile(path, b.Bytes()[:50], 0o666); err != nil {
		t.Fatal(err)
	}
	var e *Error
	if _, err := Read(path); !errors.As(err, &e) {
		t.Errorf("a file that is cut: %v", err)
	}
}

func TestDetect(t *testing.T) {
	old := fixture{TP: 1, Layers: 1, Decodes: 1, Old: true}
	for text, want := range map[string]bool{
		newer.Text(): true, old.Text(): true, newer.Text()[:900]: true, "{\"traceEvents\": []}": false, "": false,
		",name,cuda_time_us,pct_cuda_time,invocations\n0,a": true, "kernel,dur\n": false, "name,cpu_time_us,cuda_time_us,pct_cuda_time,trace": true,
	} {
		if Detect([]byte(text)) != want {
			t.Errorf("%.40q: not %v", text, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("p.json", []byte(`{"context": {"engine_args": {"model": "m"}, "batch_size": 2, "num_steps": 1}, "prefill": {"metadata": {"num_running_seqs": null},
"summary_stats": [{"entry": {"name": "A", "cuda_time_us": 3.5, "pct_cuda_time": 100, "invocations": 1}, "children": [{"entry": {"name": "k", "cuda_time_us": 3.5, "pct_cuda_time": 100, "invocations": 2}, "children": []}]}],
"model_stats": [{"entry": {"name": "A", "cpu_time_us": 9, "cuda_time_us": 3.5, "pct_cuda_time": 100, "trace": ""}, "children": []}]}}`))
	f.Add("p.json", []byte(`{"context": {"output_len": 3}, "decode_1": {"summary_stats": [{"entry": {"name": "A", "cuda_time_us": 1, "pct_cuda_time": 1, "invocations": 1}, "children": []}]},
"decode_2": {"summary_stats": [{"entry": {"name": "A", "cuda_time_us": 1, "pct_cuda_time": 1, "invocations": 1}, "children": []}]}}`))
	f.Add("x_prefill_model_table.csv", []byte(",name,cpu_time_us,cuda_time_us,pct_cuda_time,trace\n0,A,1,2,3,\n1,k,0,2,3,\"a <- b\"\n"))
	f.Add("p.csv", []byte("name,cuda_time_us,pct_cuda_time,invocations\n\xf5,,,"))
	f.Add("p.csv", []byte("name,cuda_time_us,pct_cuda_time,invocations\nA,1,2,1\nB,1,2,1\nk,1,1,1\n"))
	f.Fuzz(func(t *testing.T, file string, raw []byte) {
		p, err := Parse(file, raw)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.File != file {
				t.Fatalf("%v is not an error of the file", err)
			}
			return
		}
		var out bytes.Buffer
		if err := p.Write(&out); err != nil {
			t.Fatal(err)
		}
		q, err := Parse(file, out.Bytes())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		for i, ph := range p.Phases {
			if !samePhase(ph, q.Phases[i]) {
				t.Fatalf("%s is read back differently", ph.Name)
			}
			ph.Leaves()
			for _, table := range []string{Summary, Model} {
				if err := ph.Table(&out, table); (err == nil) != (table == Summary && ph.Summary != nil || table == Model && ph.Model != nil) {
					t.Fatal(err)
				}
			}
		}
		_, _ = p.Bars(BarOptions{})
		_, _ = p.Bars(BarOptions{Kernels: true, Share: true, Top: 2, Every: 1})
	})
}
