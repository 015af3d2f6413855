package server

import (
	"context"
	"fmt"
	"sync"

	"github.com/govidur/govidur/kernel/wire"
)

// questions holds the one question that a user may be asked at a time.
type questions struct {
	asking sync.Mutex // held by who asks

	mu  sync.Mutex
	now *question // nil if nothing is asked
}

// question waits for its answer.
type question struct {
	from   string // identity of who is asked
	id     string // of the input_request
	answer chan string
}

// Input asks the front end that sent the request.
func (o *output) Input(ask Question) (string, error) {
	if !o.stdin {
		return "", ErrNoInput
	}
	qs := &o.s.questions
	qs.asking.Lock()
	defer qs.asking.Unlock()
	if err := o.ctx.Err(); err != nil {
		return "", err
	}
	prompt := o.leadTo(ask)
	q := &question{from: o.r.from, id: wire.NewID(), answer: make(chan string, 1)}
	qs.set(q)
	defer qs.set(nil)
	err := o.s.send(o.s.stdin, o.r, wire.Draft{
		Type: "input_request", ID: q.id, Parent: o.r.RawHeader,
		Content: object{"prompt": prompt, "password": ask.Password},
	})
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrNoInput, err)
	}
	select {
	case text, ok := <-q.answer:
		if !ok {
			return "", ErrNoInput
		}
		return text, nil
	case <-o.ctx.Done():
		return "", context.Cause(o.ctx)
	}
}

// leadTo sends what the cell has printed before a question, and is the prompt.
func (o *output) leadTo(ask Question) (prompt string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	prompt = ask.Prompt
	if ask.Printed && !o.text.takeBack("stdout", prompt) {
		prompt = ""
	}
	o.flush()
	return prompt
}

func (qs *questions) set(q *question) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	qs.now = q
}

// receiveAnswers takes answers to questions. One that nobody waits for any more,
// because the cell was interrupted, does not answer the next question.
func (s *Server) receiveAnswers() {
	for r := s.receive(s.stdin); r != nil; r = s.receive(s.stdin) {
		if !s.questions.answered(r) {
			s.opt.Log("%.40q on stdin answers no question", r.Header.Type)
		}
	}
}

func (qs *questions) answered(r *request) bool {
	var c struct{ Value, Status string }
	if r.Header.Type != "input_reply" || r.decode(&c) != nil {
		return false
	}
	qs.mu.Lock()
	defer qs.mu.Unlock()
	q := qs.now
	if q == nil || q.from != r.from || r.Parent.Type == "input_request" && r.Parent.ID != q.id {
		return false
	}
	qs.now = nil
	if c.Status == "error" || c.Status == "aborted" {
		close(q.answer)
	} else {
		q.answer <- c.Value
	}
	return true
}

// left ends the question to a front end that has gone.
func (qs *questions) left(peer string) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	if qs.now != nil && qs.now.from == peer {
		close(qs.now.answer)
		qs.now = nil
	}
}
