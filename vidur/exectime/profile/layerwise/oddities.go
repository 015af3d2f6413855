package layerwise

import (
	"math"
	"slices"
	"strings"
)

// finish finds what is odd in a profile that was read.
func (p *Profile) finish() {
	prefills, empty := 0, []string(nil)
	for _, ph := range p.Phases {
		if ph.Prefill() {
			prefills++
		}
		if ph.Total() == 0 {
			empty = append(empty, ph.Name)
		}
		p.checkTree(ph)
	}
	if prefills > 1 {
		p.note("%d prefills; the profiler writes one", prefills)
	}
	if len(empty) > 0 {
		p.note("no GPU time in %s: vLLM's V1 engine gives such profiles (VLLM_USE_V1=0 takes the other one), and so do CUDA graphs (--enforce-eager)",
			strings.Join(empty, ", "))
	}
	if p.Context.TP > 1 {
		p.note("of %d GPUs the profiler sees the first one's thread only", p.Context.TP)
	}
	if p.Old && p.Context.Raw != nil {
		p.renumber()
	}
}

// renumber mends the numbers of decode steps in files of 2024: a second loop of the
// profiler wrote steps 2 to N over decode_1 to decode_N-1, so that the last two
// phases are one step. Times are never equal by chance.
func (p *Profile) renumber() {
	var decodes []*Phase
	for _, ph := range p.Phases {
		if !ph.Prefill() {
			decodes = append(decodes, ph)
		}
	}
	n := len(decodes)
	if n < 2 || decodes[n-1].Total() == 0 || !samePhase(decodes[n-1], decodes[n-2]) {
		return
	}
	for i, ph := range decodes[:n-1] {
		if ph.Step != i+1 {
			return
		}
	}
	for _, ph := range decodes[:n-1] {
		ph.Step++
	}
	decodes[n-1].Copy = true
	p.note("%s and %s are the same step: this profiler wrote decode steps 2 to %d under the names decode_1 to decode_%d; step 1 is lost",
		decodes[n-2].Name, decodes[n-1].Name, n, n-1)
}

func samePhase(a, b *Phase) bool {
	return slices.EqualFunc(a.Summary, b.Summary, sameNode) && slices.EqualFunc(a.Model, b.Model, sameNode)
}

// checkTree notes roots that stand twice and modules whose time is not that of
// what is in them.
func (p *Profile) checkTree(ph *Phase) {
	if twice := len(ph.Summary) - len(ph.trees()); ph.Summary != nil && twice > 0 {
		p.note("%s: %d roots of the summary stand twice, as the profiler writes modules that are called twice outside of any other; they count once", ph.Name, twice)
	}
	wrong, first := 0, 0
	for _, n := range ph.modules() {
		if sum := sumOf(n.Children); len(n.Children) > 0 && math.Abs(sum-n.CUDA) > slack(n.CUDA) {
			if wrong++; first == 0 {
				first = n.Line
			}
		}
	}
	if wrong > 0 {
		p.note("%s: %d modules have another GPU time than what is in them, the first in line %d", ph.Name, wrong, first)
	}
}

func sumOf(list []*Node) (us float64) {
	for _, n := range list {
		us += n.CUDA
	}
	return us
}

// slack is by how much the time of a module may differ from the sum of its parts:
// half of the profiler's nanosecond, and the rounding of sums.
func slack(us float64) float64 { return 0.0005 + 1e-6*us }
