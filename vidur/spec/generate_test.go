package spec_test

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/internal/sharedtest"
	"github.com/govidur/govidur/vidur/spec"
)

// TestGeneratedRequests generates the requests of each run of the original from
// its flags, where its trace is at hand, and compares them with its own.
func TestGeneratedRequests(t *testing.T) {
	for _, c := range parityCases(t) {
		name := filepath.Base(c.dir)
		if strings.Contains(name, "zipfscr") {
			continue // depends on a hash that changes from process to process
		}
		t.Run(name, func(t *testing.T) {
			parsed, err := spec.Parse(append(c.Flags, "--data", sharedtest.Path(t, "vidur-data")))
			if err != nil {
				t.Fatal(err)
			}
			run, err := parsed.Experiment.Build()
			if errors.Is(err, fs.ErrNotExist) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(run.Notes) > 0 {
				t.Skip(run.Notes)
			}
			work, err := run.Config.NewWorkload(nil)
			if err != nil {
				t.Fatal(err)
			}
			want := readCSV(t, filepath.Join(c.dir, "requests.csv.gz"))
			for i := range want.rows {
				a, err := work.Next(0)
				if err != nil {
					t.Fatalf("request %d of %d: %v", i, len(want.rows), err)
				}
				p, d := int(want.number(i, "num_prefill_tokens")), int(want.number(i, "num_decode_tokens"))
				if math.Abs(a.At-want.number(i, "arrived_at")) > exactly || a.Prefill != p || a.Decode != d {
					t.Fatalf("request %d: %+v; the original has %v", i, a, want.rows[i])
				}
			}
			if _, err := work.Next(0); !errors.Is(err, io.EOF) {
				t.Errorf("there are more than %d requests (%v)", len(want.rows), err)
			}
		})
	}
}
