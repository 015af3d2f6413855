package spec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestFile(t *testing.T) {
	for _, c := range []struct {
		text string
		err  string // after "x.yaml:"; empty: none
	}{
		{"", ""}, {"# nothing\n", ""}, {"---\n", ""}, {"{}\n", ""}, {"~\n", ""},
		{"tp: 2 # two\n\n# between\nqps: 1e1\n", ""}, {"tp: 2\r\nqps: 10\r\n", ""}, {`{tp: 2, "qps": "10"}`, ""}, {"\ufefftp: 2\nqps: 10.0", ""},
		{"# first\nmodle: x\n", `2: unknown key "modle"; near: model`}, {"tp: 1\nsecret_sauce: 3\n", `2: unknown key "secret_sauce"`}, {"Tp: 1\n", `1: unknown key "Tp"; near: tp`},
		{"<<: {tp: 1}\n", `1: unknown key "<<"`}, {"? [a]\n: 1\n", "1: unknown key"},
		{"tp: 1\nqps: 3\ntp: 2\n", `3: "tp" stands in line 1 already`},
		{"qps: 3\ntp: two\n", `2: "tp": "two" is not a whole number`}, {"tp: 1.5\n", `1: "tp": "1.5" is not a whole`}, {"qps: .nan\n", `1: "qps": ".nan" is not a number`}, {"qps: nan\n", "finite"},
		{"tp: -1\n", "must not be negative"}, {"original: yes\n", `1: "original": "yes" is neither true nor false`},
		{"tp:\n  size: 1\n", `2: "tp" takes one value`}, {"tp: [1, 2]\n", `1: "tp" takes one value`}, {"tp:\n", `1: "tp" takes one value`}, {"model: ~\n", `1: "model" takes one value`},
		{"model: &a x\ndevice: *a\n", `2: "device" takes one value`},
		{"- tp\n", "1: an experiment is a list of lines"}, {"tp 1\n", "1: an experiment is a list of lines"},
		{"tp: 1\n---\npp: 1\n", "2: an experiment is one document"}, {"tp: 1\n--- [\n", "2: "},
		{"pp: 1\ntp: 1\n  qps: 2\n", "3: mapping values"}, {"pp: 1\ntp: \"1\n", "2: "}, {"tp: 1\n\tqps: 2\n", "2: "}, {"\x00", " control characters"}, {"\xff\xfe\x01", " incomplete UTF-16"},
	} {
		e := Default()
		err := e.parse("x.yaml", []byte(c.text))
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%q: %v", c.text, err)
		case c.err == "" && strings.Contains(c.text, "tp") && (e.TP != 2 || e.QPS != 10):
			t.Errorf("%q: %+v", c.text, e)
		case c.err != "" && (err == nil || !strings.HasPrefix(err.Error(), "x.yaml:") || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%q: %v; want %q", c.text, err, c.err)
		}
	}
}

// TestFlagsOverFile has a flag win over the file, wherever it stands.
func TestFlagsOverFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	if err := os.WriteFile(path, []byte("qps: 3\ntp: 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := mustParse(t, "--qps", "5", "--config", path, "--pp=4").Experiment
	if e.QPS != 5 || e.TP != 2 || e.PP != 4 {
		t.Errorf("%+v", e)
	}
}

// random makes any value of each key.
func random(rng *rand.Rand) *Experiment {
	e := Default()
	words := []string{"", "x", "a b", "true", "1", "~", "null", "1e3", "#no", "- x", "a: b", "'", `"`, "{", "[", "*a", "&a", "!t", "ä\tö\n", "0x10", ".inf", "2001-01-01", "yes", "\\", "--tp", "=", "<<", "\x7f", "\u0085", "\u2028", " lead", "trail "}
	for _, p := range Params() {
		if rng.IntN(3) == 0 {
			continue
		}
		switch f := p.field(e).(type) {
		case *string:
			*f = words[rng.IntN(len(words))]
		case *bool:
			*f = rng.IntN(2) == 0
		case *int:
			*f = int(rng.Uint64() >> (1 + rng.UintN(63)))
		case *uint64:
			*f = rng.Uint64() >> rng.UintN(64)
		case *float64:
			if *f = math.Abs(math.Float64frombits(rng.Uint64())); math.IsNaN(*f) || math.IsInf(*f, 0) {
				*f = rng.Float64()
			}
		}
	}
	return e
}

// TestRoundTrip writes random experiments as files and as flags, and reads them.
func TestRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		want := random(rng)
		text, err := want.YAML()
		if err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		got := Default()
		if err := got.parse("x.yaml", text); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n%v\ngot  %+v\nwant %+v", text, err, got, want)
		}
		var args []string
		for _, p := range Params() {
			args = append(args, fmt.Sprintf("--%s=%s", p.Name, p.Show(want)))
		}
		if got := mustParse(t, args...).Experiment; !reflect.DeepEqual(got, want) {
			t.Fatalf("%q\ngot  %+v\nwant %+v", args, got, want)
		}
	}
}

func FuzzFile(f *testing.F) {
	for _, text := range []string{"tp: 1\nqps: 2.5\n", "a: [b, {c: d}]", "- \t", "? {", "x: &a [*a]", "--- |\n a\n...\n---", "%TAG ! !\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e := Default()
		if err := e.parse("x.yaml", text); err != nil {
			return
		}
		again, err := e.YAML()
		if err != nil {
			t.Fatal(err)
		}
		got := Default()
		if err := got.parse("x.yaml", again); err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("%q became %q: %v", text, again, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("--tp\n2\n--no-plots\n--qps=3")
	f.Add("--replica_config_device\na100\n--no-metrics_config_store_plots")
	f.Add("--random_forrest_execution_time_predictor_config_max_depth\n1\n2\n--seed\n-1")
	for _, flag := range originalFlags() {
		f.Add("--" + flag.name + "\n" + flag.fallback)
	}
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, "\n")
		for _, a := range args {
			if strings.HasPrefix(a, "--config") {
				return // reads files
			}
		}
		parsed, err := Parse(args)
		if err != nil {
			return
		}
		if _, err := parsed.Experiment.YAML(); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	})
}
