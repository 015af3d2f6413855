package imports

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/internal/walk"
)

// mistaken says what a file is that is given by mistake, after a colon; "" if that
// is not known either.
func mistaken(head []byte) string {
	line, _, _ := strings.Cut(string(head), "\n")
	for _, m := range []struct{ mark, is string }{
		{`"sub_requests"`, "sessions of LLMServingSim, a workload and no times of operators"},
		{`"queued_ts"`, "a measured run of LLMServingSim's bench, which has times of requests and none of operators"},
		{`"input_toks"`, "requests of LLMServingSim, a workload and no times of operators"},
		{"kv_cache_pct", "the time series of LLMServingSim's bench, which has no times of operators"},
		{"queuing_delay", "the requests of a run of LLMServingSim, which has no times of operators"},
		{"time_stats.", "profiles of the simulator's own layout, which --data takes without an import"},
		{"PAR1", "a Parquet file; AIConfigurator's tables are known by their names, such as gemm_perf.parquet, in folders SYSTEM/…/BACKEND/VERSION"},
	} {
		if strings.Contains(line, m.mark) {
			return ": it looks like " + m.is
		}
	}
	return ""
}

// folderParts are the formats of the files that formats of folders read or know.
var folderParts = map[string][]string{
	batchingName: {opTimesName, kernelRowsName, kernelDatName, engineLogName},
	aiconfName:   {aiconfName},
}

// strangers notes the files in a folder that its format has no part for, though they
// could be imported.
func (t *Trace) strangers(dir string) {
	const most = 5
	var names []string
	_ = walk.Files(dir, func(file string) error { // what cannot be read the format reports itself
		if f := t.stranger(file); f != "" {
			names = append(names, file+" ("+f+")")
		}
		return nil
	})
	if len(names) > most {
		names = append(names[:most], "…")
	}
	if len(names) > 0 {
		t.note("%s was read as %s; files of other formats in it were not, and are imported by their own names: %s", dir, t.Format, strings.Join(names, ", "))
	}
}

// stranger is the format of a file in a folder that is not a part of the folder's;
// "" of others, and of those that cannot be read.
func (t *Trace) stranger(file string) string {
	head, err := headOf(file, nil)
	if err != nil {
		return ""
	}
	for _, f := range Formats() {
		if !f.Detect(file, head) {
			continue
		}
		trace := f.Name == kinetoName && strings.HasPrefix(filepath.Base(file), "trace_")
		if slices.Contains(folderParts[t.Format], f.Name) || t.Format == batchingName && trace {
			return ""
		}
		return f.Name
	}
	return ""
}
