package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/search/queue"
	"github.com/govidur/govidur/vidur/spec"
)

const searchHead = `vidur search --config search.yaml [--out DIR] [--KEY VALUE ...]
vidur search --over tp=1,2,4 --over chunk=256,512 --meet "ttft p90 <= 2" ...

Finds for every deployment the highest rate, in requests per s, that meets the
criteria, and what that costs. The deployments are those of a configuration of
the original's vidur-search, or of a grid. What was found is kept: a search that
was cut goes on where it stopped, to the same results. They are in results.csv and
results.parquet, a row per deployment, and probes.csv; a deployment that cannot
run is a row that says why.

`

// searching is what the flags of search come to.
type searching struct {
	grid
	config    string // of the original's search, or an experiment
	criteria  []search.Criterion
	original  bool
	delay     float64 // s; 0 if not given
	quantile  float64 // 0 if not given
	early     bool    // probes may end before their verdict is certain
	minutes   float64 // of simulated time; 0 if not given
	predicted string  // folder of what operator times were learnt
	ignored   bool
}

// numberOf reads a flag's value.
func numberOf(value string) (float64, error) {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", value)
	}
	return v, nil
}

// positive is a flag whose value is a number above 0.
func positive(name, doc string, to *float64) gridFlag {
	return gridFlag{name: name, doc: doc, set: func(value string) error {
		v, err := numberOf(value)
		if *to = v; err != nil || !(v > 0) || math.IsInf(v, 0) {
			return fmt.Errorf("%q is not a number above 0", value)
		}
		return nil
	}}
}

// searchFlags are the flags that sweep does not have, the original's at the end.
func (s *searching) searchFlags() []gridFlag {
	grain := func(name, doc string, unit float64) gridFlag {
		return s.option(name, doc, func(value string) (search.Option, error) {
			v, err := numberOf(value)
			return search.Granularity(v * unit), err
		})
	}
	return []gridFlag{
		text("config", "a configuration of the original's vidur-search, or an experiment file", &s.config),
		{name: "meet", doc: `a criterion like "ttft p90 <= 2" or "completed >= 0.999", with s; several must all be met ["delay p99 <= 5"]`, set: func(value string) error {
			c, err := search.ParseCriterion(value)
			s.criteria = append(s.criteria, c)
			return err
		}},
		s.option("early", "confidence, like 0.95: a probe whose TBT is plainly over or under its limit ends before that is certain [exact]", func(value string) (search.Option, error) {
			v, err := numberOf(value)
			s.early = true
			return search.Early(v), err
		}),
		grain("granularity", "relative distance of the rates that are tried [0.025]", 1),
		s.count("replications", "seeds with which each deployment is searched [1]", search.Replications),
		yes("original-search", "search by the original's bisection: from qps on, 20 probes at most, of 30 simulated minutes", &s.original),
		text("config-path", "the original's name of --config", &s.config),
		text("output-dir", "the original's name of --out", &s.out),
		s.count("num-threads", "the original's name of --workers", search.Workers),
		grain("min-search-granularity", "the original's name of --granularity, in percent", 0.01),
		positive("scheduling-delay-slo-value", "limit of the scheduling delay in s, instead of --meet [5]", &s.delay),
		positive("scheduling-delay-slo-quantile", "its quantile [0.99]", &s.quantile),
		s.count("max-iterations", "most probes of a deployment [40; 20 with --original-search]", search.Probes),
		positive("time-limit", "minutes of simulated time at which a probe ends [to the end; 30 with --original-search]", &s.minutes),
		text("cache-dir", "the original's name of --cache", &s.predicted),
		yes("debug", "has no effect", &s.ignored),
		yes("skip-cache-warmup", "has no effect: there is no warm-up", &s.ignored),
	}
}

// searchVerb finds the capacity of every deployment of a grid.
func searchVerb(ctx context.Context, args []string, std streams) error {
	s := &searching{grid: grid{queue: queue.Options{Patience: serverPatience}}}
	flags := append(s.searchFlags(), s.flags()...)
	rest, err := takeFlags(args, flags)
	if err != nil {
		return err
	}
	if s.help {
		gridUsage(std.out, searchHead, flags)
		return nil
	}
	if err := s.read(rest); err != nil {
		return err
	}
	return s.do(ctx, search.Capacity, std)
}

// read makes experiment and options of the arguments that are left.
func (s *searching) read(rest []string) error {
	jobs, err := s.jobs()
	if err != nil {
		return err
	}
	if jobs == nil && s.config != "" {
		rest = append(rest, "--config", s.config)
	}
	parsed, err := spec.Parse(rest)
	if err != nil {
		return err
	}
	s.experiment, s.notes = parsed.Experiment, parsed.Notes
	if jobs == nil {
		s.remark(s.experiment)
	} else {
		s.options = append([]search.Option{search.OverJobs(jobs)}, s.options...)
		s.remarkTraces(jobs)
	}
	if s.minutes > 0 {
		s.experiment.Until = 60 * s.minutes
	}
	if s.predicted != "" {
		s.experiment.Cache = s.predicted
	}
	if s.original {
		s.options = append(s.options, search.OriginalSearch())
	}
	return s.meet()
}

// meet makes an option of the criteria.
func (s *searching) meet() error {
	if s.delay > 0 || s.quantile > 0 {
		if s.criteria != nil {
			return errors.New("--meet and --scheduling-delay-slo do not go together; give --meet \"delay p99 <= 5\" and others")
		}
		quantile, delay := cmp.Or(s.quantile, 0.99), cmp.Or(s.delay, 5)
		s.criteria = []search.Criterion{search.Percentile("delay", 100*quantile, delay)}
	}
	if s.criteria != nil {
		s.options = append(s.options, search.Meet(s.criteria...))
	}
	if s.early && !slices.ContainsFunc(s.criteria, func(c search.Criterion) bool { return c.TBT > 0 }) {
		s.notes = append(s.notes, "--early has no effect without a limit of tbt")
	}
	return nil
}

// remarkTraces notes what is to be said of each trace.
func (s *searching) remarkTraces(jobs []search.OriginalJob) {
	said := map[string]bool{}
	for _, j := range jobs {
		if path := j.Experiment.Trace; !said[path] {
			said[path] = true
			e := *s.experiment
			e.Workload, e.Trace, e.MaxTokens, e.Requests = "lengths", path, j.Experiment.MaxTokens, 1
			s.remark(&e)
		}
	}
}

// ofSearch reports whether a configuration is one of a search: an experiment has none
// of its keys. What is wrong with a text that is no YAML is said where it is read.
func ofSearch(text []byte) bool {
	var keys map[string]any
	if spec.Unmarshal(text, &keys) != nil {
		return false
	}
	for _, key := range []string{"clusters", "tp_dimensions", "batch_sizes"} {
		if _, ok := keys[key]; ok {
			return true
		}
	}
	return false
}

// jobs are those of the configuration; none if it is an experiment.
func (s *searching) jobs() ([]search.OriginalJob, error) {
	if s.config == "" {
		return nil, nil
	}
	text, err := os.ReadFile(s.config)
	if err != nil || !ofSearch(text) {
		return nil, err
	}
	f, err := search.ParseOriginalFile(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.config, err)
	}
	s.configuration = text
	jobs := f.Jobs()
	if len(jobs) == 0 {
		return nil, fmt.Errorf("%s: no cluster has the GPUs for any of the deployments", s.config)
	}
	return jobs, nil
}
