package worker_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/worker"
)

// TestProvenance: what a figure says of the parameters is all of them in full, as
// the types that they have.
func TestProvenance(t *testing.T) {
	b, dir := start(t, worker.Options{}), t.TempDir()
	long := strings.Repeat("folder <&> ü/", 30)
	list := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(make([]int, 100))), ", "), "[]")
	b.is(fmt.Sprintf("loads := []float64{%s, 2.5}\ndata := %q\ncount := \"42\"\nlimit := 90 * time.Second\nfull := true\nn := uint64(7)", list, long), "")
	b.is("loads[0], n = 12, 8", "")
	b.is(fmt.Sprintf("fig, err := plots.Lines(\"x (s)\", \"y (s)\", plots.XY(\"\", []float64{1}, []float64{2}))\nnb.Check(err)\n_, err = nb.SaveFigure(%q, fig)\nnb.Check(err)", filepath.Join(dir, "f.svg")), "")
	text, err := os.ReadFile(filepath.Join(dir, "f.json"))
	if err != nil {
		t.Fatal(err)
	}
	var note struct {
		Parameters []struct {
			Name  string
			Value any
		}
	}
	if err := json.Unmarshal(text, &note); err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, p := range note.Parameters {
		got[p.Name] = p.Value
	}
	loads, _ := got["loads"].([]any)
	if len(loads) != 101 || loads[0] != 12.0 || loads[100] != 2.5 {
		t.Errorf("loads: %v", got["loads"])
	}
	for name, want := range map[string]any{"data": long, "count": "42", "limit": "1m30s", "full": true, "n": 8.0} {
		if got[name] != want {
			t.Errorf("%s: %v (%T), want %v", name, got[name], got[name], want)
		}
	}
}
