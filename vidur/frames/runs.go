package frames

import (
	"cmp"
	"errors"
	"slices"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/metrics"
)

// Batches returns a row per batch in the order in which they ended, with all
// columns of the Store's BatchColumnNames or, if some are named, these: times in
// s, tokens, requests, the KV blocks that the replica holds at the end, and with
// Options.Operations the mean time of every operator, ms. It is an error, in the
// frame's Err, if the Store keeps no batches, as without Options.KeepBatches, or
// has no such column.
func Batches(s *metrics.Store, columns ...string) dataframe.DataFrame {
	if s == nil {
		return failed(errNoStore)
	}
	names := s.BatchColumnNames()
	if names == nil {
		return failed(errors.New("frames: a Store keeps rows of batches only with Options.KeepBatches"))
	}
	return ofMetrics(names, columns, s.BatchColumn)
}

// Tokens returns a row per time, s, at which prompts were completed or tokens
// generated: time, prefill_tokens of these prompts, decode_tokens. It is an
// error, in the frame's Err, if the Store has no Options.TokenSeries.
func Tokens(s *metrics.Store) dataframe.DataFrame {
	switch {
	case s == nil:
		return failed(errNoStore)
	case !s.Options().TokenSeries:
		return failed(errors.New("frames: a Store keeps when tokens came only with Options.TokenSeries"))
	}
	at, prefill, decode := s.Tokens()
	return frame(floatsOf("time", at), intsOf("prefill_tokens", prefill), intsOf("decode_tokens", decode))
}

// change is what a request does to the queues at a time.
type change struct {
	at               float64 // s
	waiting, running int
}

// Queue returns a row per time, s, at which the number of requests in the
// system changed: time, waiting (arrived, in no batch yet) and running (from the
// first batch to the last token, preemptions included), of all replicas. A
// request that is not complete at the end of the run counts as waiting from its
// arrival on: of those a Store keeps no more. It is an error, in the frame's Err,
// if the Store keeps no rows of requests.
func Queue(s *metrics.Store) dataframe.DataFrame {
	requests := Requests(s, "arrived_at", "scheduled_at", "completed_at")
	if requests.Err != nil {
		return requests
	}
	var changes []change
	for column, c := range []change{{waiting: 1}, {waiting: -1, running: 1}, {running: -1}} {
		for _, at := range requests.Col(requests.Names()[column]).Float() {
			if c.at = at; at == at {
				changes = append(changes, c)
			}
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	var times []float64
	var waiting, running []int
	var now change
	for i, c := range changes {
		now.waiting, now.running = now.waiting+c.waiting, now.running+c.running
		if i+1 == len(changes) || changes[i+1].at > c.at {
			times, waiting, running = append(times, c.at), append(waiting, now.waiting), append(running, now.running)
		}
	}
	return frame(floatsOf("time", times), intsOf("waiting", waiting), intsOf("running", running))
}

// shownMetrics are those that Totals has, and shownStats what of them.
var (
	shownMetrics = []string{"prefill_e2e_time", "inter_token_latency", "time_per_output_token", "request_e2e_time",
		"request_scheduling_delay", "batch_size", "batch_num_tokens"}
	shownStats = []struct {
		name string
		of   func(metrics.Stat) float64
	}{
		{"_mean", func(s metrics.Stat) float64 { return s.Mean }}, {"_p50", func(s metrics.Stat) float64 { return s.P50 }},
		{"_p90", func(s metrics.Stat) float64 { return s.P90 }}, {"_p99", func(s metrics.Stat) float64 { return s.P99 }},
		{"_max", func(s metrics.Stat) float64 { return s.Max }},
	}
)

// Totals returns a row per run: the totals of its Summary under the names of
// summary.json (a cost that is not known is missing), its goodput, the means of
// the use of memory, devices and FLOPs over replicas and stages, percent, and
// mean, p50, p90, p99 and max of TTFT, TBT, TPOT, E2E, the scheduling delay, the
// batch size and its tokens, named as in prefill_e2e_time_p99. Other statistics
// are in Summary.
func Totals(runs ...metrics.Summary) dataframe.DataFrame {
	t := &table{}
	for i := range runs {
		r := &runs[i]
		t.int("arrived_requests", r.Arrived).int("completed_requests", r.Completed).float("end_s", r.End).float("makespan_s", r.Makespan)
		t.int("batches", r.Batches).int("preemptions", r.Preemptions)
		t.int("prompt_tokens", r.PromptTokens).int("output_tokens", r.OutputTokens).int("emitted_tokens", r.EmittedTokens)
		t.float("requests_per_s", r.RequestRate).float("output_tokens_per_s", r.OutputTokenRate).float("total_tokens_per_s", r.TotalTokenRate)
		t.int("gpus", r.GPUs).float("gpu_hours", r.GPUHours)
		t.float("cost_usd", unless(r.Cost == 0, r.Cost)).float("cost_usd_per_million_output_tokens", unless(r.CostPerMillion == 0, r.CostPerMillion))
		t.int("goodput_requests", r.Goodput.Requests).float("goodput_fraction", r.Goodput.Fraction).float("goodput_requests_per_s", r.Goodput.Rate)
		t.use(r.Replicas)
		for _, name := range shownMetrics {
			m, _ := r.Metric(name)
			for _, s := range shownStats {
				t.float(name+s.name, unless(m.Count == 0, s.of(m)))
			}
		}
		t.next = 0
	}
	return frame(t.series()...)
}

// table collects columns row by row: each row names them in the same order.
type table struct {
	columns []*totalColumn
	next    int
}

type totalColumn struct {
	name   string
	whole  bool
	values []float64 // whole numbers are below 2^53
}

func (t *table) add(name string, whole bool, v float64) *table {
	if t.next == len(t.columns) {
		t.columns = append(t.columns, &totalColumn{name: name, whole: whole})
	}
	c := t.columns[t.next]
	c.values = append(c.values, v)
	t.next++
	return t
}

func (t *table) int(name string, v int) *table       { return t.add(name, true, float64(v)) }
func (t *table) float(name string, v float64) *table { return t.add(name, false, v) }

// use adds the means over replicas, and over their stages; missing without any.
func (t *table) use(replicas []metrics.ReplicaUse) {
	var memory, busy, mfu []float64
	for _, r := range replicas {
		memory = append(memory, r.Memory.Mean)
		for _, st := range r.Stages {
			busy, mfu = append(busy, st.Busy.Mean), append(mfu, st.MFU.Mean)
		}
	}
	t.float("memory_mean_percent", mean(memory)).float("busy_mean_percent", mean(busy)).float("mfu_mean_percent", mean(mfu))
}

func (t *table) series() []series.Series {
	var list []series.Series
	for _, c := range t.columns {
		list = append(list, ofColumn(metrics.Column{Name: c.name, Whole: c.whole, Values: c.values}))
	}
	return list
}

// ofMetrics makes a frame of columns of metrics: of all, or if some are named,
// of these.
func ofMetrics(all, columns []string, column func(name string) (metrics.Column, error)) dataframe.DataFrame {
	if len(columns) == 0 {
		columns = all
	}
	for _, name := range columns {
		if err := known(name, all); err != nil {
			return failed(err)
		}
	}
	list := make([]series.Series, len(columns))
	each(len(columns), func(i int) { // a column is only read
		c, err := column(columns[i])
		if err != nil {
			list[i].Err = err
			return
		}
		list[i] = ofColumn(c)
	})
	return frame(list...)
}

var errNoStore = errors.New("frames: no Store")
