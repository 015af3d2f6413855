package search

import (
	"context"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

// TestSourceThatLies: a policy that was edited while its Source was not is an error,
// in a sweep and in a search, and not what was found before.
func TestSourceThatLies(t *testing.T) {
	of := func(source string, chunk int) Option {
		c := Scheduler("mine", func(rep *vidur.Replica) (vidur.Scheduler, error) { return sched.Sarathi{Chunk: chunk}.New(rep) })
		c.Source = source
		return Schedulers(c)
	}
	dir := t.TempDir()
	run := func(source string, chunk int) (*Results, error) {
		return Sweep(context.Background(), small(), of(source, chunk), Seeds(1, 2, 3), Cache(dir))
	}
	first, err := run("a", 512)
	if err != nil {
		t.Fatal(err)
	}
	again, err := run("a", 512)
	if err != nil || dump(t, again) != dump(t, first) {
		t.Errorf("the same policy again: %v", err)
	}
	_, err = run("a", 64)
	wants(t, err, `"scheduler a"`, "must change whenever")
	edited, err := run("b", 64)
	if err != nil || dump(t, edited) == dump(t, first) {
		t.Errorf("another policy: %v", err)
	}
	find := func(chunk int) error {
		_, err := Capacity(context.Background(), small(), of("a", chunk), Cache(dir), Meet(Percentile("ttft", 90, 1)))
		return err
	}
	if err := find(512); err != nil {
		t.Error(err)
	}
	if err := find(512); err != nil {
		t.Error(err)
	}
	wants(t, find(64), "must change whenever")
}
