package worker

import (
	"strings"
	"testing"
)

func TestParametersOf(t *testing.T) {
	for code, want := range map[string]string{
		"seed := 42 // of the first run\nfull := false":                              "seed full",
		"var (\n\tqps = 18.5\n\tloads = []float64{1, -2.5}\n\tname = \"a\" + `b`\n)": "qps loads name",
		"limit := 2 * time.Second\nn := uint64(7)":                                   "limit n",
		"a, b := 1, 'x'":                     "a b",
		"var x float64 = 1e-3":               "x",
		"rows := [][]int{}":                  "rows",
		"":                                   "",
		"// only a remark":                   "",
		"seed := 42\nfmt.Println(seed)":      "",
		"wrong := 0\nfor i := range 3 {\n}":  "",
		"dir := os.TempDir()":                "",
		"a, b := f()":                        "",
		"var x int":                          "",
		"x := y":                             "",
		"x = 1":                              "",
		"const c = 1":                        "",
		"type t int":                         "",
		"n := []int{f()}":                    "",
		"n := len(\"x\")":                    "",
		"f := func() {}":                     "",
		"import \"fmt\"\nseed := 42":         "",
		"func f() {}\nseed := 42":            "",
		"seed :=":                            "",
		"}\nfunc g() {\nseed := 1":           "",
		"%%time\nseed := 42":                 "",
		"seed := 42\nseed + 1":               "",
		"seed, e := 42, spec.Default()":      "",
		"seeds := []uint64{1, 2, uint64(3)}": "seeds",
	} {
		if got := strings.Join(parametersOf(code), " "); got != want {
			t.Errorf("%q has %q, want %q", code, got, want)
		}
	}
}
