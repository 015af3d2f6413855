package nb

import (
	"errors"
	"flag"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSnake(t *testing.T) {
	for field, want := range map[string]string{
		"QPS": "qps", "PrefillBatch": "prefill_batch", "TTFTms": "ttft_ms", "TBTus": "tbt_us", "KVBlocks": "kv_blocks",
		"NumGPUs": "num_gpus", "GPUsPerNode": "gpus_per_node", "P99": "p99", "P99TTFT": "p99_ttft", "E2E": "e2e",
		"HTTPServer": "http_server", "X": "x", "Seed": "seed", "TP2": "tp2", "KVCacheGB": "kv_cache_gb", "Max_Batch": "max_batch",
		"H100Count": "h100_count", "SLOs": "slos", "Étendue": "étendue", "MaxTTFTms": "max_ttft_ms", "IDs": "ids", "StatusBus": "status_bus",
	} {
		if got := snake(field); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}

type all struct {
	QPS      float64 `unit:"requests/s" usage:"offered load"`
	Small    float32
	Requests int
	Tiny     int8
	Seed     uint64
	Full     bool
	NoFiles  bool
	Name     string
	SLO      time.Duration
	Loads    []float64
	Chunk    []int `name:"chunk-sizes"`
	Flags    []bool
	Waits    []time.Duration
	Names    []string
	XHidden  int
	hidden   int
	F_hidden struct{} // an unexported field under an interpreter
}

func defaults() all {
	return all{QPS: 4, Requests: 10, Name: "x", Loads: []float64{1, 2}, SLO: time.Second, NoFiles: true, hidden: 7}
}

func TestParseParams(t *testing.T) {
	for _, c := range []struct {
		args string
		want func(*all)
		rest []string
	}{
		{"", func(*all) {}, nil},
		{"--qps 8", func(a *all) { a.QPS = 8 }, nil},
		{"-qps=8.5", func(a *all) { a.QPS = 8.5 }, nil},
		{"--qps -3", func(a *all) { a.QPS = -3 }, nil},
		{"--qps 1e-3 --small 0.1", func(a *all) { a.QPS, a.Small = 1e-3, 0.1 }, nil},
		{"--requests 1_000", func(a *all) { a.Requests = 1000 }, nil},
		{"--requests 1e6", func(a *all) { a.Requests = 1000000 }, nil},
		{"--requests 010", func(a *all) { a.Requests = 10 }, nil},
		{"--seed 18446744073709551615", func(a *all) { a.Seed = math.MaxUint64 }, nil},
		{"--tiny -128", func(a *all) { a.Tiny = -128 }, nil},
		{"--full a b", func(a *all) { a.Full = true }, []string{"a", "b"}},
		{"a --full=false b", func(*all) {}, []string{"a", "b"}},
		{"--full=TRUE", func(a *all) { a.Full = true }, nil},
		{"--no-no-files", func(a *all) { a.NoFiles = false }, nil},
		{"--no-files", func(a *all) { a.NoFiles = true }, nil},
		{"--no-full", func(*all) {}, nil},
		{"--no_full", func(*all) {}, nil},
		{"--slo 200ms", func(a *all) { a.SLO = 200 * time.Millisecond }, nil},
		{"--loads 1,2.5,3e1", func(a *all) { a.Loads = []float64{1, 2.5, 30} }, nil},
		{"--loads=[1,2]", func(*all) {}, nil},
		{"--loads=", func(a *all) { a.Loads = []float64{} }, nil},
		{"--chunk-sizes 256,512", func(a *all) { a.Chunk = []int{256, 512} }, nil},
		{"--chunk_sizes 256", func(a *all) { a.Chunk = []int{256} }, nil},
		{"--flags true,0,yes", func(a *all) { a.Flags = []bool{true, false, true} }, nil},
		{"--waits 1s,1m", func(a *all) { a.Waits = []time.Duration{time.Second, time.Minute} }, nil},
		{"--names a,b", func(a *all) { a.Names = []string{"a", "b"} }, nil},
		{"--name=", func(a *all) { a.Name = "" }, nil},
		{"--name=--qps", func(a *all) { a.Name = "--qps" }, nil},
		{"--name a=b", func(a *all) { a.Name = "a=b" }, nil},
		{"--x_hidden 3", func(a *all) { a.XHidden = 3 }, nil},
		{"- -5 -.5 -- --qps 9", func(*all) {}, []string{"-", "-5", "-.5", "--qps", "9"}},
	} {
		got, want := defaults(), defaults()
		c.want(&want)
		rest, err := ParseParams(&got, strings.Fields(c.args))
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
		} else if !reflect.DeepEqual(got, want) || !slices.Equal(rest, c.rest) {
			t.Errorf("%s: %+v %q", c.args, got, rest)
		}
	}
}

func TestParseParamsErrors(t *testing.T) {
	for args, want := range map[string]string{
		"--qsp 8":          "there is no flag --qsp; did you mean --qps?",
		"--request=8":      "there is no flag --request; did you mean --requests?",
		"--chunk 1":        "there is no flag --chunk; did you mean --chunk-sizes?",
		"--qps":            "--qps needs a value, a float",
		"--loads":          "--loads needs a value, floats separated by commas",
		"--tiny":           "--tiny needs a value, an int",
		"--qps --full":     `--qps needs a value; if it is "--full", write --qps=--full`,
		"--qps x":          `--qps: "x" is not a number`,
		"--loads 1,x":      `--loads: "x" is not a number`,
		"--loads 1,,2":     `--loads: "" is not a number`,
		"--requests 1.5":   `--requests: "1.5" is not a whole number`,
		"--requests 1e-1":  `--requests: "1e-1" is not a whole number`,
		"--tiny 128":       `--tiny: "128" is out of range for int8`,
		"--small 1e300":    `--small: "1e300" is out of range for float32`,
		"--seed -1":        `--seed: "-1" is not a whole number of at least 0`,
		"--slo 5":          `--slo: "5" is not a duration such as 1.5s or 200ms`,
		"--full true":      "--full true: write --full=true",
		"--full=maybe":     `--full: "maybe" is not true or false`,
		"--no-full=1":      "--no-full takes no value",
		"--no-qps":         "there is no flag --no-qps; did you mean --qps?",
		"--full --no-full": "--no-full is given twice",
		"--qps 1 --qps=2":  "--qps is given twice",
		"--hidden 1":       "there is no flag --hidden; did you mean --x_hidden?",
		"--":               "",
		"---qps 1":         "there is no flag ---qps; did you mean --qps?",
		"--=":              "there is no flag --; there are --qps, --small, --requests, --tiny, --seed, --full, --no_files, --name, --slo, --loads, --chunk-sizes, --flags, --waits, --names, --x_hidden",
	} {
		got := defaults()
		_, err := ParseParams(&got, strings.Fields("--requests=99 " + args)[min(1, strings.Count(args, "--requests")):])
		var wrong *ParamError
		switch {
		case want == "":
			if err != nil {
				t.Errorf("%s: %v", args, err)
			}
		case !errors.As(err, &wrong) || err.Error() != want:
			t.Errorf("%s: %v", args, err)
		case !reflect.DeepEqual(got, defaults()):
			t.Errorf("%s: an error changed the struct: %+v", args, got)
		}
	}
	for _, args := range []string{"-h", "--help", "-help", "--qps 3 -h"} {
		got := defaults()
		if _, err := ParseParams(&got, strings.Fields(args)); !errors.Is(err, flag.ErrHelp) || got.QPS != 4 {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, err := ParseParams(&all{}, []string{"--a\nb\r\x1b[2J"}); err == nil || strings.ContainsAny(err.Error(), "\n\r\x1b") {
		t.Errorf("an error is one line: %q", err)
	}
}

func TestWrongStructs(t *testing.T) {
	var nothing *all
	n := 3
	for want, p := range map[string]any{
		"parameters must be a pointer to a struct, not nil":                                                                       nil,
		"parameters must be a pointer to a struct, not struct":                                                                    all{},
		"parameters must be a pointer to a struct, not ptr":                                                                       nothing,
		"parameters must be a pointer to a struct, not ptr ":                                                                      &n,
		"field M cannot be a parameter: it is of kind map, not a bool, number, string, time.Duration or slice of these":           &struct{ M map[string]int }{},
		"field L cannot be a parameter: it is of kind slice, not a bool, number, string, time.Duration or slice of these":         &struct{ L [][]int }{},
		"field P cannot be a parameter: it is of kind ptr, not a bool, number, string, time.Duration or slice of these":           &struct{ P *int }{},
		"field C cannot be a parameter: it is of kind complex128, not a bool, number, string, time.Duration or slice of these":    &struct{ C complex128 }{},
		"field Error cannot be a parameter: it is of kind interface, not a bool, number, string, time.Duration or slice of these": &struct{ Error error }{},
		`fields A_b and C have the same name "a-b"`: &struct {
			A_b int
			C   int `name:"a-b"`
		}{},
		"field Help: --help prints the parameters": &struct{ Help bool }{},
		`field A: "a b" is no name for a flag`: &struct {
			A int `name:"a b"`
		}{},
	} {
		if _, err := ParamsTable(p); err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("%v, want %s", err, want)
		}
		if _, err := ParseParams(p, nil); err == nil {
			t.Errorf("ParseParams takes %T", p)
		}
	}
}

// TestInterpretedStruct reads into a struct made at run time, as an interpreter
// makes them.
func TestInterpretedStruct(t *testing.T) {
	typ := reflect.StructOf([]reflect.StructField{
		{Name: "QPS", Type: reflect.TypeFor[float64](), Tag: `usage:"load"`},
		{Name: "F_secret", Type: reflect.TypeFor[map[string]int]()},
		{Name: "F__", Type: reflect.TypeFor[func()]()},
	})
	p := reflect.New(typ)
	rest, err := ParseParams(p.Interface(), []string{"--qps", "2", "z"})
	if err != nil || p.Elem().Field(0).Float() != 2 || len(rest) != 1 {
		t.Error(p.Elem(), rest, err)
	}
	if table, err := ParamsTable(p.Interface()); err != nil || len(table) != 1 || table[0] != (Param{"qps", "float", "2", "2", "load", ""}) {
		t.Error(table, err)
	}
}

func TestHelp(t *testing.T) {
	a := defaults()
	a.Name = "a \"b\""
	const want = `Flags:
  --qps float             offered load (default 4 requests/s)
  --small float           (default 0)
  --requests int          (default 10)
  --tiny int              (default 0)
  --seed uint             (default 0)
  --[no-]full             (default false)
  --[no-]no_files         (default true)
  --name string           (default "a \"b\"")
  --slo duration          (default 1s)
  --loads float,...       (default 1,2)
  --chunk-sizes int,...   (default none)
  --flags bool,...        (default none)
  --waits duration,...    (default none)
  --names string,...      (default none)
  --x_hidden int          (default 0)
  -h, --help              print this
`
	if got := help(&a); got != want {
		t.Error(got)
	}
}

func FuzzParseParams(f *testing.F) {
	for _, s := range []string{"--qps 8", "--full\x00--no-full", "-h", "--loads 1,2\x00x", "--slo=1s", "--\x00--qps", "--no-", "--=", "-", "--chunk-sizes=[1,2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, "\x00")
		a, b := defaults(), defaults()
		rest, err := ParseParams(&a, args)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") || !reflect.DeepEqual(a, b) {
				t.Fatalf("%q: %v, %+v", args, err, a)
			}
			return
		}
		for _, r := range rest {
			if !slices.Contains(args, r) {
				t.Fatalf("%q: left over %q", args, r)
			}
		}
		// What was read, written as flags, reads the same.
		table, err := ParamsTable(&a)
		if err != nil {
			t.Fatal(err)
		}
		var again []string
		for _, p := range table {
			again = append(again, "--"+p.Name+"="+p.Value)
		}
		if _, err := ParseParams(&b, again); err != nil {
			t.Fatalf("%q: %v", again, err)
		}
		same, err := ParamsTable(&b)
		if err != nil || !reflect.DeepEqual(table, same) && !listed(a.Names) {
			t.Fatalf("%q: %+v, again %+v", args, table, same)
		}
	})
}

// listed reports whether brackets in a list of strings are read as its ends.
func listed(names []string) bool { return strings.ContainsAny(strings.Join(names, ""), "[]") }
