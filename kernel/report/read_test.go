package report

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/search"
)

// folder writes files into a folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	aboutText   = `{"kind":"search","engine":"x","axes":[{"name":"tp","type":"int"},{"name":"x","type":"float64"},{"name":"on","type":"bool"}],"criteria":["ttft p90 <= 1.5","tbt p50 <= 0.1","delay p99 <= 5"],"granularity":0.025,"points":2,"errors":1}`
	resultsText = "tp,x,on,error,capacity_qps,gpus\n1,0.5,true,,3,1\n2,0.5,false,too small,,\n"
	probesText  = "tp,x,on,probe,probe_seed,probe_qps,met,latency_s\n1,0.5,true,1,42,2.5,true,\n1,0.5,true,2,42,3,false,0.75\n"
)

func TestRead(t *testing.T) {
	dir := folder(t, map[string]string{search.AboutFile: aboutText, search.ResultsFile: resultsText, search.ProbesFile: probesText, experimentFile: "tp: 4\nmodel: llama-3-8b\n"})
	r, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r.base == nil || r.base.TP != 4 || r.results.Len() != 2 || len(r.probes) != 2 {
		t.Fatalf("read %+v", r)
	}
	if p := r.probes[1]; p.row != 0 || p.number != 2 || p.seed != "42" || p.qps != 3 || p.met || p.latency != 0.75 {
		t.Errorf("the second probe is %+v", p)
	}
	if !math.IsNaN(r.probes[0].latency) {
		t.Error("an empty cell is a number")
	}
	want := []limit{{"ttft", 90, 1.5}, {"tbt", 50, 0.1}}
	if len(r.limits) != 2 || r.limits[0] != want[0] || r.limits[1] != want[1] {
		t.Errorf("limits are %v, not %v", r.limits, want)
	}
}

func TestBadFolders(t *testing.T) {
	for name, bad := range map[string]struct{ file, text, want string }{
		"columns":  {search.ProbesFile, "tp,qps\n", "the columns are tp, qps"},
		"point":    {search.ProbesFile, strings.Replace(probesText, "1,0.5", "7,0.5", 1), "line 2: there are no results of tp=7"},
		"number":   {search.ProbesFile, strings.Replace(probesText, "2.5", "much", 1), `"much"`},
		"met":      {search.ProbesFile, strings.Replace(probesText, "2.5,true", "2.5,maybe", 1), `"maybe"`},
		"short":    {search.ProbesFile, probesText + "1,2\n", "line 4"},
		"base":     {experimentFile, "modle: x\n", "near: model"},
		"about":    {search.AboutFile, "{", "unexpected end"},
		"results":  {search.ResultsFile, "a,b\n", "column 4"},
		"no probe": {search.ProbesFile, "", "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{search.AboutFile: aboutText, search.ResultsFile: resultsText}
			files[bad.file] = bad.text
			if _, err := Read(folder(t, files)); err == nil || !strings.Contains(err.Error(), bad.want) {
				t.Errorf("the error is %v, not %q", err, bad.want)
			}
		})
	}
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no results") {
		t.Errorf("of an empty folder: %v", err)
	}
}

// TestWithoutRows makes pages of results without rows, axes or figures.
func TestWithoutRows(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"rows":    {search.AboutFile: strings.Replace(aboutText, `"points":2`, `"points":0`, 1), search.ResultsFile: "tp,x,on,error,capacity_qps,gpus\n"},
		"axes":    {search.AboutFile: `{"kind":"sweep","engine":"x","axes":[]}`, search.ResultsFile: "error,requests_per_s\n,3\n"},
		"figures": {search.AboutFile: `{"kind":"sweep","engine":"x","axes":[{"name":"tp","type":"int"}]}`, search.ResultsFile: "tp,error\n1,broken\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Read(folder(t, files))
			if err == nil {
				err = r.Simulate(t.Context(), 3)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.HTML(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func FuzzReadProbes(f *testing.F) {
	f.Add([]byte(probesText))
	f.Add([]byte("tp,x,on,probe,probe_seed,probe_qps,met,latency_s\n\"1\",5e-1,1,0x1,,inf,T,nan\n"))
	results, _, err := search.ReadResults(folder(f, map[string]string{search.AboutFile: aboutText, search.ResultsFile: resultsText}))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		probes, err := readProbes(bytes.NewReader(text), results)
		if err != nil {
			return
		}
		for _, p := range probes {
			if p.row < 0 || p.row >= results.Len() {
				t.Errorf("%+v is of no row", p)
			}
		}
	})
}

// TestPercentiles compares with the definition, for few values too.
func TestPercentiles(t *testing.T) {
	if percentiles(0, nil) != nil {
		t.Error("there are percentiles of nothing")
	}
	for n := 1; n < 40; n++ {
		got := percentiles(n, func(i int) float64 { return float64(i * i) })
		for p := range got {
			h := float64(p) / 100 * float64(n-1)
			i := int(h)
			want := float64(i * i)
			if i+1 < n {
				want += (h - float64(i)) * float64((i+1)*(i+1)-i*i)
			}
			if math.Abs(got[p]-want) > 1e-9 {
				t.Fatalf("P%d of %d is %g, not %g", p, n, got[p], want)
			}
		}
	}
	bins := func(yield func(float64, int) bool) { _ = yield(1, 3) && yield(2, 1) && yield(5, 96) }
	got := ofBins(bins, 100)
	for p, want := range map[int]float64{0: 1, 2: 1, 3: 2, 50: 5, 100: 5} {
		if math.Abs(got[p]-want) > 0.1 {
			t.Errorf("P%d of bins is %g, not %g", p, got[p], want)
		}
	}
}

// TestLibrary holds that the library is as it was released: uPlot 1.6.32, dist/ of
// the npm package.
func TestLibrary(t *testing.T) {
	for name, want := range map[string]string{
		"uplot/uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
		"uplot/uPlot.min.css":     "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
	} {
		text, err := sources.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(text)); sum != want {
			t.Errorf("%s has the SHA-256 %s", name, sum)
		}
	}
}
