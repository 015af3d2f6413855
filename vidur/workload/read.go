package workload

import (
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur"
)

// Scaling changes the requests of a file while they are read. The zero value
// leaves them as they are.
type Scaling struct {
	Time    float64 // factor of arrival times, > 0; 0 means 1
	Prefill float64 // factor of prompt lengths, > 0; 0 means 1
	Decode  float64 // factor of lengths to generate, > 0; 0 means 1

	// MaxTokens is the largest prefill + decode, >= 2; 0 means no limit. A longer
	// request is cut: [ReadRequests] takes the excess from the prompt,
	// [ReadLengths] from both lengths in proportion.
	MaxTokens int
}

func (s Scaling) withDefaults() (Scaling, error) {
	for _, f := range []*float64{&s.Time, &s.Prefill, &s.Decode} {
		if *f == 0 {
			*f = 1
		}
	}
	err := first(positive("Scaling.Time", s.Time), positive("Scaling.Prefill", s.Prefill), positive("Scaling.Decode", s.Decode))
	if err == nil && s.MaxTokens != 0 {
		err = within("Scaling.MaxTokens", s.MaxTokens, 2, 2*mostTokens)
	}
	if s.MaxTokens == 0 {
		s.MaxTokens = 2 * mostTokens
	}
	return s, err
}

// scale multiplies a length, rounds it down, and keeps at least one token.
func scale(tokens int, by float64) int {
	return int(min(max(math.Trunc(float64(tokens)*by), 1), mostTokens))
}

// ReadRequests reads the requests of a CSV file, which may be packed by gzip:
// columns arrived_at (s), num_prefill_tokens and num_decode_tokens; others are
// ignored. Rows must be in order of time. Numbers of tokens may be written like
// 395.0.
//
// Of a request longer than MaxTokens the prompt is cut, as in the original. If
// the answer alone is too long, which the original does not handle, one prompt
// token is left and the answer is cut too.
//
// Errors have the form file:line: column "x": what is wrong.
func ReadRequests(path string, s Scaling) (Replay, error) {
	t, f, err := openTable(path, "arrived_at", "num_prefill_tokens", "num_decode_tokens")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return t.requests(s)
}

func (t *table) requests(s Scaling) (Replay, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	var list Replay
	last, lastLine := 0.0, 0
	for {
		more, err := t.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		at, err := t.number(0)
		if err != nil {
			return nil, err
		}
		if at < last {
			return nil, t.errorf(0, "%g is before %g of line %d", at, last, lastLine)
		}
		last, lastLine = at, t.line
		l, err := t.lengths(1, s)
		if err != nil {
			return nil, err
		}
		if at *= s.Time; math.IsInf(at, 0) {
			return nil, t.errorf(0, "%g times %g is not finite", last, s.Time)
		}
		l.Decode = min(l.Decode, s.MaxTokens-1)
		l.Prefill = min(l.Prefill, s.MaxTokens-l.Decode)
		list = append(list, vidur.Arrival{At: at, Prefill: l.Prefill, Decode: l.Decode})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: the file has no requests", t.path)
	}
	return list, nil
}

// lengths are the scaled lengths of a row: the prompt's column and the next one.
func (t *table) lengths(column int, s Scaling) (l Tokens, err error) {
	if l.Prefill, err = t.tokens(column); err != nil {
		return l, err
	}
	if l.Decode, err = t.tokens(column + 1); err != nil {
		return l, err
	}
	return Tokens{scale(l.Prefill, s.Prefill), scale(l.Decode, s.Decode)}, nil
}

// ReadLengths reads the lengths of the requests of a CSV file, which may be
// packed by gzip: columns num_prefill_tokens and num_decode_tokens; others are
// ignored, and Scaling.Time is too.
//
// From a request longer than MaxTokens each length loses its share of the
// excess, rounded up, as in the original; both keep at least one token.
//
// Errors have the form file:line: column "x": what is wrong.
func ReadLengths(path string, s Scaling) ([]Tokens, error) {
	t, f, err := openTable(path, "num_prefill_tokens", "num_decode_tokens")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return t.trace(s)
}

func (t *table) trace(s Scaling) ([]Tokens, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	var list []Tokens
	for {
		more, err := t.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		l, err := t.lengths(0, s)
		if err != nil {
			return nil, err
		}
		list = append(list, l.cut(s.MaxTokens))
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: the file has no requests", t.path)
	}
	return list, nil
}

// cut takes what is over most from both lengths in proportion.
func (l Tokens) cut(most int) Tokens {
	total := l.Prefill + l.Decode
	if total <= most {
		return l
	}
	over := float64(total - most)
	share := func(n int) int { return int(math.Ceil(over * (float64(n) / float64(total)))) }
	return Tokens{max(1, l.Prefill-share(l.Prefill)), max(1, l.Decode-share(l.Decode))}
}
