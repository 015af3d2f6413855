package workload_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/workload"
)

// Conversations as in the Azure trace, at two requests per second.
func ExampleSynthetic() {
	lengths, err := workload.Named("azure-conv-2023")
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := vidur.Config{Seed: 42}
	cfg.NewWorkload = workload.Synthetic{
		Intervals: workload.Poisson{QPS: 2},
		Lengths:   lengths,
		Requests:  3,
	}.New

	w, err := cfg.NewWorkload(cfg.Stream("workload")) // the Simulator does this
	for err == nil {
		var a vidur.Arrival
		if a, err = w.Next(0); err == nil {
			fmt.Printf("%.2f s: %d + %d tokens\n", a.At, a.Prefill, a.Decode)
		}
	}
	fmt.Println(err)
	// Output:
	// 0.12 s: 1099 + 414 tokens
	// 0.12 s: 1023 + 33 tokens
	// 0.51 s: 409 + 106 tokens
	// EOF
}

// The requests that the original simulator runs with its default flags.
func ExampleOriginal() {
	list, python, err := workload.Original{
		Seed:      42,
		Intervals: workload.Poisson{QPS: 0.5},
		Lengths:   workload.Fixed{Prefill: 2048, Decode: 512},
		Requests:  128,
	}.Generate()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d requests, the first at %.6f s\n", len(list), list[0].At)
	fmt.Println("its random router sends the first one to replica", python.Intn(4))
	// Output:
	// 128 requests, the first at 2.040121 s
	// its random router sends the first one to replica 2
}

func ExampleNamed() {
	_, err := workload.Named("azure-conv")
	fmt.Println(err)
	// Output:
	// workload: no model "azure-conv"; did you mean azure-conv-2023?
}

// Four clients with a second of think time between requests.
func ExampleClosedLoop() {
	w, err := workload.ClosedLoop{
		Clients:  4,
		Requests: 100,
		Lengths:  workload.Range{Prefill: 1024, Decode: 128, Ratio: 0.1},
		Think:    1,
	}.New(rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		fmt.Println(err)
		return
	}
	first, _ := w.Next(0)
	r := &vidur.Request{Arrival: first, CompletedAt: 2.5}
	fmt.Println("another one:", w.Done(r))
	// Output:
	// another one: true
}

// What a file is, is found by its content.
func ExampleRead() {
	t, err := workload.Read("testdata/traces/mooncake.jsonl")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(t.Report)
	fmt.Println("steps matter:", t.Coarse())
	twice, err := t.Requests.AtRate(2 * t.Requests.QPS())
	fmt.Printf("%.2f requests/s, CV %.2f, %v\n", twice.QPS(), twice.CV(), err)
	// Output:
	// mooncake.jsonl: Mooncake trace, 13 of 13 requests
	//   times     timestamp, in ms, from 0 ms, in steps of 3 s, 5 with the one before
	//   lengths   input_length, output_length
	// steps matter: true
	// 0.89 requests/s, CV 0.96, <nil>
}
