package layers

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/govidur/govidur"

// layer is the number of a package of the module, by the longest prefix of its
// path in this table.
var layer = map[string]int{
	"data":            0,
	"vidur/internal":  0,
	"vidur":           1,
	"vidur/sched":     2,
	"vidur/route":     2,
	"vidur/workload":  2,
	"vidur/exectime":  2,
	"vidur/catalog":   2,
	"vidur/metrics":   2,
	"vidur/trace":     2,
	"vidur/breakdown": 2,
	"vidur/spec":      3,
	"vidur/plots":     3,
	"vidur/vidurtest": 3,
	"vidur/search":    4, // sweeps experiments of spec
	"vidur/frames":    5, // makes frames of what all the others yield
	"vidur/wandb":     5, // the runs of sweeps and searches too
	"kernel":          6,
	"kernel/cmd":      7,
	"notebooks":       7,
	"scripts":         7,
}

// home says which packages may import a third party, each by the prefix of its
// path. A new dependency needs a line here.
var home = map[string][]string{
	"github.com/go-gota/gota":          {"vidur/frames", "kernel/symbols"},
	"github.com/sjwhitworth/golearn":   {"vidur/frames", "vidur/exectime/cart", "kernel/symbols"},
	"github.com/parquet-go/parquet-go": {"vidur/frames", "vidur/exectime/aiconf"},
	"gonum.org/v1/gonum":               {"vidur/frames", "vidur/plots", "vidur/search", "vidur/exectime/learn", "vidur/internal/student", "kernel/symbols"},
	"gonum.org/v1/plot":                {"vidur/plots", "kernel/symbols"},
	"codeberg.org/go-pdf/fpdf":         {"vidur/plots"},
	"golang.org/x/tools":               {"kernel/symbols", "kernel/eval"},
	"go.yaml.in/yaml/v3":               {"vidur/spec", "vidur/exectime/profile/imports"},
	"golang.org/x/term":                {"kernel/cmd", "kernel/nb"},
	"golang.org/x/sys":                 {"kernel"},
	"github.com/traefik/yaegi":         {"kernel/eval", "kernel/symbols"},
	"github.com/yuin/goldmark":         {"kernel/gallery"},
	"github.com/nats-io":               {"vidur/search/queue"},
	"github.com/chromedp":              {"kernel/internal/browser"}, // for tests
	"github.com/janpfeifer/gonb":       {"kernel/nb"},
}

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-e", "-json=ImportPath,Standard,Imports", module+"/...")
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

func TestImportsPointDown(t *testing.T) {
	pkgs := list(t)
	standard := map[string]bool{"C": true, "unsafe": true}
	for _, p := range pkgs {
		standard[p.ImportPath] = standard[p.ImportPath] || p.Standard
	}
	own := 0
	for _, p := range pkgs {
		if !inside(p.ImportPath, module) {
			continue
		}
		own++
		for _, i := range p.Imports {
			if why := wrong(p.ImportPath, i, standard[i]); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, i, why)
			}
		}
	}
	if own < 4 {
		t.Errorf("go list found %d packages of %s", own, module)
	}
}

// wrong says why a package of the module must not import another; empty if it may.
func wrong(from, to string, standard bool) string {
	if standard {
		return ""
	}
	f := strings.TrimPrefix(from, module+"/")
	up, name := level(f)
	if !inside(to, module) {
		return stranger(f, to)
	}
	o := strings.TrimPrefix(to, module+"/")
	down, other := level(o)
	switch {
	case up < 0:
		return "the table of layers does not have " + from
	case down < 0:
		return "the table of layers does not have " + to
	case down < up:
		return ""
	case name == other:
		return "" // a package and its parts; the host's packages among each other
	}
	return "an import must point to a lower layer"
}

// level is the layer of a package and the entry of the table that it falls under.
func level(path string) (int, string) {
	best := ""
	for name := range layer {
		if inside(path, name) && len(name) > len(best) && (name != "vidur" || path == "vidur") {
			best = name
		}
	}
	if best == "" {
		return -1, ""
	}
	return layer[best], best
}

// stranger says why a package must not import a third party.
func stranger(from, to string) string {
	for prefix, homes := range home {
		if !inside(to, prefix) {
			continue
		}
		for _, h := range homes {
			if inside(from, strings.TrimSuffix(h, "/")) && (from+"/" != h) {
				return ""
			}
		}
		return "only " + strings.Join(homes, ", ") + " may"
	}
	return "it is a new dependency; the table of homes does not have it"
}

func inside(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

func TestTheRules(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"vidur/sched", module + "/vidur", true},
		{"vidur", module + "/vidur/internal/sketch", true},
		{"vidur/workload", module + "/data", true},
		{"vidur/internal/forest", module + "/vidur/internal/pyrand", true},
		{"vidur/exectime", module + "/vidur/exectime/cart", true},
		{"kernel/server", module + "/kernel/wire", true},
		{"kernel/cmd/vidur", module + "/kernel/server", true},
		{"vidur/vidurtest", module + "/vidur/sched", true},
		{"vidur", module + "/vidur/sched", false},
		{"vidur/sched", module + "/vidur/route", false},
		{"vidur/search", module + "/vidur/frames", false},
		{"vidur/internal/forest", module + "/vidur", false},
		{"vidur/plots", module + "/kernel/nb", false},
		{"kernel/eval", module + "/kernel/cmd/vidur", false},
		{"vidur/surprise", module + "/vidur", false},
		{"vidur/plots", "gonum.org/v1/plot/plotter", true},
		{"vidur", "gonum.org/v1/plot", false},
		{"vidur/exectime/cart", "github.com/sjwhitworth/golearn/trees", true},
		{"vidur/exectime", "github.com/sjwhitworth/golearn/trees", false},
		{"kernel/eval", "github.com/traefik/yaegi/interp", true},
		{"kernel/server", "github.com/traefik/yaegi/interp", false},
		{"kernel/server", "example.com/new", false},
	} {
		if why := wrong(module+"/"+c.from, c.to, false); (why == "") != c.ok {
			t.Errorf("%s imports %s: ok should be %v: %s", c.from, c.to, c.ok, why)
		}
	}
}
