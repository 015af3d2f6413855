package frames_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// A sweep as a table: a row per load, a column per chunk size.
func ExampleSweep() {
	base := spec.Default()
	base.Requests = 300
	res, err := search.Sweep(context.Background(), base, search.Over("qps", 4, 8), search.Over("chunk", 256, 1024))
	if err != nil {
		fmt.Println(err)
		return
	}
	df := frames.Sweep(res)
	wide, err := frames.Pivot(df, []string{"qps"}, "chunk", "preemptions")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(frames.Text(wide))
	// Output:
	// qps  256  1024
	//   4    0     0
	//   8    0     0
	// 2 rows × 3 columns
}

func TestSweep(t *testing.T) {
	if df := frames.Sweep(nil); df.Err == nil {
		t.Error("no error without Results")
	}
	base := spec.Default()
	base.Requests = 20
	res, err := search.Sweep(context.Background(), base, search.Over("scheduler", "vllm", "sarathi"), search.Over("tp", 1, 3))
	if err != nil {
		t.Fatal(err)
	}
	df := frames.Sweep(res)
	if df.Err != nil || df.Nrow() != res.Len() || strings.Join(df.Names(), ",") != strings.Join(res.Names(), ",") {
		t.Fatal(df.Err, df.Names(), df.Nrow())
	}
	for _, name := range res.FigureNames() {
		want, err := res.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range df.Col(name).Float() {
			if e != want[i] && !(e != e && want[i] != want[i]) {
				t.Errorf("%s of row %d: %v, not %v", name, i, e, want[i])
			}
		}
	}
	if s := df.Col("error").Records(); s[0] != "" || s[1] == "" || s[1] == "NaN" {
		t.Errorf("errors %q: a TP of 3 does not divide the heads", s)
	}
}

// TestSweepOfCapacities: a search for capacities is a frame as a sweep is, an
// impossible point a row with its error.
func TestSweepOfCapacities(t *testing.T) {
	base := spec.Default()
	base.Requests = 60
	res, err := search.Capacity(context.Background(), base, search.Over("tp", 1, 3), search.Over("chunk", 256, 512))
	if err != nil {
		t.Fatal(err)
	}
	df := frames.Sweep(res)
	if df.Err != nil || df.Nrow() != 4 {
		t.Fatal(df.Err, df.Nrow())
	}
	wide, err := frames.Pivot(df, []string{"tp"}, "chunk", "capacity_qps")
	if err != nil || wide.Nrow() != 2 {
		t.Fatal(err, wide)
	}
	if c := df.Col("qps_per_usd").Float(); !(c[0] > 0) || c[2] == c[2] {
		t.Errorf("QPS per dollar %v", c)
	}
}
