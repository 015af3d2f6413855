package layerwise

import (
	"encoding/json"
	"strconv"
	"strings"
)

// deepest is how many modules may stand within each other.
const deepest = 1000

// jsonReader is one JSON file on its way.
type jsonReader struct {
	*tokens
	p       *Profile
	strange map[string]bool // keys that were noted
}

// parseJSON reads what examples/offline_inference/profiling.py --json writes.
func parseJSON(file string, raw []byte) (*Profile, error) {
	r := &jsonReader{newTokens(file, raw), &Profile{File: file}, map[string]bool{}}
	first, meta := true, false
	err := r.object("the file", func(key string) error {
		defer func() { first = false }()
		switch {
		case key == "context":
			return r.context()
		case strings.Contains(key, "prefill") || strings.Contains(key, "decode"):
			if first {
				r.p.note("%s:%d: the file does not begin with its context", file, r.here())
			}
			has, err := r.phase(key)
			meta = meta || has
			return err
		}
		return r.skip(key)
	})
	if err != nil {
		return nil, err
	}
	if r.dec.More() {
		return nil, r.fail("there is more after the end of the profile")
	}
	if len(r.p.Phases) == 0 {
		return nil, &Error{File: file, Text: "no phase: neither prefill nor decode_1 …"}
	}
	r.p.Old = !meta
	r.p.finish()
	return r.p, nil
}

// skip passes over a key that is not known, and says so once.
func (r *jsonReader) skip(key string) error {
	if !r.strange[key] {
		r.strange[key] = true
		r.p.note("%s:%d: the key %q is not known and passed over", r.file, r.here(), key)
	}
	_, err := r.value()
	return err
}

func (r *jsonReader) context() error {
	raw, err := r.value()
	if err != nil {
		return err
	}
	var c struct {
		Engine  json.RawMessage `json:"engine_args"`
		Devices any             `json:"cuda_devices"`
		Prompt  int             `json:"prompt_len"`
		Batch   int             `json:"batch_size"`
		Output  int             `json:"output_len"`
		Steps   int             `json:"num_steps"`
		PerStep int             `json:"complete_num_requests_per_step"`
	}
	var engine struct {
		Model string `json:"model"`
		DType string `json:"dtype"`
		TP    int    `json:"tensor_parallel_size"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return r.fail("the context: %v", err)
	}
	if c.Prompt < 0 || c.Batch < 0 || c.Output < 0 || c.Steps < 0 || c.PerStep < 0 {
		return r.fail("the context has lengths or numbers below 0")
	}
	if c.Engine == nil || json.Unmarshal(c.Engine, &engine) != nil {
		r.p.note("%s:%d: the context does not say model, dtype and tensor_parallel_size of the engine", r.file, r.here())
	}
	r.p.Context = Context{
		Model: engine.Model, DType: engine.DType, TP: max(engine.TP, 0), Prompt: c.Prompt, Batch: c.Batch,
		Output: c.Output, Steps: c.Steps, PerStep: c.PerStep, Device: device(c.Devices), Raw: raw,
	}
	return nil
}

// device is the name of the devices: the profiler writes Python's text of a list.
func device(v any) string {
	s, _ := v.(string)
	if _, after, ok := strings.Cut(s, "name='"); ok {
		s, _, _ = strings.Cut(after, "'")
	}
	return strings.Trim(s, "[]'\" ")
}

// phase reads a step, and whether it has metadata.
func (r *jsonReader) phase(name string) (meta bool, err error) {
	ph := &Phase{Name: name, Line: r.here()}
	if _, n, ok := strings.Cut(name, "decode_"); ok {
		if ph.Step, err = strconv.Atoi(n); err != nil || ph.Step < 1 {
			return false, r.fail("%q is no phase: decode_1, decode_2, …", name)
		}
	}
	r.p.Phases = append(r.p.Phases, ph)
	err = r.object(name, func(key string) (err error) {
		switch key {
		case "metadata":
			meta = true
			return r.object(key, func(key string) (err error) {
				if key == "num_running_seqs" {
					ph.Seqs, err = r.whole(key)
					return err
				}
				return r.skip(key)
			})
		case "summary_stats":
			ph.Summary, err = r.nodes(true, 0)
			return err
		case "model_stats":
			ph.Model, err = r.nodes(false, 0)
			return err
		}
		return r.skip(key)
	})
	return meta, err
}

// nodes reads a list of trees, which is never nil.
func (r *jsonReader) nodes(summary bool, depth int) ([]*Node, error) {
	if depth > deepest {
		return nil, r.fail("modules stand more than %d deep in each other", deepest)
	}
	list := []*Node{}
	err := r.array("a list of nodes", func() error {
		n := &Node{}
		entry := false
		err := r.object("a node", func(key string) (err error) {
			switch key {
			case "entry":
				entry = true
				return r.entry(n, summary)
			case "children":
				if n.Children, err = r.nodes(summary, depth+1); len(n.Children) == 0 {
					n.Children = nil
				}
				return err
			}
			return r.skip(key)
		})
		if err == nil && !entry {
			err = r.fail(`a node has no "entry"`)
		}
		list = append(list, n)
		return err
	})
	return list, err
}

func (r *jsonReader) entry(n *Node, summary bool) error {
	need := []string{"name", "cuda_time_us", "pct_cuda_time", "cpu_time_us", "trace"}
	if summary {
		need = []string{"name", "cuda_time_us", "pct_cuda_time", "invocations"}
	}
	seen := map[string]bool{}
	err := r.object("an entry", func(key string) (err error) {
		seen[key] = true
		switch key {
		case "name":
			n.Name, err = r.text(key)
			n.Line = r.here()
		case "cuda_time_us":
			n.CUDA, err = r.number(key)
		case "pct_cuda_time":
			n.Percent, err = r.number(key)
		case "cpu_time_us":
			n.CPU, err = r.number(key)
		case "invocations":
			n.Calls, err = r.whole(key)
		case "trace":
			n.Trace, err = r.text(key)
		default:
			err = r.skip(key)
		}
		return err
	})
	for _, key := range need {
		if err == nil && !seen[key] {
			err = r.fail("an entry has no %q", key)
		}
	}
	return err
}
