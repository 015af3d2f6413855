//go:build ignore

package main

import (
	"fmt"
	"os"
	"text/template"
)

type row struct{ N int }

func main() {
	t := template.Must(template.New("p").Parse("{{range .}}{{.N}}{{end}}\n"))
	fmt.Println(t.Execute(os.Stdout, []row{{1}, {2}}))
	fmt.Println(t.Execute(os.Stdout, map[string]any{"a": row{1}}))
}

// Output:
//	12
//	<nil>
//	1
//	<nil>
