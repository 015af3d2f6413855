package spec

import (
	"path/filepath"
	"slices"
	"strings"
)

// Inputs lists the files and folders that the experiment's results depend on:
// traces, catalogues, a model or a workload in a file, operator tables and
// profiles. It has those that are there, by the names under which they are
// looked for, sorted; of profiles the whole folder, of which one experiment
// reads a part. A cache of what was learnt is none: it changes nothing.
func (e *Experiment) Inputs() []string {
	paths := append(e.catalogs(), e.OpTimes, e.AIConfigurator, e.File)
	switch {
	case strings.HasSuffix(strings.ToLower(e.Model), ".json"):
		paths = append(paths, e.Model)
	case e.Model != "":
		paths = append(paths, filepath.Join(e.Model, "config.json"))
	}
	if strings.HasSuffix(e.Workload, ".json") {
		paths = append(paths, e.Workload)
	}
	for _, file := range []struct{ key, path string }{{"trace", e.Trace}, {"times", e.Times}} {
		if path, err := e.find(file.key, file.path); err == nil {
			paths = append(paths, path)
		}
	}
	if dir := e.profiles(); dir != "" && dir != "." {
		paths = append(paths, profilingBelow(dir))
	}
	for _, path := range []string{e.ComputeFile, e.AttentionFile, e.AllReduceFile, e.SendRecvFile, e.CPUFile} {
		if before, _, templated := strings.Cut(path, "{"); templated { // stands for names of the replica's
			path = filepath.Dir(before + "x")
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	paths = slices.DeleteFunc(paths, func(path string) bool { return path == "" || !exists(path) })
	return slices.Compact(paths)
}
