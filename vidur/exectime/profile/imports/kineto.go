package imports

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

const kinetoName = "kineto"

// kinetoFormat are Chrome traces as PyTorch's profiler exports them, plain or
// zipped. They are read event by event, so they may be larger than memory.
func kinetoFormat() Format {
	return Format{
		Name: kinetoName, Text: "Chrome trace of the PyTorch profiler, .json or .json.gz",
		Detect: func(_ string, head []byte) bool {
			text := strings.TrimSpace(string(head))
			return strings.HasPrefix(text, "{") && strings.Contains(text, `"traceEvents"`) ||
				strings.HasPrefix(text, "[") && strings.Contains(text, `"ph"`)
		},
		Read: readKineto,
	}
}

// event is what of a trace event matters here.
type event struct {
	Ph, Cat, Name string
	Pid, Tid      loose
	Ts, Dur       loose
	Args          struct {
		External    loose  `json:"External id"`
		Correlation loose  `json:"correlation"`
		Device      loose  `json:"device"`
		Stream      loose  `json:"stream"`
		GraphNode   loose  `json:"graph node id"`
		Shapes      shapes `json:"Input Dims"`
	}
	line int
}

// loose is a number that may be written as a string; other values are none.
type loose struct {
	v  float64
	ok bool
}

func (l *loose) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	v, err := strconv.ParseFloat(text, 64)
	*l = loose{v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)}
	return nil
}

// shapes are the text of a list; other values are none.
type shapes string

func (s *shapes) UnmarshalJSON(raw []byte) error {
	if *s = ""; raw[0] == '[' {
		*s = shapes(raw)
	}
	return nil
}

func (l loose) int() int { return int(max(-1<<53, min(1<<53, l.v))) }

// readKineto reads a trace.
func readKineto(path string, o Options) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseKineto(path, f, o)
}

func parseKineto(file string, r io.Reader, o Options) (*Trace, error) {
	plain, err := unzipped(r)
	if err != nil {
		return nil, errorAt(file, 1, "%v", err)
	}
	k := &kineto{file: file, options: o, names: map[string]string{}}
	lines := &lineReader{r: plain}
	s := &stream{dec: json.NewDecoder(lines), lines: lines, k: k}
	if err := s.run(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the file ends in the middle: it was cut off")
		}
		return nil, errorAt(file, s.failed, "%v", err)
	}
	return k.trace()
}

// unzipped is r, unpacked if it is zipped, without the byte order mark that some
// editors put before the text.
func unzipped(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := b.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		plain, err := gzip.NewReader(b)
		if err != nil {
			return nil, err
		}
		b = bufio.NewReaderSize(plain, 1<<16)
	}
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		_, err := b.Discard(len(mark))
		return b, err
	}
	return b, nil
}

// stream walks through the JSON of a trace.
type stream struct {
	dec   *json.Decoder
	lines *lineReader
	k     *kineto

	failed int // line of what could not be read
}

func (s *stream) line() int { return s.lines.at(s.dec.InputOffset()) }

// run reads the whole of it, and finds the line of an error: that of the event it
// is about, or where the one that cannot be decoded begins.
func (s *stream) run() error {
	err := s.top()
	if err == nil || s.failed > 0 {
		return err
	}
	rest, _ := io.ReadAll(io.LimitReader(s.dec.Buffered(), 256))
	space := rest[:len(rest)-len(bytes.TrimLeft(rest, ", \t\r\n"))]
	s.failed = s.line() + bytes.Count(space, []byte("\n"))
	return err
}

// top reads an object with traceEvents, or the list of events alone.
func (s *stream) top() error {
	t, err := s.dec.Token()
	switch {
	case err != nil:
		return err
	case t == json.Delim('['):
		return s.events()
	case t != json.Delim('{'):
		return fmt.Errorf("%v where a trace begins with { or [", t)
	}
	seen := false
	for s.dec.More() {
		key, err := s.dec.Token()
		if err != nil {
			return err
		}
		switch key {
		case "traceEvents":
			seen = true
			if t, err := s.dec.Token(); err != nil || t != json.Delim('[') {
				return errors.Join(err, fmt.Errorf("traceEvents is no list"))
			}
			err = s.events()
		case "deviceProperties":
			err = s.value(&s.k.devices)
		case "distributedInfo":
			err = s.value(&s.k.ranks)
		default:
			var skipped json.RawMessage
			err = s.dec.Decode(&skipped)
		}
		if err != nil {
			return err
		}
	}
	if _, err = s.dec.Token(); err == nil && !seen {
		err = errors.New("no traceEvents")
	}
	return err
}

// value decodes a value that may be of another form in other versions.
func (s *stream) value(v any) error {
	var raw json.RawMessage
	if err := s.dec.Decode(&raw); err != nil {
		return err
	}
	if json.Unmarshal(raw, v) != nil {
		s.k.note("deviceProperties or distributedInfo is of an unknown form and was not read")
	}
	return nil
}

// events reads the list to its end.
func (s *stream) events() error {
	var raw json.RawMessage
	for s.dec.More() {
		if err := s.dec.Decode(&raw); err != nil {
			return err
		}
		line := s.line()
		if idle(raw) {
			continue
		}
		e := event{line: line}
		if err := json.Unmarshal(raw, &e); err != nil {
			if !onDevice(e.Cat) {
				continue // a form that another tool gave its own events
			}
			s.failed = line
			return err
		}
		if err := s.k.event(&e); err != nil {
			s.failed = e.line
			return err
		}
	}
	_, err := s.dec.Token()
	return err
}

// idle reports whether an event is surely of no use: most of a trace are flows and
// functions of Python, which need no decoding.
func idle(raw []byte) bool {
	return !bytes.Contains(raw, []byte(`"X"`)) ||
		bytes.Contains(raw, []byte(`"python_function"`)) && !bytes.Contains(raw, []byte("nn.Module: "))
}

// lineReader tells the line of an offset that lies after all that were asked for
// before. It remembers no more than what was read ahead of them.
type lineReader struct {
	r     io.Reader
	read  int64   // bytes so far
	ends  []int64 // offsets after line ends that were not asked for yet
	lines int     // line ends before those
}

func (l *lineReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\n' {
			l.ends = append(l.ends, l.read+int64(i)+1)
		}
	}
	l.read += int64(n)
	return n, err
}

func (l *lineReader) at(offset int64) int {
	n := 0
	for n < len(l.ends) && l.ends[n] <= offset {
		n++
	}
	l.ends = append(l.ends[:0], l.ends[n:]...)
	l.lines += n
	return l.lines + 1
}
