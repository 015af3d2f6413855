package vidur_test

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func withWorkload(w vidur.Workload) vidur.Config {
	cfg := config(1)
	cfg.NewWorkload = func(*rand.Rand) (vidur.Workload, error) { return w, nil }
	return cfg
}

// TestWrongArrivals gives one wrong request, as the first and as the third.
func TestWrongArrivals(t *testing.T) {
	for _, c := range []struct {
		name string
		a    vidur.Arrival
		want string
	}{
		{"time is not a number", vidur.Arrival{At: math.NaN(), Prefill: 1, Decode: 1}, "arrives at NaN s"},
		{"never", vidur.Arrival{At: math.Inf(1), Prefill: 1, Decode: 1}, "arrives at +Inf s"},
		{"negative time", vidur.Arrival{At: -1, Prefill: 1, Decode: 1}, "arrives at -1 s"},
		{"no prompt", vidur.Arrival{At: 2, Prefill: 0, Decode: 1}, "0 prompt tokens and 1 to generate"},
		{"no answer", vidur.Arrival{At: 2, Prefill: 1, Decode: 0}, "1 prompt tokens and 0 to generate"},
		{"negative", vidur.Arrival{At: 2, Prefill: -1, Decode: 1}, "-1 prompt tokens"},
		{"too long", vidur.Arrival{At: 2, Prefill: 1 << 40, Decode: 1}, "prompt tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := vidur.New(withWorkload(&list{left: []vidur.Arrival{c.a}}))
			if err == nil || !strings.Contains(err.Error(), "request 0 of the workload") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("as the first: %v, want %q", err, c.want)
			}
			err = run(withWorkload(&list{left: []vidur.Arrival{at(0), at(1), c.a}}))
			if err == nil || !strings.Contains(err.Error(), "request 2 of the workload") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("as the third: %v, want %q", err, c.want)
			}
		})
	}
}

func TestUnsortedArrivals(t *testing.T) {
	err := run(withWorkload(&list{left: []vidur.Arrival{at(3), at(2)}}))
	if err == nil || !strings.Contains(err.Error(), "it arrives at 2 s, which is before the present, 3 s") {
		t.Error(err)
	}
}

func TestWorkloadError(t *testing.T) {
	boom := errors.New("boom")
	for n := range 3 {
		w := &list{left: []vidur.Arrival{at(0), at(1), at(2)}[:n], err: boom}
		if err := run(withWorkload(w)); !errors.Is(err, boom) {
			t.Errorf("after %d requests: %v", n, err)
		}
	}
}

// TestWrappedEOF: a reader may say where its file ends.
func TestWrappedEOF(t *testing.T) {
	if err := run(withWorkload(&list{left: []vidur.Arrival{at(0)}, err: errors.Join(errors.New("line 3"), io.EOF)})); err != nil {
		t.Error(err)
	}
}

func TestEmptyWorkload(t *testing.T) {
	n := 0
	if err := run(withWorkload(&list{}), vidur.RecorderFunc(func(*vidur.Event) { n++ })); err != nil || n != 0 {
		t.Errorf("%d events, %v", n, err)
	}
}

func TestDoneAnnouncesAndHasNone(t *testing.T) {
	w := &list{left: []vidur.Arrival{at(0)}, done: func(*vidur.Request) bool { return true }}
	if err := run(withWorkload(w)); err == nil || !strings.Contains(err.Error(), "announced another request and had none") {
		t.Error(err)
	}
}

// clients is a closed loop: each client thinks for a second after its answer.
type clients struct {
	first, more int // requests: at the start, and after
}

func (w *clients) Next(now float64) (vidur.Arrival, error) {
	switch {
	case w.first > 0:
		w.first--
		return at(0), nil
	case now > 0 && w.more > 0:
		w.more--
		return at(now + 1), nil
	}
	return vidur.Arrival{}, io.EOF
}

func (w *clients) Done(*vidur.Request) bool { return w.more > 0 }

func TestClosedLoop(t *testing.T) {
	cfg := withWorkload(&clients{first: 2, more: 3})
	got := completions(t, cfg, 5)
	// Two come at 0 and run together: 1 s of prompts, 1 s of decodes. Their next come at 3, and of those one's at 6.
	for i, want := range []float64{2, 2, 5, 5, 8} {
		if got[i] != want {
			t.Errorf("request %d completes at %g s, want %g", i, got[i], want)
		}
	}
}

// TestOpenAndClosedLoop: requests that follow completions mix with those that
// are known before, also when they come earlier than the one pulled last.
func TestOpenAndClosedLoop(t *testing.T) {
	order := []vidur.Arrival{at(0), at(100), at(2), at(50)}
	w := &list{left: order}
	given := 0
	w.done = func(*vidur.Request) bool { given++; return given <= 2 }
	ends := completions(t, withWorkload(w), 4)
	for i, want := range []float64{2, 102, 4, 52} {
		if ends[i] != want {
			t.Errorf("request %d completes at %g s, want %g", i, ends[i], want)
		}
	}
}
