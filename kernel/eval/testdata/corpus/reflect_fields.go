//go:build ignore

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"text/template"

	"github.com/go-gota/gota/dataframe"
)

type kind string

type row struct {
	Name  string `dataframe:"name"`
	Count int
	Rate  float64
	Good  bool
}

type page struct {
	Title string
	Rows  []row
	By    map[kind][]int
	Best  *row
}

type header struct {
	Magic   uint32
	Version uint16
	Flags   [2]uint8
}

func main() {
	rows := []row{{"a", 1, 0.5, true}, {"b", 2, 1.5, false}}
	df := dataframe.LoadStructs(rows)
	fmt.Println(df.Names(), df.Types(), df.Nrow(), df.Err)
	fmt.Println(df.Records())
	t := template.Must(template.New("p").Parse(`{{.Title}}: {{range .Rows}}{{.Name}}={{.Count}} {{end}}{{range $k, $v := .By}}{{$k}}{{$v}} {{end}}{{.Best.Rate}} {{len .Rows}}
`))
	p := page{"t", rows, map[kind][]int{"y": {1}, "x": {2, 3}}, &rows[1]}
	fmt.Println(t.Execute(os.Stdout, p), t.Execute(os.Stdout, &p))
	fmt.Println(t.Execute(os.Stdout, map[string]any{"Title": "m", "Best": map[string]int{"Rate": 3}, "Rows": []any{}}))
	var b bytes.Buffer
	fmt.Println(binary.Write(&b, binary.LittleEndian, header{1, 2, [2]uint8{3, 4}}), b.Bytes())
	var h header
	fmt.Println(binary.Read(&b, binary.LittleEndian, &h), h, binary.Size(h))
}

// Output:
//	[name Count Rate Good] [string int float bool] 2 <nil>
//	[[name Count Rate Good] [a 1 0.500000 true] [b 2 1.500000 false]]
//	t: a=1 b=2 x[2 3] y[1] 1.5 2
//	t: a=1 b=2 x[2 3] y[1] 1.5 2
//	<nil> <nil>
//	m: 3 0
//	<nil>
//	<nil> [1 0 0 0 2 0 3 4]
//	<nil> {1 2 [3 4]} 8
