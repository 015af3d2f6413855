package report

import (
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/search"
)

func TestNotes(t *testing.T) {
	const about = `{"kind":"search","engine":"x","axes":[{"name":"seed","type":"int"}],"criteria":["ttft p90 <= 2","delay p99 <= 3"]}`
	for lasts, want := range map[string]string{
		"1,,4,5,30\n2,,4,5,31\n":         "",
		"1,,4,5,29.9\n2,,4,5,31\n":       "1 of 2 capacities are rates of bursts: all requests arrive within 30 s",
		"1,,4,5,0.1\n2,bad,,,\n":         "1 of 1 capacities are rates",
		"1,bad,,,\n2,bad,,,\n":           "",
		"1,,1,2,9\n2,,1,2,9\n3,,1,2,9\n": "3 of 3 capacities are rates",
		"1,,4,,9\n2,,0,2,\n":             "1 of 1 capacities have no upper end",
	} {
		r, err := Read(folder(t, map[string]string{search.AboutFile: about, search.ResultsFile: "seed,error,capacity_qps,over_qps,arrivals_s\n" + lasts}))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(r.notes(), "\n")
		if want == "" && strings.Contains(got, "bursts") || !strings.Contains(got, want) || !strings.Contains(got, "partly luck") {
			t.Errorf("%q: %s", lasts, got)
		}
	}
}
