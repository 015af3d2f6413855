package search_test

import (
	"context"
	"fmt"
	"log"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// Two chunk sizes and three loads on one H100.
func ExampleSweep() {
	base := spec.Default()
	base.Requests = 300
	res, err := search.Sweep(context.Background(), base,
		search.Over("qps", 4, 8, 16),
		search.Over("chunk", 256, 1024))
	if err != nil {
		log.Fatal(err)
	}
	ttft, err := res.Floats("ttft_p99_s")
	if err != nil {
		log.Fatal(err)
	}
	for i, row := range res.Rows() {
		fmt.Printf("%v: TTFT P99 below 0.5 s: %t\n", row.Point, ttft[i] < 0.5)
	}
	// Output:
	// qps=4, chunk=256: TTFT P99 below 0.5 s: true
	// qps=4, chunk=1024: TTFT P99 below 0.5 s: true
	// qps=8, chunk=256: TTFT P99 below 0.5 s: true
	// qps=8, chunk=1024: TTFT P99 below 0.5 s: true
	// qps=16, chunk=256: TTFT P99 below 0.5 s: false
	// qps=16, chunk=1024: TTFT P99 below 0.5 s: true
}

// shortestFirst is Sarathi with another order of the queue.
type shortestFirst struct{ vidur.Scheduler }

func newShortestFirst(rep *vidur.Replica) (vidur.Scheduler, error) {
	s, err := sched.Sarathi{Chunk: 512}.New(rep)
	return shortestFirst{s}, err
}

func (s shortestFirst) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.Waiting.Sort(func(a, b *vidur.Request) bool { return a.Prompt < b.Prompt })
	s.Scheduler.Next(rep, b)
}

// A scheduler of one's own against a built-in one, on the same requests.
func ExampleCompare() {
	base := spec.Default()
	base.Requests, base.QPS = 400, 20
	cmp, err := search.Compare(context.Background(), base,
		search.Schedulers("sarathi", search.Scheduler("shortest first", newShortestFirst)),
		search.Figures("ttft_mean_s", "ttft_p99_s", "output_tokens_per_s"),
		search.Replications(10))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(cmp)
	// Output:
	// a = sarathi, b = shortest first, 10 replications
	//
	//                             a      b    b - a           95 % CI    p (t)  p (rank)  b lower  b higher
	//           ttft_mean_s  0.8896  0.371  -58.3 %  -60.4 to -54.5 %  0.00019     0.002       10         0
	//            ttft_p99_s   2.121  6.178  191.2 %  113.5 to 242.5 %   0.0022     0.002        0        10
	//   output_tokens_per_s    3217   3294    2.4 %      1.6 to 3.1 %    8e-05     0.002        0        10
	//
	// shortest first lowers TTFT mean by 58.3 % (95 % CI 54.5 to 60.4 %, 10 of 10 replications)
}

// What four deployments can take within an SLO, and which serves most for a dollar.
func ExampleCapacity() {
	base := spec.Default()
	base.Requests = 300
	res, err := search.Capacity(context.Background(), base,
		search.Over("device", "a100", "h100"), search.Over("tp", 1, 2),
		search.Meet(search.Percentile("ttft", 90, 1), search.Percentile("tpot", 90, 0.05)))
	if err != nil {
		log.Fatal(err)
	}
	capacity, err := res.Floats("capacity_qps")
	if err != nil {
		log.Fatal(err)
	}
	for i, row := range res.Rows() {
		fmt.Printf("%v: %.1f requests/s\n", row.Point, capacity[i])
	}
	best, err := res.Best(search.Max("qps_per_usd"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("best:", res.Rows()[best].Point)
	// Output:
	// device=a100, tp=1: 7.0 requests/s
	// device=a100, tp=2: 11.5 requests/s
	// device=h100, tp=1: 18.9 requests/s
	// device=h100, tp=2: 27.4 requests/s
	// best: device=h100, tp=1
}
