package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func mustCheck(t testing.TB, dir string, c Catalog) *Report {
	t.Helper()
	r, err := Check(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// There is nothing to say about the fixtures but that KV save is missing.
func TestCheckFixtures(t *testing.T) {
	for _, dir := range []string{"testdata", "testdata/profiling"} {
		r := mustCheck(t, dir, fixtureCatalog{})
		if r.Files != 5 || len(r.Findings) != 1 || r.Findings[0].Kind != "missing" || r.Findings[0].Severity != Info {
			t.Errorf("%s:\n%v", dir, r)
		}
	}
	if _, err := Check(t.TempDir(), nil); err == nil {
		t.Error("a directory without profiles has no error")
	}
	if _, err := Check("testdata/none", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory that is not there: %v", err)
	}
	if _, err := Check("testdata/"+mlpFile, nil); err == nil || !strings.Contains(err.Error(), "mlp.csv is a file") {
		t.Errorf("a file: %v", err)
	}
}

// Every kind of fault is found, once, in its place.
func TestCheckFindings(t *testing.T) {
	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	cell := func(op vidur.Op, line int, value string) func(string) string {
		return func(s string) string { return setCell(s, medianColumn(op), line, value) }
	}
	for _, v := range []struct {
		file   string
		change func(string) string
		want   string // severity, file, line and the beginning of the text
	}{
		{mlpFile, func(string) string { return "" }, "error: compute/chip/maker/small/mlp.csv:1: empty file"},
		{mlpFile, func(string) string { return "a,b\n" }, "error: compute/chip/maker/small/mlp.csv:1: no rows"},
		{mlpFile, replace("n_head", "x"), `error: compute/chip/maker/small/mlp.csv:1: column "n_head": missing`},
		{mlpFile, replace("True,8,2", "True,8"), "error: compute/chip/maker/small/mlp.csv:16: 52 fields where the header has 53"},
		{mlpFile, replace("time_stats.mlp_act.median", "x"), `error: compute/chip/maker/small/mlp.csv:1: mlp_act: no column "time_stats.mlp_act.median"; Read refuses`},
		{mlpFile, replace("time_stats.add.median", "x"), `info: compute/chip/maker/small/mlp.csv:1: add: no column "time_stats.add.median"; Read takes 0`},
		{mlpFile, cell(vidur.OpMLPUp, 9, "x"), `error: compute/chip/maker/small/mlp.csv:9: column "time_stats.mlp_up_proj.median": "x" is not a number`},
		{mlpFile, cell(vidur.OpMLPUp, 9, ""), "error: compute/chip/maker/small/mlp.csv:9: mlp_up_proj: blank times: 1 of 33; Read refuses"},
		{mlpFile, cell(vidur.OpAdd, 9, ""), "info: compute/chip/maker/small/mlp.csv:9: add: blank times: 1 of 33; Read takes 0"},
		{mlpFile, cell(vidur.OpMLPUp, 9, "-1"), "error: compute/chip/maker/small/mlp.csv:9: mlp_up_proj: times below 0"},
		{mlpFile, func(s string) string { return scaled(s, medianColumn(vidur.OpAttnRope), 0) }, "warning: compute/chip/maker/small/mlp.csv:2: attn_rope: all 33 times are 0"},
		{mlpFile, func(s string) string { return scaled(s, medianColumn(vidur.OpMLPUp), 1000) }, "error: compute/chip/maker/small/mlp.csv:2: mlp_up_proj: TP 1: the median time is"},
		{reduceFile, func(s string) string { return scaled(s, medianColumn(vidur.OpAllReduce), 1e-3) }, "error: network/chip_box/all_reduce.csv:32: all_reduce: 4 devices, 4 per node: the median time is"},
		{mlpFile, replace("16,4,2048,8192,32000,True,8,2", "16,8,2048,8192,32000,True,8,2"), "error: compute/chip/maker/small/mlp.csv:16: n_kv_head = 8 where maker/small has 4: 1 of 33 rows"},
		{mlpFile, func(s string) string { return s + lineWith(s, "True,8,2", "", "") }, "info: compute/chip/maker/small/mlp.csv:35: rows that are equal to an earlier one, and are dropped: 1 of 34"},
		{mlpFile, func(s string) string {
			return s + setCell("\n"+lineWith(s, "True,1024,1", "", ""), medianColumn(vidur.OpMLPUp), 2, "9", strings.Split(s, "\n")[0])
		}, "warning: compute/chip/maker/small/mlp.csv:35: mlp_up_proj: TP 1: repeated measurements that differ by more than 50 %: 1 of 1"},
		{mlpFile, cell(vidur.OpMLPUp, 12, "0.4"), "warning: compute/chip/maker/small/mlp.csv:12: mlp_up_proj: TP 1: faster than chip allows by its datasheet: 1 of 11; here 0.4 ms, 58 % of the least"},
		{mlpFile, cell(vidur.OpMLPUp, 11, "3"), "warning: compute/chip/maker/small/mlp.csv:12: mlp_up_proj: TP 1: the time falls by more than 25 % while num_tokens grows: 1 of 10 steps; here from 3 ms in line 11"},
		{mlpFile, func(s string) string {
			return dropLines(s, func(l string) bool { return strings.HasSuffix(l, "True,8,2\n") })
		},
			"warning: compute/chip/maker/small/mlp.csv: values of num_tokens that others have: 1, lacking for 1 of 3 values of TP; TP 2 lacks 8"},
		{mlpFile, func(s string) string {
			return dropLines(s, func(l string) bool { return strings.HasSuffix(l, ",2\n") })
		},
			"info: compute/chip/maker/small/mlp.csv: no rows for TP 2"},
		{mlpFile, func(s string) string {
			return dropLines(s, func(l string) bool {
				return strings.Contains(l, "True,64,") || strings.Contains(l, "True,128,") || strings.Contains(l, "True,32,")
			})
		}, "warning: compute/chip/maker/small/mlp.csv: num_tokens has nothing between 16 and 256; such steps: 1"},
		{attnFile, func(s string) string {
			return dropLines(s, func(l string) bool { return strings.Contains(l, ",4,0,256,False") })
		}, "warning: compute/chip/maker/small/attention.csv: values of kv_cache_size that others have: 1, lacking for 1 of 4 values of batch_size; batch_size 4 lacks 256"},
		{attnFile, func(s string) string {
			return dropLines(s, func(l string) bool { return strings.Contains(l, "False") })
		},
			"warning: compute/chip/maker/small/attention.csv: attn_decode: no rows"},
		{attnFile, cell(vidur.OpAttnDecode, 7, ""), "error: compute/chip/maker/small/attention.csv:10: attn_decode: blank times: 1 of 32"},
		{cpuFile, replace("sampler_e2e_median", "x"), `error: cpu_overhead/chip_box/maker/small/cpu_overheads.csv:1: sampler_e2e: no column`},
		{cpuFile, replace("small,2,8,", "small,2,8.5,"), `error: cpu_overhead/chip_box/maker/small/cpu_overheads.csv:10: column "batch_size": 8.5 is no whole number`},
		{sendFile, func(string) string { return fixtureCollective(vidur.OpAllReduce) }, "warning: network/chip_box/send_recv.csv: the file is equal to network/chip_box/all_reduce.csv"},
	} {
		files := fixtures()
		files[v.file] = v.change(files[v.file])
		if v.file == attnFile && strings.Contains(v.want, "attn_decode: blank") {
			files[v.file] = setCell(fixtureAttention(), medianColumn(vidur.OpAttnDecode), 10, "")
		}
		r := mustCheck(t, place(t, files), fixtureCatalog{})
		n := 0
		for i := range r.Findings {
			if strings.HasPrefix(r.Findings[i].String(), v.want) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d findings of %q in\n%v", n, v.want, r)
		}
	}
}

// setCell replaces a cell of a line; a header may be given if the text has none.
func setCell(text, column string, line int, value string, header ...string) string {
	lines := strings.Split(text, "\n")
	head := lines[0]
	if len(header) > 0 {
		head = header[0]
	}
	fields := strings.Split(lines[line-1], ",")
	fields[slices.Index(strings.Split(head, ","), column)] = value
	lines[line-1] = strings.Join(fields, ",")
	return strings.TrimPrefix(strings.Join(lines, "\n"), "\n")
}

// Unknown devices and models, and files that nothing reads, are said.
func TestCheckUnknown(t *testing.T) {
	files := map[string]string{
		"compute/other/maker/small/mlp.csv": fixtureMLP(), "compute/chip/else/mlp.csv": fixtureMLP(),
		"compute/mlp.csv": "x", "notes.csv": "x", "readme.txt": "x",
	}
	r := mustCheck(t, place(t, files), fixtureCatalog{})
	for _, want := range []string{
		`info: compute/other/maker/small/mlp.csv: device "other" is not in the catalogue`, `info: compute/chip/else/mlp.csv: model "else" is not in the catalogue`,
		"info: compute/mlp.csv: the file is not where", "info: notes.csv: the file is not where",
	} {
		if !strings.Contains(r.String(), want) {
			t.Errorf("no %q in\n%v", want, r)
		}
	}
	if r.Files != 2 || r.Rows != 66 {
		t.Errorf("%d files, %d rows", r.Files, r.Rows)
	}
}

// A report is the same every time, as text and as JSON.
func TestReportForms(t *testing.T) {
	files := fixtures()
	files[mlpFile] = scaled(files[mlpFile], medianColumn(vidur.OpMLPUp), 1000)
	files[attnFile] = strings.Replace(files[attnFile], "n_q_head", "x", 1)
	dir := place(t, files)
	first := mustCheck(t, dir, fixtureCatalog{})
	for range 5 {
		if again := mustCheck(t, dir, fixtureCatalog{}); again.String() != first.String() {
			t.Fatalf("another report:\n%v\n%v", first, again)
		}
	}
	raw, err := json.Marshal(first)
	if err != nil || !strings.Contains(string(raw), `{"severity":"error","kind":"units","file":"compute/chip/maker/small/mlp.csv","line":2,"op":"mlp_up_proj","text":"TP 1: `) {
		t.Errorf("%s, %v", raw, err)
	}
	if !strings.HasSuffix(first.String(), fmt.Sprintf("%s: files 5, rows %d, errors 4, warnings 0, infos 0\n", dir, first.Rows)) {
		t.Error(first)
	}
	if Severity(7).String() != "severity 7" {
		t.Error(Severity(7))
	}
}
