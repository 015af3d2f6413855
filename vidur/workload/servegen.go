package workload

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mostDrawn bounds the requests of a ServeGen client.
const mostDrawn = 1 << 24

// rate is a window of a ServeGen client: Alibaba's traces without requests.
type rate struct {
	start     float64 // s
	end       float64 // s
	perSecond float64
	cv        float64 // of the intervals, which have a gamma or Weibull distribution
	weibull   bool
}

// serveGen draws the requests of a client from its rates, and from the lengths
// in the file beside them. row is the first one.
func (r *reader) serveGen(t *table, row []string) error {
	t.columns = []string{"start_time_s", "rate_req_s", "cv", "pattern", "param1", "param2"}
	rows := t.rows.(*csvRows)
	rows.index, rows.row = []int{0, 1, 2, 3, 4, 5}, row
	var rates []rate
	for more := true; more; {
		w, err := t.rate()
		if err != nil {
			return err
		}
		if n := len(rates); n > 0 && w.start <= rates[n-1].start {
			return t.errorf(0, "%g is not after %g", w.start, rates[n-1].start)
		}
		rates = append(rates, w)
		if more, err = t.next(); err != nil {
			return err
		}
	}
	expected := endWindows(rates)
	if !(expected <= float64(r.most)) {
		return fmt.Errorf("%s: about %.3g requests; at most %d can be drawn", r.path, expected, r.most)
	}
	lengths, err := r.serveGenLengths()
	if err != nil {
		return err
	}
	r.begin(layout{format: "ServeGen client", at: "rates", unit: "s", prompt: "input_tokens", answer: "output_tokens"})
	r.trace.Report.Drawn = true
	r.drawServeGen(rates, lengths)
	return nil
}

// rate reads a row.
func (t *table) rate() (w rate, err error) {
	if w.start, err = t.number(0); err != nil {
		return w, err
	}
	if w.perSecond, err = t.number(1); err != nil {
		return w, err
	}
	w.cv = 1
	if t.text(2) != "" && w.perSecond > 0 {
		if w.cv, err = t.number(2); err != nil {
			return w, err
		}
	}
	if w.cv < 0.01 || w.cv > 100 {
		return w, t.errorf(2, "%g; it must be from 0.01 to 100", w.cv)
	}
	switch t.text(3) {
	case "Weibull":
		w.weibull = true
	case "Gamma", "":
	default:
		return w, t.errorf(3, "%q is neither Gamma nor Weibull", short(t.text(3)))
	}
	return w, nil
}

// endWindows says where windows end, and how many requests they have in the
// mean. The last one is as long as the one before, or 10 minutes.
func endWindows(rates []rate) (requests float64) {
	width := 600.0
	for i := range rates {
		w := &rates[i]
		if i+1 < len(rates) {
			width = rates[i+1].start - w.start
		}
		w.end = w.start + width
		requests += width * w.perSecond
	}
	return requests
}

// drawServeGen draws the requests: intervals of mean 1 with the CV of the window
// in which they begin, over the sum of the rates up to a time. So a change of the
// rate acts at once, and no window begins with a pause.
func (r *reader) drawServeGen(rates []rate, lengths []lengthWindow) {
	rng := rand.New(rand.NewPCG(1, 2))
	left := rates[0].interval(rng)() // of the interval, in requests
	for i, w := range rates {
		next := w.interval(rng)
		sizes := windowAt(lengths, w.start)
		at := w.start
		for w.perSecond > 0 && at+left/w.perSecond < w.end {
			at += left / w.perSecond
			left = next()
			whole := math.Floor(at)
			r.add(timed{instant{int64(whole), at - whole}, Tokens{sizes.prompt.draw(rng), sizes.answer.draw(rng)}}, i+1)
		}
		left = max(0, left-(w.end-at)*w.perSecond)
	}
}

// interval draws intervals of mean 1.
func (w rate) interval(rng *rand.Rand) func() float64 {
	if w.weibull {
		k := weibullShape(w.cv)
		mean := math.Gamma(1 + 1/k)
		return func() float64 { return math.Pow(rng.ExpFloat64(), 1/k) / mean }
	}
	shape := 1 / (w.cv * w.cv)
	return func() float64 { return drawGamma(rng, shape) / shape }
}

// weibullShape is the shape k of the Weibull distribution with a CV:
// CV² + 1 = Γ(1+2/k) / Γ(1+1/k)², which falls as k grows.
func weibullShape(cv float64) float64 {
	low, high := 0.05, 200.0
	for range 60 {
		k := math.Sqrt(low * high)
		two, _ := math.Lgamma(1 + 2/k)
		one, _ := math.Lgamma(1 + 1/k)
		if math.Exp(two-2*one) > 1+cv*cv {
			low = k
		} else {
			high = k
		}
	}
	return math.Sqrt(low * high)
}

// lengthWindow is what requests from a time on are as long as.
type lengthWindow struct {
	start          float64 // s
	prompt, answer shares
}

// windowAt is the last window that begins at a time or before, or the first one.
func windowAt(list []lengthWindow, at float64) lengthWindow {
	found := list[0]
	for _, w := range list {
		if w.start <= at {
			found = w
		}
	}
	return found
}

// serveGenLengths reads the file beside the rates.
func (r *reader) serveGenLengths() ([]lengthWindow, error) {
	stem, ok := strings.CutSuffix(strings.TrimSuffix(r.path, ".gz"), "-trace.csv")
	if !ok {
		return nil, fmt.Errorf("%s: six numbers in a row are the rates of a ServeGen client, whose file ends in -trace.csv with the lengths in -dataset.json beside it", r.path)
	}
	path := stem + "-dataset.json"
	text, err := r.beside(path)
	if err != nil {
		return nil, fmt.Errorf("%s: its lengths: %w", r.path, err)
	}
	var windows map[string]struct {
		Input  string `json:"input_tokens"`
		Output string `json:"output_tokens"`
	}
	if err := json.Unmarshal(text, &windows); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var list []lengthWindow
	for _, key := range slices.Sorted(maps.Keys(windows)) {
		w := windows[key]
		start, err := strconv.ParseFloat(key, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: window %q is no number of seconds", path, short(key))
		}
		prompt, err1 := parseShares(w.Input)
		answer, err2 := parseShares(w.Output)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("%s: window %s: %w", path, short(key), err)
		}
		if len(prompt.tokens) > 0 && len(answer.tokens) > 0 {
			list = append(list, lengthWindow{start, prompt, answer})
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no window has lengths", filepath.Base(path))
	}
	slices.SortStableFunc(list, func(a, b lengthWindow) int { return cmp.Compare(a.start, b.start) })
	return list, nil
}

// shares is a distribution of lengths: sums[i] requests have at most tokens[i].
type shares struct {
	tokens []int
	sums   []float64
}

// parseShares reads a Python dictionary of a share for each length, such as
// {100: 0.25, 200: 0.75}. The shares need not sum to 1.
func parseShares(text string) (s shares, err error) {
	text = strings.Trim(strings.TrimSpace(text), "{}")
	if strings.TrimSpace(text) == "" {
		return s, nil
	}
	sum := 0.0
	for _, part := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(part, ":")
		n, err1 := strconv.ParseFloat(strings.TrimSpace(key), 64)
		p, err2 := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err1 != nil || err2 != nil || !(n >= 0 && n <= mostTokens && p >= 0 && p <= 1<<52) {
			return s, fmt.Errorf("%q is not a length and a share", short(part))
		}
		sum += p
		s.tokens, s.sums = append(s.tokens, int(math.Round(n))), append(s.sums, sum)
	}
	if !(sum > 0) {
		return shares{}, nil
	}
	return s, nil
}

func (s shares) draw(rng *rand.Rand) int {
	u := rng.Float64() * s.sums[len(s.sums)-1]
	i, _ := slices.BinarySearch(s.sums, u)
	for i < len(s.sums)-1 && s.sums[i] <= u {
		i++
	}
	return s.tokens[i]
}
