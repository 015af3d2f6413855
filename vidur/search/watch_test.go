package search_test

import (
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

// TestWatch: a recorder sees the run of its row, also of one whose result is kept.
func TestWatch(t *testing.T) {
	e := spec.Default()
	dir := t.TempDir()
	for range 2 {
		arrived := make([]int, 3)
		_, err := search.Sweep(t.Context(), e, search.Over("requests", 5, 6, 7), search.Cache(dir), search.Watch(func(i int) vidur.Recorder {
			return vidur.RecorderFunc(func(e *vidur.Event) {
				if e.Kind == vidur.Arrived {
					arrived[i]++
				}
			})
		}))
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range arrived {
			if n != 5+i {
				t.Errorf("row %d: %d requests were seen", i, n)
			}
		}
	}
}
