package lower

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// conformanceVariable, set to 1, runs all of Go's own test programs; set to
// anything else, those whose path contains it.
const conformanceVariable = "LOWER_CONFORMANCE"

// differs are the programs of Go's tests whose outcome is another one although
// they are not refused, with the reason why that is accepted.
var differs = map[string]string{
	"fixedbugs/issue10607.go":    "runs the go command in its own directory",
	"fixedbugs/issue9862_run.go": "runs the go command in its own directory",
	"linkx_run.go":               "runs the go command in its own directory",
	"closure.go":                 "measures the memory of the process",
	"fixedbugs/issue15277.go":    "measures the memory of the process",
	"fixedbugs/issue15281.go":    "measures the memory of the process",
	"stack.go":                   "8,000 nested calls, more than DefaultMaxDepth: it says so and ends",
}

// TestConformance classifies Go's own programs, GOROOT/test with // run, which
// demand the output of the file beside them or none.
func TestConformance(t *testing.T) {
	only := os.Getenv(conformanceVariable)
	if only == "" {
		t.Skip("set " + conformanceVariable + "=1 to interpret Go's own test programs")
	}
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("no go command")
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "test")
	var mu sync.Mutex
	classes := map[string][]string{}
	t.Run("programs", func(t *testing.T) {
		for _, name := range runnable(t, root) {
			rel, _ := filepath.Rel(root, name)
			if only != "1" && !strings.Contains(rel, only) {
				continue
			}
			t.Run(rel, func(t *testing.T) {
				t.Parallel()
				class, detail := classify(t, name)
				mu.Lock()
				classes[class] = append(classes[class], rel)
				mu.Unlock()
				if bad := class == "different" || class == "internal" || class == "crash" || class == "hanging"; bad && differs[filepath.ToSlash(rel)] == "" {
					t.Errorf("%s: %s", class, detail)
				}
			})
		}
	})
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		list := classes[class]
		slices.Sort(list)
		t.Logf("%d %s", len(list), class)
		if class != "same" && class != "refused" && class != notOffered {
			t.Log(list)
		}
	}
}

const notOffered = "with packages that are not offered"

// runnable lists the programs that start with // run.
func runnable(t *testing.T, root string) []string {
	var list []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		src, err := os.ReadFile(path)
		if err == nil && strings.HasPrefix(string(src), "// run\n") {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Skip(err)
	}
	return list
}

func classify(t *testing.T, name string) (class, detail string) {
	want, err := os.ReadFile(strings.TrimSuffix(name, ".go") + ".out")
	if err != nil {
		want = nil
	}
	self, _ := os.Executable()
	o := execute(t, 45*time.Second, []string{runVariable + "=" + name, limitVariable + "=30s"}, "/bin/sh", "-c", "exec "+self+" 2>&1")
	switch {
	case o.late:
		return "hanging", "not stopped"
	case o.code == exitStopped:
		return "stopped after 30 s", ""
	case o.code == exitRefused:
		return "refused", ""
	case o.code == exitInvalid:
		return notOffered, ""
	case o.code == exitInternal:
		return "internal", o.stdout
	case o.code == 0 && o.stdout == string(want):
		return "same", ""
	case o.code < 0 || strings.Contains(o.stdout, "fatal error:"):
		return "crash", fmt.Sprintf("%.300s", o.stdout)
	}
	return "different", fmt.Sprintf("%.300s", o.stdout)
}
