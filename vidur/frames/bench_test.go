package frames

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
)

const million = 1_000_000

// arrivals is a Store of n requests that arrived.
func arrivals(n int) *metrics.Store {
	st := metrics.New(metrics.Options{})
	for i := range n {
		st.Record(&vidur.Event{Kind: vidur.Arrived, At: float64(i) * 0.01, Request: &vidur.Request{
			ID: i, Prompt: 100 + i%900, Replica: -1,
			Arrival: vidur.Arrival{At: float64(i) * 0.01, Prefill: 100 + i%900, Decode: 1 + i%300, Tenant: int32(i % 20)},
		}})
	}
	return st
}

// noise is a frame of n rows in 20 groups.
func noise(n int) dataframe.DataFrame {
	rng := rand.New(rand.NewPCG(1, 2))
	g, h, x := make([]int, n), make([]int, n), make([]float64, n)
	for i := range x {
		g[i], h[i], x[i] = rng.IntN(4), rng.IntN(5), rng.ExpFloat64()
	}
	return frame(intsOf("g", g), intsOf("h", h), floatsOf("x", x))
}

// All 31 columns of a million requests.
func BenchmarkRequests(b *testing.B) {
	st := arrivals(million)
	b.ReportAllocs()
	for b.Loop() {
		if df := Requests(st); df.Err != nil {
			b.Fatal(df.Err)
		}
	}
}

// Seven columns of a million requests.
func BenchmarkRequestsNamed(b *testing.B) {
	st := arrivals(million)
	b.ReportAllocs()
	for b.Loop() {
		df := Requests(st, "request_id", "tenant", "arrived_at", "prefill_e2e_time", "time_per_output_token", "request_e2e_time", "request_num_tokens")
		if df.Err != nil {
			b.Fatal(df.Err)
		}
	}
}

func BenchmarkGroupBy(b *testing.B) {
	df := noise(million)
	for b.Loop() {
		if _, err := GroupBy(df, []string{"g", "h"}, Mean("x"), Quantile("x", 0.5), Quantile("x", 0.99)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteCSV(b *testing.B) {
	df := noise(million)
	for b.Loop() {
		if err := WriteCSV(io.Discard, df); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadCSV(b *testing.B) {
	var out strings.Builder
	if err := WriteCSV(&out, noise(million)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ReadCSV(strings.NewReader(out.String())); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGrid(b *testing.B) {
	df := noise(100_000)
	for b.Loop() {
		if _, err := Grid(df, "g", "h", "x"); err != nil {
			b.Fatal(err)
		}
	}
}

// keys100k is a frame of 100,000 rows with a key each, in another order by seed.
func keys100k(seed uint64) dataframe.DataFrame {
	rng := rand.New(rand.NewPCG(seed, 3))
	n := 100_000
	names := make([]string, n)
	for i, k := range rng.Perm(n) {
		names[i] = "request-" + strconv.Itoa(k)
	}
	return frame(stringsOf("name", names), intsOf("id", rng.Perm(n)), floatsOf("x", make([]float64, n)))
}

// 100,000 rows with 100,000, by one column of whole numbers.
func BenchmarkJoin(b *testing.B) {
	left, right := keys100k(1), keys100k(2)
	for b.Loop() {
		if df, err := Join(left, right, Inner, "id"); err != nil || df.Nrow() != left.Nrow() {
			b.Fatal(err)
		}
	}
}

// The same, by a column of strings and one of whole numbers, with the rows that
// have no partner.
func BenchmarkJoinOuter(b *testing.B) {
	left, right := keys100k(1), keys100k(2)
	for b.Loop() {
		if _, err := Join(left, right, Outer, "name", "id"); err != nil {
			b.Fatal(err)
		}
	}
}

// A million rows of seven columns of a run.
func wideFrame(b *testing.B) dataframe.DataFrame {
	df := Requests(arrivals(million), "request_id", "tenant", "arrived_at", "prefill_e2e_time", "time_per_output_token", "request_e2e_time", "request_num_tokens")
	if df.Err != nil {
		b.Fatal(df.Err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"prefill_e2e_time", "time_per_output_token", "request_e2e_time"} {
		x := make([]float64, million)
		for i := range x {
			x[i] = rng.ExpFloat64()
		}
		df = df.Mutate(floatsOf(name, x))
	}
	return df
}

func BenchmarkWriteParquet(b *testing.B) {
	df := wideFrame(b)
	for b.Loop() {
		var out bytes.Buffer
		if err := WriteParquet(&out, df); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len())/1e6, "MB")
	}
}

func BenchmarkReadParquet(b *testing.B) {
	file := parquetOf(b, wideFrame(b))
	for b.Loop() {
		if _, err := ReadParquet(bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
}

// What a notebook shows of a million rows.
func BenchmarkHTML(b *testing.B) {
	df := wideFrame(b)
	for b.Loop() {
		_ = HTML(df)
	}
}
