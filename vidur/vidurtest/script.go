package vidurtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Policy makes the scheduler that a script names. It reads its settings from
// args; one that it does not read is an error of the script.
type Policy func(name string, args *Args) (NewScheduler, error)

// Scripts runs the script files that match pattern and compares what they print
// with what stands in them; with rewrite it writes that into them instead.
//
// A script is a list of commands, each with what it prints:
//
//	# Lines with a number sign are comments.
//	replica blocks=4 block-size=4
//	scheduler mine cap=2
//	arrive
//	0 8 3
//	----
//	request 0: t=0 prompt 8 answer 3
//
// A command ends at the line of dashes, or, without output, at the next command
// or empty line; its output ends at an empty line. The commands:
//
//	replica    adds a replica. pp=1, blocks=16, block-size=4 and max-tokens=16 are its shape;
//	           stage=1 and token=0 are the seconds that a stage takes for a batch and for each
//	           token; count=1 adds several. Requests go to the replicas in turn.
//	scheduler  names the policy and its settings
//	arrive     adds requests: a line each with time (s), prompt and answer (tokens). clients=N makes
//	           a closed loop; see Case.Clients.
//	run        runs to the end and prints what happens; until=T stops at the first event after T
//	step       is run for n=1 batches: it stops when that many have been formed
//	show       prints the queues, the KV cache and the batches in flight of each replica
//
// The run is under the laws; a violation is printed like an error of the run.
func Scripts(t *testing.T, pattern string, policy Policy, rewrite bool) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts match %s: %v", pattern, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := RunScript(string(data), policy)
			if rewrite {
				if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if line, want, have := firstDifference(string(data), got); line > 0 {
				t.Errorf("%s:%d: the script has\n\t%s\nand the run gives\n\t%s", path, line, want, have)
			}
		})
	}
}

func firstDifference(want, got string) (line int, w, g string) {
	if want == got {
		return 0, "", ""
	}
	ws, gs := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := 0; ; i++ {
		w, g = "(end)", "(end)"
		if i < len(ws) {
			w = ws[i]
		}
		if i < len(gs) {
			g = gs[i]
		}
		if w != g {
			return i + 1, w, g
		}
	}
}

// RunScript returns the text of a script with what its commands print now; the
// output in text is ignored.
func RunScript(text string, policy Policy) string {
	return runScript(text, &world{policy: policy})
}

func runScript(text string, w *world) string {
	var out strings.Builder
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := 0; i < len(lines); {
		line := lines[i]
		i++
		fmt.Fprintln(&out, line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var input []string
		for i < len(lines) && isInput(lines[i]) {
			input = append(input, lines[i])
			fmt.Fprintln(&out, lines[i])
			i++
		}
		if i < len(lines) && lines[i] == dashes { // skip the output
			for i < len(lines) && lines[i] != "" {
				i++
			}
		}
		if printed := w.command(line, input); printed != "" {
			fmt.Fprintf(&out, "%s\n%s", dashes, printed)
			if i < len(lines) && lines[i] != "" {
				fmt.Fprintln(&out)
			}
		}
	}
	return out.String()
}

const dashes = "----"

// isInput reports whether a line belongs to the command above it: it begins with a number.
func isInput(line string) bool {
	return line != "" && strings.ContainsRune("0123456789.", rune(line[0]))
}

// Args are the key=value words of a script's command.
type Args struct {
	values map[string]string
	err    error
}

func newArgs(words []string) *Args {
	a := &Args{values: map[string]string{}}
	for _, w := range words {
		k, v, ok := strings.Cut(w, "=")
		if _, twice := a.values[k]; !ok || twice {
			a.err = fmt.Errorf("%q is not key=value, or the key is there twice", w)
		}
		a.values[k] = v
	}
	return a
}

// Int returns the integer of that key, or def.
func (a *Args) Int(key string, def int) int {
	return arg(a, key, def, strconv.Atoi)
}

// Float returns the number of that key, or def.
func (a *Args) Float(key string, def float64) float64 {
	return arg(a, key, def, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
}

// Bool returns the truth value of that key, or def.
func (a *Args) Bool(key string, def bool) bool { return arg(a, key, def, strconv.ParseBool) }

func arg[T any](a *Args, key string, def T, parse func(string) (T, error)) T {
	s, ok := a.values[key]
	if !ok {
		return def
	}
	delete(a.values, key)
	v, err := parse(s)
	if err != nil && a.err == nil {
		a.err = fmt.Errorf("%s: %w", key, err)
	}
	return v
}

// end returns the first error, one about keys that were not asked for included.
func (a *Args) end() error {
	if a.err == nil && len(a.values) > 0 {
		var left []string
		for k := range a.values {
			left = append(left, k)
		}
		slices.Sort(left)
		a.err = fmt.Errorf("unknown %s", strings.Join(left, ", "))
	}
	return a.err
}
