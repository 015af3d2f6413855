package symbols_test

import (
	"go/token"
	"os"
	"os/exec"
	"testing"

	"github.com/govidur/govidur/kernel/symbols"
)

func benchmarkImport(b *testing.B, paths ...string) {
	for b.Loop() {
		imports := symbols.Importer(token.NewFileSet())
		for _, path := range paths {
			if _, err := imports.Import(path); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkImportFive(b *testing.B) {
	benchmarkImport(b, "errors", "fmt", "math", "sort", "strings")
}

func BenchmarkImportPolicy(b *testing.B) {
	const vidur = "github.com/govidur/govidur/vidur"
	benchmarkImport(b, "context", "fmt", "log", vidur, vidur+"/sched", vidur+"/spec")
}

func BenchmarkImportAll(b *testing.B) { benchmarkImport(b, symbols.Packages()...) }

func BenchmarkValuesAll(b *testing.B) {
	for b.Loop() {
		for _, path := range symbols.Packages() {
			symbols.Values(path)
		}
	}
}

// BenchmarkStart starts this test binary, which links every offered package, and
// runs no test: what a program pays that imports nothing.
func BenchmarkStart(b *testing.B) {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := exec.Command(exe, "-test.run=^$").Run(); err != nil {
			b.Fatal(err)
		}
	}
}
