package measure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// Session is the settings and the machine that the points after it in the
// journal were measured with.
type Session struct {
	PlanHash  string     `json:"plan_sha256"`
	Command   []string   `json:"command,omitempty"`
	ModelName string     `json:"model_name"`
	Device    string     `json:"device"` // folder of the profiles
	Node      string     `json:"node"`   // likewise
	Model     plan.Shape `json:"model"`
	BlockSize int        `json:"block_size"`
	Hello     Hello      `json:"hello"`
}

// differs says in words what keeps the times of two sessions from standing side
// by side; empty if nothing does. What makes up the rows of a table must be the
// same in any case, and the rest, if all is set, too.
func (s *Session) differs(t *Session, all bool) string {
	type part struct {
		what     string
		was, now any
	}
	parts := []part{
		{"the model", s.ModelName, t.ModelName}, {"the model's shape", s.Model, t.Model},
		{"the device's folder", s.Device, t.Device}, {"the node's folder", s.Node, t.Node},
		{"the KV block size", s.BlockSize, t.BlockSize},
	}
	if all {
		parts = append(parts, part{"the device", s.Hello.Name, t.Hello.Name}, part{"the driver", s.Hello.Driver, t.Hello.Driver},
			part{"PyTorch", s.Hello.Torch, t.Hello.Torch}, part{"CUDA", s.Hello.CUDA, t.Hello.CUDA},
			part{"the data type", s.Hello.DType, t.Hello.DType}, part{"the cache state", s.Hello.Cache, t.Hello.Cache})
	}
	for _, c := range parts {
		if c.was != c.now {
			return fmt.Sprintf("%s was %v and is %v", c.what, c.was, c.now)
		}
	}
	return ""
}

// entry is a line of the journal: a session, or a point with its result.
type entry struct {
	Session *Session    `json:"session,omitempty"`
	At      *plan.Point `json:"at,omitempty"`
	*Result
}

// journal is the file of all measurements. Lines are only added.
type journal struct {
	file     *os.File
	sessions []*Session
	latest   map[string]entry // by the point's ID; a time stays when a later try fails
}

// openJournal reads a journal, or makes one, takes it for this process, and cuts
// off a torn last line.
func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f, latest: map[string]entry{}}
	if err := j.load(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return j, nil
}

func (j *journal) load() error {
	if err := lock(j.file); err != nil {
		return fmt.Errorf("another run is at it: %w", err)
	}
	raw, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	whole, number := bytes.LastIndexByte(raw, '\n')+1, 0
	for text := range bytes.Lines(raw[:whole]) {
		number++
		var e entry
		err := json.Unmarshal(text, &e)
		if err == nil && e.Session == nil && (e.At == nil || e.Result == nil) {
			err = errors.New("neither a session nor a point")
		}
		if err != nil {
			return fmt.Errorf("line %d is none of a journal, repair or remove it: %w", number, err)
		}
		j.take(e)
	}
	return j.file.Truncate(int64(whole))
}

// take remembers an entry.
func (j *journal) take(e entry) {
	if e.Session != nil {
		j.sessions = append(j.sessions, e.Session)
		return
	}
	if old, ok := j.latest[e.At.ID]; ok && old.Status == OK && e.Status != OK {
		return
	}
	j.latest[e.At.ID] = e
}

// add writes an entry, in one write, and remembers it.
func (j *journal) add(e entry) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("the measurement of %s is not kept: %w", e.name(), err)
	}
	j.take(e)
	return nil
}

func (e *entry) name() string {
	if e.At == nil {
		return "the session"
	}
	return e.At.ID
}

// done reports whether a point needs no more measurement: it has times, or does
// not fit.
func (j *journal) done(id string) bool {
	e, ok := j.latest[id]
	return ok && (e.Status == OK || e.Status == OOM)
}

func (j *journal) close() error { return j.file.Close() }
