package nb

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// CommMessage is a message of a comm: a channel between the script and something
// in the front end, by Jupyter's protocol. It is for hosts only.
type CommMessage struct {
	Kind           string          // comm_open, comm_msg or comm_close
	ID             string          // of the comm
	Target         string          // of comm_open: who is to be connected
	Data, Metadata json.RawMessage // objects; empty means none
}

// interactions are what a host's front end shows controls of.
type interactions struct {
	mu        sync.Mutex
	cell      string // that runs, or ran last
	name      string // of its run
	ids       int    // given in this run
	used      map[string]bool
	models    map[string]*model // open ones
	control   map[string]bool   // comms by which a front end asks for all states
	running   bool              // an interaction runs
	capturing bool              // what is displayed is kept
	shown     []kept            // what was kept
}

// begin notes that an interaction runs, unless it is inside of another one.
func (s *interactions) begin() (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ok = !s.running
	s.running = true
	return ok
}

func (s *interactions) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = false
}

// Begin tells a host's front end that a cell begins to run, for the run-th time
// of any: the controls of its last run end. A cell is the same if its key is.
func (h *Host) Begin(key, run string) {
	s := &h.interactions
	s.mu.Lock()
	s.cell, s.name, s.ids, s.running = key, run, 0, false
	var old []*interaction
	for _, m := range s.models {
		if m.owner.cell == key && !slices.Contains(old, m.owner) {
			old = append(old, m.owner)
		}
	}
	s.mu.Unlock()
	for _, i := range old {
		h.close(i)
	}
}

// enter makes the models of an interaction and notes them as open.
func (s *interactions) enter(i *interaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.cell, i.display = s.cell, s.identity()
	i.build(s.identity)
	if s.models == nil {
		s.models = map[string]*model{}
	}
	for _, m := range i.models {
		s.models[m.id] = m
	}
}

// identity is a name that nothing else has. It is the same whenever a notebook is
// run from its beginning.
func (s *interactions) identity() string {
	if s.used == nil {
		s.used = map[string]bool{}
	}
	for {
		s.ids++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", s.cell, s.name, s.ids))
		if id := hex.EncodeToString(sum[:16]); !s.used[id] {
			s.used[id] = true
			return id
		}
	}
}

// close ends the comms of an interaction.
func (h *Host) close(i *interaction) {
	s := &h.interactions
	for _, m := range slices.Backward(i.models) {
		s.mu.Lock()
		_, open := s.models[m.id]
		delete(s.models, m.id)
		s.mu.Unlock()
		if open {
			h.Comm(CommMessage{Kind: "comm_close", ID: m.id})
		}
	}
}

// openModel opens the comm of a model.
func (h *Host) openModel(m *model) {
	h.Comm(CommMessage{
		Kind: "comm_open", ID: m.id, Target: widgetTarget,
		Data:     asJSON(map[string]any{"state": m.state, "buffer_paths": []string{}}),
		Metadata: asJSON(map[string]any{"version": widgetVersion}),
	})
}

// send sends data of a comm.
func (h *Host) send(id string, data map[string]any) {
	h.Comm(CommMessage{Kind: "comm_msg", ID: id, Data: asJSON(data)})
}

// commData is what widgets say: the data of a comm_msg.
type commData struct {
	Method string
	State  map[string]any
}

// errComm is of a comm that nobody has opened, or that nobody wants.
var errComm = errors.New("nobody is at the other end")

// Take gives a host's front end's message to what it is for. An error means that
// its comm is to be closed.
func (h *Host) Take(m CommMessage) error {
	s := &h.interactions
	s.mu.Lock()
	w, control := s.models[m.ID], s.control[m.ID]
	if m.Kind == "comm_open" && m.Target == controlTarget {
		if s.control == nil {
			s.control = map[string]bool{}
		}
		s.control[m.ID] = true
		s.mu.Unlock()
		return nil
	}
	if m.Kind == "comm_close" {
		delete(s.control, m.ID)
	}
	s.mu.Unlock()
	switch {
	case m.Kind == "comm_close" && w != nil:
		h.interactions.forget(w)
		h.close(w.owner)
		return nil
	case m.Kind == "comm_close":
		return nil
	case m.Kind != "comm_msg" || w == nil && !control:
		return errComm
	}
	var d commData
	dec := json.NewDecoder(bytes.NewReader(m.Data))
	dec.UseNumber()
	if err := dec.Decode(&d); err != nil {
		return fmt.Errorf("a message of a widget: %w", err)
	}
	if control {
		return h.takeControl(m.ID, d)
	}
	return h.takeWidget(w, d)
}

// forget notes that the front end has closed a model.
func (s *interactions) forget(m *model) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.models, m.id)
}

// takeControl answers a front end that wants to know all models, after its page
// was loaded again.
func (h *Host) takeControl(id string, d commData) error {
	if d.Method != "request_states" {
		return fmt.Errorf("widgets know no method %q", d.Method)
	}
	states := map[string]any{}
	s := &h.interactions
	s.mu.Lock()
	for _, m := range s.models {
		states[m.id] = map[string]any{
			"model_name": m.state["_model_name"], "model_module": m.state["_model_module"],
			"model_module_version": m.state["_model_module_version"], "state": maps.Clone(m.state),
		}
	}
	s.mu.Unlock()
	h.send(id, map[string]any{"method": "update_states", "states": states, "buffer_paths": []string{}})
	return nil
}

// takeWidget takes what the front end says of a model.
func (h *Host) takeWidget(m *model, d commData) error {
	s := &h.interactions
	switch d.Method {
	case "request_state":
		s.mu.Lock()
		state := maps.Clone(m.state)
		s.mu.Unlock()
		h.send(m.id, map[string]any{"method": "update", "state": state, "buffer_paths": []string{}})
	case "update":
		s.mu.Lock()
		maps.Copy(m.state, d.State)
		s.mu.Unlock()
		// The front end is told at once that its change has come: until then it takes
		// no other (ipywidgets 8, echo_update).
		h.send(m.id, map[string]any{"method": "echo_update", "state": d.State, "buffer_paths": []string{}})
		if c := m.control; c != nil {
			if given, ok := d.State[c.key]; ok {
				h.move(m.owner, c, given)
			}
		}
	}
	return nil
}

// move sets a field and runs what depends on it.
func (h *Host) move(i *interaction, c *control, given any) {
	v, err := c.parse(given)
	if err != nil {
		output.Lock()
		defer output.Unlock()
		h.Display(Bundle{typeText: err.Error()}, i.display, true)
		return
	}
	i.value.Field(c.field.index).Set(v)
	if h.interactions.begin() {
		defer h.interactions.end()
	}
	h.again(i)
}
