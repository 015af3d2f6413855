package breakdown_test

import (
	"context"
	"fmt"
	"log"

	"github.com/govidur/govidur/vidur/breakdown"
	"github.com/govidur/govidur/vidur/spec"
)

// Where the slowest first token's time went.
func Example() {
	e := spec.Default()
	e.Model, e.Device, e.Scheduler = "llama-3-8b", "h100", "sarathi"
	e.Workload, e.QPS, e.Requests = "azure-conv-2023", 9, 500
	run, err := e.Build()
	if err != nil {
		log.Fatal(err)
	}
	var rec breakdown.Recorder
	if _, err := run.Simulate(context.Background(), &rec); err != nil {
		log.Fatal(err)
	}
	slowest := breakdown.Request{}
	for _, r := range rec.Requests() {
		if r.TTFT.Sum() > slowest.TTFT.Sum() {
			slowest = r
		}
	}
	fmt.Printf("request %d, prompt of %d tokens: first token after %.3f s\n", slowest.ID, slowest.Prompt, slowest.TTFT.Sum())
	for p, s := range slowest.TTFT {
		if s > 0 {
			fmt.Printf("%-12s %.3f s\n", breakdown.Part(p), s)
		}
	}
	// Output:
	// request 201, prompt of 4084 tokens: first token after 0.321 s
	// iteration    0.014 s
	// tokens       0.144 s
	// interference 0.003 s
	// compute      0.159 s
}
