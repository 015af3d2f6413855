package imports

import (
	"cmp"
	"slices"
	"sort"
)

// steps cuts the trace into iterations.
func (k *kineto) steps(t *Trace) error {
	groups, names := k.groups()
	skip := max(k.options.Skip, 0)
	if skip >= len(groups) {
		return errorAt(k.file, 0, "%d steps, and --skip %d", len(groups), skip)
	}
	paths, sizes, mixed := newModulePaths(k.modules), sizer{options: k.options}, 0
	for i, g := range groups[skip:] {
		s, ok := sizes.next(names[i+skip])
		if !ok {
			mixed++
			continue
		}
		for _, l := range g {
			kernel := Kernel{Name: l.name, Calls: 1, Time: l.dur, Line: l.line, Weight: l.weight}
			if l.linked && !l.graph {
				kernel.Module = paths.at(l.from)
			}
			s.Kernels = append(s.Kernels, kernel)
		}
		t.Steps = append(t.Steps, s)
	}
	if mixed > 0 {
		k.note("%d steps prefill and decode at once, which does not tell what either takes, or decode several tokens of a request: they were left out", mixed)
	}
	if sizes.chunked > 0 {
		k.note("%d prefills are of fewer tokens than their prompts of %d: how many of those are cached is not known, and taken for none", sizes.chunked, k.options.Prompt)
	}
	if len(t.Steps) == 0 {
		return errorAt(k.file, 0, "no step that only prefills, or only decodes a token of each request")
	}
	return nil
}

// groups are the kernels of each step, and the names of the steps' marks; "" where
// there are none.
func (k *kineto) groups() (groups [][]launched, names []string) {
	marks, onHost := k.stepMarks()
	switch {
	case k.options.Gap > 0:
		groups = k.byGaps()
	case len(marks) > 0:
		return k.byMarks(marks, onHost)
	default:
		k.note("no annotation marks steps: the whole trace is one; --gap cuts it where no kernel runs for so many µs")
		groups = [][]launched{k.kernels}
	}
	return groups, make([]string, len(groups))
}

// stepMarks are the annotations of steps, in order, and whether they are of the
// host. Those inside of another are left out.
func (k *kineto) stepMarks() (marks []span, onHost bool) {
	for _, pattern := range stepMarks {
		for _, list := range [][]span{k.marks, k.shown} {
			for _, m := range list {
				if pattern.MatchString(m.name) {
					marks = append(marks, m)
				}
			}
			if len(marks) > 0 {
				return outermost(marks), len(k.marks) > 0 && &list[0] == &k.marks[0]
			}
		}
	}
	return nil, false
}

func outermost(marks []span) []span {
	slices.SortStableFunc(marks, func(a, b span) int { return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(b.end, a.end)) })
	var out []span
	for _, m := range marks {
		if n := len(out); n == 0 || m.begin >= out[n-1].end {
			out = append(out, m)
		}
	}
	return out
}

// byMarks gives every kernel to the step in which it was launched, or ran where
// the marks are the GPU's or its launch is not known.
func (k *kineto) byMarks(marks []span, onHost bool) (groups [][]launched, names []string) {
	all := make([][]launched, len(marks))
	outside, us := 0, 0.0
	for _, l := range k.kernels {
		at := l.ts
		if onHost && l.linked {
			at = l.from.ts
		}
		i := sort.Search(len(marks), func(i int) bool { return marks[i].begin > at }) - 1
		if i < 0 || at > marks[i].end {
			outside++
			us += l.dur
			continue
		}
		all[i] = append(all[i], l)
	}
	empty := 0
	for i, g := range all {
		if len(g) == 0 {
			empty++
			continue
		}
		groups, names = append(groups, g), append(names, marks[i].name)
	}
	if outside > 0 {
		k.note("%d kernels of %.3g µs lie outside of all steps and were left out", outside, us)
	}
	if empty > 0 {
		k.note("%d steps without a kernel were left out", empty)
	}
	return groups, names
}

// byGaps ends a step where no kernel runs for Options.Gap.
func (k *kineto) byGaps() [][]launched {
	var groups [][]launched
	end := 0.0
	for i, l := range k.kernels {
		if i == 0 || l.ts-end >= k.options.Gap {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], l)
		end = max(end, l.ts+l.dur)
	}
	k.note("cut into %d steps where no kernel runs for %g µs", len(groups), k.options.Gap)
	return groups
}

// modulePaths finds the modules around a moment of a thread.
type modulePaths struct {
	threads map[int][]module // by begin, and the longer first
	paths   map[int][]string // of each
	outer   map[int][]int    // the place of the module around each, or -1
}

func newModulePaths(modules []module) *modulePaths {
	p := &modulePaths{threads: map[int][]module{}, paths: map[int][]string{}, outer: map[int][]int{}}
	once := map[string]string{} // one copy of each path
	for _, m := range modules {
		p.threads[m.tid] = append(p.threads[m.tid], m)
	}
	for tid, list := range p.threads {
		slices.SortStableFunc(list, func(a, b module) int { return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(b.end, a.end)) })
		around := -1
		for i, m := range list {
			for around >= 0 && list[around].end < m.end {
				around = p.outer[tid][around]
			}
			path := m.name
			if around >= 0 {
				path = p.paths[tid][around] + "/" + m.name
			}
			if one, ok := once[path]; ok {
				path = one
			}
			once[path] = path
			p.paths[tid] = append(p.paths[tid], path)
			p.outer[tid] = append(p.outer[tid], around)
			around = i
		}
	}
	return p
}

// at is the path of the modules around a launch.
func (p *modulePaths) at(l launch) string {
	list := p.threads[l.tid]
	i := sort.Search(len(list), func(i int) bool { return list[i].begin > l.ts }) - 1
	for i >= 0 && list[i].end < l.ts {
		i = p.outer[l.tid][i]
	}
	if i < 0 {
		return ""
	}
	return p.paths[l.tid][i]
}
