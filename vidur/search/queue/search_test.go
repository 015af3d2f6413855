package queue

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// text is all that rows say, numbers to the bit.
func text(res *search.Results) string {
	var b strings.Builder
	for _, r := range res.Rows() {
		fmt.Fprint(&b, r.Point, " ", r.Err)
		for _, f := range r.Figures {
			fmt.Fprintf(&b, " %x", math.Float64bits(f))
		}
		fmt.Fprintln(&b, r.Probes)
	}
	return b.String()
}

// TestSameAsHere: sweep and search through a queue of three workers, with errors of
// rows and a worker that is lost in the middle, are those of this process.
func TestSameAsHere(t *testing.T) {
	url := serve(t, t.TempDir(), "").URL()
	for range 2 {
		w, err := search.NewWorker()
		if err != nil {
			t.Fatal(err)
		}
		start(t, url, 2, w.Do)
	}
	lost := connect(t, url)
	go func() {
		_ = lost.Work(t.Context(), 1, func(ctx context.Context, _ []byte) ([]byte, error) {
			lost.Close()
			<-ctx.Done()
			return nil, ctx.Err()
		})
	}()
	q := connect(t, url)
	base := spec.Default()
	base.Requests = 100
	axes := []search.Option{
		search.Over("model", "llama-3-8b", "llama-2-70b"), search.Over("chunk", 256, 512), search.Seeds(1, 2), search.Workers(8),
	}
	for name, run := range map[string]func(context.Context, *spec.Experiment, ...search.Option) (*search.Results, error){
		"sweep": search.Sweep, "search": search.Capacity,
	} {
		here, err := run(t.Context(), base, append(axes, search.Shard(1, 1))...) // searches as those of a queue do
		if err != nil {
			t.Fatal(err)
		}
		there, err := run(t.Context(), base, append(axes, search.Through(q.Do))...)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := text(here), text(there); a != b {
			t.Errorf("%s: here\n%s\nthere\n%s", name, a, b)
		}
	}
}
