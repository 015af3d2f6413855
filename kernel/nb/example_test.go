package nb_test

import (
	"fmt"
	"time"

	"github.com/govidur/govidur/kernel/nb"
)

func ExampleDisplay() {
	type run struct {
		Scheduler string
		QPS       int
		P99       float64 // s
	}
	nb.Display([]run{{"vllm", 4, 0.2461}, {"sarathi", 16, 12.5}})
	nb.Display(map[string]time.Duration{"sarathi": 80 * time.Millisecond, "vllm": time.Second})
	nb.Display(run{"vllm", 4, 0.25}, "done")
	// Output:
	// Scheduler  QPS     P99
	// vllm         4  0.2461
	// sarathi     16    12.5
	// 2 rows × 3 columns
	// key      value
	// sarathi  80ms
	// vllm     1s
	// 2 rows × 2 columns
	// {Scheduler:vllm QPS:4 P99:0.25}
	// done
}

func ExampleParseParams() {
	p := struct {
		QPS    float64 `unit:"requests/s"`
		Chunks []int   `usage:"sizes to try" unit:"tokens"`
		Quick  bool
	}{QPS: 4, Chunks: []int{512}, Quick: true}
	rest, err := nb.ParseParams(&p, []string{"--qps", "8", "--chunks=256,1024", "--no-quick", "out.csv"})
	fmt.Println(p, rest, err)
	_, err = nb.ParseParams(&p, []string{"--chunk", "256"})
	fmt.Println(err)
	table, err := nb.ParamsTable(&p)
	nb.Check(err)
	nb.Display(table)
	// Output:
	// {8 [256 1024] false} [out.csv] <nil>
	// there is no flag --chunk; did you mean --chunks?
	// Name    Type   Default   Value     Usage         Unit
	// qps     float  8         8                       requests/s
	// chunks  []int  256,1024  256,1024  sizes to try  tokens
	// quick   bool   false     false
	// 3 rows × 6 columns
}

func ExampleMIME() {
	b := nb.MIME(nb.Markdown("*hello*"))
	fmt.Println(b)
	// Output: map[text/markdown:*hello* text/plain:*hello*]
}
