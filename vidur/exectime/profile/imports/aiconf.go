package imports

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/aiconf"
	"github.com/govidur/govidur/vidur/internal/walk"
)

const aiconfName = "aiconfigurator"

// aiconfFormat is a table of NVIDIA AIConfigurator, or a folder of them in its
// tree. Only what was measured of the model's own shapes becomes a row; package
// aiconf also predicts others from them.
func aiconfFormat() Format {
	return Format{
		Name:   aiconfName,
		Text:   "tables of AIConfigurator: SYSTEM/…/BACKEND/VERSION/KIND_perf.parquet, one or a folder of them",
		Detect: isAIConf,
		Read:   readAIConf,
	}
}

// isAIConf goes by names, as the tree's meaning does, so that a broken table is an
// error and not an unknown file.
func isAIConf(path string, head []byte) bool {
	if head != nil {
		return isPerf(path)
	}
	found := errors.New("found")
	err := walk.Files(path, func(file string) error {
		if isPerf(file) {
			return found
		}
		return nil
	})
	return errors.Is(err, found)
}

// isPerf reports whether a file is named as AIConfigurator's tables are.
func isPerf(path string) bool {
	ext := filepath.Ext(path)
	return strings.HasSuffix(strings.TrimSuffix(path, ext), "_perf") && slices.Contains([]string{".parquet", ".csv", ".txt"}, ext)
}

func readAIConf(path string, o Options) (*Trace, error) {
	if o.Spec.Model.Name == "" || o.Spec.Device.Name == "" {
		return nil, errorAt(path, 0, "these tables are of many shapes: --model and --device say of which model and GPU they are wanted")
	}
	l, err := aiconf.Open(path)
	if err != nil {
		return nil, errorAt(path, 0, "%s", strings.TrimPrefix(err.Error(), path+": "))
	}
	id, err := aiconfEngine(path, l, o)
	if err != nil {
		return nil, err
	}
	source, err := l.Predictor(o.Spec, aiconf.Options{System: id.System, Backend: id.Backend, Version: id.Version, AllowMissing: true})
	if err != nil {
		return nil, errorAt(path, 0, "%s", strings.TrimPrefix(err.Error(), path+": "))
	}
	t := &Trace{Format: aiconfName, File: path, Model: o.Spec.Model.Name, Device: o.Spec.Device.Name, TP: max(o.Spec.TP, 1), DType: "bfloat16", Engine: id.Backend + " " + id.Version}
	t.note("%s: numbers of the %s tables for weights and KV cache in bfloat16; times of other engines and versions are not taken", id, id.Backend)
	batched := aiconfRows(t, source)
	if len(t.Rows) == 0 {
		return nil, errorAt(path, 0, "nothing in the tables of %s is of a shape of %s on %d devices: simulate --aiconfigurator takes the nearest ones", id, t.Model, t.TP)
	}
	if batched > 0 {
		t.note("%d points of prefill attention with more than one chunk are not used: rows are of one", batched)
	}
	aiconfNotes(t, l, id, source)
	return t, nil
}

// aiconfEngine chooses system, engine and version: those of --choose, or the only
// ones there are for the device.
func aiconfEngine(path string, l *aiconf.Library, o Options) (aiconf.ID, error) {
	backend, version, _ := strings.Cut(o.Choose, "/")
	system := aiconf.SystemOf(o.Spec.Device.Name)
	var ids, all []aiconf.ID
	for _, t := range l.Tables() {
		if !t.Read || t.Kind == aiconf.NCCL || slices.Contains(all, t.ID) {
			continue
		}
		all = append(all, t.ID)
		if t.System == system && (backend == "" || t.Backend == backend) && (version == "" || t.Version == version) {
			ids = append(ids, t.ID)
		}
	}
	switch {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return aiconf.ID{}, errorAt(path, 0, "times of different engines do not mix: --choose BACKEND/VERSION says which of %s", join(ids))
	}
	return aiconf.ID{}, errorAt(path, 0, "no tables of %s (AIConfigurator's %q) and the engine %q; there are %s, as the folders SYSTEM/…/BACKEND/VERSION are called", o.Spec.Device.Name, system, o.Choose, join(all))
}

// aiconfRows appends the measured points, and says how many it left out.
func aiconfRows(t *Trace, source *aiconf.Source) (batched int) {
	for _, p := range source.Measured() {
		r := Row{Op: p.Op.String(), X: p.Tokens, Time: p.Ms * usPerMs}
		switch p.Op {
		case vidur.OpAllReduce:
			r.X, r.Bytes = 0, p.Bytes
		case vidur.OpAttnDecode:
			r.X, r.Cached = p.Requests, p.Cached
		case vidur.OpAttnPrefill:
			r.Cached = p.Cached
			if p.Requests > 1 {
				batched++
				continue
			}
		case vidur.OpLMHead:
			r.X = p.Requests
		}
		t.Rows = append(t.Rows, r)
	}
	return batched
}

// aiconfNotes says where operators come from, and which tables were not used.
func aiconfNotes(t *Trace, l *aiconf.Library, id aiconf.ID, source *aiconf.Source) {
	has := map[string]bool{}
	for _, r := range t.Rows {
		has[r.Op] = true
	}
	for _, o := range source.Origins() {
		switch {
		case has[o.Op.String()]:
			t.note("%v: %s: %s", o.Op, o.Path, o.Note)
		case o.Path != "":
			t.note("%v: no measurements of this shape; the analytic model stands in, and simulate --aiconfigurator transfers (%s)", o.Op, o.Note)
		default:
			t.note("%v: %s", o.Op, o.Note)
		}
	}
	for _, info := range l.Tables() {
		if info.ID == id && info.Kind == aiconf.MoE {
			t.note("%s: %d rows of mixtures of experts are not used: the simulator's models are dense ones", info.Path, info.Rows)
		}
	}
}

// usPerMs is microseconds per millisecond.
const usPerMs = 1e3

func join[T fmt.Stringer](list []T) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = v.String()
	}
	return strings.Join(words, "; ")
}
