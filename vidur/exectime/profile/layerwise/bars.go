package layerwise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// BarOptions say what a stacked bar of a phase is made of. The zero value is what
// visualize_layerwise_profile.py draws by default.
type BarOptions struct {
	Kernels bool     // kernels; otherwise the innermost modules
	Top     int      // parts of a phase at most; 0 means 12, negative all
	Fold    []string // modules that count as a whole; nil means Sampler and LogitsProcessor
	Share   bool     // percent of the phase's GPU time; otherwise ms
	Every   int      // of the decode steps; the last one is always there; 0 means 4
}

// Bar is a phase.
type Bar struct {
	Label   string // <phase>-seqs-<n>
	Prefill bool
	Values  []float64 // by part, ms or percent; 0 if the phase does not have it
}

// Bars are the parts of phases.
type Bars struct {
	Parts []string // largest first, others last
	Bars  []Bar
	Notes []string
}

// others is the name of what has no part of its own.
const others = "others"

// part is a kernel or module of a phase, or a class of them.
type part struct {
	name  string
	above []string // names of modules around it, innermost first
	node  *Node
}

// Bars divides phases into parts, by the rules of visualize_layerwise_profile.py:
// kernels, or the modules that hold nothing but kernels; modules of one name in
// different places told apart by what is around them; kernels of a kind (GEMMs,
// attention, NCCL …) together, by parts of their names; and all but the largest as
// others. Two things differ from that tool: kinds are formed before the largest are
// chosen, and what stands beside the modules of its level is among the others, so
// that a bar is as high as its phase is long.
func (p *Profile) Bars(o BarOptions) (*Bars, error) {
	if o.Fold == nil {
		o.Fold = []string{"Sampler", "LogitsProcessor"}
	}
	if o.Top == 0 {
		o.Top = 12
	}
	phases := p.drawn(o.Every)
	if len(phases) == 0 {
		return nil, fmt.Errorf("%s: no phase has GPU time", p.File)
	}
	out, values, sums := &Bars{}, make([]map[string]float64, len(phases)), map[string]float64{}
	for i, ph := range phases {
		var stray float64
		values[i], stray = ph.parts(o)
		if total := ph.Total(); stray > total/1000 {
			out.Notes = append(out.Notes, fmt.Sprintf("%s: %.1f %% of the time is in kernels beside the modules of this level, and among the others", ph.label(), 100*stray/total))
		}
		for name, v := range values[i] {
			sums[name] = max(sums[name], v)
		}
	}
	for name := range sums {
		out.Parts = append(out.Parts, name)
	}
	slices.SortFunc(out.Parts, func(a, b string) int {
		return cmp.Or(last(a)-last(b), cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b))
	})
	for i, ph := range phases {
		bar := Bar{Label: ph.label(), Prefill: ph.Prefill(), Values: make([]float64, len(out.Parts))}
		for k, name := range out.Parts {
			bar.Values[k] = values[i][name]
		}
		out.Bars = append(out.Bars, bar)
	}
	return out, nil
}

// last is 1 for what comes after all others.
func last(part string) int {
	if part == others {
		return 1
	}
	return 0
}

// drawn are the prefill, every so many decode steps and the last of them, as far as
// they have GPU time.
func (p *Profile) drawn(every int) (out []*Phase) {
	if every <= 0 {
		every = 4
	}
	var decodes []*Phase
	for _, ph := range p.Phases {
		switch {
		case ph.Copy || ph.Total() == 0:
		case ph.Prefill():
			out = append(out, ph)
		default:
			decodes = append(decodes, ph)
		}
	}
	for i, ph := range decodes {
		if i%every == 0 || i == len(decodes)-1 {
			out = append(out, ph)
		}
	}
	return out
}

func (ph *Phase) label() string {
	name := ph.Name
	if !ph.Prefill() && ph.Step > 0 {
		name = fmt.Sprintf("decode_%d", ph.Step)
	}
	if ph.Seqs > 0 {
		name += fmt.Sprintf("-seqs-%d", ph.Seqs)
	}
	return name
}

// parts are the values of a phase by part, and the µs that stand beside the level.
func (ph *Phase) parts(o BarOptions) (values map[string]float64, stray float64) {
	list := o.list(ph)
	us, percent := map[string]float64{}, map[string]float64{}
	total, share := 0.0, 0.0
	for _, n := range ph.trees() {
		total, share = total+n.CUDA, share+n.Percent
	}
	stray = total
	for _, p := range list {
		if c := Class(p.name); c != "" {
			p.name = c
		}
		us[p.name] += p.node.CUDA
		percent[p.name] += p.node.Percent
		stray -= p.node.CUDA
	}
	values = map[string]float64{}
	rest := total
	for _, n := range largest(us, o.Top) {
		values[n] = us[n]
		rest, share = rest-us[n], share-percent[n]
	}
	if rest > slack(total) {
		values[others], percent[others] = rest, max(0, share)
	}
	for n, v := range values {
		if values[n] = v / 1e3; o.Share {
			values[n] = percent[n]
		}
	}
	return values, stray
}

// list are the kernels of a phase, or its innermost modules.
func (o *BarOptions) list(ph *Phase) (list []part) {
	level := 1
	if o.Kernels {
		level = 0
	}
	for _, root := range ph.trees() {
		list = o.collect(list, part{node: root}, level)
	}
	if !o.Kernels {
		distinguish(list)
	}
	return list
}

// largest are the names with the greatest values: all if there are no more than
// top, or else one fewer, so that others are one of them.
func largest(us map[string]float64, top int) []string {
	var names []string
	for name, v := range us {
		if v > 0 {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(us[b], us[a]), cmp.Compare(a, b)) })
	if top > 0 && len(names) > top {
		names = names[:top-1]
	}
	return names
}

// collect adds the nodes of a level below p: those that are so many steps from
// their deepest kernel, and modules that count as a whole.
func (o *BarOptions) collect(list []part, p part, level int) []part {
	p.name = p.node.Name
	high := o.height(p.node)
	if high == level || slices.Contains(o.Fold, p.name) || len(p.above) == 0 && high < level {
		return append(list, p)
	}
	above := append([]string{p.name}, p.above...)
	for _, c := range p.node.Children {
		list = o.collect(list, part{node: c, above: above}, level)
	}
	return list
}

// height is how far a node is from its deepest kernel.
func (o *BarOptions) height(n *Node) (h int) {
	if slices.Contains(o.Fold, n.Name) {
		return 0
	}
	for _, c := range n.Children {
		h = max(h, 1+o.height(c))
	}
	return h
}

// distinguish adds to the names of modules that stand in several places what is
// around them, up to where that differs.
func distinguish(list []part) {
	byName := map[string][]int{}
	for i, p := range list {
		byName[p.name] = append(byName[p.name], i)
	}
	for _, same := range byName {
		first := list[same[0]].above
		depth := -1
		for _, i := range same {
			for k := 0; k < min(len(first), len(list[i].above)); k++ {
				if list[i].above[k] != first[k] && (depth < 0 || k < depth) {
					depth = k
				}
			}
		}
		if depth < 0 {
			continue
		}
		for _, i := range same {
			above := list[i].above
			list[i].name = strings.Join(append([]string{list[i].name}, above[:min(depth+1, len(above))]...), " <- ")
		}
	}
}
