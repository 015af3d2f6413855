package workload

import (
	"fmt"
	"math"
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

// ReadRequests reads the requests of a file with times, of any format that [Read]
// knows, and changes them; see [Replay.Scaled].
func ReadRequests(path string, s Scaling) (Replay, error) {
	t, err := Read(path)
	if err != nil {
		return nil, err
	}
	if !t.Timed {
		return nil, fmt.Errorf("%s: the file has lengths, but no times to replay", path)
	}
	return t.Requests.Scaled(s)
}

// ReadLengths reads the lengths of the requests of a file of any format that
// [Read] knows, and changes them; see [Trace.ScaledLengths].
func ReadLengths(path string, s Scaling) ([]Tokens, error) {
	t, err := Read(path)
	if err != nil {
		return nil, err
	}
	return t.ScaledLengths(s)
}

// ScaledLengths are the lengths changed as s says; Scaling.Time is ignored. From
// a request longer than MaxTokens each length loses its share of the excess,
// rounded up, as in the original; both keep at least one token.
func (t *Trace) ScaledLengths(s Scaling) ([]Tokens, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	list := t.Lengths()
	for i, l := range list {
		list[i] = Tokens{scale(l.Prefill, s.Prefill), scale(l.Decode, s.Decode)}.cut(s.MaxTokens)
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
