package workload

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/internal/pyrand"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// flags are the command line of a run of the original simulator.
type flags map[string]string

func readFlags(t *testing.T, dir string) flags {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Flags []string `json:"vidur_flags"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	f := flags{}
	for i, w := range c.Flags {
		if name, ok := strings.CutPrefix(w, "--"); ok {
			f[name] = "true"
			if i+1 < len(c.Flags) && !strings.HasPrefix(c.Flags[i+1], "--") {
				f[name] = c.Flags[i+1]
			}
		}
	}
	return f
}

func (f flags) text(name, byDefault string) string {
	if v, ok := f[name]; ok {
		return v
	}
	return byDefault
}

func (f flags) number(t *testing.T, name string, byDefault float64) float64 {
	t.Helper()
	v, ok := f[name]
	if !ok {
		return byDefault
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (f flags) original(t *testing.T) Original {
	t.Helper()
	o := Original{
		Seed:       42,
		LengthSeed: 42,
		Requests:   int(f.number(t, "synthetic_request_generator_config_num_requests", 128)),
		Duration:   f.number(t, "synthetic_request_generator_config_duration", 0),
	}
	switch kind := f.text("interval_generator_config_type", "poisson"); kind {
	case "poisson":
		o.Intervals = Poisson{f.number(t, "poisson_request_interval_generator_config_qps", 0.5)}
	case "gamma":
		o.Intervals = Gamma{f.number(t, "gamma_request_interval_generator_config_qps", 0.2), f.number(t, "gamma_request_interval_generator_config_cv", 0.5)}
	case "static":
		o.Intervals = Static{}
	default:
		t.Fatalf("intervals %s", kind)
	}
	switch kind := f.text("length_generator_config_type", "fixed"); kind {
	case "fixed":
		o.Lengths = Fixed{int(f.number(t, "fixed_request_length_generator_config_prefill_tokens", 2048)), int(f.number(t, "fixed_request_length_generator_config_decode_tokens", 512))}
	case "uniform":
		o.Lengths = Uniform{1024, 4096, 20}
	case "zipf":
		o.Lengths = Zipf{0.6, 1024, 4096, 20, f["zipf_request_length_generator_config_scramble"] != ""}
	case "trace":
		o.Lengths = Shuffled{f.trace(t)}
	default:
		t.Fatalf("lengths %s", kind)
	}
	return o
}

func (f flags) trace(t *testing.T) []Tokens {
	t.Helper()
	name := filepath.Base(f["trace_request_length_generator_config_trace_file"])
	most := int(f.number(t, "trace_request_length_generator_config_max_tokens", 4096))
	trace, err := ReadLengths(sharedtest.Path(t, "vidur-data", "processed_traces", name), Scaling{MaxTokens: most})
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

func (f flags) replay(t *testing.T) Replay {
	t.Helper()
	if got := f["trace_request_generator_config_trace_file"]; got != "splitwise_conv_1024.csv" {
		t.Fatalf("trace %s", got)
	}
	list, err := ReadRequests(sharedtest.Path(t, "vidur-data", "processed_traces", "splitwise_conv.csv"), Scaling{
		Time:      f.number(t, "trace_request_generator_config_time_scale_factor", 1),
		MaxTokens: int(f.number(t, "trace_request_generator_config_max_tokens", 4096)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return list[:1024]
}

// Every run of the original is reproduced from its flags.
func TestOriginal(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "oracle", "cases"), "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			f := readFlags(t, dir)
			if f["zipf_request_length_generator_config_scramble"] != "" {
				if _, _, err := f.original(t).Generate(); err == nil {
					t.Error("scrambled Zipf lengths are not refused")
				}
				t.Skip("the lengths of this run came from a hash that changes from process to process")
			}
			want, err := ReadRequests(filepath.Join(dir, "requests.csv.gz"), Scaling{})
			if err != nil {
				t.Fatal(err)
			}
			var got Replay
			if f["request_generator_config_type"] == "trace_replay" {
				got = f.replay(t)
			} else if got, _, err = f.original(t).Generate(); err != nil {
				t.Fatal(err)
			}
			sameRequests(t, got, want)
		})
	}
}

func sameRequests(t *testing.T, got, want Replay) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d requests, want %d", len(got), len(want))
	}
	exact := 0
	for i, w := range want {
		g := got[i]
		if math.Abs(g.At-w.At) > 1e-12*w.At || g.Prefill != w.Prefill || g.Decode != w.Decode {
			t.Fatalf("request %d: %v %d %d, want %v %d %d", i, g.At, g.Prefill, g.Decode, w.At, w.Prefill, w.Decode)
		}
		if g.At == w.At {
			exact++
		}
	}
	t.Logf("%d requests, %d times equal to the last bit", len(want), exact)
}

// The random router goes on where the generator of requests stopped.
func TestOriginalRandomRouter(t *testing.T) {
	dir := sharedtest.Path(t, "oracle", "cases", "m_2rep_random_vllm")
	_, python, err := readFlags(t, dir).original(t).Generate()
	if err != nil {
		t.Fatal(err)
	}
	tab, f, err := openTable(filepath.Join(dir, "assignment.csv.gz"), "request_id", "replica_id")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for {
		more, err := tab.next()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		want, err := tab.number(1)
		if err != nil {
			t.Fatal(err)
		}
		if got := python.Intn(2); got != int(want) {
			t.Fatalf("request %d went to replica %d, want %g", n, got, want)
		}
		n++
	}
	if n != 512 {
		t.Errorf("%d requests", n)
	}
}

// A small run that needs no files: the first numbers of oracle run
// g_uniform128_vllm and of Python's stream behind it.
func TestOriginalUniform(t *testing.T) {
	got, python, err := Original{Seed: 42, Intervals: Poisson{0.3}, Lengths: Uniform{1024, 4096, 20}, Requests: 3}.Generate()
	if err != nil {
		t.Fatal(err)
	}
	sameRequests(t, got, Replay{
		{At: 3.4002009575826704, Prefill: 1047, Decode: 53},
		{At: 4.472281171165889, Prefill: 1627, Decode: 82},
		{At: 8.917590080526166, Prefill: 2954, Decode: 148},
	})
	want := pyrand.NewRandom(42)
	for range 6 {
		want.Random()
	}
	if got, want := python.Random(), want.Random(); got != want {
		t.Errorf("the stream goes on with %v, want %v", got, want)
	}
}

func TestOriginalErrors(t *testing.T) {
	fixed := Fixed{10, 10}
	for _, c := range []struct {
		o    Original
		want string
	}{
		{Original{}, "both 0"},
		{Original{Requests: -1}, "Original.Requests is -1"},
		{Original{Requests: 1}, "needs Intervals"},
		{Original{Requests: 1, Intervals: Static{}}, "needs Lengths"},
		{Original{Duration: 1, Intervals: Static{}, Lengths: fixed}, "never get to the end"},
		{Original{Duration: math.NaN(), Intervals: Static{}, Lengths: fixed}, "Original.Duration is NaN"},
		{Original{Requests: 1, Intervals: Constant{1}, Lengths: fixed}, "no arrivals like workload.Constant"},
		{Original{Requests: 1, Intervals: Static{}, Lengths: Range{1, 1, 0}}, "no lengths like workload.Range"},
		{Original{Requests: 3, Intervals: Static{}, Lengths: Shuffled{[]Tokens{{1, 2}}}}, "has only 1 lengths"},
		{Original{Requests: 1, Intervals: Static{}, Lengths: Zipf{1, 10, 20, 1, false}}, "Theta other than 1"},
		{Original{Requests: 1, Seed: 1 << 40, Intervals: Static{}, Lengths: fixed}, "Original.Seed"},
	} {
		_, err := c.o.New(nil)
		wantError(t, err, c.want)
	}
}

// Recorded intervals of the original are of whole seconds and begin at the
// second row.
func TestOriginalRecorded(t *testing.T) {
	got, _, err := Original{Intervals: Recorded{Times: []float64{0, 1.75, 4.5}, Scale: 2}, Lengths: Fixed{1, 2}}.Generate()
	if err != nil {
		t.Fatal(err)
	}
	sameRequests(t, got, Replay{{At: 2, Prefill: 1, Decode: 2}, {At: 8, Prefill: 1, Decode: 2}})
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	} else if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of several lines: %v", err)
	}
}
