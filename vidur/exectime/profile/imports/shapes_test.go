package imports

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestWeightOf(t *testing.T) {
	for _, c := range []struct {
		operator, shapes string
		want             Weight
	}{
		{"aten::mm", "[[4, 4096], [4096, 6144]]", Weight{4096, 6144}},
		{"aten::addmm", "[[6144], [4, 4096], [4096, 6144], [], []]", Weight{4096, 6144}},
		{"aten::linear", "[[1, 4, 4096], [6144, 4096], []]", Weight{4096, 6144}},
		{"aten::matmul", "[[1, 4, 4096], [4096, 6144]]", Weight{4096, 6144}},
		{"aten::mm", "[[4, 4096], [6144, 4096]]", Weight{}}, // no product
		{"aten::mm", "[[4, 4096]]", Weight{}},
		{"aten::mm", "[[4, 4096], [4096, 6144", Weight{}},
		{"aten::mm", "[[4, 4096], 3]", Weight{}},
		{"aten::mm", "", Weight{}},
		{"aten::bmm", "[[32, 1, 128], [32, 128, 77]]", Weight{}},
		{"aten::add", "[[4, 4096], [4096, 6144]]", Weight{}},
	} {
		if got := weightOf(c.operator, c.shapes); got != c.want {
			t.Errorf("%s %s: %v instead of %v", c.operator, c.shapes, got, c.want)
		}
	}
}

// shapesTable is a table of one layer and the head of Llama 3 8B whose GEMMs are one
// kernel, with the host's operators by shapes.
func shapesTable(kernels bool) string {
	rule := strings.Repeat("-", 30) + strings.Repeat("  "+strings.Repeat("-", 12), 3) + "  " + strings.Repeat("-", 34) + "\n"
	line := func(cells ...any) string { return fmt.Sprintf("%30s  %12v  %12v  %12v  %34v\n", cells...) }
	text := rule + line("Name", "Self CPU", "Self CUDA", "# of Calls", "Input Shapes") + rule
	for _, p := range []struct {
		in, out, us int
	}{{4096, 6144, 20}, {4096, 4096, 12}, {4096, 28672, 70}, {14336, 4096, 36}, {4096, 128256, 150}} {
		text += line("aten::mm", "9.000us", fmt.Sprintf("%d.000us", p.us), 1, fmt.Sprintf("[[4, %d], [%d, %d]]", p.in, p.in, p.out))
	}
	total := 288
	if kernels {
		total += 9
		text += line("nvjet_tst_64x8_64x16", "0.000us", "288.000us", 5, "[]") + line("unified_attention", "0.000us", "9.000us", 1, "[]")
	}
	return text + rule + fmt.Sprintf("Self CPU time total: 1.000ms\nSelf CUDA time total: %d.000us\n", total)
}

// Shapes tell GEMMs apart where their kernels have one name, and where there are no
// kernels at all.
func TestShapesTellGEMMs(t *testing.T) {
	spec := replica(t, "llama-3-8b", "a100", 1)
	for _, kernels := range []bool{true, false} {
		trace, err := parseAverages("t.txt", shapesTable(kernels), Options{Batch: 4, Cached: 64, Phase: "decode", Layers: 1})
		if err != nil {
			t.Fatal(err)
		}
		rules, err := NewRules("")
		if err != nil {
			t.Fatal(err)
		}
		r, err := Convert(trace, rules, spec)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]float64{preProj: 20, postProj: 12, up: 70, down: 36, lmHead: 150}
		for _, row := range r.Rows {
			if us, ok := want[row.Op]; ok && math.Abs(row.Time-us) > 1e-9 {
				t.Errorf("kernels %v: %s takes %v µs instead of %v", kernels, row.Op, row.Time, us)
			}
		}
		if len(r.Unclassified) > 0 {
			t.Errorf("kernels %v: %v are not classified", kernels, r.Unclassified)
		}
		if hasNote(r.Notes, "analytic model's shares") {
			t.Errorf("kernels %v: %q", kernels, r.Notes)
		}
	}
}

// Shapes in a trace tell GEMMs apart where their order is not a layer's.
func TestShapesInTrace(t *testing.T) {
	text := `{"traceEvents": [`
	for i, p := range [][2]int{{4096, 28672}, {4096, 6144}, {14336, 4096}, {4096, 4096}} {
		text += fmt.Sprintf(`{"ph": "X", "cat": "cpu_op", "name": "aten::addmm", "pid": 1, "tid": 1, "ts": %d, "dur": 1, "args": {"External id": %d, "Input Dims": [[%d], [4, %d], [%d, %d], [], []]}},
{"ph": "X", "cat": "kernel", "name": "some_gemm", "pid": 0, "tid": 7, "ts": %d, "dur": %d, "args": {"External id": %d, "device": 0, "stream": 7}},
`, 100*i, i+1, p[1], p[0], p[0], p[1], 100*i+2, p[0]/1024*(i+1), i+1)
	}
	text = strings.TrimSuffix(text, ",\n") + "]}"
	trace, err := parseKineto("t.json", strings.NewReader(text), Options{Batch: 4, Cached: 64, Phase: "decode", Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Convert(trace, nil, replica(t, "llama-3-8b", "a100", 1))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{up: 4, preProj: 8, down: 42, postProj: 16}
	for _, row := range r.Rows {
		if us, ok := want[row.Op]; ok && row.Time != us {
			t.Errorf("%s takes %v µs instead of %v", row.Op, row.Time, us)
		}
	}
}

// A square weight is the output projection's beside a joint QKV projection, and
// undecided beside separate ones. Shards have shapes of their own.
func TestWeights(t *testing.T) {
	spec := replica(t, "llama-3-8b", "a100", 1)
	square := Weight{4096, 4096}
	if newWeights(&spec, true)[square] != postProj || newWeights(&spec, false)[square] != "" || newWeights(&spec, false)[Weight{4096, 1024}] != preProj {
		t.Error("projections of one degree are confused")
	}
	spec.TP = 2
	by := newWeights(&spec, false)
	for w, want := range map[Weight]string{
		{4096, 3072}: preProj, {4096, 2048}: preProj, {2048, 4096}: postProj, {4096, 14336}: up, {4096, 7168}: up, {7168, 4096}: down, {4096, 64128}: lmHead,
	} {
		if by[w] != want {
			t.Errorf("%v is %q instead of %q", w, by[w], want)
		}
	}
}
