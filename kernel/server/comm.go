package server

import (
	"context"
	"encoding/json"
	"sync"
)

// comms are the open comms: their targets by identity.
type comms struct {
	mu   sync.Mutex
	open map[string]string
}

func (c *comms) target(id string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.open[id]
	return t, ok
}

// sent notes what a message in either direction does.
func (c *comms) sent(m CommMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Kind {
	case CommOpen:
		if c.open == nil {
			c.open = map[string]string{}
		}
		c.open[m.ID] = m.Target
	case CommClose:
		delete(c.open, m.ID)
	}
}

// commContent is the content of a message of a comm.
func commContent(m CommMessage) object {
	content := object{"comm_id": m.ID, "data": dict(m.Data)}
	if m.Kind == CommOpen {
		content["target_name"] = m.Target
	}
	return content
}

// comm takes a message of a front end to the Runner. What opens a comm that nobody
// wants is answered with comm_close, as the specification asks; there is no reply.
func (s *Server) comm(ctx context.Context, r *request) any {
	var c struct {
		ID     string `json:"comm_id"`
		Target string `json:"target_name"`
		Data   json.RawMessage
	}
	m := CommMessage{Kind: CommKind(r.Header.Type), Metadata: r.Metadata, Buffers: r.Buffers}
	err := r.decode(&c)
	if err == nil && len(c.Data) > 0 {
		err = json.Unmarshal(c.Data, &m.Data)
	}
	m.ID, m.Target = c.ID, c.Target
	_, known := s.comms.target(m.ID)
	if err != nil || m.Kind != CommOpen && !known {
		s.opt.Log("a message of an unknown or broken comm %.40q: %v", m.ID, err)
		return nil
	}
	s.comms.sent(m)
	out := s.newOutput(ctx, r, &executeRequest{})
	if !s.runComm(ctx, m, out) && m.Kind != CommClose {
		out.Comm(CommMessage{Kind: CommClose, ID: m.ID})
	}
	out.finish(Outcome{}, s.count)
	return nil
}

// runComm says whether the Runner wants a comm.
func (s *Server) runComm(ctx context.Context, m CommMessage, out Output) (wanted bool) {
	run, ok := s.run.(CommRunner)
	if !ok {
		return false
	}
	defer func() {
		if p := recover(); p != nil {
			s.panicked(p)
			wanted = false
		}
	}()
	if err := run.Comm(ctx, m, out); err != nil {
		s.opt.Log("comm %s of %s: %v", m.ID, m.Target, err)
		return false
	}
	return true
}

// commInfo lists the open comms, of one target if that is asked for.
func (s *Server) commInfo(_ context.Context, r *request) any {
	var c struct {
		Target string `json:"target_name"`
	}
	if err := r.decode(&c); err != nil {
		return malformed(err)
	}
	s.comms.mu.Lock()
	defer s.comms.mu.Unlock()
	open := object{}
	for id, target := range s.comms.open {
		if c.Target == "" || c.Target == target {
			open[id] = object{"target_name": target}
		}
	}
	return object{"status": "ok", "comms": open}
}
