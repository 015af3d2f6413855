package vidur_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func TestWitness(t *testing.T) {
	file := filepath.Join(t.TempDir(), "digests")
	want := ""
	for n := 1; n <= 2; n++ {
		var d vidur.Digest
		if err := simulator(t, n, &d).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		want += fmt.Sprintf("%016x %d\n", d.Sum(), d.Events())
	}
	if _, err := os.Stat(file); err == nil {
		t.Fatal("a line although none was asked for")
	}
	t.Setenv(vidur.WitnessVariable, file)
	for n := 1; n <= 2; n++ {
		if err := simulator(t, n).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	t.Setenv(vidur.WitnessVariable, filepath.Join(file, "no", "such"))
	if err := simulator(t, 1).Run(context.Background()); err == nil {
		t.Error("a witness that cannot write is no error")
	}
}

// simulator is of n requests.
func simulator(t *testing.T, n int, record ...vidur.Recorder) *vidur.Simulator {
	t.Helper()
	var arrivals []vidur.Arrival
	for i := range n {
		arrivals = append(arrivals, at(float64(i)))
	}
	sim, err := vidur.New(config(2, arrivals...), record...)
	if err != nil {
		t.Fatal(err)
	}
	return sim
}
