package profile

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

func replica(t testing.TB, model, device, node string, tp, pp int) vidur.ReplicaSpec {
	t.Helper()
	spec, err := catalog.Default().Replica(model, device, tp, pp)
	if err != nil {
		t.Fatal(err)
	}
	if node != "" {
		if spec.Node, err = catalog.Default().Node(node); err != nil {
			t.Fatal(err)
		}
	}
	return spec
}

// As many rows per operator as the original simulator trains on.
func TestRowsOfTheOriginal(t *testing.T) {
	dir := sharedtest.Path(t, "vidur-data")
	raw, err := os.ReadFile(sharedtest.Path(t, "oracle", "predictor_facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var facts struct {
		Grid []struct {
			Model string
			Rows  int
		} `json:"random_forrest_default_grid"`
	}
	if err := json.Unmarshal(raw, &facts); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	set, err := Read(dir, replica(t, "meta-llama/Llama-2-70b-hf", "a100", "a100_pairwise_nvlink", 2, 2), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("read in %v; notes %q", time.Since(start), set.Notes)
	rows := map[string]int{}
	for op, s := range set.Ops {
		if s != nil {
			rows[vidur.Op(op).String()] = len(s.Y)
		}
	}
	if len(facts.Grid) != len(rows) {
		t.Errorf("%d operators, the original has %d", len(rows), len(facts.Grid))
	}
	for _, f := range facts.Grid {
		if rows[f.Model] != f.Rows {
			t.Errorf("%s: %d rows, the original has %d", f.Model, rows[f.Model], f.Rows)
		}
	}
}

// Every profile of the original is read without an error, and its times are
// about what the datasheet lets expect.
func TestEveryProfileOfTheOriginal(t *testing.T) {
	dir := sharedtest.Path(t, "vidur-data")
	for _, device := range []string{"a100", "h100", "a40"} {
		for _, model := range catalog.Default().Models()[:9] {
			for tp := 2; tp <= 8; tp *= 4 {
				for _, node := range []string{device + "_pairwise_nvlink", device + "_dgx"} {
					if node == "a40_dgx" {
						continue
					}
					spec := replica(t, model, device, node, tp, 2)
					set, err := Read(dir, spec, Options{Lenient: true})
					if err != nil {
						t.Errorf("%s %s %s TP%d: %v", device, model, node, tp, err)
						continue
					}
					for op, s := range set.Ops {
						if s == nil {
							continue
						}
						sh := shapeOf(&spec.Model, tp)
						sh.far = op == int(vidur.OpSendRecv) && 2*tp > spec.Node.Devices
						if r := median(sh.ratios(vidur.Op(op), &spec.Device, s.X, s.Y)); r != 0 && (r < 0.2 || r > 10) {
							t.Errorf("%s %s TP%d %v: %.3f of the usual time", device, model, tp, vidur.Op(op), r)
						}
					}
				}
			}
		}
	}
}

// What there is to say about the profiles of the original: no errors, a file
// that is a copy of another node's, and all-reduces whose hosts were skewed.
func TestCheckProfilesOfTheOriginal(t *testing.T) {
	report, err := Check(sharedtest.Path(t, "vidur-data"), catalog.Default())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(report)
	if report.Count(Error) > 0 {
		t.Error("errors")
	}
	twins := 0
	for _, f := range report.Findings {
		if f.Kind == "twin" && f.File == "network/h100_pairwise_nvlink/send_recv.csv" {
			twins++
		}
	}
	if twins != 1 {
		t.Errorf("%d findings that a send_recv.csv is another node's", twins)
	}
}

func BenchmarkRead(b *testing.B) {
	dir := sharedtest.Path(b, "vidur-data")
	spec := replica(b, "meta-llama/Llama-2-70b-hf", "a100", "a100_pairwise_nvlink", 2, 2)
	for b.Loop() {
		mustRead(b, dir, spec, Options{})
	}
}
