package plots

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	lines, err := Lines("QPS", "TTFT (s)", Series{Name: "a, b", X: []float64{1, 2}, Y: []float64{0.1, 1.0 / 3}, ErrLow: []float64{0.05, 0.1}}, XY("c", []float64{1}, []float64{2}))
	if err != nil {
		t.Fatal(err)
	}
	bars, err := Bars("s", []string{"vllm", "orca"}, Values("x", []float64{1, 2}))
	if err != nil {
		t.Fatal(err)
	}
	heat, err := HeatMap(Heat{Rows: []string{"r"}, Columns: []string{"p", "q"}, Z: [][]float64{{1, 2.5}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		f    *Figure
		want []string // rows, without spaces
	}{
		{lines, []string{`1,"a, b",line,,1,,0.1,,`, `1,"a, b",line,,2,,0.3333333333333333,,`, `1,c,line,,1,,2,,`}},
		{bars, []string{"1,x,bar,vllm,", "1,x,bar,orca,"}},
		{heat, []string{"1,,cell,p,0,,0,,1", "1,,cell,q,1,,0,,2.5"}},
		{&Figure{Panels: []*Figure{lines, bars}}, []string{"1,c,line,,1,,2,,", "2,x,bar,orca,"}},
	} {
		data, err := c.f.Bytes("csv")
		again, _ := c.f.Bytes("CSV")
		if err != nil || !bytes.Equal(data, again) || !strings.HasPrefix(string(data), strings.Join(numbersHeader, ",")+"\n") {
			t.Errorf("%v\n%s", err, data)
		}
		if _, err := csv.NewReader(bytes.NewReader(data)).ReadAll(); err != nil {
			t.Error(err)
		}
		for _, row := range c.want {
			if !strings.Contains(string(data), "\n"+row) {
				t.Errorf("no %s in\n%s", row, data)
			}
		}
	}
	if data, err := newFigure("x", "y").Bytes("csv"); err == nil {
		t.Errorf("%s", data)
	}
}
