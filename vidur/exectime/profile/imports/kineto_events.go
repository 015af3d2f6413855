package imports

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// kineto collects the events of a trace.
type kineto struct {
	file    string
	options Options
	notes   []string

	names    map[string]string // one copy of each: a trace repeats few of them a million times
	kernels  []launched
	launches byID[launch] // calls of the runtime and driver, by correlation
	callers  byID[launch] // operators of the host, by External id
	products byID[Weight] // matrix products of the host, by External id
	modules  []module
	marks    []span // of the host
	shown    []span // of the GPU
	devices  []struct{ Name string }
	ranks    struct {
		Rank  int `json:"rank"`
		World int `json:"world_size"`
	}
}

// launched is a kernel, copy or fill on a GPU.
type launched struct {
	name                   string
	ts, dur                float64
	device, stream         int
	correlation, caller    int
	graph, linked, hasCall bool
	from                   launch // where it was launched, if linked
	weight                 Weight // of the matrix product that launched it
	line                   int
}

// launch is a moment of a thread of the host.
type launch struct {
	ts  float64
	tid int
}

// module is a call of a torch.nn.Module.
type module struct {
	name       string
	begin, end float64
	tid        int
}

// span is an annotation.
type span struct {
	name       string
	begin, end float64
}

func (k *kineto) note(format string, args ...any) {
	k.notes = append(k.notes, fmt.Sprintf(format, args...))
}

// once is the one copy of a name.
func (k *kineto) once(name string) string {
	if one, ok := k.names[name]; ok {
		return one
	}
	name = strings.Clone(name)
	k.names[name] = name
	return name
}

var moduleName = regexp.MustCompile(`^nn\.Module: (.*?)(_\d+)?$`)

// onDevice reports whether events of a category are time on a GPU.
func onDevice(category string) bool {
	return category == "kernel" || category == "gpu_memcpy" || category == "gpu_memset"
}

// event takes an event in.
func (k *kineto) event(e *event) error {
	if e.Ph != "X" {
		return nil
	}
	if onDevice(e.Cat) {
		return k.kernel(e)
	}
	switch e.Cat {
	case "cuda_runtime", "cuda_driver":
		if e.Args.Correlation.ok && e.Ts.ok {
			k.launches.add(e.Args.Correlation.int(), launch{e.Ts.v, e.Tid.int()})
		}
	case "cpu_op":
		if e.Args.External.ok && e.Ts.ok {
			k.callers.add(e.Args.External.int(), launch{e.Ts.v, e.Tid.int()})
			if w := weightOf(e.Name, string(e.Args.Shapes)); w != (Weight{}) {
				k.products.add(e.Args.External.int(), w)
			}
		}
		if strings.HasPrefix(e.Name, profilerStep) { // as older versions have it
			k.mark(&k.marks, e)
		}
	case "python_function":
		if m := moduleName.FindStringSubmatch(e.Name); m != nil && e.Ts.ok && e.Dur.ok {
			k.modules = append(k.modules, module{k.once(m[1]), e.Ts.v, e.Ts.v + e.Dur.v, e.Tid.int()})
		}
	case "user_annotation":
		k.mark(&k.marks, e)
	case "gpu_user_annotation":
		k.mark(&k.shown, e)
	}
	return nil
}

func (k *kineto) mark(to *[]span, e *event) {
	if e.Ts.ok && e.Dur.ok {
		*to = append(*to, span{e.Name, e.Ts.v, e.Ts.v + e.Dur.v})
	}
}

// maxUs is the longest time that is believed, in µs: a day.
const maxUs = 24 * 3600e6

func (k *kineto) kernel(e *event) error {
	if !e.Ts.ok || !e.Dur.ok || e.Dur.v < 0 || e.Dur.v > maxUs {
		return fmt.Errorf("%s %q has no ts and dur that are times in µs", e.Cat, e.Name)
	}
	a := &e.Args
	device := a.Device
	if !device.ok {
		device = e.Pid
	}
	stream := a.Stream
	if !stream.ok {
		stream = e.Tid
	}
	k.kernels = append(k.kernels, launched{
		name: k.once(e.Name), ts: e.Ts.v, dur: e.Dur.v, device: device.int(), stream: stream.int(),
		correlation: a.Correlation.int(), linked: a.Correlation.ok, caller: a.External.int(), hasCall: a.External.ok,
		graph: a.GraphNode.ok && a.GraphNode.v != 0, line: e.line,
	})
	return nil
}

// trace makes steps of what was collected.
func (k *kineto) trace() (*Trace, error) {
	if len(k.kernels) == 0 {
		return nil, errorAt(k.file, 0, "no kernel in it: was the CUDA activity of the profiler on?")
	}
	device, err := k.choose()
	if err != nil {
		return nil, err
	}
	k.kernels = slices.DeleteFunc(k.kernels, func(l launched) bool { return l.device != device })
	slices.SortStableFunc(k.kernels, func(a, b launched) int { return cmp.Compare(a.ts, b.ts) })
	k.link()
	t := &Trace{Format: kinetoName, File: k.file, Ordered: true, TP: k.ranks.World, Layers: k.options.Layers}
	if 0 <= device && device < len(k.devices) {
		t.Device = k.devices[device].Name
	}
	if t.TP > 1 {
		k.note("%d ranks, of which this is number %d: taken for the degree of tensor parallelism", t.TP, k.ranks.Rank)
	}
	if err := k.steps(t); err != nil {
		return nil, err
	}
	k.overlap()
	t.Notes = k.notes
	return t, nil
}

// choose is the GPU that is meant: the one that Options.Choose names, or the one
// with the most kernel time.
func (k *kineto) choose() (int, error) {
	times := map[int]float64{}
	for _, l := range k.kernels {
		times[l.device] += l.dur
	}
	list := slices.Sorted(maps.Keys(times))
	best := list[0]
	for _, d := range list {
		if fmt.Sprint(d) == k.options.Choose {
			return d, nil
		}
		if times[d] > times[best] {
			best = d
		}
	}
	if k.options.Choose != "" {
		return 0, errorAt(k.file, 0, "no kernels on GPU %s; there are GPUs %v", k.options.Choose, list)
	}
	if len(list) > 1 {
		k.note("GPUs %v: number %d was taken, which has the most kernel time; --choose names another", list, best)
	}
	return best, nil
}

// link finds where kernels were launched: by the call of the runtime with the same
// correlation, or by the operator with the same External id.
func (k *kineto) link() {
	k.launches.sort()
	k.callers.sort()
	k.products.sort()
	graphs, unlinked := 0, 0
	for i := range k.kernels {
		l := &k.kernels[i]
		from, ok := k.launches.get(l.correlation)
		if ok = ok && l.linked; !ok {
			from, ok = k.callers.get(l.caller)
			ok = ok && l.hasCall
		}
		l.from, l.linked = from, ok
		if l.hasCall && !l.graph {
			l.weight, _ = k.products.get(l.caller)
		}
		if l.graph {
			graphs++
		}
		if !ok {
			unlinked++
		}
	}
	if graphs > 0 {
		k.note("%d of %d kernels were replayed from CUDA graphs: they have no modules, and are told apart by name and place", graphs, len(k.kernels))
	}
	if unlinked > 0 {
		k.note("%d of %d kernels name no call that launched them: they belong to the step in which they ran", unlinked, len(k.kernels))
	}
	k.launches, k.callers, k.products = nil, nil, nil // most of the memory
}

// overlap reports kernels of several streams that ran at once.
func (k *kineto) overlap() {
	sum, union, end := 0.0, 0.0, k.kernels[0].ts
	streams := map[int]bool{}
	for _, l := range k.kernels {
		streams[l.stream] = true
		sum += l.dur
		union += max(0, l.ts+l.dur-max(end, l.ts))
		end = max(end, l.ts+l.dur)
	}
	if both := sum - union; both > 1e-6*sum && sum > 0 {
		k.note("%d streams overlap for %.3g µs, %.1f %% of the kernel time: every kernel counts in full", len(streams), both, 100*both/sum)
	}
}
