package wandb

import (
	"fmt"
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// slow makes a run in which every request is up to date at every event.
type slow struct{ vidur.Recorder }

func (s slow) Record(e *vidur.Event) { s.Recorder.Record(e) }

func simulated(t *testing.T, args []string, recorders ...vidur.Recorder) (*spec.Experiment, *spec.Run, *metrics.Store) {
	t.Helper()
	p, err := spec.Parse(append([]string{"--requests", "300"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	run, err := p.Experiment.Build()
	if err != nil {
		t.Fatal(err)
	}
	store, err := run.Simulate(t.Context(), recorders...)
	if err != nil {
		t.Fatal(err)
	}
	return p.Experiment, run, store
}

var seriesRuns = [][]string{
	{}, {"--scheduler", "vllm", "--qps", "20"}, {"--scheduler", "orca", "--replicas", "3"}, {"--scheduler", "lightllm", "--qps", "30"},
	{"--scheduler", "faster_transformer", "--max-batch", "8"}, {"--scheduler", "vllm", "--blocks", "400", "--qps", "20"},
	{"--model", "llama-2-70b", "--tp", "4", "--pp", "2", "--replicas", "2", "--router", "lor"}, {"--arrivals", "static"},
	{"--requests", "1"}, {"--requests", "5", "--qps", "1e-6"}, {"--until", "7.25"}, {"--concurrency", "4"},
}

// TestSeriesLaws: intervals follow each other to the end of the run, there are at most 512, and what
// they say sums to what package metrics measures.
func TestSeriesLaws(t *testing.T) {
	for _, args := range seriesRuns {
		t.Run(fmt.Sprint(args), func(t *testing.T) {
			s := &Series{}
			e, _, store := simulated(t, args, s)
			h, sum := s.History(e.Replicas), store.Summary()
			if err := h.check(); err != nil {
				t.Fatal(err)
			}
			if n := len(h.Rows); n == 0 || n > mostBins {
				t.Fatalf("%d intervals", n)
			}
			total, last := make([]float64, len(h.Names)), 0.0
			for i, row := range h.Rows {
				if !(row[0] > last) {
					t.Fatalf("row %d ends at %g s, the one before at %g s", i, row[0], last)
				}
				for k, v := range row {
					if v < 0 || math.IsInf(v, 0) || math.IsNaN(v) && k < 8 {
						t.Fatalf("row %d: %s is %g", i, h.Names[k], v)
					}
					total[k] += v * (row[0] - last)
				}
				last = row[0]
			}
			inside, kv := 0.0, 0.0
			for r := range store.Requests {
				if inside += sum.End - r.Arrived; r.Done() {
					inside -= sum.End - r.Completed
				}
			}
			for i := range sum.Replicas {
				kv += sum.Replicas[i].Memory.Mean / float64(e.Replicas)
			}
			near(t, "end", last, sum.End)
			near(t, "time in the system", total[1]+total[2], inside)
			near(t, "KV", total[3]/sum.End, kv)
			near(t, "arrivals", total[4], float64(sum.Arrived))
			near(t, "completions", total[5], float64(sum.Completed))
			near(t, "output tokens", total[7], float64(sum.EmittedTokens))
			if sum.Preemptions == 0 && e.Until == 0 {
				waits, _ := store.Stat("request_scheduling_delay")
				near(t, "waiting", total[2], waits.Mean*float64(waits.Count))
				prompt, _ := store.Stat("batch_num_prefill_tokens")
				near(t, "prompt tokens", total[6], prompt.Mean*float64(prompt.Count))
			}
		})
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6*max(math.Abs(want), 1e-3) {
		t.Errorf("%s: %.12g; want %.12g", what, got, want)
	}
}

// TestSeriesTwice: where iterations are repeated the series is the same to the bit.
func TestSeriesTwice(t *testing.T) {
	for _, args := range seriesRuns {
		fast, other := &Series{}, &Series{}
		e, _, _ := simulated(t, args, fast)
		simulated(t, args, slow{other})
		if a, b := fmt.Sprint(fast.History(e.Replicas)), fmt.Sprint(other.History(e.Replicas)); a != b {
			t.Errorf("%v: the series of repeated iterations is another one", args)
		}
	}
}

// twin keeps all and works intervals out at the end.
type twin struct {
	at      []float64 // s, of an event; the level from there on
	running []float64
	first   []vidur.Request // with its first token at PrefilledAt
	slots   [][2]float64    // end of a batch, its size
	admit   map[int]int
}

func (w *twin) Record(e *vidur.Event) {
	if e.Kind == vidur.Scheduled || e.Kind == vidur.BatchEnded {
		w.admit[e.Replica.ID] = e.Replica.Outstanding() - e.Replica.Waiting.Len()
	}
	sum := 0
	for _, n := range w.admit {
		sum += n
	}
	w.at, w.running = append(w.at, e.At), append(w.running, float64(sum))
	if e.Kind != vidur.BatchEnded {
		return
	}
	w.slots = append(w.slots, [2]float64{e.At, float64(len(e.Batch.Slots))})
	for _, s := range e.Batch.Slots {
		if r := s.Request; !s.Decode && r.FirstToken() && r.PrefilledAt == e.At {
			w.first = append(w.first, *r)
		}
	}
}

// TestSeriesTwin compares each interval with what brute force finds for it.
func TestSeriesTwin(t *testing.T) {
	for _, args := range seriesRuns {
		s, w := &Series{}, &twin{admit: map[int]int{}}
		e, _, _ := simulated(t, args, s, w)
		begin := 0.0
		rows := s.History(e.Replicas).Rows
		for i, row := range rows {
			end := row[0]
			in := func(at float64) bool { return at >= begin && (at < end || i == len(rows)-1) }
			area, size, batches, ttft, first := 0.0, 0.0, 0, 0.0, 0
			for k := range w.at {
				if k+1 < len(w.at) {
					area += w.running[k] * max(0, min(end, w.at[k+1])-max(begin, w.at[k]))
				}
			}
			for _, b := range w.slots {
				if in(b[0]) {
					size += b[1]
					batches++
				}
			}
			for _, r := range w.first {
				if in(r.PrefilledAt) {
					ttft += r.PrefilledAt - r.At
					first++
				}
			}
			near(t, fmt.Sprint(args, " running ", i), row[1], area/(end-begin))
			same(t, fmt.Sprint(args, " batch size ", i), row[8], size/float64(batches))
			same(t, fmt.Sprint(args, " TTFT ", i), row[10], ttft/float64(first))
			begin = end
		}
	}
}

func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) {
		t.Errorf("%s: %g; want %g", what, got, want)
	} else if got == got {
		near(t, what, got, want)
	}
}

// TestSeriesAllocates nothing but intervals.
func TestSeriesAllocates(t *testing.T) {
	s, rep := &Series{}, &vidur.Replica{}
	at := 0.0
	s.Record(&vidur.Event{Kind: vidur.Scheduled, Replica: rep, At: 4000})
	e := &vidur.Event{Kind: vidur.Scheduled, Replica: rep}
	if n := testing.AllocsPerRun(1000, func() { at += 3; e.At = at; s.Record(e) }); n > 0 {
		t.Errorf("%g allocations per event", n)
	}
}
