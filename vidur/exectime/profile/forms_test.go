package profile

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// Other forms of the same content are the same samples.
func TestReadForms(t *testing.T) {
	want := mustRead(t, "testdata", fixtureSpec(2, 2), Options{})
	form := func(change func(text string) string) *Set {
		files := fixtures()
		for name, text := range files {
			files[name] = change(text)
		}
		return mustRead(t, place(t, files), fixtureSpec(2, 2), Options{})
	}
	columns := func(text string, order func(n int) []int) string {
		var out []string
		for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
			fields := strings.Split(line, ",")
			var row []string
			for _, i := range order(len(fields)) {
				row = append(row, fields[i])
			}
			out = append(out, strings.Join(row, ","))
		}
		return strings.Join(out, "\n") + "\n"
	}
	for name, change := range map[string]func(string) string{
		"CRLF":        func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"BOM":         func(s string) string { return "\ufeff" + s },
		"no end":      func(s string) string { return strings.TrimSuffix(s, "\n") },
		"blank lines": func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") },
		"quotes":      func(s string) string { return strings.ReplaceAll(s, "False", `"False"`) },
		"blanks":      func(s string) string { return strings.ReplaceAll(s, ",", " , ") },
		"reversed": func(s string) string {
			return columns(s, func(n int) (o []int) {
				for i := range n {
					o = append(o, n-1-i)
				}
				return o
			})
		},
		"extra": func(s string) string {
			i := 0
			var out []string
			for _, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
				out = append(out, fmt.Sprintf("%d,%s,text", i, line))
				i++
			}
			return strings.Join(out, "\n")
		},
		"other backend": func(s string) string { return strings.ReplaceAll(s, "AttentionBackend.FLASHINFER", "x") },
	} {
		got := form(change)
		if got.Sum != want.Sum {
			t.Errorf("%s: the samples are others", name)
		}
		if name == "blank lines" && got.Ops[vidur.OpMLPUp].Lines[0] == want.Ops[vidur.OpMLPUp].Lines[0] {
			t.Error("blank lines do not count")
		}
	}
	files := map[string]string{}
	for name, text := range fixtures() {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		files[name+".gz"] = b.String()
	}
	if got := mustRead(t, place(t, files), fixtureSpec(2, 2), Options{}); got.Sum != want.Sum {
		t.Error("compressed files are others")
	}
	files[mlpFile+".gz"] = "not compressed"
	if _, err := Read(place(t, files), fixtureSpec(2, 2), Options{}); err == nil || !strings.Contains(err.Error(), "mlp.csv.gz") {
		t.Errorf("a broken .gz: %v", err)
	}
}

// The sum changes with the samples, and with nothing else.
func TestSum(t *testing.T) {
	spec := fixtureSpec(2, 2)
	base := mustRead(t, "testdata", spec, Options{}).Sum
	for _, v := range []struct {
		what, file, old, new string
		same                 bool
	}{
		{"a used key", mlpFile, "True,1024,2\n", "True,1032,2\n", false},
		{"a key of another TP", mlpFile, "True,1024,4\n", "True,1032,4\n", true},
		{"a used size", reduceFile, "2,33554432,all_reduce,2", "2,33554434,all_reduce,2", false},
		{"a size of others", reduceFile, "4,33554432,all_reduce,4", "4,33554434,all_reduce,4", true},
		{"an unused column", attnFile, "4096", "2048", true},
		{"a row more", mlpFile, "True,1024,2\n", "True,1024,2\n" + lineWith(fixtureMLP(), "True,1024,2", "16,4,", "16,4,"), true}, // a copy
	} {
		if got := mustRead(t, edit(t, v.file, v.old, v.new), spec, Options{}).Sum; (got == base) != v.same {
			t.Errorf("%s: the sum stays: %v", v.what, got == base)
		}
	}
	lines := strings.Split(fixtureMLP(), "\n")
	for _, v := range []struct {
		column string
		same   bool
	}{{"time_stats.mlp_act.median", false}, {"time_stats.mlp_act.mean", true}} {
		at := slices.Index(strings.Split(lines[0], ","), v.column)
		changed := slices.Clone(lines)
		fields := strings.Split(changed[13], ",")
		fields[at] = "0.25"
		changed[13] = strings.Join(fields, ",")
		files := fixtures()
		files[mlpFile] = strings.Join(changed, "\n")
		if got := mustRead(t, place(t, files), spec, Options{}).Sum; (got == base) != v.same {
			t.Errorf("%s changed: the sum stays: %v", v.column, got == base)
		}
	}
	if again := mustRead(t, "testdata", spec, Options{}).Sum; again != base {
		t.Error("a second read gives another sum")
	}
	if tp1 := mustRead(t, "testdata", fixtureSpec(1, 2), Options{}).Sum; tp1 == base {
		t.Error("TP 1 has the sum of TP 2")
	}
}

// lineWith is the line that contains a piece, with another piece replaced.
func lineWith(text, piece, old, new string) string {
	for _, line := range strings.SplitAfter(text, "\n") {
		if strings.Contains(line, piece) {
			return strings.Replace(line, old, new, 1)
		}
	}
	return ""
}

// Rows that are equal to an earlier one are dropped, in numbers that differ
// beyond what pandas reads too; rows that differ in any column are kept.
func TestCopies(t *testing.T) {
	row := lineWith(fixtureMLP(), "True,1024,2", "", "")
	first, rest, _ := strings.Cut(row, ",")
	for _, v := range []struct {
		what, row string
		more      int
	}{
		{"the same", row, 0},
		{"a 17th digit", first + "0000000000000001," + rest, 0},
		{"another zero", first + "0," + rest, 0},
		{"another minimum", "9.125," + rest, 1},
	} {
		files := fixtures()
		files[mlpFile] += v.row
		set := mustRead(t, place(t, files), fixtureSpec(2, 2), Options{})
		if got := len(set.Ops[vidur.OpAdd].Y) - 11; got != v.more {
			t.Errorf("%s: %d rows more, %d are due", v.what, got, v.more)
		}
		if noted := strings.Contains(strings.Join(set.Notes, "\n"), "equal to an earlier one: 1"); noted != (v.more == 0) {
			t.Errorf("%s: notes %q", v.what, set.Notes)
		}
	}
}

// Whatever the order of the rows, the samples are the same ones, in that order.
func TestRowOrder(t *testing.T) {
	want := multiset(mustRead(t, "testdata", fixtureSpec(2, 2), Options{}))
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		files := fixtures()
		for name, text := range files {
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			rng.Shuffle(len(lines)-1, func(i, j int) { lines[i+1], lines[j+1] = lines[j+1], lines[i+1] })
			files[name] = strings.Join(lines, "\n")
		}
		set := mustRead(t, place(t, files), fixtureSpec(2, 2), Options{})
		if got := multiset(set); !slices.Equal(got, want) {
			t.Fatalf("seed %d: other samples", seed)
		}
		for _, s := range set.Ops {
			if s != nil && !sort.IntsAreSorted(s.Lines) {
				t.Fatalf("seed %d: %v is not in the order of its file", seed, s.Op)
			}
		}
	}
}

func multiset(set *Set) []string {
	var out []string
	for _, s := range set.Ops {
		if s == nil {
			continue
		}
		for i := range s.Y {
			row := fmt.Sprint(s.Op, s.Y[i])
			for _, x := range s.X {
				row += fmt.Sprint(" ", x[i])
			}
			out = append(out, row)
		}
	}
	slices.Sort(out)
	return out
}

// A reader of any bytes gives an error or samples that hold together.
func FuzzRead(f *testing.F) {
	f.Add([]byte(fixtureMLP()), []byte(fixtureAttention()), []byte(fixtureCollective(vidur.OpAllReduce)))
	f.Add([]byte("a,b\n1,2\n"), []byte("\ufeff\n\n"), []byte(`"a""b",c`+"\n1\n"))
	f.Add([]byte(strings.ReplaceAll(fixtureMLP(), "0.0", "1e-400")), []byte("n_embd\nnan"), []byte(","))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, mlp, attention, reduce []byte) {
		put(t, filepath.Join(dir, mlpFile), string(mlp))
		put(t, filepath.Join(dir, attnFile), string(attention))
		put(t, filepath.Join(dir, reduceFile), string(reduce))
		set, err := Read(dir, fixtureSpec(2, 1), Options{Lenient: true})
		if _, err := Check(dir, fixtureCatalog{}); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		for _, s := range set.Ops {
			if s == nil {
				continue
			}
			n := len(s.Y)
			if n == 0 || len(s.Lines) != n || len(s.X) != len(s.Features) {
				t.Fatalf("%v: %d rows, %d lines, %d features", s.Op, n, len(s.Lines), len(s.X))
			}
			for _, x := range s.X {
				if len(x) != n {
					t.Fatalf("%v: %d rows, feature of %d", s.Op, n, len(x))
				}
			}
		}
	})
}
