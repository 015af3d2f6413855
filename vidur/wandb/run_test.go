package wandb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/metrics"
)

// some is a run with a bit of all.
func some() *Run {
	r := &Run{
		Project: "päper", Group: "night", Name: "tp=2 \"quoted\"", JobType: "simulation", Length: 12.5,
		Config: []Item{
			{"tp", 2}, {"model", "llama"}, {"nested", map[string]any{"b": []int{1, 2}, "a": true}}, {"no", math.NaN()}, {"dots.in.it", "x: y"},
		},
		Summary: []Item{{"ttft_p99_s", 0.25}, {"requests", 1 << 40}, {"e2e_99.9th_percentile", 1e-9}, {"inf", math.Inf(1)}},
		History: History{Names: []string{"time_s", "running", "kv"}, Clock: true},
	}
	for i := range 2000 {
		r.History.Rows = append(r.History.Rows, []float64{float64(i+1) / 160, float64(i % 7), math.NaN()})
	}
	return r
}

// written writes a run and returns the files of its folder.
func written(t testing.TB, r *Run) (name string, files map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	name, err := r.Write(metrics.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	entries, err := filepath.Glob(filepath.Join(dir, name, "*"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(dir, name, "files", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(entries, more...) {
		if text, err := os.ReadFile(path); err == nil {
			files[filepath.Base(path)] = text
		}
	}
	return name, files
}

// readItems are the keys and values of a ConfigRecord, SummaryRecord or HistoryRecord.
func readItems(t *testing.T, m []byte) map[string]string {
	t.Helper()
	items := map[string]string{}
	list, err := readMessage(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.field != 1 {
			continue
		}
		pair, err := readMessage(e.bytes)
		if err != nil || len(pair) != 2 || pair[0].field != 1 || pair[1].field != 16 || !json.Valid(pair[1].bytes) {
			t.Fatalf("item %q: %v", e.bytes, err)
		}
		items[string(pair[0].bytes)] = string(pair[1].bytes)
	}
	return items
}

// TestRecords reads a run back: the order of records, their numbers, and every row.
func TestRecords(t *testing.T) {
	r := some()
	name, files := written(t, r)
	id := name[strings.LastIndex(name, "-")+1:]
	if name != "offline-run-20000101_000000-"+id || len(id) != 16 {
		t.Errorf("the folder is %s", name)
	}
	log, err := readLog(files["run-"+id+".wandb"])
	if err != nil {
		t.Fatal(err)
	}
	kinds := ""
	row := 0
	for i, record := range log {
		list, err := readMessage(record)
		if err != nil || len(list) != 2 || list[0].field != 1 || list[0].num != uint64(i+1) {
			t.Fatalf("record %d: %v, %v", i, list, err)
		}
		switch body := list[1].bytes; list[1].field {
		case 21:
			kinds += "h"
		case 17:
			kinds += "r"
			checkRunRecord(t, body, id)
		case 6:
			kinds += "f"
		case 12:
			kinds += "m"
		case 2:
			got := readItems(t, body)
			want := map[string]string{
				"time_s": number(r.History.Rows[row][0]), "running": number(r.History.Rows[row][1]),
				"_step": fmt.Sprint(row), "_runtime": number(r.History.Rows[row][0]), "_timestamp": number(946684800 + r.History.Rows[row][0]),
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("row %d is %v; want %v", row, got, want)
			}
			row++
		case 3:
			kinds += "s"
			got := readItems(t, body)
			if len(got) != 7 || got["ttft_p99_s"] != "0.25" || got["_step"] != "1999" || got["_wandb"] != `{"runtime":12}` {
				t.Errorf("summary %v", got)
			}
		case 18:
			kinds += "e"
		default:
			t.Errorf("a record of field %d", list[1].field)
		}
	}
	if kinds != "hrfmmmse" || row != 2000 {
		t.Errorf("records %s and %d rows", kinds, row)
	}
	if len(files["run-"+id+".wandb"]) < 3*blockSize {
		t.Error("the log is too short to try blocks")
	}
}

func checkRunRecord(t *testing.T, body []byte, id string) {
	t.Helper()
	list, err := readMessage(body)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]string{1: id, 3: "päper", 6: "night", 7: "simulation", 8: "tp=2 \"quoted\""}
	for _, e := range list {
		if e.field == 4 {
			if c := readItems(t, e.bytes); len(c) != 5 || c["nested"] != `{"a":true,"b":[1,2]}` || c["_wandb"] != "{}" || c["dots.in.it"] != `"x: y"` {
				t.Errorf("configuration %v", c)
			}
			continue
		}
		if w, ok := want[e.field]; ok && string(e.bytes) != w {
			t.Errorf("field %d of the run is %q; want %q", e.field, e.bytes, w)
		}
		delete(want, e.field)
	}
	if len(want) > 0 {
		t.Errorf("the run has no %v", want)
	}
}

// TestSameBytes: equal runs are equal files; any difference is another identifier; the
// time at which runs begin is not a part of it.
func TestSameBytes(t *testing.T) {
	name, files := written(t, some())
	again, same := written(t, some())
	if name != again || fmt.Sprint(files) != fmt.Sprint(same) {
		t.Error("a run written again is another one")
	}
	seen := map[string]bool{name: true}
	for what, change := range map[string]func(*Run){
		"project": func(r *Run) { r.Project = "q" }, "group": func(r *Run) { r.Group = "" }, "name": func(r *Run) { r.Name = "" },
		"config": func(r *Run) { r.Config[0].Value = 3 }, "summary": func(r *Run) { r.Summary[0].Value = 0.26 },
		"history": func(r *Run) { r.History.Rows[1999][2] = 0 }, "column": func(r *Run) { r.History.Names[2] = "k" },
		"failed": func(r *Run) { r.Failed = true }, "length": func(r *Run) { r.Length = 13 },
	} {
		r := some()
		change(r)
		if name, _ := written(t, r); seen[name] {
			t.Errorf("a change of the %s does not change the identifier", what)
		} else {
			seen[name] = true
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	later, _ := written(t, some())
	if want := strings.Replace(name, "20000101_000000", "20231114_221320", 1); later != want {
		t.Errorf("with SOURCE_DATE_EPOCH the folder is %s; want %s", later, want)
	}
}

// TestRefused lists what cannot be written; no file is made.
func TestRefused(t *testing.T) {
	for want, change := range map[string]func(*Run){
		"needs a project": func(r *Run) { r.Project = " " }, "not allowed": func(r *Run) { r.Project = "a/b" },
		"129 letters": func(r *Run) { r.Project = strings.Repeat("x", 129) }, "there twice": func(r *Run) { r.Config = append(r.Config, Item{"tp", 3}) },
		`summary: the name "" is empty`: func(r *Run) { r.Summary = append(r.Summary, Item{"", 3}) }, `"_step" is empty, reserved`: func(r *Run) { r.Summary[0].Name = "_step" },
		`history: the name "kv"`: func(r *Run) { r.History.Names[1] = "kv" }, "row 7 has 1 values, and there are 3 names": func(r *Run) { r.History.Rows[7] = []float64{1} },
		"unsupported type": func(r *Run) { r.Config[0].Value = func() {} }, "a run of NaN s": func(r *Run) { r.Length = math.NaN() }, "a run of -1 s": func(r *Run) { r.Length = -1 },
	} {
		r := some()
		change(r)
		open := func(string) (io.WriteCloser, error) {
			t.Errorf("%s: a file is made", want)
			return nil, errors.New("no")
		}
		if _, err := r.Write(open); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	for _, bad := range []string{"x", "-1", "1e9", "999999999999"} {
		t.Setenv("SOURCE_DATE_EPOCH", bad)
		if _, err := some().Write(metrics.Dir(t.TempDir())); err == nil || !strings.Contains(err.Error(), "SOURCE_DATE_EPOCH") {
			t.Errorf("SOURCE_DATE_EPOCH=%s: %v", bad, err)
		}
	}
}

// TestFiles: what is beside the log is JSON, and YAML that is JSON line by line.
func TestFiles(t *testing.T) {
	_, files := written(t, some())
	for _, name := range []string{"wandb-summary.json", "wandb-metadata.json"} {
		if !json.Valid(files[name]) {
			t.Errorf("%s is no JSON", name)
		}
	}
	for i, line := range strings.Split(strings.TrimSpace(string(files["config.yaml"])), "\n") {
		key, value, ok := strings.Cut(line, ":")
		if i%2 == 1 {
			ok = ok && key == "    value" && json.Valid([]byte(value))
		} else {
			ok = ok && json.Valid([]byte(key)) && value == ""
		}
		if !ok {
			t.Errorf("line %d of config.yaml is %s", i+1, line)
		}
	}
}
