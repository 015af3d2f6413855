package main

import (
	"fmt"
	"io"

	"github.com/govidur/govidur/vidur/spec"
)

func simulateUsage(w io.Writer, flags []spec.Flag) {
	fmt.Fprint(w, `vidur simulate [--config FILE] [--KEY VALUE ...]

Runs one simulation, prints its summary and writes its files. A key is a flag and
a line of an experiment file ("model: llama-3-8b"); flags win. The flat flags of
the original simulator (--replica_config_model_name ...) work unchanged and bring
its defaults and behaviour with them; see --original.

`)
	d := spec.Default()
	group := ""
	for _, p := range spec.Params() {
		if p.Group != group {
			group = p.Group
			fmt.Fprintf(w, "%s\n", group)
		}
		fmt.Fprintf(w, "  --%-19s %s%s\n", p.Name, p.Doc, defaultText(p.Show(d)))
	}
	fmt.Fprintln(w, "command")
	fmt.Fprintf(w, "  --%-19s %s\n", "config", "experiment file")
	for _, f := range flags {
		fmt.Fprintf(w, "  --%-19s %s\n", f.Name, f.Doc)
	}
	fmt.Fprintf(w, "\nworkloads: %v\nschedulers: %v\nrouters: %v\n", spec.Workloads(), spec.Schedulers(), spec.Routers())
}

func defaultText(value string) string {
	switch value {
	case "", "0", "false":
		return ""
	}
	return " (" + value + ")"
}
