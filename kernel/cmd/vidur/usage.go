package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/govidur/govidur/vidur/spec"
)

func simulateUsage(w io.Writer, flags []spec.Flag) {
	fmt.Fprint(w, `vidur simulate [--config FILE] [--KEY VALUE ...]

Runs one simulation, prints its summary and writes its files. A key is a flag
and a line of an experiment file ("model: llama-3-8b"); flags win. What is true
or false is a flag without a value, or --no-KEY. Defaults stand in brackets.

The flat flags of the original simulator (--replica_config_model_name ...) work
unchanged and bring its defaults and behaviour with them; see --original.

`)
	d := spec.Default()
	group := ""
	for _, p := range spec.Params() {
		if p.Group != group {
			group = p.Group
			fmt.Fprintf(w, "%s\n", group)
		}
		describe(w, "--"+p.Name, p.Doc+defaultText(p.Show(d)))
	}
	fmt.Fprintln(w, "command")
	describe(w, "--config", "experiment file")
	for _, f := range flags {
		describe(w, "--"+f.Name, f.Doc)
	}
	fmt.Fprintln(w, "names")
	describe(w, "workloads", strings.Join(spec.Workloads(), ", "))
	describe(w, "schedulers", strings.Join(spec.Schedulers(), ", "))
	describe(w, "routers", strings.Join(spec.Routers(), ", "))
}

// describe writes a name and its text beside it, in lines that fit a terminal.
func describe(w io.Writer, name, text string) {
	const column, width = 24, 80
	line := fmt.Sprintf("  %-*s", column-3, name)
	for _, word := range strings.Fields(text) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			fmt.Fprintln(w, line)
			line = strings.Repeat(" ", column-1)
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}

func defaultText(value string) string {
	switch value {
	case "", "0", "false":
		return ""
	}
	return " [" + value + "]"
}
