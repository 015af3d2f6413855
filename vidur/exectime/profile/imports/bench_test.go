package imports

import (
	"strings"
	"testing"
)

// BenchmarkKineto reads a trace of 41 steps of Llama-3-8B, with modules.
func BenchmarkKineto(b *testing.B) {
	f := &fixture{spec: replica(b, "llama-3-8b", "a100", 2), batch: 8, prompt: 512, decodes: 40, modules: true}
	text := f.make(b).out.String()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseKineto("t", strings.NewReader(text), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
