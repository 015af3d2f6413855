package search

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/spec"
)

// table is results of points on two axes with two figures.
func table(rows ...[4]any) *Results {
	r := &Results{axes: []axis{{names: []string{"workload"}}, {names: []string{"tp"}}}, figures: []figure{{name: "qps_per_usd"}, {name: "ttft_p90_s"}}}
	for _, v := range rows {
		row := Row{Point: Point{{"workload", v[0]}, {"tp", v[1]}}}
		for _, f := range v[2:] {
			row.Figures = append(row.Figures, f.(float64))
		}
		r.rows = append(r.rows, row)
	}
	return r
}

// TestFront: against the definition, on random tables with ties, gaps and errors.
func TestFront(t *testing.T) {
	rng := newRand(4)
	for range 300 {
		var rows [][4]any
		for range 1 + rng.IntN(30) {
			v := [4]any{"w", rng.IntN(1000), float64(rng.IntN(6)), float64(rng.IntN(6))}
			if rng.IntN(10) == 0 {
				v[2+rng.IntN(2)] = math.NaN()
			}
			rows = append(rows, v)
		}
		r := table(rows...)
		for i := range r.rows {
			if rng.IntN(10) == 0 {
				r.rows[i].Err = errors.New("failed")
			}
		}
		most := float64(1 + rng.IntN(6))
		got, err := r.Front([]Goal{Max("qps_per_usd"), Min("ttft_p90_s")}, AtMost("ttft_p90_s", most))
		if err != nil {
			t.Fatal(err)
		}
		counts := func(i int) bool {
			f := r.rows[i].Figures
			return r.rows[i].Err == nil && f[0] == f[0] && f[1] <= most
		}
		for i := range r.rows {
			on := counts(i)
			for k := range r.rows {
				a, b := r.rows[i].Figures, r.rows[k].Figures
				if counts(k) && b[0] >= a[0] && b[1] <= a[1] && (b[0] > a[0] || b[1] < a[1]) {
					on = false
				}
			}
			if on != slices.Contains(got, i) {
				t.Fatalf("row %d of %v is on the front: %t; got %v", i, rows, on, got)
			}
		}
		at, err := r.Best(Max("qps_per_usd"), AtMost("ttft_p90_s", most))
		if err != nil || (at < 0) != (len(got) == 0) {
			t.Fatalf("best %d of %v, %v", at, got, err)
		}
		for i := range r.rows {
			if at >= 0 && counts(i) && r.rows[i].Figures[0] > r.rows[at].Figures[0] {
				t.Errorf("row %d is better than the best, %d", i, at)
			}
		}
	}
}

func TestNoSuchColumn(t *testing.T) {
	r := table([4]any{"a", 1, 1.0, 1.0})
	_, err := r.Front([]Goal{Max("qps")})
	wants(t, err, "qps", "qps_per_usd")
	_, err = r.Best(Max("workload"))
	wants(t, err, "no numbers")
	_, err = r.Best(Max("tp"), AtLeast("nothing", 1))
	wants(t, err, "nothing")
	_, err = r.Transfer("ttft_p90_s", Max("qps_per_usd"))
	wants(t, err, "no axis")
}

// TestTransfer, by hand: what is best for a is worth half on b, and the other way
// it does not run at all; tp 4 keeps most everywhere.
func TestTransfer(t *testing.T) {
	r := table(
		[4]any{"a", 1, 10.0, 1.0}, [4]any{"a", 2, 6.0, 9.0}, [4]any{"a", 4, 8.0, 1.0},
		[4]any{"b", 1, 2.0, 1.0}, [4]any{"b", 2, 4.0, 1.0}, [4]any{"b", 4, 3.0, 1.0})
	got, err := r.Transfer("workload", Max("qps_per_usd"), AtMost("ttft_p90_s", 2))
	if err != nil {
		t.Fatal(err)
	}
	want := "[a b] [0 4] [[1 0.5] [0 1]] 2 0.75"
	if s := fmt.Sprint(got.Values, got.Best, got.Kept, got.Robust, got.Least); s != want {
		t.Errorf("%s, want %s", s, want)
	}
	for i := range 3 { // nothing keeps the bound on b
		r.rows[3+i].Figures[1] = 5
	}
	got, err = r.Transfer("workload", Max("qps_per_usd"), AtMost("ttft_p90_s", 2))
	if err != nil || got.Best[1] != -1 || got.Robust != -1 || !math.IsNaN(got.Kept[0][1]) {
		t.Errorf("%+v, %v", got, err)
	}
	r = table([4]any{"a", 1, 1.0, 2.0}, [4]any{"a", 2, 1.0, 1.0}, [4]any{"b", 1, 1.0, 1.0}, [4]any{"b", 2, 1.0, 4.0})
	got, err = r.Transfer("workload", Min("ttft_p90_s"))
	if s := fmt.Sprint(got.Best, got.Kept, got.Robust, got.Least); err != nil || s != "[1 2] [[1 0.25] [0.5 1]] 0 0.5" {
		t.Errorf("%s, %v", s, err)
	}
}

// TestAdvise: deployments that are made to have one bottleneck each.
func TestAdvise(t *testing.T) {
	criteria := []Criterion{Percentile("ttft", 90, 2), Completed(1), Percentile("tbt", 99, 0.03)}
	for _, c := range []struct {
		change func(e *spec.Experiment)
		want   []string
	}{
		{func(e *spec.Experiment) { e.QPS = 1 }, nil},
		{func(e *spec.Experiment) { e.MaxBatch, e.QPS = 4, 20 }, []string{"TTFT", "up to 4 of 4 requests", "raise max-batch"}},
		{func(e *spec.Experiment) { e.Blocks, e.QPS = 700, 20 }, []string{"TTFT", "KV memory", "% held"}},
		{func(e *spec.Experiment) { e.Chunk, e.QPS, e.Workload = 128, 60, "azure-code-2023" }, []string{"TTFT", "prefill is too slow", "busy"}},
		{func(e *spec.Experiment) { e.Scheduler, e.QPS = "vllm", 12 }, []string{"TBT", "prompts hold decodes up", "instead of vllm"}},
		{func(e *spec.Experiment) { e.Chunk, e.QPS = 8192, 12 }, []string{"TBT", "chunks of 8192 tokens"}},
	} {
		e := small()
		e.Requests = 400
		c.change(e)
		text := strings.Join(Advise(e, alone(t, e, nil), criteria...), "\n")
		of, err := mustSweep(t, e).Advise(0, e, criteria...)
		if err != nil || strings.Join(of, "\n") != text {
			t.Errorf("of figures it is %q, %v; of the run %q", of, err, text)
		}
		if len(c.want) == 0 && text != "" {
			t.Errorf("advice where there is no need: %s", text)
		}
		for _, part := range c.want {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not said: %s", part, text)
			}
		}
	}
}
