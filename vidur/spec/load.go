package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/pyrand"
	"github.com/govidur/govidur/vidur/workload"
)

// load is where the requests of a run come from.
type load struct {
	newWorkload func(*rand.Rand) (vidur.Workload, error)
	longest     int // tokens of prompt and answer, for policies that reserve
	requests    int // 0 if not known
}

const (
	defaultRequests  = 1000
	defaultMaxTokens = 4096 // where the workload does not say; as in the original
)

// load finds the workload by name. What a run would refuse is refused here: the
// workload is begun once.
func (e *Experiment) load(run *Run) (load, error) {
	l, err := e.findLoad(run)
	if err != nil {
		return l, err
	}
	if e.MaxTokens > 0 {
		l.longest = e.MaxTokens
	}
	if l.longest == 0 {
		l.longest = defaultMaxTokens
	}
	if _, err = l.newWorkload(run.Config.Stream("workload")); err != nil {
		return l, err
	}
	return l, nil
}

func (e *Experiment) findLoad(run *Run) (load, error) {
	if e.File != "" || e.Workload == "replay" {
		return e.replay(run)
	}
	lengths, err := e.lengths(run)
	if err != nil {
		return load{}, err
	}
	if e.Concurrency > 0 {
		return e.closedLoop(lengths)
	}
	intervals, err := e.intervals()
	if err != nil {
		return load{}, err
	}
	l := load{longest: lengths.Longest()}
	requests := e.Requests
	if _, ends := intervals.(workload.Recorded); requests == 0 && e.Duration == 0 && !ends {
		requests = defaultRequests
	}
	if e.Duration == 0 {
		l.requests = requests
	}
	if e.Original {
		l.newWorkload = e.originalWorkload(intervals, lengths, requests).New
	} else {
		l.newWorkload = workload.Synthetic{Intervals: intervals, Lengths: lengths, Requests: requests, Duration: e.Duration}.New
	}
	return l, nil
}

func (e *Experiment) replay(run *Run) (load, error) {
	path, scaling := e.File, workload.Scaling{}
	if path == "" {
		scaling = workload.Scaling{Time: e.TimeScale, Prefill: e.PromptScale, Decode: e.OutputScale, MaxTokens: e.MaxTokens}
		var err error
		if path, err = e.find("trace", e.Trace); err != nil {
			return load{}, err
		}
	}
	trace, err := readTrace(run, path)
	if err != nil {
		return load{}, err
	}
	if !trace.Timed {
		return load{}, fmt.Errorf("%s has lengths, but no times to replay: take workload lengths, with arrivals and qps", path)
	}
	list, err := trace.Requests.Scaled(scaling)
	if err != nil {
		return load{}, err
	}
	if e.File == "" && e.Requests > 0 && e.Requests < len(list) {
		list = list[:e.Requests]
	}
	return load{list.New, list.Longest(), len(list)}, nil
}

func (e *Experiment) closedLoop(lengths workload.Lengths) (load, error) {
	if e.Original {
		return load{}, errors.New("concurrency: the original simulator has no closed loop")
	}
	if e.Duration > 0 {
		return load{}, errors.New("concurrency and duration do not go together; give requests, or until")
	}
	requests := e.Requests
	if requests == 0 {
		requests = defaultRequests
	}
	loop := workload.ClosedLoop{Clients: e.Concurrency, Requests: requests, Lengths: lengths, Think: e.Think, Exponential: e.ThinkExp}
	return load{loop.New, lengths.Longest(), requests}, nil
}

// Workloads are the names of the workloads.
func Workloads() []string {
	return append(workload.Names(), "fixed", "uniform", "zipf", "range", "lengths", "replay")
}

func (e *Experiment) lengths(run *Run) (workload.Lengths, error) {
	switch e.Workload {
	case "fixed":
		return workload.Fixed{Prefill: e.Prompt, Decode: e.Output}, nil
	case "uniform":
		return workload.Uniform{Min: e.MinTokens, Max: e.topTokens(), Ratio: e.Ratio}, nil
	case "zipf":
		return workload.Zipf{Theta: e.Theta, Min: e.MinTokens, Max: e.topTokens(), Ratio: e.Ratio, Scramble: e.Scramble}, nil
	case "range":
		return workload.Range{Prefill: e.Prompt, Decode: e.Output, Ratio: e.RangeRatio}, nil
	case "lengths":
		return e.trace(run)
	}
	if !slices.Contains(workload.Names(), e.Workload) && !strings.HasSuffix(e.Workload, ".json") {
		return nil, Unknown("workload", e.Workload, Workloads())
	}
	return e.named(e.Workload)
}

// topTokens is the upper end of uniform and Zipf lengths.
func (e *Experiment) topTokens() int {
	if e.MaxTokens == 0 {
		return defaultMaxTokens
	}
	return e.MaxTokens
}

// trace reads a trace of lengths. For a public trace that is not at hand the
// model of it that is built in stands in, and the run says so.
func (e *Experiment) trace(run *Run) (workload.Lengths, error) {
	path, err := e.find("trace", e.Trace)
	if err != nil {
		for _, t := range publicTraces {
			if strings.HasPrefix(filepath.Base(e.Trace), t.file) && errors.Is(err, fs.ErrNotExist) {
				run.Notes = append(run.Notes, fmt.Sprintf("there is no %s: the built-in model %s stands in for it", e.Trace, t.name))
				return e.named(t.name)
			}
		}
		return nil, err
	}
	trace, err := readTrace(run, path)
	if err != nil {
		return nil, err
	}
	list, err := trace.ScaledLengths(workload.Scaling{Prefill: e.PromptScale, Decode: e.OutputScale, MaxTokens: e.MaxTokens})
	return workload.Shuffled{Trace: list}, err
}

// readTrace reads a trace of any format, and notes what was assumed of it.
func readTrace(run *Run, path string) (*workload.Trace, error) {
	trace, err := workload.Read(path)
	if err != nil {
		return nil, err
	}
	if note := trace.Report.Note(); note != "" {
		run.Notes = append(run.Notes, note)
	}
	return trace, nil
}

// publicTraces are the traces that come with the original, by the beginning of
// the file's name.
var publicTraces = []struct{ file, name string }{
	{"splitwise_conv", "azure-conv-2023"},
	{"splitwise_code", "azure-code-2023"},
	{"arxiv_summarization", "arxiv-summarization"},
	{"lmsys_chat_1m", "lmsys-chat-1m"},
	{"bwb", "bwb"},
}

// named is a built-in model of a trace. The original's generator draws from
// lists, so for it the model makes one.
func (e *Experiment) named(name string) (workload.Lengths, error) {
	model, err := workload.Named(name)
	if err != nil {
		return nil, err
	}
	lengths := workload.Lengths(model)
	if e.MaxTokens > 0 {
		lengths = workload.Cut{Lengths: lengths, MaxTokens: e.MaxTokens}
	}
	if !e.Original {
		return lengths, nil
	}
	rows := max(20000, e.Requests) // the conversation trace has about as many
	next, err := lengths.Start(rand.New(rand.NewPCG(e.LengthSeed, 0)))
	if err != nil {
		return nil, err
	}
	list := make([]workload.Tokens, rows)
	for i := range list {
		list[i].Prefill, list[i].Decode = next()
	}
	return workload.Shuffled{Trace: list}, nil
}

func (e *Experiment) intervals() (workload.Intervals, error) {
	switch e.Arrivals {
	case "poisson":
		return workload.Poisson{QPS: e.QPS}, nil
	case "gamma":
		return workload.Gamma{QPS: e.QPS, CV: e.CV}, nil
	case "constant":
		return workload.Constant{QPS: e.QPS}, nil
	case "static":
		return workload.Static{}, nil
	case "trace":
		path, err := e.find("times", e.Times)
		if err != nil {
			return nil, err
		}
		times, err := workload.ReadTimes(path, workload.Window{Start: e.TimesFrom, End: e.TimesTo})
		times.Scale = e.TimeScale
		return times, err
	}
	return nil, Unknown("arrivals", e.Arrivals, []string{"poisson", "gamma", "constant", "static", "trace"})
}

func (e *Experiment) originalWorkload(intervals workload.Intervals, lengths workload.Lengths, requests int) workload.Original {
	return workload.Original{
		Seed: e.GeneratorSeed, LengthSeed: uint32(e.LengthSeed),
		Intervals: intervals, Lengths: lengths, Requests: requests, Duration: e.Duration,
	}
}

// originalStream is Python's random module after the original has generated the
// requests. Only Poisson intervals and uniform lengths draw from it; what does
// not is replaced by something that needs no file.
func (e *Experiment) originalStream(requests int) (*pyrand.Random, error) {
	if e.Workload == "replay" {
		return pyrand.NewRandom(e.Seed), nil
	}
	draws := workload.Original{Seed: e.GeneratorSeed, Intervals: workload.Static{}, Lengths: workload.Fixed{Prefill: 1, Decode: 1}, Requests: max(requests, 1)}
	if e.Arrivals == "poisson" {
		draws.Intervals, draws.Duration = workload.Poisson{QPS: e.QPS}, e.Duration
	}
	if e.Workload == "uniform" {
		draws.Lengths = workload.Uniform{Min: e.MinTokens, Max: e.topTokens(), Ratio: e.Ratio}
	}
	_, stream, err := draws.Generate()
	return stream, err
}

// find looks a file up as it is named and in the data folder.
func (e *Experiment) find(key, path string) (string, error) {
	if path == "" {
		return "", fmt.Errorf("%s names no file", key)
	}
	_, err := os.Stat(path)
	if err == nil {
		return path, nil
	}
	err = fmt.Errorf("%s: %w", key, err)
	if e.Data == "" || filepath.IsAbs(path) {
		return path, err
	}
	inData := strings.TrimPrefix(filepath.ToSlash(filepath.Clean(path)), "data/")
	for _, p := range []string{inData, filepath.Join("processed_traces", filepath.Base(path))} {
		if p = filepath.Join(e.Data, p); exists(p) {
			return p, nil
		}
	}
	return "", err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
