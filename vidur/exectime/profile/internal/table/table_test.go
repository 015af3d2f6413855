package table

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Cells as pandas reads them.
func TestNumber(t *testing.T) {
	for _, v := range []struct {
		cell string
		want float64
		ok   bool
	}{
		{"1", 1, true}, {"-0.25", -0.25, true}, {"+2", 2, true}, {".5", 0.5, true}, {"5.", 5, true}, {" 7 ", 7, true},
		{"1e3", 1000, true}, {"1E-3", 0.001, true}, {"2e+1", 20, true}, {"1e400", math.Inf(1), true}, {"1e-400", 0, true}, {"0e999", 0, true},
		{"4e-320", 4e-320, true}, {"123456789012345678", 123456789012345680, true},
		{"0.043000000000000003", 0.043, true}, // seventeen digits, of which the first is the leading zero
		{"True", 1, true}, {"false", 0, true}, {"inf", math.Inf(1), true}, {"-Infinity", math.Inf(-1), true},
		{"", math.NaN(), true}, {"NaN", math.NaN(), true}, {"N/A", math.NaN(), true}, {"None", math.NaN(), true},
		{"x", 0, false}, {"1x", 0, false}, {"1e", 0, false}, {"0x1", 0, false}, {"1 2", 0, false}, {"-", 0, false}, {".", 0, false}, {"1.2.3", 0, false},
		{"-True", 0, false}, {"--1", 0, false}, {"e5", 0, false}, {"1_0", 0, false},
	} {
		got, ok := number(v.cell)
		if ok != v.ok || ok && key(got) != key(v.want) {
			t.Errorf("%q is %v, %v; due is %v, %v", v.cell, got, ok, v.want, v.ok)
		}
	}
}

// Numbers of up to 15 digits and a small exponent are the nearest float64.
func TestNumberIsNearest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		text := strconv.FormatFloat(float64(rng.Int64N(1e14))/math.Pow10(rng.IntN(14)), 'f', -1, 64)
		if len(strings.ReplaceAll(text, ".", "")) > 15 {
			continue
		}
		want, err := strconv.ParseFloat(text, 64)
		if got, ok := number(text); err != nil || !ok || got != want {
			t.Fatalf("%s is %v, %v is due", text, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	table, err := Parse("f.csv", []byte("\ufeff a ,b,name\r\n1,x,n\r\n\r\n2,,\"q,\"\"r\"\r\n1.0,x,n\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(table.Names, []string{"a", "b", "name"}) || !slices.Equal(table.Lines, []int{2, 4, 5}) {
		t.Errorf("names %q, lines %v", table.Names, table.Lines)
	}
	a, err := table.Floats("a")
	if err != nil || !slices.Equal(a, []float64{1, 2, 1}) {
		t.Error(a, err)
	}
	if name, err := table.Text("name"); err != nil || name[1] != `q,"r` {
		t.Error(name, err)
	}
	if unique := table.Unique(); !slices.Equal(unique, []int{0, 1}) {
		t.Errorf("unique rows %v", unique)
	}
	_, err = table.Floats("b")
	var at *Error
	if !errors.As(err, &at) || at.Line != 2 || at.Column != "b" || err.Error() != `f.csv:2: column "b": "x" is not a number` || errors.Unwrap(err) == nil {
		t.Error(err)
	}
	if _, err := table.Text("c"); err == nil || err.Error() != `f.csv:1: column "c": missing` {
		t.Error(err)
	}
}

// Files that are no CSV say so.
func TestNotCSV(t *testing.T) {
	for _, separator := range []string{";", "\t", "|"} {
		table, err := Parse("f.csv", []byte(strings.ReplaceAll("a,b\n1,2\n", ",", separator)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := table.Floats("b"); err == nil || !strings.HasSuffix(err.Error(), "fields are divided by commas") {
			t.Errorf("divided by %q: %v", separator, err)
		}
	}
	if _, err := Parse("f.csv", []byte("\xff\xfea\x00,\x00b\x00\n\x00")); err == nil || !strings.HasPrefix(err.Error(), "f.csv:1: a file with zero bytes") {
		t.Errorf("UTF-16: %v", err)
	}
}

// Unique agrees with comparing all rows with each other.
func TestUnique(t *testing.T) {
	cells := []string{"0", "-0", "1", "1.0", "", "nan", "x", "True"}
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 3))
		var b strings.Builder
		b.WriteString("a,b,c\n")
		for range rng.IntN(40) {
			for i := range 3 {
				b.WriteString(cells[rng.IntN(3+rng.IntN(len(cells)-2))])
				b.WriteString([]string{",", ",", "\n"}[i])
			}
		}
		table, err := Parse("f.csv", []byte(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		got := table.Unique()
		var want []int
		for i := range table.Rows() {
			if !slices.ContainsFunc(want, func(j int) bool { return table.same(i, j) }) {
				want = append(want, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %v, %v is due", seed, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\"a\",b\n1,\"2\n3\"\n"))
	f.Add([]byte("\ufeff\r\n,,\n,,"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		table, err := Parse("f", raw)
		if err != nil {
			return
		}
		for _, name := range table.Names {
			if v, err := table.Floats(name); err == nil && len(v) != table.Rows() {
				t.Fatalf("%d values of %d rows", len(v), table.Rows())
			}
		}
		if n := len(table.Unique()); n > table.Rows() || n == 0 && table.Rows() > 0 {
			t.Fatalf("%d unique of %d", n, table.Rows())
		}
	})
}
