package plan_test

import (
	"context"
	"fmt"
	"log"

	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// What to measure of a model in two seconds: the corners, then what tells most.
func Example() {
	spec, err := catalog.Default().Replica("llama-3-8b", "h100", 1, 1)
	if err != nil {
		log.Fatal(err)
	}
	p, err := plan.New(context.Background(), spec, plan.Options{TP: []int{1}, Kinds: []plan.Kind{plan.Token}, Budget: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, point := range p.Points[:4] {
		fmt.Println(point.ID)
	}
	fmt.Println(p.Seconds() <= 2)
	// Output:
	// token/tp1/n1
	// token/tp1/n4096
	// token/tp1/n768
	// token/tp1/n1536
	// true
}

// The steps of vLLM's layerwise profile of 128 requests, of which 32 complete in
// each step after the first decode.
func ExampleRun_Running() {
	run := plan.Run{Batch: 128, Prompt: 64, Complete: 32}
	running, err := run.Running()
	if err != nil {
		log.Fatal(err)
	}
	lengths, err := run.Lengths()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(running)
	for _, l := range lengths {
		fmt.Println(l.Requests, "answers of", l.Tokens, "tokens")
	}
	// Output:
	// [128 128 96 64 32 1]
	// 32 answers of 2 tokens
	// 32 answers of 3 tokens
	// 32 answers of 4 tokens
	// 31 answers of 5 tokens
	// 1 answers of 6 tokens
}
