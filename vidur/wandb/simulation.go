package wandb

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// Simulation is the run of one simulation, in the project and group and with the name that
// the experiment says.
//
// Its configuration is the keys of the experiment that say what is simulated, and if that was made from the original's
// flags also what the original logs: its configuration, nested. Its summary has
// the figures of a sweep (see package search) as far as a single run has them, and then
// what the original logs under its names, as request_e2e_time_99th_percentile and
// replica_1_memory_usage_weighted_mean. Its history is the series, if there is one.
func Simulation(e *spec.Experiment, run *spec.Run, store *metrics.Store, series *Series) (*Run, error) {
	config, err := configOf(e, run)
	if err != nil {
		return nil, err
	}
	sum := store.Summary()
	r := &Run{
		Project: e.WandbProject, Group: e.WandbGroup, Name: e.WandbName, JobType: "simulation",
		Config: config, Summary: slices.Concat(figures(&sum), originals(&sum)), Length: sum.End,
	}
	if series != nil {
		r.History = series.History(len(run.Config.Replicas))
	}
	return r, nil
}

// configOf is the configuration of a simulation.
func configOf(e *spec.Experiment, run *spec.Run) ([]Item, error) {
	items := keysOf(e)
	if !e.Original {
		return items, nil
	}
	text, err := e.ConfigJSON(run)
	if err != nil {
		return nil, err
	}
	var original map[string]json.RawMessage
	if err := json.Unmarshal(text, &original); err != nil {
		return nil, err
	}
	delete(original, "govidur")
	var names []string
	for name := range original {
		if !slices.ContainsFunc(items, func(it Item) bool { return it.Name == name }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		items = append(items, Item{name, original[name]})
	}
	return items, nil
}

// keysOf are the keys of an experiment that say what is simulated. Those of results
// say what is kept of it, and where.
func keysOf(e *spec.Experiment) []Item {
	var items []Item
	params := spec.Params()
	for i := range params {
		p := &params[i]
		if v := reflect.ValueOf(p.Field(e)).Elem(); p.Group != "results" && p.Name != "cache" && (v.Kind() != reflect.String || v.Len() > 0) {
			items = append(items, Item{p.Name, v.Interface()})
		}
	}
	return items
}

// figures are those of a sweep that are in a summary.
func figures(s *metrics.Summary) []Item {
	var items []Item
	for _, m := range []struct{ name, metric string }{
		{"ttft", "prefill_e2e_time"}, {"tbt", "inter_token_latency"}, {"tpot", "time_per_output_token"},
		{"e2e", "request_e2e_time"}, {"delay", "request_scheduling_delay"},
	} {
		stat, ok := s.Metric(m.metric)
		if !ok || stat.Count == 0 {
			continue
		}
		items = append(items, Item{m.name + "_mean_s", stat.Mean}, Item{m.name + "_p50_s", stat.P50},
			Item{m.name + "_p90_s", stat.P90}, Item{m.name + "_p99_s", stat.P99})
	}
	items = append(items,
		Item{"requests_per_s", s.RequestRate}, Item{"output_tokens_per_s", s.OutputTokenRate}, Item{"tokens_per_s", s.TotalTokenRate},
		Item{"preemptions", s.Preemptions}, Item{"makespan_s", s.Makespan}, Item{"arrived", s.Arrived},
		Item{"completed", s.Completed}, Item{"gpus", s.GPUs})
	if s.Goodput.SLO != (metrics.SLO{}) {
		items = append(items, Item{"goodput_per_s", s.Goodput.Rate}, Item{"slo_fraction", s.Goodput.Fraction})
	}
	if s.Cost > 0 {
		items = append(items, Item{"cost_usd", s.Cost}, Item{"usd_per_million_output_tokens", s.CostPerMillion})
	}
	return items
}

// originals are what the original logs, under its names.
func originals(s *metrics.Summary) []Item {
	var items []Item
	for i := range s.Metrics {
		items = append(items, distribution(s.Metrics[i].Name, &s.Metrics[i])...)
	}
	for i := range s.Operators {
		items = append(items, distribution(s.Operators[i].Name+"_execution_time", &s.Operators[i])...)
	}
	for i := range s.Replicas {
		r := &s.Replicas[i]
		name := fmt.Sprintf("replica_%d", i+1)
		items = append(items, utilization(name+"_memory_usage", r.Memory)...)
		for k := range r.Stages {
			stage := fmt.Sprintf("%s_stage_%d", name, k+1)
			items = append(items, utilization(stage+"_busy_time_percent", r.Stages[k].Busy)...)
			items = append(items, utilization(stage+"_mfu", r.Stages[k].MFU)...)
		}
	}
	return items
}

func distribution(name string, s *metrics.Stat) []Item {
	if s.Count == 0 {
		return nil
	}
	return []Item{
		{name + "_min", s.Min}, {name + "_max", s.Max}, {name + "_mean", s.Mean}, {name + "_median", s.P50},
		{name + "_95th_percentile", s.P95}, {name + "_99th_percentile", s.P99}, {name + "_99.9th_percentile", s.P999},
	}
}

func utilization(name string, u metrics.Utilization) []Item {
	return []Item{{name + "_min", u.Min}, {name + "_max", u.Max}, {name + "_weighted_mean", u.Mean}}
}
