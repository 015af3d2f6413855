package metrics_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/workload"
)

// original is what a run of the original simulator was made of.
type original struct {
	dir       string
	Blocks    float64 `json:"num_blocks"`
	MaxBatch  float64 `json:"max_batch_size_mem"`
	Tables    string  `json:"tables"`
	TimeLimit float64
	Scheduler struct {
		Name      string  `json:"name"`
		Cap       int     `json:"batch_size_cap"`
		BlockSize int     `json:"block_size"`
		Watermark float64 `json:"watermark_blocks_fraction"`
		Chunk     int     `json:"chunk_size"`
		MaxTokens int     `json:"max_tokens_in_batch"`
		MaxWaits  int     `json:"max_waiting_iters"`
	}
	Router           string
	Replicas, TP, PP int
	MaxTokens        int
}

func openOriginal(t testing.TB, name string) *original {
	t.Helper()
	o := &original{dir: sharedtest.Path(t, "oracle", "cases", name)}
	readJSON(t, filepath.Join(o.dir, "case.json"), o)
	var c struct {
		TimeLimit float64 `json:"time_limit"`
		Cluster   struct {
			Replicas int `json:"num_replicas"`
			Replica  struct {
				PP int `json:"num_pipeline_stages"`
				TP int `json:"tensor_parallel_size"`
			} `json:"replica_config"`
			Router    struct{ Name string } `json:"global_scheduler_config"`
			Scheduler json.RawMessage       `json:"replica_scheduler_config"`
		} `json:"cluster_config"`
		Requests struct {
			MaxTokens int `json:"max_tokens"`
		} `json:"request_generator_config"`
	}
	readJSON(t, filepath.Join(o.dir, "config.json"), &c)
	if err := json.Unmarshal(c.Cluster.Scheduler, &o.Scheduler); err != nil {
		t.Fatal(err)
	}
	o.TimeLimit, o.Router, o.Replicas = c.TimeLimit, c.Cluster.Router.Name, c.Cluster.Replicas
	o.TP, o.PP, o.MaxTokens = c.Cluster.Replica.TP, c.Cluster.Replica.PP, c.Requests.MaxTokens
	return o
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// config is what repeats the run.
func (o *original) config(t testing.TB) vidur.Config {
	t.Helper()
	spec := vidur.ReplicaSpec{
		Model:  vidur.Model{Name: "Llama-2-70b", Layers: 80, Hidden: 8192, QHeads: 64, KVHeads: 8, FFN: 28672, Vocab: 32768, Gated: true},
		Device: vidur.Device{Name: "a100", TFLOPS: 312, MemoryGB: 80, Price: 2},
		TP:     o.TP, PP: o.PP, BlockSize: o.Scheduler.BlockSize, Blocks: int(o.Blocks), MaxTokens: o.MaxTokens,
	}
	table, err := exectime.OpenTable(sharedtest.Path(t, "oracle", o.Tables), exectime.TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if spec.Predictor, err = table.Predictor(spec); err != nil {
		t.Fatal(err)
	}
	requests := o.requests(t)
	return vidur.Config{
		Until: o.TimeLimit, Replicas: vidur.Uniform(o.Replicas, spec),
		NewWorkload: requests.New, NewRouter: o.router(t), NewScheduler: o.scheduler(t),
	}
}

func (o *original) scheduler(t testing.TB) func(*vidur.Replica) (vidur.Scheduler, error) {
	s := o.Scheduler
	common := sched.Common{MaxBatch: s.Cap, Watermark: s.Watermark}
	reserve := sched.Reserve{MaxBatch: s.Cap, Share: int(o.MaxBatch)}
	switch s.Name {
	case "vllm":
		return sched.VLLM{Common: common, MaxTokens: s.MaxTokens}.New
	case "sarathi":
		return sched.Sarathi{Common: common, Chunk: s.Chunk, RestartAtDone: true}.New
	case "orca":
		return sched.Orca{Reserve: reserve}.New
	}
	t.Fatalf("scheduler %q", s.Name)
	return nil
}

// router repeats the routing; a random one by what it drew.
func (o *original) router(t testing.TB) func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
	switch o.Router {
	case "round_robin":
		return route.NewRoundRobin
	case "lor":
		return route.NewLOR
	}
	rows := readCSV(t, filepath.Join(o.dir, "assignment.csv.gz"))
	to := make([]int, len(rows))
	for _, row := range rows[1:] {
		to[int(number(t, row[0]))] = int(number(t, row[1]))
	}
	return func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
		return vidur.RouterFunc(func(r *vidur.Request, _ *vidur.Cluster) int { return to[r.ID] }), nil
	}
}

// requests are the arrivals. IDs follow the file, whose order is that of time.
func (o *original) requests(t testing.TB) workload.Replay {
	var list workload.Replay
	for i, row := range readCSV(t, filepath.Join(o.dir, "requests.csv.gz"))[1:] {
		if id := int(number(t, row[0])); id != i {
			t.Fatalf("row %d has request %d", i, id)
		}
		list = append(list, vidur.Arrival{At: number(t, row[1]), Prefill: int(number(t, row[2])), Decode: int(number(t, row[3]))})
	}
	return list
}

// run simulates with the recorders.
func run(t testing.TB, cfg vidur.Config, recorders ...vidur.Recorder) {
	t.Helper()
	sim, err := vidur.New(cfg, recorders...)
	if err == nil {
		err = sim.Run(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func readCSV(t testing.TB, path string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(openGzip(t, path)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return rows
}

func openGzip(t testing.TB, path string) io.Reader {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return z
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
