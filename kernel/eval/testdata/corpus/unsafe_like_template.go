//go:build ignore

package main

import (
	"os"
	"text/template"
)

type T struct{ A int }

func main() {
	t := template.Must(template.New("x").Parse("{{.A}}\n"))
	_ = t.Execute(os.Stdout, T{3})
}

// Output:
//	3
