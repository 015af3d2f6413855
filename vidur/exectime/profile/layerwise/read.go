package layerwise

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/exectime/profile/internal/table"
)

// maxBytes is the largest file that is read, unpacked.
const maxBytes = 1 << 30

// Read reads a file, packed with gzip or not. Of a CSV file whose name ends as the
// profiler's do (_prefill_summary_table.csv and so on) those of the other tables
// and phases beside it are read too, so that all of <base>_*_table.csv are one
// Profile. Errors about the content are [*Error].
func Read(path string) (*Profile, error) {
	p, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	base, _, _ := csvName(path)
	if base == "" {
		return p, nil
	}
	for _, phase := range []string{"prefill", "decode"} {
		for _, table := range []string{"summary", "model"} {
			other := base + "_" + phase + "_" + table + "_table.csv"
			if _, err := os.Stat(other); err != nil || filepath.Clean(other) == filepath.Clean(path) {
				continue
			}
			q, err := ReadFile(other)
			if err != nil {
				return nil, err
			}
			p.join(q)
		}
	}
	return p, nil
}

// ReadFile is Read of one file and none beside it.
func ReadFile(path string) (*Profile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err == nil && bytes.HasPrefix(raw, []byte("\x1f\x8b")) {
		raw, err = table.Unzip(raw, maxBytes)
	}
	if err == nil && len(raw) > maxBytes {
		err = fmt.Errorf("more than %d bytes", maxBytes)
	}
	if err != nil {
		return nil, &Error{File: path, Text: err.Error()}
	}
	return Parse(path, raw)
}

// Parse reads the content of a file, JSON or CSV. The name tells phase and table of
// a CSV file. Errors are [*Error].
func Parse(file string, raw []byte) (*Profile, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if text := bytes.TrimSpace(raw); len(text) == 0 {
		return nil, &Error{File: file, Text: "the file is empty"}
	} else if text[0] == '{' || text[0] == '[' {
		return parseJSON(file, raw)
	}
	return parseCSV(file, raw)
}

// Detect reports whether a file that begins with head is a layerwise profile: a
// JSON object with a context and stats, or the header of a CSV file with a column
// of GPU times as the profiler's.
func Detect(head []byte) bool {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	if bytes.HasPrefix(head, []byte("{")) {
		return bytes.Contains(head, []byte(`"summary_stats"`)) || bytes.Contains(head, []byte(`"model_stats"`)) ||
			bytes.Contains(head, []byte(`"torch_cuda_version"`)) && bytes.Contains(head, []byte(`"engine_args"`))
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return slices.ContainsFunc(strings.Split(strings.TrimSpace(string(line)), ","), func(name string) bool {
		return name == "cuda_time_us" || name == "pct_cuda_time"
	})
}

// csvName takes the name of a CSV file of the profiler's apart; base is empty if it
// is none.
func csvName(path string) (base, phase, table string) {
	stem := strings.TrimSuffix(path, ".gz")
	for _, phase := range []string{"prefill", "decode"} {
		for _, table := range []string{"summary", "model"} {
			if b, ok := strings.CutSuffix(stem, "_"+phase+"_"+table+"_table.csv"); ok && b != "" {
				return b, phase, table
			}
		}
	}
	return "", "", ""
}

// join adds the tables of another file of the same run.
func (p *Profile) join(q *Profile) {
	for _, ph := range q.Phases {
		mine, err := p.Phase(ph.Name)
		if err != nil {
			p.Phases = append(p.Phases, ph)
			continue
		}
		if mine.Summary == nil {
			mine.Summary = ph.Summary
		}
		if mine.Model == nil {
			mine.Model = ph.Model
		}
	}
	for i, ph := range p.Phases {
		if ph.Prefill() {
			p.Phases[0], p.Phases[i] = p.Phases[i], p.Phases[0]
		}
	}
	for _, n := range q.Notes {
		if !strings.Contains(strings.Join(p.Notes, "\n"), n) {
			p.Notes = append(p.Notes, n)
		}
	}
}
