package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/govidur/govidur/vidur/metrics"
)

// shown are the metrics of the printed summary.
var shown = []struct {
	label, metric string
	scale         float64 // to the unit shown
	digits        int
}{
	{"TTFT (s)", "prefill_e2e_time", 1, 3},
	{"TBT (ms)", "inter_token_latency", 1e3, 1},
	{"TPOT (ms)", "time_per_output_token", 1e3, 1},
	{"E2E (s)", "request_e2e_time", 1, 2},
	{"scheduling delay (s)", "request_scheduling_delay", 1, 3},
	{"batch size", "batch_size", 1, 1},
	{"batch tokens", "batch_num_tokens", 1, 0},
}

// print writes the summary for people.
func (j *job) print(w io.Writer) error {
	var text strings.Builder
	e, s := j.experiment, &j.summary
	model, device := j.run.Config.Replicas[0].Model.Name, j.run.Config.Replicas[0].Device.Name
	fmt.Fprintf(&text, "%s on %d × %s: %s of TP %d, PP %d; %s, %s\n", model, s.GPUs, device, count(e.Replicas, "replica"), e.TP, e.PP, e.Scheduler, e.Router)
	fmt.Fprintf(&text, "operator times: %s\n", j.run.Times)
	if e.Original {
		fmt.Fprintln(&text, "behaviour: the original simulator's, its random numbers and quirks included (--original)")
	}
	fmt.Fprintf(&text, "%d of %d requests complete; %.1f s simulated in %.3f s\n\n", s.Completed, s.Arrived, s.End, j.took.Seconds())
	j.table(&text)
	fmt.Fprintf(&text, "\nthroughput  %.2f requests/s, %.0f output tokens/s, %.0f tokens/s\n", s.RequestRate, s.OutputTokenRate, s.TotalTokenRate)
	if g := &s.Goodput; g.SLO != (metrics.SLO{}) {
		fmt.Fprintf(&text, "goodput     %.2f requests/s, %.2f %% of requests, met %s\n", g.Rate, 100*g.Fraction, limits(g))
	}
	j.use(&text)
	if e := j.stepError(); e != nil {
		fmt.Fprintf(&text, "step times  ± %.1f %% if the errors of operators are independent, ± %.1f %% if they err alike\n", e.Independent, e.Alike)
	}
	if s.Cost > 0 {
		fmt.Fprintf(&text, "cost        $%.4g for %.3g GPU-hours, $%.3g per million output tokens\n", s.Cost, s.GPUHours, s.CostPerMillion)
	}
	for _, n := range j.notes {
		fmt.Fprintf(&text, "note        %s\n", n)
	}
	if j.dir != nil {
		fmt.Fprintf(&text, "files       %s\n", j.dir.final)
		if e.WandbProject != "" {
			fmt.Fprintf(&text, "upload      wandb sync %s\n", filepath.Join(j.dir.final, wandbDir, "offline-run-*"))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (j *job) table(text *strings.Builder) {
	t := tabwriter.NewWriter(text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tmean\tp50\tp90\tp99\tmax\t")
	for _, m := range shown {
		stat, ok := j.summary.Metric(m.metric)
		if !ok || stat.Count == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\t", m.label)
		for _, v := range []float64{stat.Mean, stat.P50, stat.P90, stat.P99, stat.Max} {
			fmt.Fprintf(t, "%.*f\t", m.digits, v*m.scale)
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

// limits are those of the objective, with the fraction that met each.
func limits(g *metrics.Goodput) string {
	var met []string
	for _, l := range []struct {
		name  string
		limit float64
		met   float64
	}{{"TTFT", g.SLO.TTFT, g.TTFT}, {"TPOT", g.SLO.TPOT, g.TPOT}, {"E2E", g.SLO.E2E, g.E2E}} {
		if l.limit > 0 {
			met = append(met, fmt.Sprintf("%s ≤ %g s (%.2f %%)", l.name, l.limit, 100*l.met))
		}
	}
	return strings.Join(met, ", ")
}

// use is the mean over replicas and stages.
func (j *job) use(text *strings.Builder) {
	var busy, mfu, memory, peak float64
	stages := 0
	for _, r := range j.summary.Replicas {
		memory += r.Memory.Mean
		peak = max(peak, r.Memory.Max)
		for _, s := range r.Stages {
			busy += s.Busy.Mean
			mfu += s.MFU.Mean
			stages++
		}
	}
	if stages == 0 {
		return
	}
	fmt.Fprintf(text, "use         GPUs busy %.1f %%, MFU %.1f %%, KV cache %.1f %% (most %.1f %%), %s\n",
		busy/float64(stages), mfu/float64(stages), memory/float64(len(j.summary.Replicas)), peak, count(j.summary.Preemptions, "preemption"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
