package frames_test

import (
	"bytes"
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/frames"
)

// Prices by tenant beside what each tenant used, as a table.
func ExampleJoin() {
	used := dataframe.New(series.New([]string{"a", "b", "a", "c"}, series.String, "tenant"), series.New([]int{1200, 300, 41, 9}, series.Int, "tokens"))
	prices := dataframe.New(series.New([]string{"a", "b"}, series.String, "tenant"), series.New([]float64{0.15, 0.2}, series.Float, "usd_per_million"))
	sums, err := frames.GroupBy(used, []string{"tenant"}, frames.Sum("tokens"), frames.Count("").Named("requests"))
	if err != nil {
		fmt.Println(err)
		return
	}
	df, err := frames.Join(sums, prices, frames.Left, "tenant")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(frames.Text(df))
	// Output:
	// tenant  tokens_sum  requests  usd_per_million
	// a             1241         2             0.15
	// b              300         1              0.2
	// c                9         1              NaN
	// 3 rows × 4 columns
}

// A frame as Parquet with its units, and back.
func ExampleWriteParquet() {
	df := dataframe.New(series.New([]int{0, 1}, series.Int, "request_id"), series.New([]float64{0.125, 0.5}, series.Float, "prefill_e2e_time"))
	var file bytes.Buffer // or an os.File
	if err := frames.WriteParquet(&file, df, frames.Units(df), frames.Meta{"model": "llama-3-8b"}); err != nil {
		fmt.Println(err)
		return
	}
	meta, err := frames.ReadMeta(bytes.NewReader(file.Bytes()))
	fmt.Println(meta, err)
	back, err := frames.ReadParquet(&file, "prefill_e2e_time")
	fmt.Println(back.Col("prefill_e2e_time").Float(), err)
	// Output:
	// map[model:llama-3-8b unit.prefill_e2e_time:s] <nil>
	// [0.125 0.5] <nil>
}
