package layerwise

import (
	"testing"

	"github.com/govidur/govidur/vidur/internal/layerwisetest"
)

type fixture = layerwisetest.Fixture

const prompt, batch = layerwisetest.Prompt, layerwisetest.Batch

// newer is a profile of the current profiler.
var newer = fixture{TP: 1, Layers: 3, Decodes: 6, Seed: 1}

func parse(t testing.TB, text string) *Profile {
	t.Helper()
	p, err := Parse("profile.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
