package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// executeRequest is the content of an execute_request.
type executeRequest struct {
	Code            string
	Silent          bool
	StoreHistory    *bool                      `json:"store_history"`
	UserExpressions map[string]json.RawMessage `json:"user_expressions"`
	AllowStdin      bool                       `json:"allow_stdin"`
	StopOnError     *bool                      `json:"stop_on_error"`
}

func (c *executeRequest) stores() bool {
	return !c.Silent && (c.StoreHistory == nil || *c.StoreHistory)
}

func (c *executeRequest) stops() bool {
	return !c.Silent && (c.StopOnError == nil || *c.StopOnError)
}

// execute runs a cell. Every reply says how many have been executed, but for a cell
// that has not run: JupyterLab would show the count as that cell's.
func (s *Server) execute(ctx context.Context, r *request) any {
	if r.aborted {
		return object{"status": "aborted"}
	}
	reply := s.executeNow(ctx, r)
	reply["execution_count"] = s.count
	return reply
}

func (s *Server) executeNow(ctx context.Context, r *request) object {
	var c executeRequest
	if err := r.decode(&c); err != nil {
		return malformed(err)
	}
	if c.stores() {
		s.count++
	}
	out := s.newOutput(ctx, r, &c)
	out.publish("execute_input", object{"code": c.Code, "execution_count": s.count})
	id, _ := r.Metadata["cellId"].(string)
	o := s.runCell(ctx, out, Cell{
		Code: c.Code, Name: fmt.Sprintf("In[%d]", s.count), Count: s.count, ID: id,
		Silent: c.Silent, AllowStdin: c.AllowStdin,
	})
	out.finish(o, s.count)
	if c.stores() {
		s.remember(c.Code, o)
	}
	if o.Err != nil {
		if c.stops() {
			s.abort(id != "")
		}
		return failed(o.Err)
	}
	return object{
		"status": "ok", "payload": list(o.Payload),
		"user_expressions": s.evaluate(ctx, r, c.UserExpressions),
	}
}

// runCell runs code; a panic of the Runner is an error of the cell.
func (s *Server) runCell(ctx context.Context, out Output, cell Cell) (o Outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = Outcome{Err: s.panicked(p)}
		}
	}()
	return s.run.Execute(ctx, cell, out)
}

const (
	notebookHold = 3               // times as long a notebook's cells may be apart, which a busy browser sends
	maxHold      = 2 * time.Second // for the reply of a cell that failed
)

// abort marks the cells of a "run all" after one that failed: those that have
// arrived when its reply leaves, for none of them can be an answer to it. The reply
// is held until none has come for a while. A cell that took as long to fail is not
// held up.
func (s *Server) abort(notebook bool) {
	calm := s.opt.ErrorHold
	if notebook {
		calm *= notebookHold
	}
	for end := time.Now().Add(maxHold); time.Now().Before(end); {
		left := calm - time.Since(s.queue.came())
		if left <= 0 {
			break
		}
		select {
		case <-time.After(left):
		case <-s.stopped:
			return
		}
	}
	s.queue.abort()
}

// evaluate gives the values of expressions after a cell, each with an error of its
// own.
func (s *Server) evaluate(ctx context.Context, r *request, exprs map[string]json.RawMessage) object {
	values := object{}
	for _, name := range slices.Sorted(maps.Keys(exprs)) {
		cell := Cell{Name: name, Count: s.count, Silent: true, Expression: true}
		if err := json.Unmarshal(exprs[name], &cell.Code); err != nil {
			values[name] = malformed(errors.New("the expression is not a string"))
			continue
		}
		out := s.newOutput(ctx, r, &executeRequest{Silent: true})
		o := s.runCell(ctx, out, cell)
		switch {
		case o.Err != nil:
			values[name] = failed(o.Err)
		case o.Result != nil:
			v := shown(o.Result)
			v["status"] = "ok"
			values[name] = v
		default:
			values[name] = object{"status": "ok", "data": object{}, "metadata": object{}}
		}
	}
	return values
}

// interrupt is on control. The cell says in its own reply how it ended.
func (s *Server) interrupt(context.Context, *request) any {
	s.Interrupt()
	return object{"status": "ok"}
}

// shutdown ends the kernel when its idle has been sent. A front end that restarts
// it starts a new process.
func (s *Server) shutdown(_ context.Context, r *request) any {
	var c struct{ Restart bool }
	if err := r.decode(&c); err != nil {
		return malformed(err)
	}
	content := object{"status": "ok", "restart": c.Restart}
	s.publish(r, "shutdown_reply", content)
	r.last = true
	return content
}
