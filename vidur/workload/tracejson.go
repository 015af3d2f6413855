package workload

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
)

// lineError is an error at a line of a file.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return e.err.Error() }

// object is an object of a JSON file, by the names of its keys.
type object map[string]json.RawMessage

// keys are the names in order.
func (o object) keys() []string {
	list := make([]string, 0, len(o))
	for k := range o {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// get is a value as text: that of a string without its quotes, and "" for null
// and what is not there.
func (o object) get(key string) string {
	raw := o[key]
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	return string(raw)
}

// delayKey is how long a turn waits after the one before.
const delayKey = "delay"

// flat takes the keys of the object "info" in, which inference-perf has lengths
// in, and gives delays their shorter name.
func (o object) flat() object {
	if v, ok := o["delay_ms"]; ok {
		o[delayKey] = v
	}
	var inner object
	if json.Unmarshal(o["info"], &inner) == nil {
		for k, v := range inner {
			if _, ok := o[k]; !ok {
				o[k] = v
			}
		}
	}
	return o
}

// objectRows are objects one after the other.
type objectRows struct {
	read    func() (object, int, error) // the next one and its line; io.EOF after the last
	columns []string
	object  object
}

func (r *objectRows) next() (line int, err error) {
	r.object, line, err = r.read()
	return line, err
}

func (r *objectRows) text(column int) string { return r.object.get(r.columns[column]) }

// rowsOf reads the objects of a file, the first of which tells what they are.
func (r *reader) rowsOf(read func() (object, int, error)) error {
	first, line, err := read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return r.at(err)
	}
	again := false
	all := func() (object, int, error) {
		if !again {
			again = true
			return first, line, nil
		}
		return read()
	}
	if first["conversations"] != nil || first["conversation"] != nil {
		return r.at(r.conversations(all))
	}
	l, err := recognise(first.keys(), true)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", r.path, line, err)
	}
	rows := &objectRows{read: all, columns: l.columns()}
	return r.table(&table{path: r.path, columns: rows.columns, rows: rows}, l)
}

// at adds the place to an error that knows its line.
func (r *reader) at(err error) error {
	if err == nil {
		return nil
	}
	return (&table{path: r.path}).wrap(err)
}

// objects reads JSON that begins with an object: one in each line, or one alone.
func (r *reader) objects(in *bufio.Reader) error {
	line := 0
	first, err := in.ReadBytes('\n')
	for err == nil && len(bytes.TrimSpace(first)) == 0 {
		line++
		first, err = in.ReadBytes('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", r.path, err)
	}
	var o object
	if json.Unmarshal(first, &o) != nil {
		return r.document(io.MultiReader(bytes.NewReader(first), in))
	}
	if o["input_lens"] != nil {
		return r.document(bytes.NewReader(first))
	}
	return r.rowsOf(linesOf(bufio.NewReader(io.MultiReader(bytes.NewReader(first), in)), line))
}

// linesOf reads an object from each line that is not empty.
func linesOf(in *bufio.Reader, line int) func() (object, int, error) {
	return func() (object, int, error) {
		for {
			text, err := in.ReadBytes('\n')
			if line++; len(bytes.TrimSpace(text)) == 0 {
				if err != nil {
					return nil, line, err
				}
				continue
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, line, err
			}
			var o object
			if err := json.Unmarshal(text, &o); err != nil {
				return nil, line, &lineError{line, err}
			}
			return o.flat(), line, nil
		}
	}
}

// array reads JSON that is a list of objects.
func (r *reader) array(in io.Reader) error {
	lines := &lineCounter{in: in}
	dec := json.NewDecoder(lines)
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("%s:1: %w", r.path, err)
	}
	return r.rowsOf(func() (object, int, error) {
		if !dec.More() {
			if _, err := dec.Token(); err != nil {
				return nil, 0, &lineError{lines.line(dec.InputOffset()), err}
			}
			return nil, 0, io.EOF
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, 0, &lineError{lines.line(dec.InputOffset()), err}
		}
		line := lines.line(dec.InputOffset() - int64(len(raw)))
		var o object
		if err := json.Unmarshal(raw, &o); err != nil {
			return nil, 0, &lineError{line, err}
		}
		return o.flat(), line, nil
	})
}

// lineCounter remembers where the lines of a file end.
type lineCounter struct {
	in   io.Reader
	read int64
	ends []int64
}

func (l *lineCounter) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	for i, c := range p[:n] {
		if c == '\n' {
			l.ends = append(l.ends, l.read+int64(i))
		}
	}
	l.read += int64(n)
	return n, err
}

// line is the line of a byte.
func (l *lineCounter) line(offset int64) int {
	return 1 + sort.Search(len(l.ends), func(i int) bool { return l.ends[i] >= offset })
}
