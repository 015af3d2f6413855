package layerwise

import (
	"bytes"
	"encoding/json"
	"io"
)

// stats is what a node says in its table.
type stats interface{ summaryEntry | modelEntry }

type summaryEntry struct {
	Name    string  `json:"name"`
	CUDA    float64 `json:"cuda_time_us"`
	Percent float64 `json:"pct_cuda_time"`
	Calls   int     `json:"invocations"`
}

type modelEntry struct {
	Name    string  `json:"name"`
	CPU     float64 `json:"cpu_time_us"`
	CUDA    float64 `json:"cuda_time_us"`
	Percent float64 `json:"pct_cuda_time"`
	Trace   string  `json:"trace"`
}

// written is a node in the layout of the file.
type written[E stats] struct {
	Entry    E            `json:"entry"`
	Children []written[E] `json:"children"`
}

// trees is a table in the layout of the file; nil if there is none.
func trees[E stats](list []*Node, entry func(n *Node) E) []written[E] {
	if list == nil {
		return nil
	}
	out := make([]written[E], len(list))
	for i, n := range list {
		out[i] = written[E]{entry(n), trees(n.Children, entry)}
		if out[i].Children == nil {
			out[i].Children = []written[E]{}
		}
	}
	return out
}

type writtenPhase struct {
	Metadata *metadata                `json:"metadata,omitempty"`
	Summary  *[]written[summaryEntry] `json:"summary_stats,omitempty"`
	Model    *[]written[modelEntry]   `json:"model_stats,omitempty"`
}

type metadata struct {
	Seqs *int `json:"num_running_seqs"`
}

// JSON writes a table of the phase as it stands in a file of the profiler's: a list
// of {"entry": {…}, "children": […]}.
func (ph *Phase) JSON(w io.Writer, table string) error {
	if _, err := ph.Rows(table); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if table == Model {
		return enc.Encode(trees(ph.Model, ofModel))
	}
	return enc.Encode(trees(ph.Summary, ofSummary))
}

func ofSummary(n *Node) summaryEntry { return summaryEntry{n.Name, n.CUDA, n.Percent, n.Calls} }

func ofModel(n *Node) modelEntry { return modelEntry{n.Name, n.CPU, n.CUDA, n.Percent, n.Trace} }

// Write writes a profile in the layout of the profiler's JSON, in which vLLM's own
// tools print and draw it: the context as it was read or made of Context's fields,
// and the phases in their order. Parse gives the same profile.
func (p *Profile) Write(w io.Writer) error {
	context := p.Context.Raw
	if context == nil {
		context = p.Context.object()
	}
	var text bytes.Buffer
	text.WriteString(`{"context":`)
	text.Write(context)
	for _, ph := range p.Phases {
		out := writtenPhase{}
		if !p.Old {
			out.Metadata = &metadata{}
			if ph.Seqs > 0 {
				out.Metadata.Seqs = &ph.Seqs
			}
		}
		if list := trees(ph.Summary, ofSummary); list != nil {
			out.Summary = &list
		}
		if list := trees(ph.Model, ofModel); list != nil {
			out.Model = &list
		}
		text.WriteByte(',')
		writeValue(&text, ph.Name)
		text.WriteByte(':')
		writeValue(&text, out)
	}
	text.WriteByte('}')
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text.Bytes(), "", "  "); err != nil {
		return err
	}
	pretty.WriteByte('\n')
	_, err := w.Write(pretty.Bytes())
	return err
}

// writeValue appends v, whose numbers are finite.
func writeValue(text *bytes.Buffer, v any) {
	enc := json.NewEncoder(text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // a buffer takes everything
}

// object is the context with the profiler's keys in their order.
func (c *Context) object() json.RawMessage {
	type engine struct {
		Model string `json:"model"`
		TP    int    `json:"tensor_parallel_size"`
		DType string `json:"dtype"`
	}
	var text bytes.Buffer
	writeValue(&text, struct {
		Python  *string `json:"python_version"`
		Torch   *string `json:"torch_version"`
		CUDA    *string `json:"torch_cuda_version"`
		Devices string  `json:"cuda_devices"`
		Engine  engine  `json:"engine_args"`
		Prompt  int     `json:"prompt_len"`
		Batch   int     `json:"batch_size"`
		Steps   int     `json:"num_steps"`
		PerStep *int    `json:"complete_num_requests_per_step"`
		Traces  *string `json:"save_chrome_traces_folder"`
	}{Devices: "['" + c.Device + "']", Engine: engine{c.Model, max(c.TP, 1), c.DType}, Prompt: c.Prompt, Batch: c.Batch, Steps: c.Steps})
	return text.Bytes()
}
