package data_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/govidur/govidur/data"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// PROFILING.md lists every file of this directory, every operator by its name in
// profiles and every kind of point that is measured.
func TestGuideIsComplete(t *testing.T) {
	raw, err := os.ReadFile("PROFILING.md")
	if err != nil {
		t.Fatal(err)
	}
	listed, err := fs.Glob(data.FS, "*")
	if err != nil {
		t.Fatal(err)
	}
	for op := range vidur.Op(vidur.NumOps) {
		listed = append(listed, op.String())
	}
	for _, k := range plan.Kinds() {
		listed = append(listed, string(k))
	}
	for _, name := range listed {
		if !strings.Contains(string(raw), "`"+name+"`") {
			t.Errorf("PROFILING.md does not have `%s`", name)
		}
	}
}
