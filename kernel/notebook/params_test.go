package notebook

import (
	"strings"
	"testing"
)

func inject(t *testing.T, n *Notebook, params ...string) error {
	t.Helper()
	var list []Param
	for _, s := range params {
		p, err := ParseParam(s)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return n.Inject(list)
}

// declaring is the cell of parameters of most tests.
const declaring = "rate := 4\nvar rates = []float64{1}\nname, full := \"x\", false\nvar (\n\tns []string\n\tseed int64 = 7\n)\nif true {\n\tinner := 1\n\t_ = inner\n}\nfunc f() { local := 1; _ = local }"

func TestInjectedCode(t *testing.T) {
	for _, c := range []struct{ params, want string }{
		{"rate=7", "rate = 7"},
		{"rate=-7", "rate = -7"},
		{"rate=1e3", "rate = 1e3"},
		{"rate=0x10", "rate = 0x10"},
		{"rate=foo", `rate = "foo"`},
		{"name=foo bar", `name = "foo bar"`},
		{`name="foo\n"`, `name = "foo\n"`},
		{"name=`a`", "name = `a`"},
		{"name=", `name = ""`},
		{"name=a=b", `name = "a=b"`},
		{"name=x + y", `name = "x + y"`},
		{"name=os.Exit(1)", `name = "os.Exit(1)"`},
		{"name=1; os.Exit(1)", `name = "1; os.Exit(1)"`},
		{"name=\"a\"\nos.Exit(1)", `name = "\"a\"\nos.Exit(1)"`},
		{"name='c'", `name = 'c'`},
		{"full=true", "full = true"},
		{"rates=[1,2,4]", "rates = []float64{1, 2, 4}"},
		{"rates=[]", "rates = []float64{}"},
		{"ns=[a, \"b,c\"]", `ns = []string{"a", "b,c"}`},
		{"rate=[1,2]", "rate = []int{1, 2}"},
		{"rate=[1,2.5]", "rate = []float64{1, 2.5}"},
		{"rate=[true]", "rate = []bool{true}"},
		{"rate=[]", "rate = nil"},
		{"seed=9;rate=8", "seed = 9\nrate = 8"},
	} {
		n := book(cell(declaring, tagParameters))
		list := []string{c.params}
		if strings.HasPrefix(c.params, "seed") {
			list = strings.Split(c.params, ";")
		}
		if err := inject(t, n, list...); err != nil {
			t.Errorf("%s: %v", c.params, err)
			continue
		}
		if got := n.Cells[1].Source; got != "// Parameters\n"+c.want {
			t.Errorf("%s: %q, want %q", c.params, got, c.want)
		}
		if _, err := parseCell("x", n.Cells[1].Source); err != nil {
			t.Errorf("%s: %v", c.params, err)
		}
	}
}

const reading = "p := struct {\n\tQPS float64 `unit:\"requests/s\"`\n\tChunk []int `name:\"chunks\"`\n\tName string\n}{QPS: 4}\nnb.Params(&p)"

func TestInjectRefuses(t *testing.T) {
	for _, c := range []struct{ cell, tag, params, want string }{
		{declaring, tagParameters, "raet=7", `unknown parameter "raet"; near: rate; the notebook declares rate, rates, name, full, ns, seed`},
		{declaring, tagParameters, "inner=7", "unknown parameter"},
		{declaring, tagParameters, "local=7", "unknown parameter"},
		{declaring, tagParameters, "rates=[1,a]", "different types"},
		{declaring, tagParameters, "rate=1\x00rate=2", "given twice"},
		{declaring, "other", "rate=7", "no cell is tagged parameters"},
		{"x := {", tagParameters, "x=1", "the cell tagged parameters"},
		{"// none", tagParameters, "x=1", "declares none"},
		{reading, "other", "qsp=1", `unknown parameter "qsp"; near: qps; the notebook declares qps, chunks, name`},
		{reading, "other", "qps=fast", "is not a number"},
		{reading, "other", "chunks=[1,2.5]", "2.5"},
		{"type config struct{ QPS float64 }\nvar c config\nnb.Params(&c)", "", "qsp=1", "unknown parameter"},
	} {
		n := book(cell(c.cell, c.tag))
		before := string(n.Bytes())
		err := inject(t, n, strings.Split(c.params, "\x00")...)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") && c.cell != "x := {" {
			t.Errorf("%s: %v, want %s", c.params, err, c.want)
		}
		if string(n.Bytes()) != before {
			t.Errorf("%s: the notebook is changed", c.params)
		}
	}
	for _, s := range []string{"", "x", "=1"} {
		if _, err := ParseParam(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}

// TestInjectPlaces: where the injected cell stands; letters are cells.
func TestInjectPlaces(t *testing.T) {
	cells := map[rune]func() *Cell{
		'm': func() *Cell { return prose("# x") },
		'c': func() *Cell { return cell("1") },
		'p': func() *Cell { return cell("x := 1", tagParameters) },
		'i': func() *Cell { return cell("x = 3", tagInjected) },
		'n': func() *Cell { return cell("p := struct{ X int }{}\nnb.Params(&p)") },
		'N': func() *Cell { return cell("p := struct{ X int }{}\nnb.Params(&p)", tagParameters) },
	}
	for before, want := range map[string]string{
		"mpc": "mpIc", "mpci": "mpcI", "pic": "pIc", "pp": "pIp",
		"mnc": "Imnc", "mNc": "mINc", "mpnc": "mpInc", "npc": "Inpc", "min": "mIn", "nci": "Inc",
	} {
		n := book()
		for _, c := range before {
			n.Cells = append(n.Cells, cells[c]())
		}
		n.FixIDs()
		name := "x"
		if err := inject(t, n, name+"=7"); err != nil {
			t.Errorf("%s: %v", before, err)
			continue
		}
		got := ""
		for _, c := range n.Cells {
			switch {
			case c.Tagged(tagInjected) && strings.Contains(c.Source, "7"):
				got += "I"
			case c.Kind == Markdown:
				got += "m"
			case c.Source == "1":
				got += "c"
			case strings.Contains(c.Source, "Params") && c.Tagged(tagParameters):
				got += "N"
			case strings.Contains(c.Source, "Params"):
				got += "n"
			case c.Tagged(tagParameters):
				got += "p"
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", before, got, want)
		}
	}
}

// TestInjectRuns: parameters get where they should, and a wrong type is the error of
// the injected cell.
func TestInjectRuns(t *testing.T) {
	for _, c := range []struct{ cell, tag, show, params, want string }{
		{declaring, tagParameters, "fmt.Println(rate, rates, name, full, ns, seed)", "rate=5 rates=[1,2] name=z full=true ns=[a,b] seed=-1", "stdout:5 [1 2] z true [a b] -1\n"},
		{reading, "", "p", "qps=5 chunks=[3,4] name=z", "execute_result:{QPS:5 Chunk:[3 4] Name:z}"},
		{"type config struct{ QPS float64; On bool }\nc := &config{QPS: 1}\nnb.Params(c)", "", "*c", "qps=5 on=true", "execute_result:{QPS:5 On:true}"},
	} {
		n := book(cell(c.cell, c.tag), cell(c.show))
		if err := inject(t, n, strings.Fields(c.params)...); err != nil {
			t.Error(err)
			continue
		}
		if err := n.Run(t.Context(), real(t), RunOptions{}); err != nil {
			t.Error(err)
		}
		if got := shape(n.Cells[2].Outputs); got != c.want {
			t.Errorf("%s: %q, want %q", c.params, got, c.want)
		}
	}
	n := book(prose("x"), cell(declaring, tagParameters), cell("rate"))
	if err := inject(t, n, "rate=fast"); err != nil {
		t.Fatal(err)
	}
	err := n.Run(t.Context(), real(t), RunOptions{})
	if err == nil || !strings.HasPrefix(err.Error(), "cell 3 (In[2]): compile error: cannot use \"fast\"") {
		t.Error(err)
	}
}
