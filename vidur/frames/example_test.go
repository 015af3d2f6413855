package frames_test

import (
	"context"
	"fmt"
	"os"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/sjwhitworth/golearn/evaluation"
	"github.com/sjwhitworth/golearn/trees"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/workload"
)

// lengths are those of all examples: up to 2048 tokens, few of them generated.
var lengths = workload.Zipf{Theta: 0.6, Min: 256, Max: 2048, Ratio: 20}

// rows are the numbers of rows.
func rows(from, to int) []int {
	list := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

// load simulates one replica that takes 10 ms and 0.1 ms per token for an
// iteration, and makes a frame of what was measured.
func load(requests workload.Synthetic, view func(*metrics.Store) dataframe.DataFrame) dataframe.DataFrame {
	cfg := vidur.Config{
		Replicas: vidur.Uniform(1, vidur.ReplicaSpec{Blocks: 1000, Predictor: vidur.PredictorFunc(
			func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
				return vidur.Seconds(0.01 + 0.0001*float64(b.NumTokens)), nil
			})}),
		NewWorkload:  requests.New,
		NewScheduler: sched.VLLM{}.New,
		Seed:         42,
	}
	st := metrics.New(metrics.Options{Replicas: cfg.Replicas})
	sim, err := vidur.New(cfg, st)
	if err == nil {
		err = sim.Run(context.Background())
	}
	if err != nil {
		return dataframe.DataFrame{Err: err}
	}
	return view(st)
}

// A run as a dataframe: a row per request, and tails by group.
func Example() {
	df := load(workload.Synthetic{Intervals: workload.Poisson{QPS: 4}, Lengths: lengths, Requests: 400}, func(st *metrics.Store) dataframe.DataFrame {
		return frames.Requests(st) // all columns
	})
	if df.Err != nil {
		fmt.Println(df.Err)
		return
	}
	long := make([]bool, df.Nrow())
	for i, tokens := range df.Col("request_num_prefill_tokens").Float() {
		long[i] = tokens > 1000
	}
	df = df.Mutate(series.New(long, series.Bool, "long"))

	tails, err := frames.GroupBy(df, []string{"long"},
		frames.Count("").Named("requests"),
		frames.Quantile("prefill_e2e_time", 0.5).Named("ttft_p50"),
		frames.Quantile("prefill_e2e_time", 0.99).Named("ttft_p99"),
		frames.Max("time_per_output_token").Named("tpot_max"))
	if err == nil {
		tails, err = frames.Sort(tails, "long")
	}
	if err == nil {
		err = frames.WriteCSV(os.Stdout, tails)
	}
	fmt.Println(err)
	// Output:
	// long,requests,ttft_p50,ttft_p99,tpot_max
	// false,284,0.07318548881007825,0.35308639702585276,0.0713733333333342
	// true,116,0.17650686583398212,0.33971873601609626,0.02753584905660489
	// <nil>
}

// atArrival is what is known of the requests when they arrive, and whether they
// missed a TTFT of 0.3 s. The backlog is what a bucket would hold that every
// prompt fills and that leaks 6000 tokens/s.
func atArrival(st *metrics.Store) dataframe.DataFrame {
	df := frames.Requests(st, "arrived_at", "request_num_prefill_tokens", "prefill_e2e_time")
	if df.Err != nil {
		return df
	}
	at, prompt := df.Col("arrived_at").Float(), df.Col("request_num_prefill_tokens").Float()
	backlog, misses := make([]float64, len(at)), make([]int, len(at))
	for i, ttft := range df.Col("prefill_e2e_time").Float() {
		if i > 0 {
			backlog[i] = max(0, backlog[i-1]+prompt[i-1]-6000*(at[i]-at[i-1]))
		}
		if ttft > 0.3 {
			misses[i] = 1
		}
	}
	return df.Mutate(series.New(backlog, series.Float, "backlog")).Mutate(series.New(misses, series.Int, "misses"))
}

// Which requests will miss a TTFT of 0.3 s? A tree of golearn learns it from
// what is known when they arrive, and is asked about requests it has not seen.
func ExampleGrid() {
	df := load(workload.Synthetic{Intervals: workload.Poisson{QPS: 7}, Lengths: lengths, Requests: 1000}, atArrival)
	train, err := frames.Grid(df.Subset(rows(0, 800)), "misses", "request_num_prefill_tokens", "backlog")
	test, err2 := frames.Grid(df.Subset(rows(800, 1000)), "misses", "request_num_prefill_tokens", "backlog")
	if err != nil || err2 != nil {
		fmt.Println(err, err2)
		return
	}
	tree := trees.NewDecisionTreeClassifier(trees.GINI, 3, []int64{0, 1})
	if err := tree.Fit(train); err != nil {
		fmt.Println(err)
		return
	}
	predicted := make([]int, 200)
	for i, label := range tree.Predict(test) {
		predicted[i] = int(label)
	}
	guess, err := frames.Grid(dataframe.New(series.New(predicted, series.Int, "misses")), "misses")
	if err != nil {
		fmt.Println(err)
		return
	}
	matrix, err := evaluation.GetConfusionMatrix(test, guess)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("accuracy %.3f, recall of misses %.3f\n", evaluation.GetAccuracy(matrix), evaluation.GetRecall("1", matrix))
	fmt.Println(frames.WriteCSV(os.Stdout, frames.Confusion(matrix)))
	// Output:
	// accuracy 0.875, recall of misses 0.712
	// actual,predicted,count
	// "0","0",128
	// "0","1",6
	// "1","0",19
	// "1","1",47
	// <nil>
}

// What a run taught about requests, as data for this module's own estimators.
func ExampleData() {
	df := load(workload.Synthetic{Intervals: workload.Poisson{QPS: 0.1}, Lengths: lengths, Requests: 400}, func(st *metrics.Store) dataframe.DataFrame {
		return frames.Requests(st)
	})
	data, err := frames.Data(df, "request_execution_time", "request_num_prefill_tokens", "request_num_decode_tokens")
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := learn.Poly{Degree: 1, Intercept: true}.Fit(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("1000 + 50 tokens: %.2f s\n", model.Predict([]float64{1000, 50}))
	// Output:
	// 1000 + 50 tokens: 0.61 s
}
