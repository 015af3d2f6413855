package imports

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

const sample = `batch_size  kqv_proj  rope    paged_attention  o_proj  gated_up_proj  down_proj  others
1           0.1500    0.0120  0.0600           0.0750  0.2700         0.1500     0.0330
101         0.2500    0.0220  0.4600           0.1750  0.3700         0.2500     0.0430
11          0.1600    0.0130  0.1600           0.0850  0.2800         0.1600     0.0340
`

func TestOpTimesAreReadAndSorted(t *testing.T) {
	for name, text := range map[string]string{
		"spaces": sample,
		"tabs":   strings.Join(strings.Fields(sample[:strings.Index(sample, "\n")]), "\t") + "\n" + strings.ReplaceAll(sample[strings.Index(sample, "\n1 ")+1:], "  ", "\t"),
		"crlf":   strings.ReplaceAll(sample, "\n", "\r\n"),
		"bom":    "\ufeff" + sample,
		"blank":  "\n\n" + strings.ReplaceAll(sample, "\n", "\n\n"),
		"no end": strings.TrimSuffix(sample, "\n"),
		"extra":  strings.ReplaceAll(strings.Replace(sample, "others\n", "others note\n", 1), "0\n", "0 x\n"),
	} {
		table, err := parseOpTimes("t.tsv", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, r := range table.rows {
			got = append(got, fmt.Sprintf("%d %v", r.batch, r.ms[1]))
		}
		if want := "1 0.15; 11 0.16; 101 0.25"; strings.Join(got, "; ") != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
}

func TestOpTimesFaults(t *testing.T) {
	head := "batch_size attention linear others\n"
	for name, c := range map[string]struct {
		text  string
		line  int
		parts []string
	}{
		"empty":         {"", 1, []string{"empty file"}},
		"header only":   {head, 1, []string{"no rows"}},
		"cut":           {head + "1 0.1 0.2 0.3\n2 0.1 0.", 3, []string{"3 cells", "header has 4"}},
		"more":          {head + "1 0.1 0.2 0.3 0.4\n", 2, []string{"5 cells"}},
		"missing":       {"batch_size attention linear\n1 1 1\n", 1, []string{"others"}},
		"other":         {"a b c\n1 2 3\n", 1, []string{"neither"}},
		"twice":         {"batch_size attention linear others linear\n1 1 1 1 1\n", 1, []string{"twice"}},
		"word":          {head + "1 0.1 x 0.3\n", 2, []string{"linear", `"x"`}},
		"negative":      {head + "1 0.1 0.2 -0.3\n", 2, []string{"others"}},
		"nan":           {head + "1 0.1 NaN 0.3\n", 2, []string{"linear"}},
		"infinite":      {head + "1 0.1 1e999 0.3\n", 2, []string{"linear"}},
		"batch":         {head + "1.5 0.1 0.1 0.3\n", 2, []string{"batch size"}},
		"batch 0":       {head + "0 0.1 0.1 0.3\n", 2, []string{"batch size"}},
		"batch again":   {head + "4 0.1 0.1 0.3\n4 0.1 0.1 0.3\n", 3, []string{"line 2", "digits"}},
		"huge batch":    {head + "1e300 0.1 0.1 0.3\n", 2, []string{"batch_size"}},
		"column broken": {"batch_size kqv_proj rope paged_attention o_proj gated_up_proj others\n", 1, []string{"down_proj"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseOpTimes("t.tsv", []byte(c.text))
			wantFault(t, err, c.line, c.parts...)
		})
	}
}

// Whatever is shared out, the kernels of a step add up to the row of the table.
func TestOpTimesKeepTheSum(t *testing.T) {
	for _, tp := range []int{1, 2} {
		for _, o := range []Options{{}, {Spec: replica(t, "llama-3-8b", "h100", tp)}, {Spec: replica(t, "llama-2-7b", "a100", tp), Layers: 4}} {
			for _, text := range []string{sample, "batch_size attention linear others\n8 0.1 0.2 0.3\n1 0 0.2 0.3\n"} {
				trace, err := readOpTimes(put(t, t.TempDir(), "op_times.tsv", text), o)
				if err != nil {
					t.Fatal(err)
				}
				table, err := parseOpTimes("", []byte(text))
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range trace.Steps {
					if want := table.rows[i].sum() * 1e3; math.Abs(s.Time()-want) > 1e-9*want {
						t.Errorf("batch %d: %v µs, the table has %v", s.Requests, s.Time(), want)
					}
					if s.Cached != 32+51 || s.Tokens != s.Requests {
						t.Errorf("step %+v", s)
					}
				}
			}
		}
	}
}

// What is predicted for the batch of a step adds up to the row of the table, beside
// the LM head, which no table has.
func TestOpTimesRoundTrip(t *testing.T) {
	for _, model := range []string{"llama-2-7b", "llama-3-8b"} { // MHA and GQA
		for _, tp := range []int{1, 2} {
			o := Options{Spec: replica(t, model, "a100", tp)}
			ref, err := newReference(o)
			if err != nil {
				t.Fatal(err)
			}
			detailed, coarse := tables(ref, layerShape{layers: ref.layers}, func(batch, kernel int) float64 { return 1.2 + 0.3*math.Sin(float64(batch+kernel)) })
			for name, text := range map[string]string{"op_times_detailed.tsv": detailed, "op_times.tsv": coarse} {
				trace, err := readOpTimes(put(t, t.TempDir(), name, text), o)
				if err != nil {
					t.Fatal(err)
				}
				p := imported(t, filepath.Join(t.TempDir(), "out"), o.Spec, trace).Predictor()
				for i := range trace.Steps {
					s := &trace.Steps[i]
					times, err := p.StageTime(batchOfStep(s), 0)
					if err != nil {
						t.Fatal(err)
					}
					if got := times.Model()*1e6 - times.Ops[vidur.OpLMHead]*usPerMs; math.Abs(got/s.Time()-1) > 1e-9 || times.Ops[vidur.OpLMHead] == 0 {
						t.Errorf("%s, TP %d, %s, batch %d: %v µs, the table has %v", model, tp, name, s.Requests, got, s.Time())
					}
				}
			}
		}
	}
}

func TestOpTimesContext(t *testing.T) {
	path := put(t, t.TempDir(), "op_times.tsv", sample)
	for _, c := range []struct {
		o    Options
		want int
		said bool
	}{{Options{}, 83, true}, {Options{Prompt: 100}, 151, false}, {Options{Prompt: 100, Cached: 7}, 7, false}} {
		trace, err := readOpTimes(path, c.o)
		if err != nil {
			t.Fatal(err)
		}
		if got := trace.Steps[0].Cached; got != c.want {
			t.Errorf("%+v: %d cached tokens, want %d", c.o, got, c.want)
		}
		if got := hasNote(trace.Notes, "contexts of 83 tokens"); got != c.said {
			t.Errorf("%+v: the assumed context is said: %v", c.o, got)
		}
	}
}

// tables are op_times_detailed.tsv and op_times.tsv of steps of a fixture, made by
// the twin of the scripts.
func tables(ref *reference, shape layerShape, scale func(batch, kernel int) float64) (detailed, coarse string) {
	detailed, coarse = strings.Join(detailedColumns, "  ")+"\n", strings.Join(coarseColumns, " ")+"\n"
	for _, batch := range []int{1, 101, 11, 33} {
		list := decodeKernels(ref, &Step{Requests: batch, Tokens: batch, Cached: 83}, shape)
		for i := range list {
			list[i].us *= scale(batch, i)
		}
		w := newTwin(list)
		detailed += line(batch, detailedColumns, w.detailed)
		coarse += line(batch, coarseColumns, w.coarse)
	}
	return detailed, coarse
}

func TestOpTimesDoubtsWhatTheScriptsShift(t *testing.T) {
	noise := func(batch, kernel int) float64 { return 1 + 0.08*math.Sin(float64(batch*31+kernel*7)) }
	exact := func(int, int) float64 { return 1 }
	slower := func(int, int) float64 { return 1.8 }
	for _, model := range []string{"llama-3-8b", "llama-2-7b", "llama-2-70b", "qwen3-32b"} {
		o := Options{Spec: replica(t, model, "h100", 1)}
		ref, err := newReference(o)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			shape layerShape
			scale func(int, int) float64
			want  []string // of the note; nil for none
		}{
			"clean":   {layerShape{}, exact, nil},
			"noise":   {layerShape{}, noise, nil},
			"slower":  {layerShape{}, slower, nil},
			"split":   {layerShape{splitUp: true}, noise, []string{"gate and up projection are apart"}},
			"flash":   {layerShape{flash: true}, exact, []string{"is 0 in every row", "flash_fwd"}},
			"memsets": {layerShape{memset: 9}, exact, nil},
		} {
			shape := c.shape
			shape.layers = ref.layers
			detailed, _ := tables(ref, shape, c.scale)
			trace, err := readOpTimes(put(t, t.TempDir(), "op_times_detailed.tsv", detailed), o)
			if err != nil {
				t.Fatal(err)
			}
			if c.want != nil && !hasNote(trace.Notes, c.want...) {
				t.Errorf("%s, %s: no note says %q: %q", model, name, c.want, trace.Notes)
			}
			if c.want == nil && (hasNote(trace.Notes, "proportions") || hasNote(trace.Notes, "is off by") || hasNote(trace.Notes, "is 0 in every row")) {
				t.Errorf("%s, %s: doubted: %q", model, name, trace.Notes)
			}
		}
	}
}

// A model of few layers and a large vocabulary, whose LM head was profiled too.
func TestOpTimesDoubtsAnLMHead(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1), Layers: 16}
	ref, err := newReference(o)
	if err != nil {
		t.Fatal(err)
	}
	detailed, _ := tables(ref, layerShape{layers: 16, head: true}, func(int, int) float64 { return 1 })
	trace, err := readOpTimes(put(t, t.TempDir(), "op_times_detailed.tsv", detailed), o)
	if err != nil {
		t.Fatal(err)
	}
	if !hasNote(trace.Notes, "kqv_proj is off by") || !hasNote(trace.Notes, "LM head of this model takes", "4 of 4 rows") {
		t.Errorf("%q", trace.Notes)
	}
}

// The kernels themselves give each operator its own time, whatever the scripts make
// of them, and all of it.
func TestKernelRowsAgainstTheScripts(t *testing.T) {
	o := Options{Spec: replica(t, "llama-3-8b", "h100", 1), Prompt: 32}
	ref, err := newReference(o)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	for name, shape := range map[string]layerShape{
		"plain": {memset: 1.5}, "split": {splitUp: true}, "flash": {flash: true}, "head": {head: true},
	} {
		shape.layers = ref.layers
		step := Step{Requests: 8, Tokens: 8, Cached: 83}
		list := decodeKernels(ref, &step, shape)
		trace, err := readKernelRows(put(t, t.TempDir(), "data_8.csv", kernelRows(list)), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := trace.Steps[0]; got.Requests != 8 || got.Cached != 83 || len(got.Kernels) != len(list) {
			t.Errorf("%s: step %+v of %d kernels, want %d", name, got.Name, len(got.Kernels), len(list))
		}
		result, err := Convert(trace, rules, o.Spec)
		if err != nil {
			t.Fatal(err)
		}
		want := ref.times(&step)
		want[vidur.OpOther] = shape.memset
		t.Log(name)
		rowsAreKernels(t, result.Rows, want, ref.layers)
	}
}

// rowsAreKernels compares the rows of a step with the operators that its kernels were
// made of.
func rowsAreKernels(t *testing.T, rows []Row, want [vidur.NumOps]float64, layers int) {
	t.Helper()
	for _, r := range rows {
		op, _ := opByName(r.Op)
		us := want[op]
		if op < vidur.OpSendRecv {
			us /= float64(layers)
		}
		if op != vidur.OpAdd && op != vidur.OpLMHead && math.Abs(r.Time-us) > 1e-6*us+1e-9 {
			t.Errorf("%s takes %v µs, the kernels %v", r.Op, r.Time, us)
		}
	}
}

func TestKernelRowsByCalls(t *testing.T) {
	text := "kernel,gdim,bdim,tot_threads,dur,blocks_per_sm,warps_per_sm,registers_per_thread,occupancy,num_calls\n" +
		"\"void f<a, b>(int)\",\"(8, 1, 1)\",\"(128, 1, 1)\",1024,2.5,0.1,0.5,64,12,32\n" +
		"Memset (Device),(),(),,1.5,,,,,3\n"
	trace, err := readKernelRows(put(t, t.TempDir(), "data_4.csv", text), Options{Prompt: 1})
	if err != nil {
		t.Fatal(err)
	}
	k := trace.Steps[0].Kernels
	if len(k) != 2 || k[0].Name != "void f<a, b>(int)" || k[0].Time != 80 || k[0].Calls != 32 || k[1].Time != 4.5 || k[1].Line != 3 || trace.Ordered {
		t.Errorf("%+v, ordered %v", k, trace.Ordered)
	}
}

func TestKernelRowsSortTimesAsNumbers(t *testing.T) {
	text := "kernel,gdim,bdim,dur,time_stamp\nb,,,1,1000.5\na,,,1,999\nc,,,1,1000.5\n"
	trace, err := readKernelRows(put(t, t.TempDir(), "data_4.csv", text), Options{Prompt: 1})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range trace.Steps[0].Kernels {
		names = append(names, k.Name)
	}
	if !slices.Equal(names, []string{"a", "b", "c"}) || trace.Steps[0].Time() != 3 {
		t.Errorf("%q in %v µs", names, trace.Steps[0].Time())
	}
}

func TestKernelRowsFaults(t *testing.T) {
	head := "kernel,gdim,bdim,dur,time_stamp\n"
	for name, c := range map[string]struct {
		file, text string
		line       int
		parts      []string
	}{
		"empty":      {"data_1.csv", "", 1, []string{"empty"}},
		"no rows":    {"data_1.csv", head, 1, []string{"no rows"}},
		"no column":  {"data_1.csv", "kernel,gdim\na,b\n", 1, []string{"dur"}},
		"no order":   {"data_1.csv", "kernel,dur\na,1\n", 1, []string{"num_calls"}},
		"cut":        {"data_1.csv", head + "a,,,1,5\nb,,", 3, []string{"3 fields"}},
		"quote":      {"data_1.csv", head + "\"a,,,1,5\n", 2, []string{"quote"}},
		"word":       {"data_1.csv", head + "a,,,x,5\n", 2, []string{"dur"}},
		"blank time": {"data_1.csv", head + "a,,,,5\n", 2, []string{"dur"}},
		"negative":   {"data_1.csv", head + "a,,,1,5\na,,,-1,5\n", 3, []string{"dur"}},
		"calls":      {"data_1.csv", "kernel,dur,num_calls\na,1,0.5\n", 2, []string{"num_calls"}},
		"no name":    {"data_1.csv", head + ",,,1,5\n", 2, []string{"name"}},
		"no batch":   {"data.csv", head + "a,,,1,5\n", 0, []string{"--batch"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readKernelRows(put(t, t.TempDir(), c.file, c.text), Options{Prompt: 1})
			wantFault(t, err, c.line, c.parts...)
		})
	}
}

func TestFirstDigits(t *testing.T) {
	for name, want := range map[string]int{"data_8.csv": 8, "logs_128": 128, "x": 0, "a1b2": 1, "99999999999999999999": 0} {
		if got := firstDigits(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}
