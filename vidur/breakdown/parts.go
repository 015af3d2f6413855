package breakdown

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Part is what a request does, or what it waits for, at a moment. The order is
// roughly a request's way.
type Part uint8

const (
	// Router: in front of the cluster, where the router holds it.
	Router Part = iota
	// Iteration: at a replica that has PP batches under way; its scheduler is
	// asked when one of them ends.
	Iteration
	// Slots: not admitted, because the batch or the replica has as many requests
	// as it may.
	Slots
	// Tokens: not admitted, because the batch has no room for its tokens.
	Tokens
	// Memory: not admitted, because too few KV blocks are free.
	Memory
	// Policy: not admitted, and none of the limits explains it: the scheduler has
	// reasons of its own.
	Policy
	// LeftOut: admitted and not preempted, but in no batch that is under way, as
	// decodes are while vLLM runs prompts.
	LeftOut
	// Preempted: its KV blocks were taken away, and it waits to begin again.
	Preempted
	// Bubble: in a batch that stands in the line of a pipeline stage. PP > 1 only.
	Bubble
	// CPU: overhead of the host in the iterations it is in.
	CPU
	// Interference: the part of an iteration by which it is longer because of the
	// prompt tokens of other requests, those that are processed again included.
	Interference
	// Recompute: the rest of iterations whose first token of it had been
	// processed before a preemption.
	Recompute
	// Compute: the rest of the iterations it is in, shared with other decodes.
	Compute

	// NumParts is the number of parts.
	NumParts int = iota
)

var names = [NumParts]string{
	"router", "iteration", "slots", "tokens", "memory", "policy", "left_out", "preempted",
	"bubble", "cpu", "interference", "recompute", "compute",
}

// String is the name of p, as in the columns of a frame: "router", "left_out".
func (p Part) String() string {
	if int(p) >= NumParts {
		return fmt.Sprintf("Part(%d)", p)
	}
	return names[p]
}

// Waits reports whether a request does not move in that part: it is in no batch,
// or its batch stands in a line.
func (p Part) Waits() bool { return p <= Bubble }

// Parts is a time in seconds for each Part, all >= 0 and multiples of 2^-30 s.
type Parts [NumParts]float64

// Sum is the time of all parts, s. It is exact below 2^23 s.
func (p Parts) Sum() float64 {
	sum := 0.0
	for _, s := range p {
		sum += s
	}
	return sum
}

// Plus is the sum of p and q, part by part.
func (p Parts) Plus(q Parts) Parts {
	for i := range p {
		p[i] += q[i]
	}
	return p
}

// Mean is the mean over requests, s, of the parts that of says, for example
// (*Request).All or those up to the first token; zero without requests. It is
// rounded, as means are: unlike the parts of a request it is no multiple of 2^-30 s.
func Mean(requests []Request, of func(r *Request) Parts) Parts {
	var mean Parts
	for i := range requests {
		mean = mean.Plus(of(&requests[i]))
	}
	for i := range mean {
		mean[i] /= float64(max(1, len(requests)))
	}
	return mean
}

// String is p in words, the longest part first: "memory 3.81 s (62 %), compute
// 2.3 s (38 %)". What takes less than a hundredth each is the others, together.
func (p Parts) String() string {
	order := make([]Part, NumParts)
	for i := range order {
		order[i] = Part(i)
	}
	slices.SortStableFunc(order, func(a, b Part) int { return cmp.Compare(p[b], p[a]) })
	sum, others := p.Sum(), 0.0
	var words []string
	for _, part := range order {
		if p[part] > 0 && p[part] >= sum/100 {
			words = append(words, inWords(strings.ReplaceAll(part.String(), "_", " "), p[part], sum))
		} else {
			others += p[part]
		}
	}
	if others > 0 {
		words = append(words, inWords("others", others, sum))
	}
	if len(words) == 0 {
		return "no time"
	}
	return strings.Join(words, ", ")
}

// inWords is a part with three digits of its time and its share.
func inWords(name string, s, sum float64) string {
	digits := strconv.FormatFloat(s, 'g', 3, 64)
	if s >= 1000 {
		digits = strconv.FormatFloat(s, 'f', 0, 64)
	}
	if s < sum/100 {
		return fmt.Sprintf("%s %s s (< 1 %%)", name, digits)
	}
	return fmt.Sprintf("%s %s s (%.0f %%)", name, digits, 100*s/sum)
}

// Request is where the time of a complete request went.
type Request struct {
	ID       int
	Replica  int
	At       float64 // s, when it arrived, rounded to 2^-30 s
	Prompt   int     // tokens
	Output   int     // tokens
	Restarts int     // preemptions that threw its KV blocks away
	TTFT     Parts   // from its arrival to its first token
	Decode   Parts   // from its first token to its last
}

// All is where its time went from its arrival to its last token.
func (r *Request) All() Parts { return r.TTFT.Plus(r.Decode) }

// E2E is the time from its arrival to its last token, s: the sum of all parts.
func (r *Request) E2E() float64 { return r.TTFT.Sum() + r.Decode.Sum() }
