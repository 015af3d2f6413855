package workload

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// Read reads a file of requests, which may be packed by gzip. What it is, is
// found by its content:
//
//	CSV     arrived_at, num_prefill_tokens, num_decode_tokens: requests of this simulator and the original; or the lengths only
//	        TIMESTAMP, ContextTokens, GeneratedTokens: Azure's traces of 2023, 2024 and 2025
//	        Timestamp, Request tokens, Response tokens: BurstGPT
//	        arrival_timestamp, prompt_size, token_size: splitwise-sim
//	        arrival_time_us, input_tokens, output_tokens: BLIS TraceV2
//	        chunk-N-trace.csv without a header, beside chunk-N-dataset.json: ServeGen, of which requests are drawn
//	JSONL   timestamp (ms), input_length, output_length, hash_ids: Mooncake, and Dynamo's with other keys;
//	        chat_id, timestamp (s): Bailian; input_toks, output_toks, arrival_time_ns: LLMServingSim
//	JSON    the result of vLLM's serving benchmark (input_lens, output_lens); lists of requests with such keys;
//	        ShareGPT, sampled as vLLM does, with four characters for a token where no lengths are given
//
// Further columns and keys are ignored. Those of lengths and times may have any
// of these names, in any case. Trace.Report says what was found and assumed.
//
// Files in the format of this simulator are taken at their word: a row out of
// order, or without a token of prompt or answer, is an error. Requests of other
// formats are put in order and count from the first of them; those that have no
// prompt or no answer, as failed ones do, are left out.
//
// Errors have the form file:line: column "x": what is wrong.
func Read(path string) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("workload: %w", err)
	}
	defer f.Close()
	return newReader(path).read(f)
}

// reader reads a file of requests.
type reader struct {
	path   string
	beside func(path string) ([]byte, error) // reads another file of the same trace
	most   int                               // requests that may be drawn
	trace  Trace
	list   []timed
	line   int  // of the last of them
	exact  bool // the format of this simulator
}

func newReader(path string) *reader {
	return &reader{path: path, beside: os.ReadFile, most: mostDrawn, trace: Trace{Report: Report{Path: path}}}
}

// timed is a request and when it came, by the file's clock.
type timed struct {
	at instant
	Tokens
}

func (r *reader) read(in io.Reader) (*Trace, error) {
	text, err := unpack(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.path, err)
	}
	switch begin, err := firstByte(text); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s: the file is empty", r.path)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", r.path, err)
	case begin == '[':
		return r.finish(r.array(text))
	case begin == '{':
		return r.finish(r.objects(text))
	}
	return r.finish(r.csv(text))
}

// unpack undoes gzip and takes the byte order mark off.
func unpack(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReaderSize(unpacked, 1<<16)
	}
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		in.Discard(3)
	}
	return in, nil
}

// firstByte looks at the first byte that is no space, as far as one would look.
func firstByte(in *bufio.Reader) (byte, error) {
	const far = 1 << 12
	for n := 1; ; n++ {
		text, err := in.Peek(n)
		if len(text) < n {
			return 0, err
		}
		if c := text[n-1]; c > ' ' || n == far {
			return c, nil
		}
	}
}

// add takes a request at a line of the file, or leaves it out.
func (r *reader) add(q timed, line int) {
	r.trace.Report.Rows++
	switch {
	case q.Prefill == 0:
		r.drop("without a prompt", line)
	case q.Decode == 0:
		r.drop("without an answer", line)
	default:
		r.list = append(r.list, q)
	}
}

// drop counts a request that is left out.
func (r *reader) drop(why string, line int) {
	list := r.trace.Report.Dropped
	i := slices.IndexFunc(list, func(d Dropped) bool { return d.Why == why })
	if i < 0 {
		i, list = len(list), append(list, Dropped{Why: why, Line: line})
	}
	list[i].Requests++
	r.trace.Report.Dropped = list
}

// finish puts what was read in order, unless that failed.
func (r *reader) finish(err error) (*Trace, error) {
	t := &r.trace
	switch {
	case err != nil:
		return nil, err
	case len(r.list) == 0 && t.Report.Rows > 0:
		return nil, fmt.Errorf("%s: the file has no requests that can be run: %s", r.path, t.Report.dropped())
	case len(r.list) == 0:
		return nil, fmt.Errorf("%s: the file has no requests", r.path)
	}
	var origin instant
	if t.Timed && !r.exact {
		t.Report.Sorted = falls(r.list)
		slices.SortStableFunc(r.list, func(a, b timed) int { return a.at.compare(b.at) })
		origin = r.list[0].at
		t.Report.Origin = origin.text(t.Report.Unit)
	}
	t.Requests = make(Replay, len(r.list))
	for i, q := range r.list {
		t.Requests[i] = vidur.Arrival{At: q.at.sub(origin), Prefill: q.Prefill, Decode: q.Decode}
	}
	t.Report.measure(t)
	return t, nil
}

// falls counts the requests that stand after a later one.
func falls(list []timed) int {
	n := 0
	for i := 1; i < len(list); i++ {
		if list[i].at.compare(list[i-1].at) < 0 {
			n++
		}
	}
	return n
}
