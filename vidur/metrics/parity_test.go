package metrics_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/trace"
)

// memory is a folder of files.
type memory map[string]*bytes.Buffer

type closer struct{ *bytes.Buffer }

func (closer) Close() error { return nil }

func (m memory) open(name string) (io.WriteCloser, error) {
	m[name] = &bytes.Buffer{}
	return closer{m[name]}, nil
}

var parityCases = []string{
	"a_fixed_orca_pp1", "a_fixed_sarathi_pp1", "a_fixed_vllm_pp1", "a_fixed_vllm_pp2",
	"b_conv512_sarathi_pp1", "b_conv512_sarathi_pp2", "b_conv512_vllm_pp2", "b_conv512_orca_pp2",
	"b_pressure512_sarathi_pp1", "b_pressure512_vllm_pp2", "b_timelimit100_vllm_pp1", "c_replay1024_vllm_pp1",
	"m_2rep_lor_vllm", "m_2rep_random_vllm", "m_4rep_lor_sarathi", "m_4rep_round_robin_vllm",
}

// Given the original's requests and operator times, its files come out.
func TestParity(t *testing.T) {
	for _, name := range parityCases {
		t.Run(name, func(t *testing.T) {
			o := openOriginal(t, name)
			cfg := o.config(t)
			st := metrics.New(metrics.Options{Original: true, Replicas: cfg.Replicas, TokenSeries: true})
			run(t, cfg, st)
			files := memory{}
			if err := st.Write(files.open, metrics.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			compareCSV(t, filepath.Join(o.dir, "request_metrics.csv.gz"), files["request_metrics.csv"])
			sketches, err := filepath.Glob(filepath.Join(o.dir, "plots_*.csv.gz"))
			if err != nil || len(sketches) == 0 {
				t.Fatalf("no sketches: %v", err)
			}
			for _, path := range sketches {
				name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), ".gz"), "plots_")
				compareCSV(t, path, files["plots/"+name])
			}
			compareUtilization(t, filepath.Join(o.dir, "utilization.json"), files)
		})
	}
}

// Every file of a run with all switches on is as the original's.
func TestParityOfAllFiles(t *testing.T) {
	for _, name := range []string{"o_ops24_vllm_pp1", "o_ops24_vllm_pp2", "o_ops24_sarathi_pp1"} {
		t.Run(name, func(t *testing.T) {
			o := openOriginal(t, name)
			cfg := o.config(t)
			st := metrics.New(metrics.Options{Original: true, Replicas: cfg.Replicas, TokenSeries: true, KeepBatches: true, Operations: true})
			var chrome bytes.Buffer
			tr := trace.NewChrome(&chrome, trace.ChromeOptions{})
			run(t, cfg, st, tr)
			if err := tr.Close(); err != nil {
				t.Fatal(err)
			}
			files := memory{}
			if err := st.Write(files.open, metrics.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(filepath.Join(o.dir, "full"))
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range entries {
				name := strings.ReplaceAll(strings.TrimSuffix(entry.Name(), ".gz"), "__", "/")
				if name == "chrome_trace.json" {
					compareChrome(t, filepath.Join(o.dir, "full", entry.Name()), &chrome)
					continue
				}
				path, got := filepath.Join(o.dir, "full", entry.Name()), files[name]
				delete(files, name)
				if strings.HasSuffix(name, ".csv") {
					compareCSV(t, path, got)
				} else {
					compareJSON(t, path, got)
				}
			}
			for name := range files {
				t.Errorf("the original has no %s", name)
			}
		})
	}
}

// near is a relative error of 1e-9. Differences of times are as exact as the
// times, which go up to thousands of seconds.
func near(a, b float64) bool {
	return math.Abs(a-b) <= max(1e-11, 1e-9*math.Abs(a), 1e-9*math.Abs(b)) || a != a && b != b
}

// compareCSV compares all cells, numbers by value.
func compareCSV(t *testing.T, path string, got *bytes.Buffer) {
	t.Helper()
	file := filepath.Base(path)
	if got == nil {
		t.Errorf("%s: not written", file)
		return
	}
	want := readCSV(t, path)
	have, err := csv.NewReader(got).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(have) != len(want) {
		t.Errorf("%s: %d rows, want %d", file, len(have), len(want))
		return
	}
	if want[0][0] == "" && want[0][1] == "Request Id" {
		swapTies(t, have, want)
	}
	wrong := 0
	for i, row := range want {
		for j, cell := range row {
			if wrong > 5 {
				return
			}
			if len(have[i]) != len(row) {
				t.Fatalf("%s: row %d has %d cells, want %d", file, i, len(have[i]), len(row))
			}
			if !sameCell(have[i][j], cell) {
				wrong++
				t.Errorf("%s: row %d (%s) column %s: %s, want %s", file, i, row[0], want[0][j], have[i][j], cell)
			}
		}
	}
}

// swapTies puts rows of values that differ by rounding only into the original's
// order. The columns are the rank of completion, the request, its value, and
// the fraction of requests up to it, which belongs to the place and not to the
// request.
func swapTies(t *testing.T, have, want [][]string) {
	t.Helper()
	for i := 1; i < len(want); i++ {
		for j := i + 1; j < len(have) && have[i][1] != want[i][1]; j++ {
			if !near(number(t, have[i][2]), number(t, have[j][2])) {
				break
			}
			have[i], have[j] = have[j], have[i]
			have[i][3], have[j][3] = have[j][3], have[i][3]
		}
	}
}

func sameCell(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && near(x, y)
}

func compareJSON(t *testing.T, path string, got *bytes.Buffer) {
	t.Helper()
	if got == nil {
		t.Errorf("%s: not written", filepath.Base(path))
		return
	}
	var want, have map[string]float64
	text, err := io.ReadAll(openGzip(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got.Bytes(), &have); err != nil {
		t.Fatalf("%s: %v: %s", filepath.Base(path), err, got)
	}
	compareNumbers(t, have, want)
}

// compareChrome compares the events of two traces. Ours has others besides,
// which name the processes and threads.
func compareChrome(t *testing.T, path string, got *bytes.Buffer) {
	t.Helper()
	type event = map[string]any
	var want, have struct{ TraceEvents []event }
	if err := json.NewDecoder(openGzip(t, path)).Decode(&want); err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(got).Decode(&have); err != nil {
		t.Fatal(err)
	}
	have.TraceEvents = slices.DeleteFunc(have.TraceEvents, func(e event) bool { return e["ph"] == "M" })
	if len(have.TraceEvents) != len(want.TraceEvents) || len(want.TraceEvents) == 0 {
		t.Fatalf("chrome trace: %d events, want %d", len(have.TraceEvents), len(want.TraceEvents))
	}
	for i, w := range want.TraceEvents {
		h := have.TraceEvents[i]
		for _, key := range []string{"ts", "dur"} {
			if !near(h[key].(float64), w[key].(float64)) {
				t.Errorf("chrome trace: event %d: %s is %v, want %v", i, key, h[key], w[key])
			}
			h[key] = w[key]
		}
		if !reflect.DeepEqual(h, w) {
			t.Fatalf("chrome trace: event %d is %v, want %v", i, h, w)
		}
	}
}

// compareUtilization compares what the original says of utilization with all
// files about it.
func compareUtilization(t *testing.T, path string, files memory) {
	t.Helper()
	var want map[string]float64
	readJSON(t, path, &want)
	have := map[string]float64{}
	for name, text := range files {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		if err := json.Unmarshal(text.Bytes(), &have); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	compareNumbers(t, have, want)
}

func compareNumbers(t *testing.T, have, want map[string]float64) {
	t.Helper()
	if len(have) != len(want) {
		t.Errorf("%d numbers, want %d", len(have), len(want))
	}
	for name, v := range want {
		if got, ok := have[name]; !ok || !near(got, v) {
			t.Errorf("%s is %v, want %v", name, got, v)
		}
	}
}
