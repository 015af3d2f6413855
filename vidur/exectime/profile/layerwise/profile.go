package layerwise

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Node is a module or, without Children, a kernel.
type Node struct {
	Name     string  // of a module its class, with the shapes of its weights; of a kernel its symbol
	CUDA     float64 // µs of GPU time, with that of all below it
	Percent  float64 // of the GPU time of the phase, with all below it
	CPU      float64 // µs on the host; in a model table only
	Trace    string  // the operators that launched a kernel, innermost first; in a model table only
	Calls    int     // in a summary table only
	Line     int     // where it stands in its file, from 1; 0 of a prediction
	Children []*Node
}

// Phase is one step of the engine: the prefill, or the decode of one token each.
type Phase struct {
	Name string // prefill, decode_1, …
	// Step is which decode step it is, from 1; 0 of the prefill. It is the number in
	// the name but in files that the profiler numbered wrongly, see Copy.
	Step int
	// Copy says that this is the phase before it under another name. The profiler of
	// 2024 wrote decode steps 2 to N over decode_1 to decode_N-1, so that step 1 is
	// lost and step N is there twice.
	Copy    bool
	Seqs    int     // requests in the batch; 0 if the file does not say
	Summary []*Node // one node for all calls from one place; nil if the file has no such table
	Model   []*Node // one node for every call, in their order; nil if the file has no such table
	Line    int
}

// Prefill reports whether it is the phase that computes the prompts.
func (ph *Phase) Prefill() bool { return strings.Contains(ph.Name, "prefill") }

// Context is how a profile was made. What a file does not say is zero.
type Context struct {
	Model   string
	DType   string
	TP      int
	Device  string // as PyTorch names the devices
	Prompt  int    // tokens of each prompt
	Batch   int    // prompts
	Output  int    // tokens of each answer; in files of 2024
	Steps   int    // that were profiled
	PerStep int    // requests that complete in each step, in a run to completion

	// Raw is the object of the file, with all its keys in their order, or nil.
	Raw json.RawMessage
}

// Profile is what a file holds.
type Profile struct {
	File    string
	Old     bool // of 2024: without metadata
	Context Context
	Phases  []*Phase // in the order of the file
	Notes   []string // what is odd, and what was assumed
}

func (p *Profile) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// Phase finds a phase by name. The error names those that there are.
func (p *Profile) Phase(name string) (*Phase, error) {
	var names []string
	for _, ph := range p.Phases {
		if ph.Name == name {
			return ph, nil
		}
		names = append(names, ph.Name)
	}
	return nil, fmt.Errorf("%s: no phase %q; there are %s", p.File, name, strings.Join(names, ", "))
}

// Layers is the number of transformer layers that ran: calls of modules whose
// class ends in DecoderLayer. It is 0 if there are none.
func (p *Profile) Layers() int {
	for _, ph := range p.Phases {
		n := 0
		for _, leaf := range ph.modules() {
			if class, _, _ := strings.Cut(leaf.Name, "("); strings.HasSuffix(class, "DecoderLayer") {
				n += max(leaf.Calls, 1)
			}
		}
		if n > 0 {
			return n
		}
	}
	return 0
}

// modules are all nodes of the better table.
func (ph *Phase) modules() (all []*Node) {
	var visit func(list []*Node)
	visit = func(list []*Node) {
		for _, n := range list {
			all = append(all, n)
			visit(n.Children)
		}
	}
	visit(ph.trees())
	return all
}

// trees are the roots of the summary, or else of the model table, without those
// that the profiler wrote twice.
func (ph *Phase) trees() []*Node {
	if ph.Summary == nil {
		return ph.Model
	}
	var out []*Node
	for _, n := range ph.Summary {
		if !slices.ContainsFunc(out, func(o *Node) bool { return sameNode(o, n) }) {
			out = append(out, n)
		}
	}
	return out
}

// Total is the GPU time of the phase, µs.
func (ph *Phase) Total() (us float64) {
	for _, n := range ph.trees() {
		us += n.CUDA
	}
	return us
}

// Leaf is a kernel with the modules around it.
type Leaf struct {
	Node   *Node // the first of them in the file
	Module string
	Calls  int
	CUDA   float64 // µs, of all calls
}

// Launches are the kernels of the model table one by one, in the order in which they
// ran; nil if there is no such table. Module is the path of modules around one,
// outermost first, joined by "/". A module without children that took GPU time is a
// kernel, too.
func (ph *Phase) Launches() []Leaf { return leaves(ph.Model) }

// Leaves are the kernels of the phase, those of one name in one place together, in
// the order of the file.
func (ph *Phase) Leaves() (out []Leaf) {
	at := map[[2]string]int{}
	for _, l := range leaves(ph.trees()) {
		key := [2]string{l.Module, l.Node.Name}
		i, seen := at[key]
		if !seen {
			i, at[key] = len(out), len(out)
			out = append(out, Leaf{Node: l.Node, Module: l.Module})
		}
		out[i].Calls += l.Calls
		out[i].CUDA += l.CUDA
	}
	return out
}

// leaves are the kernels below a list of nodes.
func leaves(roots []*Node) (out []Leaf) {
	var visit func(list []*Node, path string)
	visit = func(list []*Node, path string) {
		for _, n := range list {
			if len(n.Children) == 0 && n.CUDA > 0 {
				out = append(out, Leaf{n, path, max(n.Calls, 1), n.CUDA})
			}
			visit(n.Children, strings.TrimPrefix(path+"/"+n.Name, "/"))
		}
	}
	visit(roots, "")
	return out
}

// sameNode reports whether two trees are equal but for their lines.
func sameNode(a, b *Node) bool {
	return a.Name == b.Name && a.CUDA == b.CUDA && a.CPU == b.CPU && a.Percent == b.Percent && a.Calls == b.Calls &&
		a.Trace == b.Trace && slices.EqualFunc(a.Children, b.Children, sameNode)
}
