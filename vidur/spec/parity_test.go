package spec_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

const exactly = 1e-9 // s, and percent

// parityCase is a run of the original simulator.
type parityCase struct {
	dir    string
	Flags  []string `json:"vidur_flags"`
	Tables string   `json:"tables"`
	Events int      `json:"events_processed"`
	Ended  float64  `json:"sim_end_time_s"`
	Blocks float64  `json:"num_blocks"`
	OK     bool     `json:"sim_ok"`
}

func parityCases(t *testing.T) []parityCase {
	dirs, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "oracle", "cases"), "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases: ", err)
	}
	var cases []parityCase
	for _, dir := range dirs {
		text, err := os.ReadFile(filepath.Join(dir, "case.json"))
		if err != nil {
			t.Fatal(err)
		}
		c := parityCase{dir: dir}
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// build makes the run of the case from its flags, its requests and its tables.
func (c *parityCase) build(t *testing.T) *spec.Run {
	args := append([]string{
		"--requests-file", filepath.Join(c.dir, "requests.csv.gz"),
		"--op-times", sharedtest.Path(t, "oracle", c.Tables),
	}, c.Flags...)
	parsed, err := spec.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	run, err := parsed.Experiment.Build()
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestParity runs every case of the original from its flags and compares what
// happened to each request and batch, and what was measured.
func TestParity(t *testing.T) {
	for _, c := range parityCases(t) {
		t.Run(filepath.Base(c.dir), func(t *testing.T) { c.test(t) })
	}
}

func (c *parityCase) test(t *testing.T) {
	run := c.build(t)
	if got := run.Config.Replicas[0].Blocks; float64(got) != c.Blocks {
		t.Errorf("%d KV blocks, the original has %g", got, c.Blocks)
	}
	batches := c.batches(t)
	store := metrics.New(run.Metrics)
	sim, err := vidur.New(run.Config, store, batches)
	if err != nil {
		t.Fatal(err)
	}
	err = sim.Run(context.Background())
	if (err == nil) != c.OK && !strings.Contains(c.dir, "faster_transformer") {
		t.Errorf("ended with %v; the original's final check passed: %v", err, c.OK)
	}
	batches.end()
	c.close(t, "end of the run", sim.Now(), c.Ended)
	if batches.events != c.Events {
		t.Errorf("%d events, the original has %d", batches.events, c.Events)
	}
	c.compareRequests(t, store)
	c.compareSketches(t, store)
	c.compareUse(t, store)
}

func (c *parityCase) close(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= exactly) {
		t.Errorf("%s: %v, the original has %v", what, got, want)
	}
}

// batchCheck compares batches with the original's as they end.
type batchCheck struct {
	t      *testing.T
	want   *csvFile
	row    map[int]int // by batch ID
	seen   int
	bad    int
	events int
}

func (c *parityCase) batches(t *testing.T) *batchCheck {
	b := &batchCheck{t: t, want: readCSV(t, filepath.Join(c.dir, "batches.csv.gz")), row: map[int]int{}}
	for i := range b.want.rows {
		b.row[int(b.want.number(i, "batch_id"))] = i
	}
	return b
}

func (c *batchCheck) Record(e *vidur.Event) {
	c.events++
	if e.Kind != vidur.BatchEnded {
		return
	}
	b := e.Batch
	i, ok := c.row[b.ID]
	if !ok {
		c.differ("batch %d is not one of the original's", b.ID)
		return
	}
	c.seen++
	used := 100 * float64(e.Replica.KV.Used()) / float64(e.Replica.KV.Blocks)
	for _, v := range []struct {
		column string
		got    float64
		within float64
	}{
		{"replica_id", float64(e.Replica.ID), 0}, {"scheduled_at", b.ScheduledAt, exactly}, {"completed_at", e.At, exactly},
		{"size", float64(b.Len()), 0}, {"num_tokens", float64(b.NumTokens), 0}, {"num_prefill_tokens", float64(b.PrefillTokens), 0},
		{"mem_percent_after", used, 0.5000001e-6}, // the file has six decimals
	} {
		if want := c.want.number(i, v.column); math.Abs(v.got-want) > v.within {
			c.differ("batch %d %s: %v, the original has %v", b.ID, v.column, v.got, want)
		}
	}
}

func (c *batchCheck) differ(format string, args ...any) {
	if c.bad++; c.bad <= 5 {
		c.t.Errorf(format, args...)
	}
}

func (c *batchCheck) end() {
	if c.seen != len(c.want.rows) {
		c.t.Errorf("%d batches, the original has %d", c.seen, len(c.want.rows))
	}
}

// compareRequests compares every column of request_metrics.csv, and what it
// follows from: arrival, schedule, first token and completion.
func (c *parityCase) compareRequests(t *testing.T, store *metrics.Store) {
	want := readCSV(t, filepath.Join(c.dir, "request_metrics.csv.gz"))
	if store.Completed() != want.count("request_e2e_time") {
		t.Errorf("%d requests complete, the original has %d", store.Completed(), want.count("request_e2e_time"))
	}
	bad := 0
	for _, name := range want.header[1:] {
		column, err := store.Column(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.rows {
			id, w := int(want.number(i, "Request Id")), want.number(i, name)
			got := column.Values[id]
			if math.IsNaN(w) && math.IsNaN(got) || math.Abs(got-w) <= exactly {
				continue
			}
			if bad++; bad <= 5 {
				t.Errorf("request %d %s: %v, the original has %v", id, name, got, w)
			}
		}
	}
}

// compareSketches compares percentiles with the original's, which are within
// 0.1 % as ours are.
func (c *parityCase) compareSketches(t *testing.T, store *metrics.Store) {
	files, err := filepath.Glob(filepath.Join(c.dir, "plots_*.csv.gz"))
	if err != nil || len(files) == 0 {
		t.Fatal("no sketches: ", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "plots_"), ".csv.gz")
		bins, stat, ok := store.Sketch(name)
		if !ok {
			t.Errorf("no sketch of %s", name)
			continue
		}
		want := readCSV(t, file)
		percent, below := 0, 0
		for value, count := range bins {
			below += count
			for ; percent <= 100 && float64(percent)/100*float64(stat.Count-1) < float64(below); percent++ {
				if w := want.number(percent, name); math.Abs(value-w) > 0.0021*math.Abs(w)+1e-12 {
					t.Errorf("%s P%d: %v, the original has %v", name, percent, value, w)
				}
			}
		}
		if percent <= 100 {
			t.Errorf("%s: no P%d", name, percent)
		}
	}
}

// compareUse compares memory, busy time and MFU. The original's files are named
// one replica and one stage too far.
func (c *parityCase) compareUse(t *testing.T, store *metrics.Store) {
	text, err := os.ReadFile(filepath.Join(c.dir, "utilization.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	compared := 0
	check := func(name string, u metrics.Utilization) {
		for suffix, got := range map[string]float64{"_min": u.Min, "_max": u.Max, "_weighted_mean": u.Mean} {
			if w, ok := want[name+suffix]; !ok || math.Abs(got-w) > 1e-9*max(1, math.Abs(w)) {
				t.Errorf("%s%s: %v, the original has %v", name, suffix, got, w)
			}
			compared++
		}
	}
	uses := store.Use()
	for i, u := range uses {
		replica := "replica_" + strconv.Itoa(shifted(i, len(uses)))
		check(replica+"_memory_usage", u.Memory)
		for j, s := range u.Stages {
			stage := replica + "_stage_" + strconv.Itoa(shifted(j, len(u.Stages)))
			check(stage+"_busy_time_percent", s.Busy)
			check(stage+"_mfu", s.MFU)
		}
	}
	if compared != len(want) {
		t.Errorf("%d figures of utilisation, the original has %d", compared, len(want))
	}
}

// shifted is the number that the original gives the i-th of n in file names.
func shifted(i, n int) int {
	if i == 0 {
		return n
	}
	return i
}

type csvFile struct {
	header []string
	rows   [][]string
	column map[string]int
}

func readCSV(t testing.TB, path string) *csvFile {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	all, err := csv.NewReader(r).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatal(path, err)
	}
	c := &csvFile{header: all[0], rows: all[1:], column: map[string]int{}}
	for i, name := range c.header {
		c.column[name] = i
	}
	return c
}

// number is a field, NaN if it is empty.
func (c *csvFile) number(row int, name string) float64 {
	v, err := strconv.ParseFloat(c.rows[row][c.column[name]], 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// count is the number of rows in which the column is not empty.
func (c *csvFile) count(name string) int {
	n := 0
	for i := range c.rows {
		if !math.IsNaN(c.number(i, name)) {
			n++
		}
	}
	return n
}
