package imports

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// stepMarks are annotations that stand for an iteration, those that are looked for
// first: of engines, which say what they compute, of the profiler's schedule, and
// others around a forward pass.
var stepMarks = []*regexp.Regexp{
	regexp.MustCompile(vllmLoad.String() + `|` + vllmNew.String() + `|` + vllmDetailed.String() + `|` + sglangStep.String()),
	regexp.MustCompile(`^` + profilerStep),
	regexp.MustCompile(`(?i)^execute_|^step\b|^(prefill|decode)(_\d+)?$`),
}

const profilerStep = "ProfilerStep#"

// Annotations of an iteration: requests that prefill and that decode, with their
// tokens, and those that their attention reads (sk), new ones and all.
var (
	vllmLoad     = regexp.MustCompile(`^execute_context_(\d+)\((\d+)\)_generation_(\d+)\((\d+)\)`)
	vllmDetailed = regexp.MustCompile(`^execute_\d+_context_(\d+)\(sq(\d+)sk(\d+)\w*\)_generation_(\d+)\(sq(\d+)sk(\d+)\w*\)`)
	vllmNew      = regexp.MustCompile(`^execute_new_(\d+)_cached_(\d+)`) // requests that begin, and that go on
	sglangStep   = regexp.MustCompile(`^step\[(\w+) bs=(\d+)(?: toks=(\d+))?(?:.* [cg]_sk=(\d+))?`)
)

// part is what an iteration computes of the requests that prefill, or decode. Zero
// numbers of tokens are not said.
type part struct{ requests, tokens, keys int }

// load is what an annotation says that an iteration computes.
type load struct {
	prefill, decode part
	strange         bool // of another kind, such as the verification of drafts
}

// loadOf reads an annotation; false if it says nothing of it.
func loadOf(mark string) (l load, ok bool) {
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0
		}
		return n
	}
	if m := vllmLoad.FindStringSubmatch(mark); m != nil {
		return load{prefill: part{number(m[1]), number(m[2]), 0}, decode: part{number(m[3]), number(m[4]), 0}}, true
	}
	if m := vllmDetailed.FindStringSubmatch(mark); m != nil {
		return load{prefill: part{number(m[1]), number(m[2]), number(m[3])}, decode: part{number(m[4]), number(m[5]), number(m[6])}}, true
	}
	if m := vllmNew.FindStringSubmatch(mark); m != nil {
		n := number(m[2])
		return load{prefill: part{requests: number(m[1])}, decode: part{requests: n, tokens: n}}, true
	}
	m := sglangStep.FindStringSubmatch(mark)
	if m == nil {
		return load{}, false
	}
	all := part{number(m[2]), number(m[3]), number(m[4])}
	switch m[1] {
	case "EXTEND":
		return load{prefill: all}, true
	case "DECODE":
		all.tokens = all.requests
		return load{decode: all}, true
	}
	return load{strange: true}, true
}

// sizer says what steps are by their annotations, and by what the user said of them.
type sizer struct {
	options  Options
	prefills int
	decodes  int
	chunked  int // prefills of chunks, behind as many tokens as nothing says
}

// next is the next step, without kernels, by the annotation that marks it; false
// for one that is neither a prefill nor a decode of a token for each request.
func (z *sizer) next(mark string) (Step, bool) {
	o := &z.options
	s := Step{Prefill: o.Phase == "prefill" || o.Phase == "" && z.prefills+z.decodes == 0, Requests: o.Batch}
	l, said := loadOf(mark)
	if said {
		if s.Prefill = l.decode.requests == 0; l.strange || l.prefill.requests > 0 && !s.Prefill || l.decode.tokens != l.decode.requests {
			return s, false
		}
		s.Requests = l.prefill.requests + l.decode.requests
	}
	if s.Tokens = s.Requests; s.Prefill {
		s.Tokens *= o.Prompt
	}
	if !s.Prefill {
		z.decode(&s, l.decode.keys)
		return s, true
	}
	z.prefills++
	s.Name, s.Cached = "prefill", o.Cached
	if z.prefills > 1 {
		s.Name = fmt.Sprintf("prefill_%d", z.prefills)
	}
	if l.prefill.tokens > 0 {
		z.chunks(&s, l.prefill)
	}
	return s, true
}

// decode counts a decode step, whose requests read so many tokens if that is known:
// the new one is among them, as it is in Step.Cached.
func (z *sizer) decode(s *Step, keys int) {
	o := &z.options
	z.decodes++
	s.Name = fmt.Sprintf("decode_%d", z.decodes)
	switch {
	case keys > 0:
		s.Cached = mean(keys, s.Requests)
	case o.Cached > 0:
		s.Cached = o.Cached + z.decodes - 1
	case o.Prompt > 0:
		s.Cached = o.Prompt + z.decodes
	}
}

// chunks sets what the annotation of a prefill says of its tokens. Those before a
// chunk are only known if it says what is read.
func (z *sizer) chunks(s *Step, p part) {
	s.Tokens = p.tokens
	switch {
	case p.keys > 0:
		s.Cached = mean(max(p.keys-p.tokens, 0), p.requests)
	case z.options.Cached == 0 && p.tokens < p.requests*z.options.Prompt:
		z.chunked++
	}
}

// mean is the rounded mean of a number for each of n requests.
func mean(sum, n int) int { return int(math.Round(float64(sum) / float64(max(n, 1)))) }
