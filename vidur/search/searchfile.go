package search

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"slices"

	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/spec"
)

// OriginalFile is a configuration of the original's vidur-search, as its config.yml
// has it.
type OriginalFile struct {
	Clusters     []OriginalCluster   `yaml:"clusters"`
	Schedulers   []OriginalScheduler `yaml:"schedulers"`
	Traces       []OriginalTrace     `yaml:"traces"`
	BatchSizes   []int               `yaml:"batch_sizes"` // requests, per pipeline stage
	TPDimensions []int               `yaml:"tp_dimensions"`
	PPDimensions []int               `yaml:"pp_dimensions"`
	Models       []OriginalModel     `yaml:"models"`
}

// OriginalCluster is a number of GPUs of one kind.
type OriginalCluster struct {
	Device      string `yaml:"device"`
	NumGPUs     int    `yaml:"num_gpus"`
	GPUsPerNode int    `yaml:"gpus_per_node"`
}

// OriginalScheduler is a scheduler by name, and for sarathi its chunk size.
type OriginalScheduler struct {
	Scheduler string `yaml:"scheduler"`
	ChunkSize int    `yaml:"chunk_size"` // tokens; 0 if not given
}

// OriginalTrace is a trace of lengths and how it is used.
type OriginalTrace struct {
	Name        string  `yaml:"name"`
	TraceFile   string  `yaml:"trace_file"`
	MaxSeqLen   int     `yaml:"max_seq_len"` // tokens
	NumRequests int     `yaml:"num_requests"`
	StartQPS    float64 `yaml:"start_qps"`
}

// OriginalModel is a model and the TP degrees it is not tried with.
type OriginalModel struct {
	Name          string `yaml:"name"`
	Identifier    string `yaml:"identifier"`
	ExcludeTPDims []int  `yaml:"exclude_tp_dims"`
}

// OriginalJob is a deployment and a workload of an [OriginalFile].
type OriginalJob struct {
	Key        string           // the original's name of it
	Hash       string           // the first 8 hex digits of the key's SHA-1: its run directory
	Experiment *spec.Experiment // at the rate at which the original's search begins
	Model      string           // the names and numbers of the file
	Trace      string
	Device     string
	NumGPUs    int // of the cluster, of which a deployment may leave some idle
	Scheduler  string
	Chunk      int // tokens; 0 if none is given
	TP, PP     int
	BatchSize  int // requests, per pipeline stage
}

// ReadOriginalFile reads a configuration of the original's vidur-search. Fields
// that it does not know and values of another type are errors with their line.
func ReadOriginalFile(path string) (*OriginalFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := ParseOriginalFile(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// ParseOriginalFile is [ReadOriginalFile] of a text.
func ParseOriginalFile(text []byte) (*OriginalFile, error) {
	f := &OriginalFile{}
	if err := spec.Unmarshal(text, f); err != nil {
		return nil, err
	}
	lists := reflect.ValueOf(*f)
	for i := range lists.NumField() {
		if lists.Field(i).Len() == 0 {
			return nil, fmt.Errorf("%s has no entry", lists.Type().Field(i).Tag.Get("yaml"))
		}
	}
	return f, f.check()
}

func (f *OriginalFile) check() error {
	for _, n := range slices.Concat(f.BatchSizes, f.TPDimensions, f.PPDimensions) {
		if n < 1 || n > 1<<20 {
			return fmt.Errorf("batch sizes and dimensions must be at least 1; there is %d", n)
		}
	}
	for _, c := range f.Clusters {
		if c.Device == "" || c.NumGPUs < 1 || c.GPUsPerNode < 1 {
			return fmt.Errorf("cluster %q has %d GPUs, %d per node; both must be at least 1", c.Device, c.NumGPUs, c.GPUsPerNode)
		}
	}
	for _, s := range f.Schedulers {
		if !slices.Contains(spec.Schedulers(), s.Scheduler) {
			return spec.Unknown("scheduler", s.Scheduler, spec.Schedulers())
		}
		if s.ChunkSize < 0 {
			return fmt.Errorf("a chunk size of %d tokens", s.ChunkSize)
		}
	}
	for _, t := range f.Traces {
		if t.NumRequests < 1 || t.MaxSeqLen < 1 || !(t.StartQPS > 0) {
			return fmt.Errorf("trace %q: num_requests, max_seq_len and start_qps must be above 0", t.Name)
		}
	}
	return nil
}

// Jobs lists what the original would search, in its order: every model, trace,
// cluster, scheduler, TP, PP and batch size, if the cluster has the GPUs for a
// replica of it, the model does not exclude the TP, and a node holds it.
func (f *OriginalFile) Jobs() []OriginalJob {
	var jobs []OriginalJob
	for _, m := range f.Models {
		for _, t := range f.Traces {
			for _, c := range f.Clusters {
				for _, s := range f.Schedulers {
					jobs = append(jobs, f.shapes(OriginalJob{Model: m.Name, Trace: t.Name, Device: c.Device, NumGPUs: c.NumGPUs, Scheduler: s.Scheduler, Chunk: s.ChunkSize, Experiment: original(m, t, c, s)}, m, c)...)
				}
			}
		}
	}
	return jobs
}

// original is an experiment of all but the shape of the deployment. The network
// is that of the device; the original's is always that of A100s.
func original(m OriginalModel, t OriginalTrace, c OriginalCluster, s OriginalScheduler) *spec.Experiment {
	e := spec.Default()
	e.Model, e.Device, e.Scheduler = m.Identifier, c.Device, s.Scheduler
	if s.ChunkSize > 0 {
		e.Chunk = s.ChunkSize
	}
	e.Workload, e.Trace, e.MaxTokens, e.Requests, e.QPS = "lengths", t.TraceFile, t.MaxSeqLen, t.NumRequests, t.StartQPS
	for _, kind := range []string{"_pairwise_nvlink", "_dgx"} {
		if node, err := catalog.Default().Node(c.Device + kind); err == nil && node.Devices == c.GPUsPerNode && e.Node == "" {
			e.Node = node.Name
		}
	}
	return e
}

// shapes are the deployments of a cluster.
func (f *OriginalFile) shapes(base OriginalJob, m OriginalModel, c OriginalCluster) []OriginalJob {
	var jobs []OriginalJob
	for _, tp := range f.TPDimensions {
		for _, pp := range f.PPDimensions {
			replicas := c.NumGPUs / (tp * pp)
			if replicas == 0 || tp > c.GPUsPerNode || slices.Contains(m.ExcludeTPDims, tp) {
				continue
			}
			for _, size := range f.BatchSizes {
				j, e := base, *base.Experiment
				e.TP, e.PP, e.Replicas, e.MaxBatch = tp, pp, replicas, size*pp
				j.TP, j.PP, j.BatchSize, j.Experiment = tp, pp, size, &e
				j.name()
				jobs = append(jobs, j)
			}
		}
	}
	return jobs
}

// name fills in what the original calls the job.
func (j *OriginalJob) name() {
	chunk := ""
	if j.Chunk > 0 {
		chunk = fmt.Sprintf("_cs%d", j.Chunk)
	}
	j.Key = fmt.Sprintf("%s_%s_tk%d_rq%d_%s_%s%s_tp%d_pp%d_bsz%d", j.Model, j.Trace, j.Experiment.MaxTokens, j.Experiment.Requests,
		j.Device, j.Scheduler, chunk, j.TP, j.PP, j.BatchSize)
	sum := sha1.Sum([]byte(j.Key))
	j.Hash = hex.EncodeToString(sum[:4])
}

// OverJobs is an axis of jobs of the original's vidur-search, with the columns
// job (the hash), model, trace, device, num_gpus, scheduler, chunk, tp, pp and
// batch_size. The original's name of a job does not tell the size of the cluster, so
// jobs of two clusters of one device have the same hash. Of the experiment, what the
// file does not say is the base's.
func OverJobs(jobs []OriginalJob) Option {
	names := []string{"job", "model", "trace", "device", "num_gpus", "scheduler", "chunk", "tp", "pp", "batch_size"}
	a := axis{names: names}
	for i := range jobs {
		j := &jobs[i]
		values := []any{j.Hash, j.Model, j.Trace, j.Device, j.NumGPUs, j.Scheduler, j.Chunk, j.TP, j.PP, j.BatchSize}
		set := func(e *spec.Experiment) error { j.set(e); return nil }
		asked := fmt.Sprint(differing(j.Experiment)) // in the order of the keys
		a.steps = append(a.steps, step{values: values, experiment: []func(*spec.Experiment) error{set}, asked: []string{asked}})
	}
	return func(p *plan) { p.add(a, a.check()) }
}

// set puts what the file says into an experiment.
func (j *OriginalJob) set(e *spec.Experiment) {
	f := j.Experiment
	e.Model, e.Device, e.Node, e.Scheduler, e.Chunk, e.MaxBatch = f.Model, f.Device, f.Node, f.Scheduler, f.Chunk, f.MaxBatch
	e.TP, e.PP, e.Replicas = f.TP, f.PP, f.Replicas
	e.Workload, e.Trace, e.MaxTokens, e.Requests, e.QPS = f.Workload, f.Trace, f.MaxTokens, f.Requests, f.QPS
}
